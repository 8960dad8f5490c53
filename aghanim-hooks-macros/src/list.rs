use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Ident, Path, Token};

/// `$crate; a, m::b`: the runtime's path, which `webhooks!` puts in front, then the user's list.
struct List {
    krate: Path,
    handlers: Punctuated<Path, Token![,]>,
}

impl Parse for List {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let krate = input.parse()?;
        input.parse::<Token![;]>()?;
        let handlers = Punctuated::parse_terminated_with(input, Path::parse_mod_style)?;
        Ok(Self { krate, handlers })
    }
}

pub(crate) fn expand(list: TokenStream) -> TokenStream {
    let parsed = syn::parse2(list).and_then(|list: List| {
        if list.handlers.is_empty() {
            return Err(syn::Error::new(
                Span::call_site(),
                "an endpoint needs at least one handler: `webhooks![verify, grant]`",
            ));
        }
        Ok(list)
    });
    match parsed {
        Ok(list) => render(&list),
        Err(error) => error.into_compile_error(),
    }
}

fn render(list: &List) -> TokenStream {
    let krate = &list.krate;
    let private = quote!(#krate::__private);
    let count = list.handlers.len();
    let handlers: Vec<_> = list.handlers.iter().collect();
    // One identifier for all uses: theirs bear the span of a handler, and locals are hygienic.
    let delivery = Ident::new("__delivery", Span::mixed_site());

    let entries = handlers.iter().map(|handler| quote_spanned!(handler.span()=> <#handler as #private::Listed>::ENTRY));
    let unique = handlers.iter().enumerate().skip(1).map(|(i, handler)| {
        let name = quote!(#handler).to_string().replace(' ', "");
        quote_spanned!(handler.span()=> const _: () = #private::assert_unique(#name, __DUPLICATES[#i]);)
    });
    let (last, others) = handlers.split_last().expect("not empty");
    let deliver =
        |handler: &&Path| quote_spanned!(handler.span()=> <#handler as #private::Webhook<_>>::deliver(#delivery).await);
    let indices = 0..others.len();
    let arms = others.iter().map(deliver);
    let last = deliver(last);

    quote! {{
        const __ENTRIES: [#private::Entry; #count] = [#(#entries),*];
        const __DUPLICATES: [#private::Option<#private::Duplicate>; #count] = #private::duplicates(&__ENTRIES);
        #(#unique)*
        #private::Handlers::from_list(&__ENTRIES, |__index, #delivery| async move {
            match __index {
                #(#indices => #arms,)*
                _ => #last,
            }
        })
    }}
}
