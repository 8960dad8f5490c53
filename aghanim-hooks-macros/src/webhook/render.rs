use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Ident, ReturnType, Token, Type};

use super::signature::Function;
use super::validate::{Handler, cfgs, is_state};
use crate::krate::{Krate, Private};
use crate::pattern::{self, Pattern};
use crate::tokens::Extent;
use crate::types;

/// Generates a struct with the function's name, and what it implements. The struct is in the type namespace alone, so that
/// one `use` imports both.
///
/// A requirement on one of the user's types has the span of that type, so that the compiler reports it there. Everything
/// that follows from such a requirement is left to inference, so that one mistake is one error.
///
/// The number of items and bodies is kept small: compile time grows with it (`docs/performance.md`).
pub(super) fn handler(handler: &Handler<'_>) -> TokenStream {
    let Handler { function, krate, .. } = handler;
    let private = krate.private();
    // Unused if every type asked about has an inherent constant.
    let uses = quote!(#[allow(unused_imports)] use #private::Unknown as _;);
    let listed = listed(function, private, &checks(handler, private), &entry(handler, private));
    let provided = handler.extractors.iter().map(|ty| provided(ty, private));
    let provided = provided.chain(handler.asked().filter_map(|ty| handler.later.bound(ty, private)));
    let deliver = deliver(function, private, provided, &call(handler, private));
    marker(function, private, &help(handler), &quote!(#uses #listed #deliver))
}

/// Replaces a handler whose attribute or signature is wrong, so that the list that names it has no error of its own.
pub(super) fn fallback(function: &Function, krate: &Krate) -> TokenStream {
    let private = krate.private();
    let listed = listed(function, private, &TokenStream::new(), &quote!(#private::Entry::new("", &[])));
    let deliver = deliver(
        function,
        private,
        [],
        &quote!({
            let _ = __delivery;
            ::core::unreachable!()
        }),
    );
    marker(function, private, &quote!(#[doc(hidden)]), &quote!(#listed #deliver))
}

/// Generates one struct; everything else is attached to it. Inside an `impl` block, where none of this is allowed, the
/// compiler then reports a single error.
fn marker(function: &Function, private: Private<'_>, help: &TokenStream, with: &TokenStream) -> TokenStream {
    let Function { visibility, signature, .. } = function;
    let name = &signature.ident;
    let cfgs = cfgs(function);
    let item = quote_spanned!(name.span()=> struct #name {});
    quote! {
        #(#cfgs)*
        #help
        #[allow(non_camel_case_types, unreachable_pub, dead_code)]
        #[#private::with { #with }]
        #visibility #item
    }
}

/// The documentation of the struct, which an editor shows where a list names the handler.
fn help(handler: &Handler<'_>) -> TokenStream {
    let root = handler.krate.root();
    let lines = handler.patterns.iter().map(|pattern| {
        let name = match pattern {
            Pattern::Text(text) => text.to_token_stream(),
            Pattern::Path(path) => path.segments.last().map(|last| &last.ident).to_token_stream(),
        };
        quote!(#[doc = #root::__event_help!(#name)] #[doc = ""])
    });
    quote!(#(#lines)*)
}

/// Implements the trait that a list reads: the checks of this handler and its entry.
fn listed(function: &Function, private: Private<'_>, checks: &TokenStream, entry: &TokenStream) -> TokenStream {
    let name = &function.signature.ident;
    // The user's module may have imported the names that these paths qualify.
    quote! {
        #[allow(unused_qualifications)]
        impl #private::Listed for #name {
            type Checks = (#checks);
            const ENTRY: #private::Entry = #entry;
        }
    }
}

/// The function that a list calls. Its bounds are separate from `Listed`, so that a bound that fails is reported by itself,
/// and not as the reason why the function is not a handler.
///
/// The leading underscore avoids a second warning for a handler that no list names. `allow(dead_code)` here would silence
/// the warning for the user's function as well.
fn deliver(
    function: &Function,
    private: Private<'_>,
    provided: impl IntoIterator<Item = TokenStream>,
    call: &TokenStream,
) -> TokenStream {
    let name = &function.signature.ident;
    let deliver = Ident::new("_deliver", name.span());
    let provided = provided.into_iter();
    // The user's module may have imported the names that these paths qualify.
    quote! {
        #[allow(unreachable_pub, unused_qualifications)]
        impl #name {
            #[doc(hidden)]
            pub fn #deliver<__AghanimHooksState: #private::AnyState>(
                __delivery: #private::Delivery<__AghanimHooksState>,
            ) -> #private::AnswerFuture
            where
                #(#provided,)*
            #call
        }
    }
}

fn entry(handler: &Handler<'_>, private: Private<'_>) -> TokenStream {
    let Handler { function, patterns, event, environment, once, later, .. } = handler;
    let once = once.as_ref().map(|once| quote!(.once(#once)));
    let name = function.signature.ident.unraw().to_string();
    let only = environment.render(private);
    let later = later.render(private);
    let transaction = transaction(handler, private).map(|transaction| quote!(.transaction(#transaction)));
    let entry = quote!(#private::Entry::new(#name, &[#(#patterns),*]).in_module(::core::module_path!()));
    let described = quote!(.described(#private::Parameter::<#event>::SCHEMAS));
    quote!(#entry #described #only #once #later #transaction)
}

/// The database of the one `Tx` among the parameters, if one of them can be a `Tx`.
fn transaction(handler: &Handler<'_>, private: Private<'_>) -> Option<TokenStream> {
    let mut asked = handler.asked().peekable();
    asked.peek()?;
    Some(quote!(#private::only_transaction(&[#(#private::Parameter::<#asked>::TRANSACTION),*])))
}

/// The body of the function that a list calls: extract, decode, call the user's function, convert what it returns.
fn call(handler: &Handler<'_>, private: Private<'_>) -> TokenStream {
    let Handler { function, extractors, event, .. } = handler;
    let name = &function.signature.ident;
    let codec = Extent::of(event).member(event, private, "EventArgument", "CODEC");
    let (returned, error) = match &function.signature.output {
        ReturnType::Type(_, ty) => (Extent::of(ty), Extent::of(types::result(ty).map_or(&**ty, |(_, error)| error))),
        ReturnType::Default => (Extent::of(name), Extent::of(name)),
    };
    let into_answer = private.path(returned, "HandlerReturn", "into_answer");
    let into_rejection = private.path(error, "IntoRejection", "into_rejection");
    let (mut places, mut arguments) = (quote!(()), quote!(()));
    let extracted: Vec<_> = (0..extractors.len()).map(|i| format_ident!("__extracted{i}")).collect();
    for argument in extracted.iter().rev() {
        places = quote!((#private::Taken, #places));
        arguments = quote!((#argument, #arguments));
    }
    // A handler's future must be `Send`. The compiler explains this well, but only if it is required here, at a variable.
    let at_name = private.at(name.span());
    let call = quote_spanned! {name.span()=>
        let __call = |#arguments, __event| {
            let __future = #name(#(#extracted,)* __event);
            let _: &dyn #at_name::Send = &__future;
            __future
        };
    };
    let (run, called) = (Ident::new("run", name.span()), Ident::new("__call", name.span()));
    quote!({
        #call
        __delivery.#run(#places, #codec, #into_answer, #into_rejection, #called)
    })
}

/// The checks that are evaluated at compile time: the payload fits the patterns, and no parameter is certainly wrong.
fn checks(handler: &Handler<'_>, private: Private<'_>) -> TokenStream {
    let Handler { function, patterns, event, undocumented, later, .. } = handler;
    let name = &function.signature.ident;
    // This requires nothing itself: `call` does, and two requirements would give two errors.
    let events = quote!(#private::Parameter::<#event>::EVENT_TYPES);
    let payload = payload_name(event);
    let values = quote!(<#name as #private::Listed>::ENTRY.patterns);
    let texts = pattern::checks(patterns, &values, private);
    let payloads = patterns.iter().enumerate().map(|(i, pattern)| {
        // A path is evaluated in the entry alone, so that a mistake in it is one error.
        let value = match pattern {
            Pattern::Text(text) => quote!(#text),
            Pattern::Path(_) => quote!(#values[#i]),
        };
        pattern.call(private, "check_payload", &quote!(#payload, #events, #value, #undocumented))
    });
    let parameters = handler.asked().map(|ty| {
        let Extent { first, last } = Extent::of(ty);
        let is = is(ty, private, last);
        let (private, at_last) = (private.at(first), private.at(last));
        let arguments = quote_spanned!(last=> (#is, #at_last::Parameter::<#event>::EVENT));
        quote_spanned!(first=> #private::check_parameter #arguments)
    });
    let deferred = patterns.iter().enumerate().filter_map(|(i, pattern)| {
        let value = match pattern {
            Pattern::Text(text) => quote!(#text),
            Pattern::Path(_) => quote!(#values[#i]),
        };
        later.check(pattern, &value, event, private)
    });
    let transaction = transaction(handler, private).unwrap_or_else(|| quote!(#private::Option::None));
    let deferred = deferred.chain(later.check_latest_of(&transaction, private));
    let checks = texts.chain(payloads).chain(parameters).chain(deferred);
    quote!(#(#private::Checked<{ #checks }>,)*)
}

/// The bound that a parameter before the last is an extractor. It always holds for a parameter that `checks` reports.
fn provided(ty: &Type, private: Private<'_>) -> TokenStream {
    let Extent { first, last } = Extent::of(ty);
    let is = (!is_state(ty)).then(|| is(ty, private, first));
    let private = private.at(first);
    let mistaken = is.map_or_else(|| quote!(false), |is| quote_spanned!(first=> { #private::mistaken(#is) }));
    let close = Token![>](last);
    quote_spanned!(first=> #private::Taken<#mistaken>: #private::Provides<#ty, __AghanimHooksState #close)
}

/// The value that tells what a parameter's type is.
fn is(ty: &Type, private: Private<'_>, span: Span) -> TokenStream {
    let private = private.at(span);
    quote_spanned! {span=>
        #private::Is {
            event: #private::Parameter::<#ty>::EVENT,
            body: #private::Parameter::<#ty>::BODY,
            parts: #private::Parameter::<#ty>::PARTS,
        }
    }
}

/// The payload's name for messages: `PlayerVerify` for `Event<events::PlayerVerify>`.
fn payload_name(event: &Type) -> String {
    let Some(last) = types::last_segment(event) else { return event.to_token_stream().to_string() };
    types::argument(last, 0).map_or_else(|| last.ident.to_string(), payload_name)
}
