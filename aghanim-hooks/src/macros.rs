//! The macros, and what is to be known of them by who uses them.

/// Makes an `async fn` the handler of an event, for a list that [`webhooks!`](crate::webhooks) makes.
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
/// The function stays what it is: it can be called from a test, documented, and gone to by an editor. Beside it there is
/// a type of its name, which is what a list holds; one `use` brings both.
///
/// # The function
///
/// - It is `async`, free, and neither generic nor `unsafe`. What it awaits can move between threads.
/// - Its **last parameter** is the event: a payload type, or [`Event`](crate::Event) around one to have the envelope too.
/// - **Every parameter before it** is an axum extractor that leaves the body alone ([`FromRequestParts`]): `State<..>`,
///   `HeaderMap`, `Extension<..>`, one of your own. It owns what it takes.
/// - It **returns** the reply that the payload asks for, or a `Result` of it whose error is [`Rejection`](crate::Rejection)
///   or derives [`IntoRejection`](derive@crate::IntoRejection). Where the reply is [`Ack`](crate::Ack), `()` does as well.
///
/// # The events
///
/// One or several, in quotes:
///
/// | Pattern | Takes |
/// |---|---|
/// | `"order.paid"` | this event |
/// | `"order.*"` | every event whose name begins with `order.` |
/// | `"*"` | every event |
///
/// Of the patterns in a list, an exact name beats a family, the longest family beats a shorter one, and `*` takes the
/// rest.
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
/// # The keys
///
/// | Key | Value | |
/// |---|---|---|
/// | `only` | `"live"`, `"sandbox"` | The handler is asked for events of this environment alone; see [`Environment`](crate::Environment). |
/// | `otherwise` | `"refuse"` (unless set), `"acknowledge"` | What answers the others; see [`Otherwise`](crate::Otherwise). |
/// | `once` | `true`, `false` | Whether the answer to an idempotency key is kept and sent again. By default it is, except for events that only ask a question, such as `player.verify`: their answer may be another one later. |
/// | `crate` | `::path` | Where this library is, when it has another name. Absolute, as it would mean something else in every module. |
///
/// # What the compiler checks
///
/// That the payload belongs to every pattern, and that the answer is the payload's:
///
/// ```compile_fail
/// # use aghanim_hooks::webhook;
/// # use aghanim_hooks::events::PlayerVerify;
/// #[webhook("player.verfy")] // did you mean `player.verify`?
/// async fn verify(event: PlayerVerify) {} // this event is answered by `Player`, not by `()`
/// ```
///
/// That nothing but the event reads the body, which has been read to check its signature:
///
/// ```compile_fail
/// # use aghanim_hooks::{Event, webhook};
/// # use aghanim_hooks::events::ItemAdd;
/// #[webhook("item.add")]
/// async fn grant(body: axum::body::Bytes, event: ItemAdd) {}
/// ```
///
/// Whether a parameter is an extractor depends on the state, and so is known where a list is given to an endpoint with
/// one. A type that is both a payload and, for one state only, an extractor can't stand before the event; wrap it.
///
/// A handler that no list names is a warning, as dead code is; [`Webhooks::events`](crate::Webhooks::events) lets a test
/// assert which events have a handler.
///
/// [`FromRequestParts`]: axum::extract::FromRequestParts
pub use aghanim_hooks_macros::webhook;

/// Makes a struct or an enum the payload of an event: implements [`WebhookEvent`](trait@crate::WebhookEvent).
///
/// For an event type of a game's own, or of Aghanim's newest, or to read a known one with other eyes. The type also needs
/// `Deserialize`, from `event_data`.
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
/// | | | |
/// |---|---|---|
/// | names in quotes | `"guild.joined"`, `"guild.*"`, `"*"` | The events it is the payload of; a handler's patterns have to be among them, or covered by them. |
/// | `reply` | a type | What answers the event, as JSON: anything with `Serialize`. [`Ack`](crate::Ack) unless set. |
/// | `once` | `true`, `false` | Whether the answer to an idempotency key is kept and sent again. By default it is, except for events that only ask a question, such as `player.verify`: their answer may be another one later. |
/// | `crate` | `::path` | Where this library is, when it has another name. |
///
/// An event that Aghanim documents with an answer does not go without one:
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

/// Makes an enum or a struct an error that a handler can return: implements
/// [`IntoRejection`](trait@crate::IntoRejection).
///
/// Each variant says what it answers, and with it whether Aghanim is to try again:
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
///     /// 500, and tried again. The error is logged, and never sent.
///     #[reject(internal)]
///     Io(std::io::Error),
///     /// Whatever it says.
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
/// On each variant of an enum, or on the struct.
///
/// | Key | Value | |
/// |---|---|---|
/// | `status` | 400 to 599 | The HTTP status: 400 to 499 where the game decides, 500 to 599 where something failed. Unless set, that of [`Rejection::deny`](crate::Rejection::deny). |
/// | `code` | a text | For programs. Unless set, the variant's name in snake case. |
/// | `message` | a text | For people; both are sent. Unless set, the variant's name in words. Fields stand in it by name, `{sku}`, or by number, `{0}`, formatted as by `format!`; `{0:?}` works too. |
/// | `internal` | | Alone: [`Rejection::internal`](crate::Rejection::internal). The field is the cause, an error or a text; there may be none. |
/// | `transparent` | | Alone: the one field is a rejection, or becomes one. |
/// | `once` | `true`, `false` | Whether the answer to an idempotency key is kept and sent again. By default it is, except for events that only ask a question, such as `player.verify`: their answer may be another one later. |
/// | `crate` | `::path` | On the type: where this library is, when it has another name. |
///
/// ```compile_fail
/// # use aghanim_hooks::IntoRejection;
/// #[derive(IntoRejection)]
/// enum GrantError {
///     #[reject(status = 200)] // a rejection's status is 400 to 499 where the game decides, …
///     Closed,
/// }
/// ```
pub use aghanim_hooks_macros::IntoRejection;

/// Lists the handlers of an endpoint: the [`Handlers`](crate::Handlers) that [`Webhooks::new`](crate::Webhooks::new) takes.
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
/// The list is explicit: what is not in it does not answer, wherever it is linked from. It holds functions with
/// [`#[webhook]`](macro@crate::webhook), by their paths. The type of the state comes from where the endpoint is mounted, or
/// from an annotation as above.
///
/// # What the compiler checks
///
/// That no pattern has two handlers:
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
/// That each has the attribute, and that its extractors fit the state:
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
/// let handlers: Handlers<()> = webhooks![grant]; // `State<Game>` can't be taken from a request
/// ```
///
/// A handler that is named as one of the crates it is compiled with is listed as `self::name`.
#[macro_export]
macro_rules! webhooks {
    () => {
        ::core::compile_error!("an endpoint needs at least one handler: `webhooks![verify, grant]`")
    };
    ($($handlers:tt)*) => {
        $crate::__private::list! { $crate; $($handlers)* }
    };
}
