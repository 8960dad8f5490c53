/// A realistic value of a type, for tests.
///
/// Every payload in [`events`](crate::events) has one. Two calls return equal values.
///
/// ```
/// use aghanim_hooks::WebhookEvent;
/// use aghanim_hooks::testing::Sample;
/// use serde::Deserialize;
///
/// #[derive(Deserialize, WebhookEvent)]
/// #[event("guild.joined")]
/// struct GuildJoined {
///     guild_id: String,
/// }
///
/// impl Sample for GuildJoined {
///     fn sample() -> Self {
///         Self { guild_id: "gld_1".to_owned() }
///     }
/// }
///
/// assert_eq!(GuildJoined::sample().guild_id, "gld_1");
/// ```
pub trait Sample: Sized {
    /// Returns the sample.
    fn sample() -> Self;
}
