//! Names that generated code must not take from the module that it is in.

/// The prelude's names mean something else.
mod names {
    #![allow(dead_code, reason = "what is not used is there to be stumbled over")]

    use ::aghanim_hooks::events::ItemAdd;
    use ::aghanim_hooks::{Event, Handlers, IntoRejection, Rejection, WebhookEvent, webhook, webhooks};

    pub(crate) struct Result;
    pub(crate) struct Option;
    pub(crate) struct String;
    pub(crate) struct Box;
    pub(crate) struct Vec;
    pub(crate) struct Future;
    pub(crate) struct Send;
    pub(crate) struct Sync;
    pub(crate) struct Parts;
    pub(crate) struct Listed;
    pub(crate) struct Webhook;
    pub(crate) struct Delivery;
    pub(crate) struct Answer;
    #[expect(non_snake_case, reason = "shadows the prelude's")]
    pub(crate) fn Ok() {}
    #[expect(non_snake_case, reason = "shadows the prelude's")]
    pub(crate) fn Err() {}
    #[expect(non_snake_case, reason = "shadows the prelude's")]
    pub(crate) fn Some() {}
    #[expect(non_upper_case_globals, reason = "shadows the prelude's")]
    pub(crate) const None: () = ();
    pub(crate) mod core {}
    pub(crate) mod std {}
    pub(crate) mod aghanim_hooks {}

    #[derive(serde::Deserialize, WebhookEvent)]
    #[event("shadow.fell")]
    pub(crate) struct ShadowFell {}

    #[derive(IntoRejection)]
    pub(crate) enum Failure {
        #[reject(status = 400, code = "a", message = "b")]
        Denied,
        #[reject(internal)]
        Failed(::std::io::Error),
        #[reject(transparent)]
        Decided(Rejection),
    }

    #[webhook("item.add")]
    async fn grant(_headers: axum::http::HeaderMap, _event: Event<ItemAdd>) -> ::core::result::Result<(), Failure> {
        ::core::result::Result::Err(Failure::Denied)
    }

    #[webhook("shadow.fell")]
    async fn fell(_event: ShadowFell) {}

    pub(crate) fn handlers() -> Handlers<()> {
        webhooks![grant, fell]
    }
}

/// The primitive types' names mean something else.
mod primitives {
    #![allow(dead_code, reason = "what is not used is there to be stumbled over")]

    #[expect(non_camel_case_types, reason = "shadows the primitive")]
    pub(crate) struct str;
    #[expect(non_camel_case_types, reason = "shadows the primitive")]
    pub(crate) struct bool;
    #[expect(non_camel_case_types, reason = "shadows the primitive")]
    pub(crate) struct usize;

    #[aghanim_hooks::webhook("item.add")]
    async fn grant(_headers: axum::http::HeaderMap, _event: aghanim_hooks::events::ItemAdd) {}

    pub(crate) fn handlers() -> aghanim_hooks::Handlers<()> {
        aghanim_hooks::webhooks![grant]
    }
}

/// There is no prelude at all.
mod no_prelude {
    #![no_implicit_prelude]

    use ::aghanim_hooks::events::ItemAdd;

    #[derive(::serde::Deserialize, ::aghanim_hooks::WebhookEvent)]
    #[event("night.fell")]
    pub(crate) struct NightFell {}

    #[derive(::aghanim_hooks::IntoRejection)]
    pub(crate) enum Failure {
        #[reject(status = 400, code = "a", message = "b")]
        Denied,
    }

    #[::aghanim_hooks::webhook("item.add")]
    async fn grant(_headers: ::axum::http::HeaderMap, _event: ItemAdd) -> ::core::result::Result<(), Failure> {
        ::core::result::Result::Err(Failure::Denied)
    }

    #[::aghanim_hooks::webhook("night.fell")]
    async fn fell(_event: NightFell) {}

    pub(crate) fn handlers() -> ::aghanim_hooks::Handlers<()> {
        ::aghanim_hooks::webhooks![grant, fell]
    }
}

#[test]
fn names_that_mean_something_else() {
    assert_eq!(crate::events(&names::handlers()), ["item.add", "shadow.fell"]);
}

#[test]
fn primitives_that_mean_something_else() {
    assert_eq!(crate::events(&primitives::handlers()), ["item.add"]);
}

#[test]
fn no_prelude() {
    assert_eq!(crate::events(&no_prelude::handlers()), ["item.add", "night.fell"]);
}
