use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{GenericArgument, Ident, PathArguments, PathSegment, ReturnType, Type};

use super::signature::Function;
use super::validate::{Handler, cfgs};
use crate::krate::Krate;
use crate::tokens::{Extent, at};

/// A type of the function's name, in the type namespace alone, so that one `use` brings both; and what it implements.
///
/// What is required of a type bears the place of that type, where the compiler then reports it. Required twice, it has
/// the same place and the same words both times, which the compiler says once. What depends on it is left to inference,
/// which adds nothing to an error that has been reported.
pub(super) fn handler(handler: &Handler<'_>) -> TokenStream {
    let Handler { function, krate, limit, extractors, event, .. } = handler;
    let private = krate.private();
    let name = &function.signature.ident;
    let limit = limit.render(&private);
    let read = Extent::of(event).member(event, &private, quote!(EventArgument), "READ");
    let places: Vec<_> = extractors.iter().enumerate().map(|(i, ty)| place(name, i, ty, &private)).collect();
    let provided = extractors.iter().zip(&places).map(|(ty, place)| {
        let Extent { first, last } = Extent::of(ty);
        let private = at(first, private.clone());
        let provides = quote_spanned!(first=> #place: #private::Provides<);
        let state = quote_spanned!(last=> , __AghanimHooksState>);
        quote!(#provides #ty #state)
    });
    let bounds = quote! {
        where
            __AghanimHooksState: #private::Send + #private::Sync + 'static,
            #(#provided,)*
    };
    let listed = listed(name, &private, &entry(handler, &private));
    let deliver = deliver(name, &private, &bounds, &mistaken(handler, &private));
    let mutable = (!extractors.is_empty()).then(|| quote!(mut));
    let call = call(handler, &places, &private);
    let checks = checks(handler, &private);
    // Qualified, whatever the user's module has at hand without.
    let with = quote! {
        #listed
        #deliver

        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl<__AghanimHooksState> #private::Webhook<__AghanimHooksState> for #name
        #bounds
        {
            type Argument = #event;
            #limit

            const READ: #private::Read<Self::Argument> = #read;

            async fn call(
                __event: Self::Argument,
                #mutable __parts: #private::Parts,
                __state: __AghanimHooksState,
            ) -> #private::Result<#private::Answer, #private::Rejection> {
                #call
            }
        }

        #checks
    };
    marker(function, &private, &with)
}

/// Stands in for a handler whose attribute or signature is wrong, so that the list that names it has no error of its
/// own.
pub(super) fn fallback(function: &Function, krate: &Krate) -> TokenStream {
    let name = &function.signature.ident;
    let private = krate.private();
    let entry = quote!(name: "", patterns: &[], transaction: #private::Option::None);
    let listed = listed(name, &private, &entry);
    let bounds = quote!(where __AghanimHooksState: #private::Send + #private::Sync + 'static);
    let deliver = deliver(name, &private, &bounds, &TokenStream::new());
    // Qualified, whatever the user's module has at hand without.
    let with = quote! {
        #listed
        #deliver

        #[automatically_derived]
        impl<__AghanimHooksState> #private::Webhook<__AghanimHooksState> for #name
        #bounds
        {
            type Argument = #private::RawEvent;

            const READ: #private::Read<#private::RawEvent> = <#private::RawEvent as #private::EventArgument>::READ;

            async fn call(
                _: #private::RawEvent,
                _: #private::Parts,
                _: __AghanimHooksState,
            ) -> #private::Result<#private::Answer, #private::Rejection> {
                ::core::unreachable!()
            }
        }
    };
    marker(function, &private, &with)
}

/// The type of the function's name, which brings everything else with it: in an `impl` block, where none of it can
/// stand, the compiler then has one thing to report.
fn marker(function: &Function, private: &TokenStream, with: &TokenStream) -> TokenStream {
    let Function { visibility, signature, .. } = function;
    let name = &signature.ident;
    let cfgs = cfgs(function);
    let item = quote_spanned!(name.span()=> struct #name {});
    quote! {
        #(#cfgs)*
        #[doc(hidden)]
        #[allow(non_camel_case_types, unreachable_pub, dead_code)]
        #[#private::with { #with }]
        #visibility #item
    }
}

fn listed(name: &Ident, private: &TokenStream, entry: &TokenStream) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl #private::Listed for #name {
            const ENTRY: #private::Entry = #private::Entry { #entry };
        }
    }
}

/// What a list calls. With the bounds of the implementation, so that one which does not hold is reported by itself, and
/// not as the reason why the function is no handler.
///
/// The underscores keep it from being a warning of its own where no list names the handler; allowing it to be dead code
/// would keep the function from being one.
fn deliver(name: &Ident, private: &TokenStream, bounds: &TokenStream, mistaken: &TokenStream) -> TokenStream {
    let deliver = Ident::new("_deliver", name.span());
    quote! {
        #[automatically_derived]
        impl #name {
            #mistaken

            #[doc(hidden)]
            #[allow(unreachable_pub)]
            pub fn #deliver<__AghanimHooksState>(
                __delivery: #private::Delivery<__AghanimHooksState>,
            ) -> #private::AnswerFuture
            #bounds
            {
                <Self as #private::Webhook<__AghanimHooksState>>::deliver(__delivery)
            }
        }
    }
}

