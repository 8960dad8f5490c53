//! The payload of every event, and the type of its answer.
//!
//! A handler takes the payload, or an [`Event`](crate::Event) that holds it. It returns the answer, or a `Result` of it
//! with a [`Rejection`](crate::Rejection). If the answer is the acknowledgement, it returns `()`.
//!
#![doc = include_str!("table.md")]
//!
//! **Refusal** is the form in which a final [`Rejection`](crate::Rejection) is sent. A failure is a 5xx for every
//! event. An `item.add` is refused by [`Rejection::declined`](crate::Rejection::declined): Aghanim then refunds the
//! payment, where it has enabled that for the account. **Batch** says if an event can come in the file of a
//! `batch.ready`. **Key** says if the documented samples have an `idempotency_key`. `player.update` is documented, but
//! a webhook can't subscribe to it. Programs find the same facts in the [`catalogue`].
//!
//! # How strict a payload is
//!
//! A payload is exactly as strict as Aghanim's documentation and samples, so that a change by Aghanim loses no
//! purchase:
//!
//! - A field is required if every documented sample has it. An event without it is refused, and the error names the
//!   field.
//! - Every other field is an `Option`. Missing and null are both `None`. Fields that are only known from related
//!   objects of Aghanim's API say so.
//! - Unknown keys are ignored, at every depth. [`Event::data_raw`](crate::Event::data_raw) still has them: it is the
//!   JSON as it came.
//! - A set of values that Aghanim has listed is an enum, such as [`Currency`] or [`OrderStatus`]. It keeps a value that
//!   it does not know, and writes it back unchanged. A set that is not listed anywhere is a string.
//!
//! Amounts are integers in minor units, unless their name ends in `_usd` or `_decimal`. Ids are opaque text. Before a
//! game acts on a quantity or an amount, it should check the number: see [`Item::checked_quantity`] and
//! [`total_quantities`].
//!
//! # Families
//!
//! [`AnyOrder`], [`Payment`], [`Subscription`] and [`Analytics`] are the payloads of whole families, and of every event
//! that Aghanim adds to them: `#[webhook("payment.*")]`, `#[webhook("analytics.checkout.*")]`.
//! [`RawEvent`](crate::RawEvent) and [`AnyEvent`] fit every event: `#[webhook("*")]`.
//!
//! # Creating values
//!
//! A reply, or a payload in a test, is created from its required fields. There is `new` for up to three values of
//! different types, and a [builder](builders) where values could be swapped. Every other field has a method that sets
//! it. All fields are public.
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
#[cfg(feature = "schema")]
pub mod schema;

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
/// A builder sets each required field by its name, in any order. `build` is there once all of them are set, so a
/// forgotten field is a compile error.
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
