//! The samples of Aghanim's payloads, and of the replies to them.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Sample;
use crate::events::entries::entries;
use crate::events::{
    Balance, Currency, FoundPlayer, FoundPlayers, Identity, Item, Platform, Player, PlayerAttributes, StoreItem,
    StoreItems,
};
use crate::{Ack, AnyReply};

/// The payload in a whole request.
fn data<T: DeserializeOwned>(request: &str) -> T {
    let mut request: Value = serde_json::from_str(request).expect("a sample in the crate is JSON");
    serde_json::from_value(request["event_data"].take()).expect("a sample in the crate fits its payload")
}

macro_rules! samples {
    ($($payload:ident: [$($pattern:literal),+] => $reply:ident {
        $(#[doc = $about:literal] $name:literal $(.$fact:ident($($argument:expr)?))*,)+
    })+) => {$(
        /// Has every field that fits the first event of this payload.
        impl Sample for crate::events::$payload {
            fn sample() -> Self {
                data([$(include_str!(concat!("../events/samples/", $name, ".json")),)+][0])
            }
        }
    )+};
}

entries!(samples);

impl Sample for Item {
    fn sample() -> Self {
        Self::builder()
            .id("itm_eRhXkVsQjpT")
            .sku("gems_100")
            .name("100 gems")
            .quantity(2)
            .build()
            .price(499)
            .currency(Currency::Usd)
    }
}

impl Sample for Ack {
    fn sample() -> Self {
        Self
    }
}

impl Sample for AnyReply {
    fn sample() -> Self {
        Self::ack()
    }
}

impl Sample for PlayerAttributes {
    fn sample() -> Self {
        Self::default().level(12).platform(Platform::Ios).soft_currency_amount(5200).hard_currency_amount(40)
    }
}

impl Sample for Player {
    fn sample() -> Self {
        Self::builder()
            .player_id("2D2R-OP3C")
            .name("Ayla")
            .build()
            .attributes(PlayerAttributes::sample())
            .avatar_url("https://cdn.example/avatars/ayla.png")
            .email("ayla@mail.example")
            .banned(false)
            .segments(["spender"])
            .country("NL")
            .custom_attribute("guild", "Dusk")
            .balance(Balance::new("gems").with("amount", 250))
    }
}

impl Sample for FoundPlayer {
    fn sample() -> Self {
        Self::new("Ayla")
            .avatar_url("https://cdn.example/avatars/ayla.png")
            .identity("account_id", "A-20871")
            .identity("server", Identity::from("eu-1").named("Europe 1"))
    }
}

impl Sample for FoundPlayers {
    fn sample() -> Self {
        Self::new([FoundPlayer::sample()])
    }
}

impl Sample for StoreItem {
    fn sample() -> Self {
        Self::new("gems_100").with("price", 399)
    }
}

impl Sample for StoreItems {
    fn sample() -> Self {
        Self::new([StoreItem::sample(), StoreItem::new("starter_pack")])
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use serde::Serialize;

    use super::*;

    fn round_trip<T: Sample + Serialize + DeserializeOwned + PartialEq + Debug>() -> Value {
        let json = serde_json::to_value(T::sample()).unwrap();
        assert_eq!(serde_json::from_value::<T>(json.clone()).unwrap(), T::sample());
        json
    }

    /// Each event's sample survives a round trip through its payload, key by key.
    macro_rules! every_event {
        ($($payload:ident: [$($pattern:literal),+] => $reply:ident {
            $(#[doc = $about:literal] $name:literal $(.$fact:ident($($argument:expr)?))*,)+
        })+) => {
            #[test]
            fn every_sample_fits_its_payload() {$({
                use crate::events::$payload;
                $(
                    let text = include_str!(concat!("../events/samples/", $name, ".json"));
                    let sample: Value = serde_json::from_str(text).unwrap();
                    assert_eq!(sample["event_type"], $name);
                    let payload: $payload = data(text);
                    assert_eq!(serde_json::to_value(payload).unwrap(), sample["event_data"], $name);
                )+
                round_trip::<$payload>();
            })+}
        };
    }

    entries!(every_event);

    #[test]
    fn replies_are_read_back() {
        assert_eq!(round_trip::<Player>()["attributes"]["level"], 12);
        assert_eq!(round_trip::<FoundPlayers>()["data"][0]["name"], "Ayla");
        assert_eq!(round_trip::<StoreItems>()["items"][0]["sku"], "gems_100");
        assert_eq!(round_trip::<Item>()["quantity"], 2);
    }
}
