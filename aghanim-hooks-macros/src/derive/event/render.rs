use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::validate::Payload;
use crate::tokens::Extent;

pub(super) fn payload(payload: &Payload) -> TokenStream {
    let Payload { name, generics, krate, patterns, reply } = payload;
    let private = krate.private();
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    // The runtime knows which events need more than an acknowledgement.
    let unanswered = patterns.iter().flatten().filter(|_| reply.is_none()).map(|pattern| {
        let private = private.at(pattern.span());
        quote_spanned!(pattern.span()=> const _: () = #private::assert_acknowledged(#pattern);)
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
        impl #impl_generics #private::WebhookEvent for #name #type_generics #where_clause {
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
        }

        #(#unanswered)*
    }
}
