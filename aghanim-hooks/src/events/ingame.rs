use super::payload::payload;

payload! {
    /// `ingame.push`, `ingame.popup`: show this to the player. Answered by an acknowledgement.
    pub struct InGameMessage {
        required {
            /// Whom to show it to: the game's own id of the player.
            pub player_id: String,
            /// The first line.
            pub title: String,
            /// The text.
            pub body: String,
        }
        optional {
            /// The URL of a picture.
            pub icon: Option<String>,
            /// Where to go when it is touched.
            pub url: Option<String>,
        }
    }
}
