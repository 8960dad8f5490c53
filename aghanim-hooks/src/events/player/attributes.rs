use std::collections::BTreeMap;

use serde_json::Value;

use crate::events::payload::payload;
use crate::open_enum::open_enum;

payload! {
    /// The attributes of a player that a shop may know. All are optional.
    ///
    /// ```
    /// use aghanim_hooks::events::{Platform, PlayerAttributes};
    ///
    /// let attributes = PlayerAttributes::default().level(12).platform(Platform::Ios);
    /// ```
    pub struct PlayerAttributes {
        optional {
            /// The player's level in the game.
            pub level: Option<i64>,
            /// The platform of the player.
            pub platform: Option<Platform>,
            /// The store from which the player got the game.
            pub marketplace: Option<Marketplace>,
            /// The player's device.
            pub device_type: Option<DeviceType>,
            /// The tags that Aghanim knows.
            pub tags: Option<Vec<PlayerTag>>,
            /// The player's amount of the currency that is earned.
            pub soft_currency_amount: Option<i64>,
            /// The player's amount of the currency that is bought.
            pub hard_currency_amount: Option<i64>,
            /// Attribution by `AppsFlyer`: the device.
            pub appsflyer_id: Option<String>,
            /// Attribution by `AppsFlyer`: the app.
            pub appsflyer_app_id: Option<String>,
            /// Attribution by `AppsFlyer`: an object that is passed on.
            pub appsflyer_meta: Option<Value>,
            /// Attribution by `AppsFlyer`: an object that is passed on.
            pub appsflyer_event_params: Option<Value>,
            /// Attribution by `AppsFlyer`: the game's own id of the player.
            pub appsflyer_customer_user_id: Option<String>,
            /// Attribution by Adjust: device ids by their kind.
            pub adjust_device_id: Option<BTreeMap<String, String>>,
            /// Attribution by Adjust: its own id of the device.
            pub adjust_adid: Option<String>,
            /// Attribution by Adjust: the app.
            pub adjust_app_token: Option<String>,
            /// Attribution by Adjust: the token that its API requires.
            pub adjust_authorization_token: Option<String>,
            /// Attribution by Adjust: the token of the event for a purchase.
            pub adjust_purchase_event_token: Option<String>,
            /// Attribution by Adjust: the parameters for callbacks.
            pub adjust_callback_params: Option<BTreeMap<String, String>>,
            /// Attribution by Adjust: the parameters for partners.
            pub adjust_partner_params: Option<BTreeMap<String, String>>,
            /// Attribution by Singular: device ids by their kind.
            pub singular_device_id: Option<BTreeMap<String, String>>,
            /// Attribution by Singular: the app.
            pub singular_app_id: Option<String>,
            /// Attribution by devtodev: the app.
            pub devtodev_appid: Option<String>,
            /// Attribution by devtodev: the key that its API requires.
            pub devtodev_apikey: Option<String>,
            /// Attribution by devtodev: the device.
            pub devtodev_device_id: Option<DevtodevDeviceId>,
            /// Attribution by Google Analytics 4: the client.
            pub ga4_client_id: Option<String>,
            /// Attribution by Google Analytics 4 for Firebase: the app's instance.
            pub ga4firebase_app_instance_id: Option<String>,
            /// Attribution by Google Analytics 4: the user, at most 256 characters.
            pub ga4_user_id: Option<String>,
        }
    }
}

payload! {
    /// The ids of a device at devtodev.
    #[serde(rename_all = "camelCase")]
    pub struct DevtodevDeviceId {
        optional {
            /// `deviceId`
            pub device_id: Option<String>,
            /// `devtodevId`
            pub devtodev_id: Option<i64>,
            /// `userId`
            pub user_id: Option<String>,
            /// `advertisingId`
            pub advertising_id: Option<String>,
        }
    }
}

open_enum! {
    /// The platform of a player.
    pub enum Platform {
        Any = "any",
        Ios = "ios",
        Android = "android",
        Other = "other",
    }
}

open_enum! {
    /// The store from which a player got the game.
    pub enum Marketplace {
        None = "none",
        AppStore = "app_store",
        GooglePlay = "google_play",
        Aghanim = "aghanim",
        Other = "other",
        OneStore = "one_store",
        GalaxyStore = "galaxy_store",
    }
}

open_enum! {
    /// A player's device.
    pub enum DeviceType {
        Apple = "Apple",
        Android = "Android",
        Unknown = "Unknown",
        Other = "Other",
    }
}

open_enum! {
    /// A tag of a player that Aghanim knows.
    pub enum PlayerTag {
        Tester = "tester",
    }
}
