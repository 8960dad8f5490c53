use syn::parse::{Parse, ParseStream};
use syn::{Path, Token, token};

/// `$crate; a, m::b`: the runtime's path, which `webhooks!` puts in front, then the user's list.
pub(super) struct List {
    pub(super) krate: Path,
    pub(super) handlers: Vec<Path>,
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
