use crate::events::payload::raw_payload;

raw_payload! {
    /// `player.is_idle`: probably, whether a player is idle.
    ///
    /// Neither its fields nor its answer are documented: the handler returns `()`, or any JSON as
    /// [`AnyReply`](crate::AnyReply).
    pub struct PlayerIsIdle;
}
