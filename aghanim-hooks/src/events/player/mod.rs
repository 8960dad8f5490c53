mod attributes;
mod consent;
mod context;
mod idle;
mod lookup;
mod update;
mod verify;

pub use attributes::{DeviceType, DevtodevDeviceId, Marketplace, Platform, PlayerAttributes, PlayerTag};
pub use consent::{EmailConsent, MarketingConsentUpdated};
pub use context::PlayerContext;
pub use idle::PlayerIsIdle;
pub use lookup::{FoundPlayer, FoundPlayers, Identity, PlayerLookup};
pub use update::PlayerUpdate;
pub use verify::{AttributeValue, Balance, CustomAttribute, Player, PlayerBuilder, PlayerVerify};
