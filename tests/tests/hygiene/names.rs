//! A user's types, functions and parameters with the names that the macros generate.

use aghanim_hooks::{Event, Handlers, RawEvent, webhook, webhooks};
use axum::extract::State;

/// Short names, which an expansion could use too.
#[derive(Clone)]
struct S;

#[derive(Clone)]
struct T;

#[derive(Clone)]
struct H;

#[webhook("name.s")]
async fn s(State(_s): State<S>, _event: RawEvent) {}

/// The names of locals, as parameters.
#[webhook("name.locals")]
async fn locals(
    State(__state): State<S>,
    __parts: axum::http::HeaderMap,
    __extracted0: axum::http::Method,
    __event: Event<RawEvent>,
) {
    drop((__state, __parts, __extracted0, __event));
}

/// The names of what the expansion defines.
#[webhook("name.deliver")]
async fn deliver(State(_t): State<S>, _event: RawEvent) {}

#[webhook("name.call")]
async fn call(_event: RawEvent) {}

#[webhook("name.raw")]
async fn r#type(r#match: Event<RawEvent>) {
    drop(r#match);
}

mod r#fn {
    #[aghanim_hooks::webhook("name.raw_module")]
    pub(super) async fn r#impl(_event: aghanim_hooks::RawEvent) {}
}

/// The function's name is that of a type, which may be imported beside it.
mod types {
    #[expect(non_snake_case, reason = "as the type is")]
    #[aghanim_hooks::webhook("name.type")]
    pub(super) async fn Grant(_event: aghanim_hooks::RawEvent) {}
}

impl axum::extract::FromRef<S> for T {
    fn from_ref(_: &S) -> Self {
        Self
    }
}

impl axum::extract::FromRef<S> for H {
    fn from_ref(_: &S) -> Self {
        Self
    }
}

#[webhook("name.parts_of_the_state")]
async fn parts_of_the_state(State(_t): State<T>, State(_h): State<H>, _event: RawEvent) {}

#[test]
fn a_name_is_the_users() {
    use types::Grant;
    let handlers: Handlers<S> = webhooks![s, locals, deliver, call, r#type, r#fn::r#impl, Grant, parts_of_the_state];
    assert_eq!(crate::events(&handlers).len(), 8);
    let debug = format!("{handlers:?}");
    assert!(debug.contains("\"type\"") && debug.contains("\"impl\""), "{debug}");
}

#[tokio::test]
async fn the_function_is_still_the_users_own() {
    locals(
        State(S),
        axum::http::HeaderMap::new(),
        axum::http::Method::POST,
        Event::new("name.locals", RawEvent::new(&()).unwrap()),
    )
    .await;
}
