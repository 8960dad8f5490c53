//! `#[derive(WebhookEvent)]` and `#[derive(IntoRejection)]`.

pub(crate) mod event;
pub(crate) mod reject;
