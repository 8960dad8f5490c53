//! The macros of [aghanim-hooks](https://docs.rs/aghanim-hooks). Use them through that crate, where they are documented.

#![cfg_attr(docsrs, feature(doc_cfg))]

use proc_macro::TokenStream;

mod arguments;
mod derive;
mod errors;
mod krate;
mod list;
mod manifest;
mod names;
mod pattern;
#[cfg(test)]
mod tests;
mod tokens;
mod types;
mod webhook;

#[expect(missing_docs, reason = "documented on the re-export")]
#[proc_macro_attribute]
pub fn webhook(arguments: TokenStream, item: TokenStream) -> TokenStream {
    webhook::expand(arguments.into(), &item.into()).into()
}

#[doc(hidden)]
#[proc_macro]
pub fn webhooks(list: TokenStream) -> TokenStream {
    list::expand(list.into()).into()
}

#[doc(hidden)]
#[proc_macro]
pub fn event_names(entries: TokenStream) -> TokenStream {
    names::expand(entries.into()).into()
}

/// `#[with { … }] item` is the item, followed by the tokens in the braces.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn with(others: TokenStream, mut item: TokenStream) -> TokenStream {
    item.extend(others);
    item
}

#[expect(missing_docs, reason = "documented on the re-export")]
#[proc_macro_derive(WebhookEvent, attributes(event))]
pub fn webhook_event(item: TokenStream) -> TokenStream {
    derive::event::expand(item.into()).into()
}

#[expect(missing_docs, reason = "documented on the re-export")]
#[proc_macro_derive(IntoRejection, attributes(reject, from))]
pub fn into_rejection(item: TokenStream) -> TokenStream {
    derive::reject::expand(item.into()).into()
}

#[expect(missing_docs, reason = "documented on the re-export")]
#[proc_macro_derive(Sample, attributes(sample))]
pub fn sample(item: TokenStream) -> TokenStream {
    derive::sample::expand(item.into()).into()
}
