//! The payload of every event, and the answer it asks for.

pub mod catalogue;

mod analytics;
mod batch;
mod campaign;
mod coupon;
mod currency;
mod fraud;
mod ingame;
mod item;
mod order;
mod payload;
mod payment;
mod player;
mod store;
mod subscription;

pub use analytics::Analytics;
pub use batch::BatchReady;
pub use campaign::CampaignCustom;
pub use coupon::{Coupon, CouponRedeemed, CouponType, RedeemedCoupon};
pub use currency::Currency;
pub use fraud::FraudReported;
pub use ingame::InGameMessage;
pub use item::{Item, ItemAdd, ItemRemove, ItemSource, ItemType};
pub use order::{
    AnyOrder, Order, OrderFees, OrderReward, OrderRewards, OrderStatus, PlayerInfo, RedirectMode, RedirectSettings,
    RedirectTarget, RewardIssueStatus, UiMode, UiSettings,
};
pub use payment::{Payment, PaymentStatus, SalesChannel, ThreeDSecureFlow, ThreeDSecureResult};
pub use player::{
    AttributeValue, Balance, CustomAttribute, DeviceType, DevtodevDeviceId, EmailConsent, FoundPlayer, FoundPlayers,
    Identity, MarketingConsentUpdated, Marketplace, Platform, Player, PlayerAttributes, PlayerIsIdle, PlayerLookup,
    PlayerTag, PlayerUpdate, PlayerVerify,
};
pub use store::{StoreGet, StoreItem, StoreItems};
pub use subscription::{Subscription, SubscriptionOffer, SubscriptionPlan, SubscriptionStatus};
