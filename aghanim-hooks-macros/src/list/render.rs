use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;

use super::validate::{Handler, List, Subscribed};
use crate::tokens::Extent;

/// A function without `#[webhook]` has no type of its name. The alias that the inner block would import then keeps its
/// meaning from the outer block: `NoAttribute`, whose error says what is missing.
pub(super) fn list(list: &List<'_>) -> TokenStream {
    let List { krate, handlers, subscribed } = list;
    let count = handlers.len();
    let aliases = handlers.iter().map(Handler::alias);
    let imports = handlers.iter().map(|handler| {
        let mut alias = handler.alias();
        alias.set_span(handler.extent.last);
        let path = handler.path;
        quote!(#path as #alias)
    });
    let names = handlers.iter().map(|handler| &handler.name);
    let entries = handlers.iter().map(|handler| handler.member("ENTRY"));
    let unique = handlers.iter().skip(1).map(|handler| {
        let Handler { index, extent: Extent { first, last }, .. } = handler;
        let check = quote_spanned!(*first=> __aghanim_hooks::assert_unique);
        let arguments = quote_spanned!(*last=> (&__NAMES, #index, __DUPLICATES[#index]));
        // `unused_qualifications`: the path has the user's span, and the user may have imported its last name.
        quote!(#[allow(unused_qualifications)] const _: () = #check #arguments;)
    });
    let arms = handlers.iter().map(|handler| {
        let index = handler.index;
        let pattern = if index + 1 < count { quote!(#index) } else { quote!(_) };
        let deliver = handler.deliver();
        quote!(#pattern => #deliver)
    });
    let subscribed = subscribed.as_ref().map(|subscribed| render_subscribed(subscribed, handlers));
    let delivery = delivery();
    let version = env!("CARGO_PKG_VERSION");

    quote! {{
        use #krate::__private as __aghanim_hooks;
        // Unused if every handler has `#[webhook]`.
        #[allow(unused_imports)]
        use #krate::__private::NotListed as _;
        // Unused if the inner block replaces all aliases.
        #[allow(unused_imports)]
        use #krate::__private::{#(NoAttribute as #aliases),*};
        {
            // Unused for a function without `#[webhook]`: its error says more than a second message would.
            #[allow(unused_imports)]
            use {#(#imports),*};
            const __NAMES: [&__aghanim_hooks::str; #count] = [#(#names),*];
            // The paths to the entries have the user's spans, and the user may have imported `Listed`.
            #[allow(unused_qualifications)]
            const __ENTRIES: [__aghanim_hooks::Entry; #count] = [#(#entries),*];
            const __DUPLICATES: [__aghanim_hooks::Option<__aghanim_hooks::Duplicate>; #count] =
                __aghanim_hooks::duplicates(&__ENTRIES);
            #(#unique)*
            #subscribed
            const _: () = __aghanim_hooks::assert_macros(#version);
            let __handlers = __aghanim_hooks::Handlers::from_list(&__ENTRIES, |__index, #delivery| match __index {
                #(#arms,)*
            });
            __handlers
        }
    }}
}

/// The checks of the list against the registration. Errors are reported at the list, warnings at a handler.
fn render_subscribed(subscribed: &Subscribed<'_>, handlers: &[Handler<'_>]) -> TokenStream {
    let Subscribed { exactly, events, file, path } = subscribed;
    let first = handlers.first().map_or_else(Span::call_site, |handler| handler.extent.first);
    let last = handlers.last().map_or(first, |handler| handler.extent.last);
    let assert = |function: &str| {
        let function = Ident::new(function, first);
        let arguments = quote_spanned!(last=> (&__ENTRIES, &__SUBSCRIBED, #file));
        let check = quote_spanned!(first=> __aghanim_hooks::#function);
        // `unused_qualifications`: as for `assert_unique`.
        quote!(#[allow(unused_qualifications)] const _: () = #check #arguments;)
    };
    let all_handled = assert("assert_subscribed");
    let all_subscribed = if *exactly {
        assert("assert_exactly_subscribed")
    } else {
        let warnings = handlers.iter().map(|Handler { index, extent: Extent { first, last }, .. }| {
            let check = quote_spanned!(*first=> __aghanim_hooks::RegistrationCheck::<{
                __aghanim_hooks::is_unsubscribed(&__ENTRIES[#index], &__SUBSCRIBED)
            }>);
            let call = quote_spanned!(*last=> ::of_this_handler());
            // `unused_qualifications`: as for `assert_unique`.
            quote!(#[allow(unused_qualifications)] const _: () = #check #call;)
        });
        quote!(#(#warnings)*)
    };
    let count = events.len();
    quote! {
        // Cargo compiles the list again when the file changes.
        const _: &[__aghanim_hooks::u8] = ::core::include_bytes!(#path);
        const __SUBSCRIBED: [&__aghanim_hooks::str; #count] = [#(#events),*];
        #all_handled
        #all_subscribed
    }
}

/// The same identifier wherever it is used, also in tokens with the span of a handler: locals are hygienic.
fn delivery() -> Ident {
    Ident::new("__delivery", Span::mixed_site())
}

impl Handler<'_> {
    fn alias(&self) -> Ident {
        format_ident!("__AghanimHooksHandler{}", self.index, span = self.extent.first)
    }

    fn member(&self, member: &str) -> TokenStream {
        self.extent.member(self.alias(), Ident::new("__aghanim_hooks", self.extent.first), "Listed", member)
    }

    fn deliver(&self) -> TokenStream {
        let Extent { first, last } = self.extent;
        let alias = self.alias();
        let delivery = delivery();
        let open = quote_spanned!(first=> <);
        let member = quote_spanned!(last=> >::_deliver);
        // In two steps: in one, the compiler would report a failed bound of the handler at the argument.
        quote!({ let __deliver = #open #alias #member; __deliver(#delivery) })
    }
}
