use crate::events::payload::payload;

payload! {
    /// `player.update`: details of a player changed.
    ///
    /// Answered by an acknowledgement.
    ///
    /// It is documented, but a webhook can't subscribe to it. A final [`Rejection`](crate::Rejection) is sent with HTTP
    /// 200 and a status in the body, as documented. The documented codes are `not_found` and `validation_error`.
    ///
    /// ```
    /// use aghanim_hooks::{Rejection, webhook};
    /// use aghanim_hooks::events::PlayerUpdate;
    ///
    /// #[webhook("player.update")]
    /// async fn update(event: PlayerUpdate) -> Result<(), Rejection> {
    ///     if event.player_id != "2D2R-OP3C" {
    ///         return Err(Rejection::deny("not_found", "no such player"));
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub struct PlayerUpdate {
        required {
            /// The game's own id of the player.
            pub player_id: String,
        }
        optional {
            /// The new name.
            pub name: Option<String>,
            /// The new email address.
            pub email: Option<String>,
            /// The URL of the new picture.
            pub avatar_url: Option<String>,
        }
    }
}
