use super::payload::payload;

payload! {
    /// `ingame.push`, `ingame.popup`: show this to the player. Answered by an acknowledgement.
    ///
    /// ```
    /// use aghanim_hooks::{Event, webhook};
    /// use aghanim_hooks::events::InGameMessage;
    ///
    /// #[webhook("ingame.push", "ingame.popup")]
    /// async fn message(event: Event<InGameMessage>) {
    ///     let is_popup = event.event_type == "ingame.popup";
    ///     println!("{} sees {:?} (popup: {is_popup})", event.data.player_id, event.data.title);
    /// }
    /// ```
    pub struct InGameMessage by InGameMessageBuilder {
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
