//! The payload of every event, and the answer it asks for.
//!
//! A handler takes the payload, or [`Event`](crate::Event) around it, and returns the answer or a `Result` of it with a
//! [`Rejection`](crate::Rejection). Where the answer is the acknowledgement, the handler returns `()`.
//!
#![doc = include_str!("table.md")]
//!
//! **Refusal** is how a final [`Rejection`](crate::Rejection) goes over the wire; a failure is a 5xx for every event. For
//! `item.add` there is [`Rejection::declined`](crate::Rejection::declined), on which Aghanim refunds the payment where it
//! has enabled that for the account. **Batch** is whether an event can come in the file of a `batch.ready`. **Key** is
//! whether it brings an `idempotency_key`, in what is documented. `player.update` is documented, but not among what a
//! webhook can subscribe to. The table is that of the [`catalogue`].
//!
//! # How strict a payload is
//!
//! Exactly as strict as Aghanim's documentation and its samples, so that a change on Aghanim's side loses no purchase:
//!
//! - What was there in everything that is documented is required, and an error names it when it is not.
//! - All else is an `Option`, and missing and null are both `None`. Some fields are known only from the related objects of
//!   Aghanim's API, as said at each.
//! - Unknown keys are ignored, at every depth. They stay within reach: [`Event::data_raw`](crate::Event::data_raw) is the
//!   JSON as it came.
//! - Sets of values that Aghanim has listed are enums, such as [`Currency`] or [`OrderStatus`], that keep a value which
//!   they don't know and write it back unchanged. Sets that nobody has listed are strings.
//!
//! Amounts are integers in minor units, unless their name ends in `_usd` or `_decimal`. Ids are opaque.
//!
//! # Families
//!
//! [`AnyOrder`], [`Payment`], [`Subscription`] and [`Analytics`] belong to whole families, and to every event that Aghanim
//! adds to them: `#[webhook("payment.*")]`, `#[webhook("analytics.checkout.*")]`. [`RawEvent`](crate::RawEvent) belongs to
//! every event there is: `#[webhook("*")]`.
//!
//! # Making one
//!
//! Replies, and payloads in tests, are made of their required fields: by `new` where there are up to three of different
//! types, and by a [builder](builders) where values could be swapped. Every other field has a method that sets it. All fields
//! are public, too.
//!
//! ```
//! use aghanim_hooks::events::{Currency, Item, Order, OrderStatus};
//! use aghanim_hooks::UnixTime;
//!
//! let gems = Item::builder().id("itm_1").sku("gems_100").name("100 gems").quantity(2).build().price(499);
//! let order = Order::builder()
//!     .id("ord_1")
//!     .amount(998)
//!     .currency(Currency::Usd)
//!     .items([gems])
//!     .created_at(UnixTime::from_secs(1_714_147_200))
//!     .build()
//!     .status(OrderStatus::Paid);
//! assert_eq!(order.items[0].quantity, 2);
//! ```

pub mod catalogue;
pub mod name;

mod analytics;
mod any;
mod batch;
mod builder;
mod campaign;
mod coupon;
mod currency;
mod drift;
pub(crate) mod entries;
mod fraud;
mod ingame;
mod item;
mod numbers;
mod order;
mod payload;
mod payment;
mod player;
mod store;
mod subscription;

pub use analytics::Analytics;
pub use any::AnyEvent;
pub use batch::BatchReady;
pub use campaign::CampaignCustom;
pub use coupon::{Coupon, CouponRedeemed, CouponType, RedeemedCoupon};
pub use currency::Currency;
pub(crate) use drift::drift;
pub use drift::{Drift, DriftKind};
pub use fraud::FraudReported;
pub use ingame::InGameMessage;
pub use item::{Item, ItemAdd, ItemRemove, ItemSource, ItemType};
pub use numbers::{Nested, NumberError, total_price, total_quantities};
pub use order::{
    AnyOrder, Order, OrderFees, OrderReward, OrderRewards, OrderStatus, PlayerInfo, RedirectMode, RedirectSettings,
    RedirectTarget, RewardIssueStatus, UiMode, UiSettings,
};
pub use payment::{Payment, PaymentStatus, SalesChannel, ThreeDSecureFlow, ThreeDSecureResult};
pub use player::{
    AttributeValue, Balance, CustomAttribute, DeviceType, DevtodevDeviceId, EmailConsent, FoundPlayer, FoundPlayers,
    Identity, MarketingConsentUpdated, Marketplace, Platform, Player, PlayerAttributes, PlayerContext, PlayerIsIdle,
    PlayerLookup, PlayerTag, PlayerUpdate, PlayerVerify,
};
pub use store::{StoreGet, StoreItem, StoreItems};
pub use subscription::{Subscription, SubscriptionOffer, SubscriptionPlan, SubscriptionStatus};

/// Builders of the payloads and replies that have several required fields.
///
/// A builder sets each required field by its name, in any order. `build` is there once all of them are set, so a forgotten
/// field is a compile error.
///
/// ```
/// use aghanim_hooks::events::{Currency, Item};
///
/// let gems = Item::builder().id("itm_1").sku("gems_100").name("100 gems").quantity(2).build();
/// // A field that is not required has a setter on the value itself.
/// let gems = gems.price(499).currency(Currency::Usd);
/// ```
///
/// ```compile_fail,E0599
/// # use aghanim_hooks::events::Item;
/// // no method named `build` found for struct `ItemBuilder<String, unset::sku, String, i64>`
/// let gems = Item::builder().id("itm_1").name("100 gems").quantity(2).build();
/// ```
pub mod builders {
    pub use super::coupon::RedeemedCouponBuilder;
    pub use super::fraud::FraudReportedBuilder;
    pub use super::ingame::InGameMessageBuilder;
    pub use super::item::ItemBuilder;
    pub use super::order::OrderBuilder;
    pub use super::player::PlayerBuilder;
}
