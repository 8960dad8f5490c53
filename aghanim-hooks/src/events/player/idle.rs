use crate::events::payload::raw_payload;

raw_payload! {
    /// `player.is_idle`: probably asks if a player is idle.
    ///
    /// Its fields and its answer are not documented. The handler returns `()`, or any JSON as
    /// [`AnyReply`](crate::AnyReply).
    ///
    /// ```
    /// use aghanim_hooks::{AnyReply, webhook};
    /// use aghanim_hooks::events::PlayerIsIdle;
    ///
    /// #[webhook("player.is_idle")]
    /// async fn is_idle(event: PlayerIsIdle) -> AnyReply {
    ///     println!("{}", event.raw.get());
    ///     AnyReply::ack()
    /// }
    /// ```
    pub struct PlayerIsIdle;
}
