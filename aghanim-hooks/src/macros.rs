//! The macros and their documentation.

/// Makes an `async fn` the handler of an event.
///
/// List the handler in [`webhooks!`](crate::webhooks), and give the list to [`Webhooks::new`](crate::Webhooks::new).
///
/// ```
/// use aghanim_hooks::{Rejection, webhook};
/// use aghanim_hooks::events::{Player, PlayerVerify};
/// use axum::extract::State;
///
/// #[derive(Clone)]
/// struct Game;
///
/// #[webhook("player.verify")]
/// async fn verify(State(game): State<Game>, event: PlayerVerify) -> Result<Player, Rejection> {
///     if event.player_id.is_empty() {
///         return Err(Rejection::deny("not_found", "no such player"));
///     }
///     Ok(Player::builder().player_id(event.player_id).name("Ada").build())
/// }
/// ```
///
/// The function does not change: call it from a test, document it, go to it in an editor. The macro adds a type with the
/// same name, which the list uses. One `use` imports both. The type's documentation says what the event means, its answer
/// and the effect of an error: an editor shows it where a list names the handler.
///
/// # The function
///
/// - It is an `async` free function, not generic and not `unsafe`. Its future is `Send`.
/// - Its **last parameter** is the event: a payload type, or [`Event`](crate::Event) around one for the envelope too.
/// - **Every parameter before it** is an axum extractor that does not read the body ([`FromRequestParts`]): `State<..>`,
///   `HeaderMap`, `Extension<..>`, or one of your own. Parameters are owned types.
/// - It **returns** the reply of its payload, or a `Result` of it. The error is [`Rejection`](crate::Rejection) or a type
///   that derives [`IntoRejection`](derive@crate::IntoRejection). If the reply is [`Ack`](crate::Ack), return `()`.
///
/// # The events
///
/// Write one or more patterns in quotes:
///
/// | Pattern | Matches |
/// |---|---|
/// | `"order.paid"` | this event |
/// | `"order.*"` | every event whose name begins with `order.` |
/// | `"*"` | every event |
///
/// A constant works too, which an editor completes: `#[webhook(name::ORDER_PAID)]`, with [`name`](crate::events::name) or a
/// `const` of your own of the type `&str`.
///
/// In a list, an exact name has priority over a family, and a longer family over a shorter one. `*` gets what no other
/// pattern matches.
///
/// ```
/// use aghanim_hooks::{Event, RawEvent, webhook};
/// use aghanim_hooks::events::Order;
///
/// #[webhook("order.created", "order.paid")]
/// async fn order(event: Event<Order>) {
///     println!("{}: {}", event.event_type, event.data.id);
/// }
///
/// #[webhook("*")]
/// async fn rest(event: Event<RawEvent>) {
///     println!("{}: {}", event.event_type, event.data.get());
/// }
/// ```
///
/// A misspelt name would compile with a payload such as [`RawEvent`](crate::RawEvent), and its handler would never be called. So
/// a name that Aghanim does not document is an error if Aghanim documents other events of its family, or one that is
/// almost the same. Write `undocumented` if the name is right, such as that of an event newer than this library:
///
/// ```
/// # use aghanim_hooks::{Event, webhook};
/// # use aghanim_hooks::events::AnyOrder;
/// #[webhook("order.settled", undocumented)]
/// async fn settled(event: Event<AnyOrder>) {}
/// ```
///
/// No mark is needed for an event of your own, such as `guild.joined`, or for one whose payload is your own type that
/// derives [`WebhookEvent`](derive@crate::WebhookEvent) with exactly this name.
///
/// # The keys
///
/// | Key | Value | Effect |
/// |---|---|---|
/// | `only` | `"live"`, `"sandbox"` | The handler gets events of this [`Environment`](crate::Environment) only. |
/// | `otherwise` | `"refuse"` (default), `"acknowledge"` | The answer to events of the other environment; see [`Otherwise`](crate::Otherwise). |
/// | `once` | `true`, `false` | `true` keeps the answer to an idempotency key and sends it again to a duplicate. `false` calls the handler again. The default is `true`, except for events that only ask a question, such as `player.verify`, whose answer may change. |
/// | `undocumented` | | The names are right, although Aghanim does not document them. |
/// | `crate` | `::path` | The absolute path of this library, if it can't be found. |
///
/// The macros find this library in the package's `Cargo.toml`, also under another name, as in
/// `hooks = { package = "aghanim-hooks", … }`. `crate` is needed if the package has it from another library only, which
/// re-exports it: `crate = ::studio::aghanim_hooks`.
///
/// # What the compiler checks
///
/// The payload fits every pattern, and the return type is the payload's reply:
///
/// ```compile_fail
/// # use aghanim_hooks::webhook;
/// # use aghanim_hooks::events::PlayerVerify;
/// #[webhook("player.verfy")] // did you mean `player.verify`?
/// async fn verify(event: PlayerVerify) {} // this handler must return `Player`, not `()`
/// ```
///
/// Only the event comes from the body. The endpoint has already read the body to check its signature:
///
/// ```compile_fail
/// # use aghanim_hooks::{Event, webhook};
/// # use aghanim_hooks::events::ItemAdd;
/// #[webhook("item.add")]
/// async fn grant(body: axum::body::Bytes, event: ItemAdd) {}
/// ```
///
/// The router's state decides if a type is an extractor. So this is checked where the list gets its state: in
/// `webhooks![…]`. A payload type that is also an extractor for one state only can't be used before the event: wrap it.
///
/// A handler that is in no list is reported as dead code. To assert in a test which events have a handler, use
/// [`Webhooks::events`](crate::Webhooks::events).
///
/// [`FromRequestParts`]: axum::extract::FromRequestParts
pub use aghanim_hooks_macros::webhook;

