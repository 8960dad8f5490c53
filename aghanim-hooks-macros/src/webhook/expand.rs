use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::signature::Function;
use super::validate::{Handler, cfgs};

/// A type of the function's name, in the type namespace alone, so that one `use` brings both; and what it implements.
pub(super) fn handler(handler: &Handler<'_>) -> TokenStream {
    let Handler { krate, cfgs, visibility, name, patterns, limit, extractors, event, returns } = handler;
    let private = krate.private();
    let unraw = name.unraw().to_string();
    let payload = payload_name(event);
    let limit = limit.render(&private);
    let arguments: Vec<_> = (0..extractors.len()).map(|i| format_ident!("__extracted{i}")).collect();

    // The bounds and the calls bear the span of the type that they are about: that is where an error shows.
    let bounds = extractors.iter().map(|ty| quote_spanned!(ty.span()=> #ty: #private::Extractor<__S>));
    let extract = extractors.iter().zip(&arguments).map(|(ty, argument)| {
        quote_spanned!(ty.span()=>
            let #argument = <#ty as #private::Extractor<__S>>::extract(&mut __parts, &__state).await?;)
    });
    let transactions = extractors.iter().map(|ty| quote_spanned!(ty.span()=> #private::Probe::<#ty>::TRANSACTION));
    let event_type = quote_spanned!(event.span()=> <#event as #private::EventArgument>::Payload);
    let checks = patterns.iter().map(|pattern| {
        quote_spanned!(pattern.span()=>
            #(#cfgs)*
            const _: () = #private::assert_payload(#payload, <#event_type as #private::WebhookEvent>::EVENTS, #pattern);)
    });
    let answer = quote_spanned!(*returns=> #private::HandlerReturn::into_result(__returned));

    quote! {
        #(#cfgs)*
        #[doc(hidden)]
        #[allow(non_camel_case_types, unreachable_pub, dead_code)]
        #visibility struct #name {}

        #(#cfgs)*
        #[automatically_derived]
        impl #private::Listed for #name {
            const ENTRY: #private::Entry = #private::Entry {
                name: #unraw,
                patterns: &[#(#patterns),*],
                transaction: {
                    #[allow(unused_imports)]
                    use #private::NoTransactionOfItsOwn as _;
                    #private::only_transaction(&[#(#transactions),*])
                },
            };
        }

        #(#cfgs)*
        #[automatically_derived]
        #[allow(deprecated, unused_mut)]
        impl<__S> #private::Webhook<__S> for #name
        where
            __S: ::core::marker::Send + ::core::marker::Sync + 'static,
            #(#bounds,)*
        {
            type Argument = #event;
            #limit

            async fn call(
                __event: #event,
                mut __parts: #private::Parts,
                __state: __S,
            ) -> #private::HandlerResult<#event> {
                #(#extract)*
                let __returned = #name(#(#arguments,)* __event).await;
                #answer
            }
        }

        #(#checks)*
    }
}

/// Stands in for a handler whose attribute or signature is wrong, so that the list that names it has no error of its
/// own.
pub(super) fn fallback(function: &Function) -> TokenStream {
    let name = &function.signature.ident;
    let visibility = &function.visibility;
    let cfgs = cfgs(function);
    let private = crate::krate::Krate::default().private();
    quote! {
        #(#cfgs)*
        #[doc(hidden)]
        #[allow(non_camel_case_types, unreachable_pub, dead_code)]
        #visibility struct #name {}

        #(#cfgs)*
        #[automatically_derived]
        impl #private::Listed for #name {
            const ENTRY: #private::Entry = #private::Entry { name: "", patterns: &[], transaction: #private::Option::None };
        }

        #(#cfgs)*
        #[automatically_derived]
        impl<__S: ::core::marker::Send + ::core::marker::Sync + 'static> #private::Webhook<__S> for #name {
            type Argument = #private::RawEvent;

            async fn call(
                _: #private::RawEvent,
                _: #private::Parts,
                _: __S,
            ) -> #private::HandlerResult<#private::RawEvent> {
                ::core::unreachable!()
            }
        }
    }
}

/// The payload as its user calls it: `PlayerVerify` of `Event<events::PlayerVerify>`.
fn payload_name(event: &syn::Type) -> String {
    let syn::Type::Path(path) = event else { return quote!(#event).to_string() };
    let Some(last) = path.path.segments.last() else { return quote!(#event).to_string() };
    if let syn::PathArguments::AngleBracketed(arguments) = &last.arguments
        && let Some(syn::GenericArgument::Type(inner)) = arguments.args.first()
    {
        return payload_name(inner);
    }
    last.ident.to_string()
}
