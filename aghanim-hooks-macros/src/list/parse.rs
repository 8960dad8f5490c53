use proc_macro2::Span;
use syn::parse::{Parse, ParseStream};
use syn::{LitStr, Path, Token, token};

/// `$crate; a, m::b; subscribed in "file"`: the runtime's path, which `webhooks!` puts in front, then the user's list.
pub(super) struct List {
    pub(super) krate: Path,
    pub(super) handlers: Vec<Path>,
    pub(super) subscribed: Option<Subscribed>,
}

/// `subscribed in "file"`, or `exactly subscribed in "file"`.
pub(super) struct Subscribed {
    pub(super) exactly: bool,
    pub(super) file: LitStr,
}

impl Parse for List {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let krate = input.parse()?;
        input.parse::<Token![;]>()?;
        let mut handlers = Vec::new();
        while !input.is_empty() && !is_subscribed(input) {
            handlers.push(handler(input)?);
            if !input.is_empty() && !is_subscribed(input) {
                comma(input)?;
            }
        }
        let subscribed = if input.is_empty() { None } else { Some(subscribed(input)?) };
        if handlers.is_empty() {
            let message = "this list is empty: name at least one handler, as in `webhooks![verify, grant]`";
            return Err(syn::Error::new(Span::call_site(), message));
        }
        Ok(Self { krate, handlers, subscribed })
    }
}

mod keyword {
    syn::custom_keyword!(exactly);
    syn::custom_keyword!(subscribed);
}

fn is_subscribed(input: ParseStream<'_>) -> bool {
    input.peek(Token![;]) && (input.peek2(keyword::subscribed) || input.peek2(keyword::exactly))
}

fn subscribed(input: ParseStream<'_>) -> syn::Result<Subscribed> {
    let read = |input: ParseStream<'_>| {
        input.parse::<Token![;]>()?;
        let exactly = input.parse::<Option<keyword::exactly>>()?.is_some();
        input.parse::<keyword::subscribed>()?;
        input.parse::<Token![in]>()?;
        let file = input.parse()?;
        if input.is_empty() { Ok(Subscribed { exactly, file }) } else { Err(input.error("")) }
    };
    read(input).map_err(|error| {
        let message = "write `; subscribed in \"aghanim-webhooks.json\"` at the end of the list";
        syn::Error::new(error.span(), message)
    })
}

fn handler(input: ParseStream<'_>) -> syn::Result<Path> {
    let at = input.cursor().span();
    input
        .call(Path::parse_mod_style)
        .map_err(|_| syn::Error::new(at, "expected the name of a handler, as in `webhooks![verify, items::grant]`"))
}

fn comma(input: ParseStream<'_>) -> syn::Result<Token![,]> {
    let message = if input.peek(token::Paren) {
        "a list names handlers and does not call them: remove the parentheses"
    } else {
        "expected `,` between two handlers, as in `webhooks![verify, items::grant]`"
    };
    input.parse().map_err(|_| input.error(message))
}