/// Makes a type the payload of an event: implements [`WebhookEvent`](trait@crate::WebhookEvent).
///
/// Use it for an event type of your own, for one that Aghanim added after this release, or to read the payload of a known
/// event as a type of your own. The type must implement `Deserialize`: it is read from `event_data`.
///
/// ```
/// use aghanim_hooks::{WebhookEvent, webhook};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Deserialize, WebhookEvent)]
/// #[event("guild.joined", "guild.left", reply = GuildCard)]
/// struct GuildChanged {
///     guild_id: String,
/// }
///
/// #[derive(Serialize)]
/// struct GuildCard {
///     motto: String,
/// }
///
/// #[webhook("guild.joined")]
/// async fn joined(event: GuildChanged) -> GuildCard {
///     GuildCard { motto: format!("welcome to {}", event.guild_id) }
/// }
/// ```
///
/// # `#[event(…)]`
///
/// | Argument | Value | Effect |
/// |---|---|---|
/// | names | `"guild.joined"`, `"guild.*"`, `"*"`, or constants | The events that have this payload. A handler's patterns must be among them, or covered by them. |
/// | `reply` | a type with `Serialize` | The answer to the event, sent as JSON. The default is [`Ack`](crate::Ack). |
/// | `crate` | `::path` | The absolute path of this library, if it can't be found; see [`webhook`](macro@crate::webhook#the-keys). |
///
/// The type has no lifetimes and no other parameters.
///
/// An event that Aghanim documents with an answer needs a `reply`:
///
/// ```compile_fail
/// # use aghanim_hooks::WebhookEvent;
/// #[derive(serde::Deserialize, WebhookEvent)]
/// #[event("player.verify")] // needs an answer: add `reply = Player`
/// struct Login {
///     player_id: String,
/// }
/// ```
pub use aghanim_hooks_macros::WebhookEvent;