fn entry(handler: &Handler<'_>, private: &TokenStream) -> TokenStream {
    let Handler { function, patterns, extractors, .. } = handler;
    let name = function.signature.ident.unraw().to_string();
    // The trait is unused where every extractor is a `Tx`, or there is none.
    quote! {
        name: #name,
        patterns: &[#(#patterns),*],
        transaction: {
            #[allow(unused_imports)]
            use #private::NoTransactionOfItsOwn as _;
            #private::only_transaction(&[#(#private::Probe::<#extractors>::TRANSACTION),*])
        },
    }
}

/// The extractors, the function, and what it returned as an answer.
fn call(handler: &Handler<'_>, places: &[TokenStream], private: &TokenStream) -> TokenStream {
    let Handler { function, extractors, event, .. } = handler;
    let name = &function.signature.ident;
    let arguments: Vec<_> = (0..extractors.len()).map(|i| format_ident!("__extracted{i}")).collect();
    // What a handler awaits has to move between threads. The compiler's words for it are good, if they stand here.
    let future = Ident::new("__future", name.span());
    let send = at(name.span(), quote!(let _: &(dyn #private::Send) = &#future;));
    let answers = Extent::of(event).member(event, private, quote!(EventArgument), "ANSWERS");
    let (returned, error) = match &function.signature.output {
        ReturnType::Type(_, ty) => (Extent::of(ty), Extent::of(error_type(ty).unwrap_or(ty))),
        ReturnType::Default => (Extent::of(name), Extent::of(name)),
    };
    let into_result = returned.path(private, "HandlerReturn", "into_result");
    let into_rejection = error.path(private, "IntoRejection", "into_rejection");
    quote! {
        #(let #arguments = <#places as #private::Provides<#extractors, _>>::extract(&mut __parts, &__state).await?;)*
        let #future = #name(#(#arguments,)* __event);
        #send
        let __returned = #future.await;
        let __answers = #answers;
        let __into_result = __answers.of(#into_result);
        let __into_rejection = #into_rejection;
        __answers.answer(__into_result(__returned), __into_rejection)
    }
}

/// What the compiler works out: that the payload belongs to the patterns, and that no parameter is certainly wrong.
fn checks(handler: &Handler<'_>, private: &TokenStream) -> TokenStream {
    let Handler { patterns, extractors, event, .. } = handler;
    let events = Extent::of(event).member(event, private, quote!(EventArgument), "EVENT_TYPES");
    let payload = payload_name(event);
    let patterns = patterns.iter().map(|pattern| {
        let span = pattern.span();
        let private = at(span, private.clone());
        quote_spanned!(span=> #private::assert_payload(#payload, #events, #pattern);)
    });
    let parameters = extractors.iter().map(|ty| {
        let Extent { first, last } = Extent::of(ty);
        let is = is(ty, private, last);
        let assert = at(first, quote!(#private::assert_parameter));
        let arguments = quote_spanned!(last=> (#is, #private::Parameter::<#event>::EVENT));
        quote!(#assert #arguments;)
    });
    let uses = uses(private);
    patterns
        .chain(parameters)
        .map(|check| {
            // Qualified, whatever the user's module has at hand without.
            quote! {
                #[allow(unused_qualifications)]
                const _: () = { #uses #check };
            }
        })
        .collect()
}

/// Whether each extractor certainly is none.
fn mistaken(handler: &Handler<'_>, private: &TokenStream) -> TokenStream {
    let uses = uses(private);
    let extractors = handler.extractors.iter().enumerate().map(|(i, ty)| {
        let mistaken = format_ident!("_MISTAKEN_{i}");
        let is = is(ty, private, Extent::of(ty).first);
        // Qualified, whatever the user's module has at hand without.
        quote! {
            #[allow(unused_qualifications)]
            const #mistaken: #private::bool = { #uses #private::mistaken(#is) };
        }
    });
    extractors.collect()
}

/// The place of an extractor, which takes anything if it certainly is none: that has been reported then.
fn place(name: &Ident, index: usize, ty: &Type, private: &TokenStream) -> TokenStream {
    let span = Extent::of(ty).first;
    let mistaken = format_ident!("_MISTAKEN_{index}");
    let private = at(span, private.clone());
    quote_spanned!(span=> #private::Taken<{ #name::#mistaken }>)
}

/// What can be told of a parameter's type.
fn is(ty: &Type, private: &TokenStream, span: Span) -> TokenStream {
    let private = at(span, private.clone());
    quote_spanned! {span=>
        #private::Is {
            event: #private::Parameter::<#ty>::EVENT,
            body: #private::Parameter::<#ty>::BODY,
            parts: #private::Parameter::<#ty>::PARTS,
        }
    }
}

fn uses(private: &TokenStream) -> TokenStream {
    quote! {
        #[allow(unused_imports)]
        use #private::Unknown as _;
    }
}

/// The payload as its user calls it: `PlayerVerify` of `Event<events::PlayerVerify>`.
fn payload_name(event: &Type) -> String {
    let last = match event {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    };
    let Some(last) = last else { return event.to_token_stream().to_string() };
    type_argument(last, 0).map_or_else(|| last.ident.to_string(), payload_name)
}

/// `E` of what is written as `Result<T, E>`.
fn error_type(returned: &Type) -> Option<&Type> {
    let Type::Path(path) = returned else { return None };
    let last = path.path.segments.last()?;
    if last.ident == "Result" { type_argument(last, 1) } else { None }
}

fn type_argument(segment: &PathSegment, index: usize) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    match arguments.args.get(index) {
        Some(GenericArgument::Type(ty)) => Some(ty),
        _ => None,
    }
}
