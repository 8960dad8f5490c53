use proc_macro2::TokenStream;
use quote::quote;

use super::validate::Payload;
use crate::pattern::{self, Pattern};
use crate::tokens::Extent;

pub(super) fn payload(payload: &Payload) -> TokenStream {
    let Payload { name, krate, patterns, reply, generic } = payload;
    if *generic {
        return TokenStream::new();
    }
    let private = krate.private();
    // The runtime knows which events need more than an acknowledgement.
    let values = quote!(<#name as #private::WebhookEvent>::EVENTS);
    let texts = patterns.iter().flat_map(|patterns| pattern::checks(patterns, &values, private));
    let texts = texts.map(|check| quote!(const _: #private::bool = #check;));
    let unanswered = patterns.iter().flatten().enumerate().filter(|_| reply.is_none()).map(|(i, pattern)| {
        let value = match pattern {
            Pattern::Text(text) => quote!(#text),
            Pattern::Path(_) => quote!(#values[#i]),
        };
        let check = pattern.call(private, "assert_acknowledged", &value);
        quote!(const _: () = #check;)
    });
    let read = private.path(Extent::of(name), "EventData", "READ");
    let (reply_type, write) = match reply {
        Some(reply) => (quote!(#reply), private.path(Extent::of(reply), "Reply", "WRITE")),
        None => (quote!(#private::Ack), quote!(#private::Reply::WRITE)),
    };
    // A payload with a mistake in its names fits every handler, so that the mistake is reported once.
    let events = patterns.as_ref().map_or_else(|| quote!("*"), |patterns| quote!(#(#patterns),*));
    quote! {
        #[automatically_derived]
        impl #private::WebhookEvent for #name {
            const EVENTS: &'static [&'static #private::str] = &[#events];
            type Reply = #reply_type;
            const CODEC: #private::Codec<Self, Self::Reply> = {
                // Unused if the reply type has a kind of its own.
                #[allow(unused_imports)]
                use #private::OtherReply as _;
                #private::Codec::new(#read, #write, #private::Replies::<#reply_type>::KIND)
            };
            const ENCODE: #private::Encode<Self> = {
                // Unused if the payload implements `Serialize`.
                #[allow(unused_imports)]
                use #private::NoEncoding as _;
                #private::Encoding::<Self>::ENCODE
            };
            const SCHEMAS: #private::Schemas = {
                // Unused if both types have a schema.
                #[allow(unused_imports)]
                use #private::NoSchema as _;
                #private::Schemas::new(#private::Described::<Self>::SCHEMA, #private::Described::<#reply_type>::SCHEMA)
            };
        }

        #(#texts)*
        #(#unanswered)*
    }
}