/// Makes a type a handler's error: implements [`IntoRejection`](trait@crate::IntoRejection).
///
/// Each variant has its answer, which decides whether Aghanim sends the event again:
///
/// ```
/// use aghanim_hooks::{IntoRejection, Rejection};
///
/// #[derive(IntoRejection)]
/// enum GrantError {
///     /// 400 with the code `declined`: the game's decision, and final.
///     #[reject(status = 400, code = "declined", message = "no such item: {sku}")]
///     NoSuchItem { sku: String },
///     /// 409, code `too_many`, message `7 of at most 5`.
///     #[reject(status = 409, message = "{0} of at most {1}")]
///     TooMany(u32, u32),
///     /// 500: Aghanim sends the event again. The error is logged and never sent. `?` converts it.
///     #[reject(internal)]
///     Io(#[from] std::io::Error),
///     /// The answer of the rejection in it.
///     #[reject(transparent)]
///     Decided(Rejection),
/// }
///
/// let rejection = GrantError::TooMany(7, 5).into_rejection();
/// assert_eq!((rejection.status(), rejection.code(), rejection.message()), (409, "too_many", "7 of at most 5"));
/// ```
///
/// # `#[reject(…)]`
///
/// Write it above each variant of an enum, or above the struct.
///
/// | Key | Value | Effect |
/// |---|---|---|
/// | `status` | 400 to 599 | The HTTP status: 400 to 499 if the game decides, 500 to 599 if something failed. The default is that of [`Rejection::deny`](crate::Rejection::deny). |
/// | `code` | a text | Sent, for programs. The default is the variant's name in snake case. |
/// | `message` | a text | Sent, for people. The default is the variant's name in words. It can contain fields by name, `{sku}`, or by number, `{0}`, as in `format!`; `{0:?}` works too. |
/// | `message` | `display` | Sent, for people: the error's `Display`. Above an enum, it is the default of all variants. |
/// | `internal` | | No other key: [`Rejection::internal`](crate::Rejection::internal). The field, if there is one, is the cause: an error or a text. |
/// | `transparent` | | No other key: the one field is a rejection, or a type that derives `IntoRejection`. |
/// | `crate` | `::path` | Above the type: the absolute path of this library, if it can't be found; see [`webhook`](macro@crate::webhook#the-keys). |
///
/// ```compile_fail
/// # use aghanim_hooks::IntoRejection;
/// #[derive(IntoRejection)]
/// enum GrantError {
///     #[reject(status = 200)] // `status` is 400 to 499 if the game decides, …
///     Closed,
/// }
/// ```
///
/// # `#[from]`
///
/// A variant whose only field has `#[from]` gets a `From` of that field, so that `?` converts it.
///
/// # With `thiserror`
///
/// Derive both, and write each text once:
///
/// ```
/// # use aghanim_hooks::IntoRejection;
/// # // A stand-in, since this crate does not depend on `thiserror`.
/// # impl std::fmt::Display for GrantError {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "no such item: gold") }
/// # }
/// # /*
/// #[derive(Debug, thiserror::Error, IntoRejection)]
/// # */
/// # #[derive(Debug, IntoRejection)]
/// #[reject(message = display)]
/// enum GrantError {
/// # /*
///     #[error("no such item: {sku}")]
/// # */
///     #[reject(status = 400, code = "declined")]
///     NoSuchItem { sku: String },
/// # /*
///     #[error(transparent)]
/// # */
///     #[reject(internal)]
///     Io(#[from] std::io::Error),
/// }
/// # let error = GrantError::NoSuchItem { sku: "gold".to_owned() };
/// # assert_eq!(error.into_rejection().message(), "no such item: gold");
/// ```
///
/// `thiserror` makes the `From` of a `#[from]` itself. So this derive makes none where the type or one of its variants has
/// an `#[error(…)]`. A type that derives `thiserror::Error` without any `#[error(…)]`, with a `Display` of its own, can't use
/// `#[from]` together with this derive: write that `From` by hand.
pub use aghanim_hooks_macros::IntoRejection;

