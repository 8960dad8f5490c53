use super::payload::payload;

payload! {
    /// `ingame.push`, `ingame.popup`: show this message to the player.
    ///
    /// Answered by an acknowledgement.
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
            /// The game's own id of the player.
            pub player_id: String,
            /// The title of the message.
            pub title: String,
            /// The text of the message.
            pub body: String,
        }
        optional {
            /// The URL of the message's picture.
            pub icon: Option<String>,
            /// The URL to open when the player touches the message.
            pub url: Option<String>,
        }
    }
}
