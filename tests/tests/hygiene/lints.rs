//! A module where lints are errors; `tests/renamed` is a whole library that denies them.

/// Handlers of a library.
pub(crate) mod library {
    use aghanim_hooks::events::{ItemAdd, Player, PlayerVerify};
    use aghanim_hooks::{Event, IntoRejection, Rejection, WebhookEvent, webhook};
    use axum::extract::State;
    use serde::{Deserialize, Serialize};

    /// A guild has a new member.
    #[derive(Debug, Deserialize, WebhookEvent)]
    #[event("guild.joined", "guild.left", reply = GuildCard)]
    pub(crate) struct GuildChanged {
        /// The guild's id.
        pub(crate) guild_id: String,
    }

    /// The guild's answer.
    #[derive(Debug, Serialize)]
    pub(crate) struct GuildCard {
        /// Its motto.
        pub(crate) motto: String,
    }

    /// Why an item is not granted.
    #[derive(Debug, IntoRejection)]
    pub(crate) enum GrantError {
        /// Not in the catalogue.
        #[reject(status = 400, code = "declined", message = "no such item: {sku}")]
        NoSuchItem {
            /// The missing item.
            sku: String,
        },
        /// The player has too many.
        #[reject(status = 409, message = "{0} of at most {1}")]
        TooMany(u32, u32),
        /// The disk is full.
        #[reject(internal)]
        Io(std::io::Error),
        /// The reason is unknown.
        #[reject(internal)]
        Unknown,
        /// Another has decided.
        #[reject(transparent)]
        Decided(Rejection),
    }

    /// Finds the player.
    ///
    /// # Errors
    /// Never.
    #[webhook("player.verify")]
    pub(crate) async fn verify(event: PlayerVerify) -> Result<Player, Rejection> {
        std::future::ready(()).await;
        Ok(Player::builder().player_id(event.player_id).name("Ada").build())
    }

    /// Grants items.
    ///
    /// # Errors
    /// Fails if there is no such item.
    #[webhook("item.add", only = "live", otherwise = "acknowledge")]
    pub(crate) async fn grant(State(prefix): State<String>, mut event: Event<ItemAdd>) -> Result<(), GrantError> {
        event.data.items.retain(|item| !item.sku.starts_with(&prefix));
        std::future::ready(()).await;
        event.data.items.pop().map_or(Ok(()), |item| Err(GrantError::NoSuchItem { sku: item.sku }))
    }

    /// A guild changed.
    #[webhook("guild.joined", "guild.left")]
    pub(crate) async fn guild(event: GuildChanged) -> GuildCard {
        std::future::ready(()).await;
        GuildCard { motto: event.guild_id }
    }
}

use aghanim_hooks::{Handlers, IntoRejection, Rejection, webhooks};
use library::GrantError;

#[test]
fn a_library_that_denies_all_compiles() {
    let handlers: Handlers<String> = webhooks![library::verify, self::library::grant, library::guild];
    assert_eq!(crate::events(&handlers), ["player.verify", "item.add", "guild.joined", "guild.left"]);
}

#[test]
fn rejections_say_what_their_variants_say() {
    let says = |error: GrantError| {
        let rejection = error.into_rejection();
        (rejection.status(), rejection.code().to_owned(), rejection.message().to_owned())
    };
    let said = |status, code: &str, message: &str| (status, code.to_owned(), message.to_owned());
    assert_eq!(says(GrantError::NoSuchItem { sku: "gem".into() }), said(400, "declined", "no such item: gem"));
    assert_eq!(says(GrantError::TooMany(7, 5)), said(409, "too_many", "7 of at most 5"));
    assert_eq!(says(GrantError::Io(std::io::Error::other("disk"))), said(500, "internal_error", "Internal error"));
    assert_eq!(says(GrantError::Unknown), said(500, "internal_error", "Internal error"));
    assert_eq!(says(GrantError::Decided(Rejection::declined("no"))), said(400, "declined", "no"));
}
