use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::{Ident, Path, Token, token};

use crate::tokens::Extent;

/// `$crate; a, m::b`: the runtime's path, which `webhooks!` puts in front, then the user's list.
struct List {
    krate: Path,
    handlers: Vec<Path>,
}

impl Parse for List {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let krate = input.parse()?;
        input.parse::<Token![;]>()?;
        let mut handlers = Vec::new();
        while !input.is_empty() {
            handlers.push(handler(input)?);
            if !input.is_empty() {
                comma(input)?;
            }
        }
        Ok(Self { krate, handlers })
    }
}

fn handler(input: ParseStream<'_>) -> syn::Result<Path> {
    let at = input.cursor().span();
    input
        .call(Path::parse_mod_style)
        .map_err(|_| syn::Error::new(at, "a list holds the names of handlers: `webhooks![verify, items::grant]`"))
}

fn comma(input: ParseStream<'_>) -> syn::Result<Token![,]> {
    let message = if input.peek(token::Paren) {
        "a list names its handlers, and does not call them: remove the parentheses"
    } else {
        "a comma stands between the handlers of a list: `webhooks![verify, items::grant]`"
    };
    input.parse().map_err(|_| input.error(message))
}

pub(crate) fn expand(list: TokenStream) -> TokenStream {
    match syn::parse2(list) {
        Ok(list) => render(&list),
        Err(error) => error.into_compile_error(),
    }
}

/// A function without the attribute has no type of its name. Then its alias, which the inner block gives to that type,
/// stays what it is in the outer one: `NoAttribute`, whose error says what is missing.
fn render(list: &List) -> TokenStream {
    let krate = &list.krate;
    let handlers: Vec<_> = list.handlers.iter().map(Listed::new).collect();
    let count = handlers.len();
    let indices = 0..count;
    let aliases = handlers.iter().enumerate().map(|(i, handler)| handler.alias(i));
    let imports = handlers.iter().enumerate().map(|(i, handler)| {
        let mut alias = handler.alias(i);
        alias.set_span(handler.extent.last);
        let path = handler.path;
        quote!(#path as #alias)
    });
    let names = handlers.iter().map(|handler| handler.path.to_token_stream().to_string().replace(' ', ""));
    let entries = indices.clone().map(|i| handlers[i].member(i, "ENTRY"));
    let unique = indices.clone().skip(1).map(|i| {
        let Extent { first, last } = handlers[i].extent;
        let check = quote_spanned!(first=> __aghanim_hooks::assert_unique);
        let arguments = quote_spanned!(last=> (&__NAMES, #i, __DUPLICATES[#i]));
        // The names may be at hand without the path.
        quote!(#[allow(unused_qualifications)] const _: () = #check #arguments;)
    });
    let arms = indices.map(|i| {
        let pattern = if i + 1 < count { quote!(#i) } else { quote!(_) };
        let deliver = handlers[i].deliver(i);
        quote!(#pattern => #deliver)
    });
    let delivery = delivery();

    // These imports stand for what may not be needed, and the paths for what may be at hand without them. `_deliver` is called
    // as it is so that it is no dead code of its own; that it is used is no mistake.
    quote! {{
        #[allow(unused_imports)]
        use #krate::__private as __aghanim_hooks;
        #[allow(unused_imports)]
        use #krate::__private::NotListed as _;
        #[allow(unused_imports)]
        use #krate::__private::{#(NoAttribute as #aliases),*};
        {
            // Unused where a function has no type of its name, and the alias stays `NoAttribute`.
            #[allow(unused_imports)]
            use {#(#imports),*};
            const __NAMES: [&__aghanim_hooks::str; #count] = [#(#names),*];
            #[allow(unused_qualifications)]
            const __ENTRIES: [__aghanim_hooks::Entry; #count] = [#(#entries),*];
            const __DUPLICATES: [__aghanim_hooks::Option<__aghanim_hooks::Duplicate>; #count] =
                __aghanim_hooks::duplicates(&__ENTRIES);
            #(#unique)*
            #[allow(unused_qualifications, clippy::used_underscore_items)]
            let __handlers = __aghanim_hooks::Handlers::from_list(&__ENTRIES, |__index, #delivery| match __index {
                #(#arms,)*
            });
            __handlers
        }
    }}
}

/// One identifier for all its uses, some of which bear the span of a handler. Locals are hygienic.
fn delivery() -> Ident {
    Ident::new("__delivery", Span::mixed_site())
}

/// A handler as it stands in the list.
struct Listed<'a> {
    path: &'a Path,
    extent: Extent,
}

impl<'a> Listed<'a> {
    fn new(path: &'a Path) -> Self {
        Self { path, extent: Extent::of(path) }
    }

    fn alias(&self, index: usize) -> Ident {
        format_ident!("__AghanimHooksHandler{index}", span = self.extent.first)
    }

    fn member(&self, index: usize, member: &str) -> TokenStream {
        self.extent.member(self.alias(index), Ident::new("__aghanim_hooks", self.extent.first), "Listed", member)
    }

    fn deliver(&self, index: usize) -> TokenStream {
        let Extent { first, last } = self.extent;
        let alias = self.alias(index);
        let delivery = delivery();
        let open = quote_spanned!(first=> <);
        let member = quote_spanned!(last=> >::_deliver);
        // In two steps, as the compiler would blame the argument for what the handler requires of its type.
        quote!({ let __deliver = #open #alias #member; __deliver(#delivery) })
    }
}