/// Lists the handlers of an endpoint, for [`Webhooks::new`](crate::Webhooks::new).
///
/// Returns [`Handlers`](crate::Handlers).
///
/// ```
/// use aghanim_hooks::{Handlers, webhook, webhooks};
/// use aghanim_hooks::events::ItemAdd;
///
/// mod orders {
///     #[aghanim_hooks::webhook("order.*")]
///     pub(crate) async fn any(_event: aghanim_hooks::RawEvent) {}
/// }
///
/// #[webhook("item.add")]
/// async fn grant(_event: ItemAdd) {}
///
/// let handlers: Handlers<()> = webhooks![grant, orders::any];
/// assert_eq!(handlers.events().collect::<Vec<_>>(), ["item.add", "order.*"]);
/// ```
///
/// The list contains paths of functions with [`#[webhook]`](macro@crate::webhook). It is explicit: a handler that is not in it
/// is never called, so a dependency can't add one. The router gives the type of the state, or an annotation as above.
///
/// # What the compiler checks
///
/// No pattern has two handlers:
///
/// ```compile_fail
/// # use aghanim_hooks::{Handlers, webhook, webhooks};
/// # use aghanim_hooks::events::ItemAdd;
/// # #[webhook("item.add")]
/// # async fn grant(_event: ItemAdd) {}
/// # #[webhook("item.add")]
/// # async fn grant_again(_event: ItemAdd) {}
/// // `item.add` has two handlers in this list: `grant` and `grant_again`: remove one
/// let handlers: Handlers<()> = webhooks![grant, grant_again];
/// ```
///
/// Each function has the attribute, and its extractors fit the state:
///
/// ```compile_fail
/// # use aghanim_hooks::{Handlers, webhook, webhooks};
/// # use aghanim_hooks::events::ItemAdd;
/// # use axum::extract::State;
/// # #[derive(Clone)]
/// # struct Game;
/// #[webhook("item.add")]
/// async fn grant(State(_game): State<Game>, _event: ItemAdd) {}
///
/// let handlers: Handlers<()> = webhooks![grant]; // `State<Game>` is not an extractor for the state `()`
/// ```
///
/// # Subscribed events have handlers
///
/// Check in a file that says which events Aghanim sends, and name it at the end of the list:
///
/// ```ignore
/// webhooks![verify, grant; subscribed in "aghanim-webhooks.json"]
/// ```
///
/// The path is relative to the folder of the package's `Cargo.toml`. The list is compiled again when the file changes.
///
/// - A subscribed event without a handler in this list is an error.
/// - A handler in this list whose event is not subscribed is a warning, or an error with `exactly subscribed in "…"`.
///   This excludes `*`, events of your own, and events that can't be subscribed to, such as `player.update`.
///
/// The check sees this list, not others that are [merged](crate::Handlers::merge) with it.
///
/// The file is JSON, in version 1 of our format. Other keys are ignored:
///
/// ```json
/// {
///   "version": 1,
///   "webhooks": [
///     {
///       "id": "wh_eRhXkVsQjpT",
///       "url": "https://game.example/webhook",
///       "events": ["player.verify", "item.add", "order.*"]
///     }
///   ]
/// }
/// ```
///
/// | Key | Value |
/// |---|---|
/// | `version` | `1`. A file of another version is an error. |
/// | `webhooks` | The game's webhooks. The events of all of them are taken together. |
/// | `webhooks[].id` | Optional: Aghanim's id of the webhook. Not read by the macro. |
/// | `webhooks[].url` | Optional: the URL that Aghanim sends to. Not read by the macro. |
/// | `webhooks[].events` | The subscribed events, by name. `order.*` and `payment.*` are all documented events of the family. |
///
/// If a handler has the name of a crate that you depend on, write `self::name` in the list.
#[macro_export]
macro_rules! webhooks {
    () => {
        ::core::compile_error!("this list is empty: name at least one handler, as in `webhooks![verify, grant]`")
    };
    ($($handlers:tt)*) => {
        $crate::__private::list! { $crate; $($handlers)* }
    };
}
