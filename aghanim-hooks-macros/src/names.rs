//! Turns the runtime's list of events into constants, and into the texts that an editor shows for a handler.

use proc_macro2::{TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Expr, Ident, Lit, LitStr, Meta, Token, braced, bracketed};

/// `Payload: [patterns] => Reply { events }`
struct Entry {
    payload: Ident,
    reply: Ident,
    events: Vec<Event>,
}

/// `/// about` and `"name".fact().fact(&["former name"])`
struct Event {
    about: String,
    name: LitStr,
    facts: String,
    former_names: Vec<LitStr>,
}

struct Entries(Vec<Entry>);

impl Parse for Entries {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut entries = Vec::new();
        while !input.is_empty() {
            entries.push(input.parse()?);
        }
        Ok(Self(entries))
    }
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let payload = input.parse()?;
        input.parse::<Token![:]>()?;
        let patterns;
        bracketed!(patterns in input);
        patterns.parse::<TokenStream>()?;
        input.parse::<Token![=>]>()?;
        let reply = input.parse()?;
        let events;
        braced!(events in input);
        let events = events.parse_terminated(Event::parse, Token![,])?.into_iter().collect();
        Ok(Self { payload, reply, events })
    }
}

impl Parse for Event {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let about = input.call(Attribute::parse_outer)?.iter().filter_map(doc).collect::<Vec<_>>().join(" ");
        let name = input.parse()?;
        let mut facts = TokenStream::new();
        while !input.is_empty() && !input.peek(Token![,]) {
            facts.extend([input.parse::<TokenTree>()?]);
        }
        let mut former_names = Vec::new();
        for token in crate::tokens::flat(facts.clone()) {
            if let TokenTree::Literal(_) = token {
                former_names.push(syn::parse2(token.into())?);
            }
        }
        Ok(Self { about, name, facts: facts.to_string(), former_names })
    }
}

fn doc(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(doc) => match &doc.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(line) => Some(line.value().trim().to_owned()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

pub(crate) fn expand(entries: TokenStream) -> TokenStream {
    match syn::parse2::<Entries>(entries) {
        Ok(entries) => render(&entries.0),
        Err(error) => error.into_compile_error(),
    }
}

fn render(entries: &[Entry]) -> TokenStream {
    let mut constants = Vec::new();
    let mut arms = Vec::new();
    for Entry { payload, reply, events } in entries {
        for event in events {
            let Event { about, name, former_names, .. } = event;
            let constant = constant(name);
            let reply_in = if reply == "Ack" || reply == "AnyReply" { "crate" } else { "super" };
            let text = format!(
                "`{}`: {about} Payload: [`{payload}`](super::{payload}). Answer: [`{reply}`]({reply_in}::{reply}).",
                name.value()
            );
            constants.push(quote!(#[doc = #text] pub const #constant: &str = #name;));
            let help = help(event, &payload.to_string(), &reply.to_string());
            arms.push(quote!((#name) => { #help }; (#constant) => { #help };));
            for former in former_names {
                let text = format!("A name that `{}` had before.", name.value());
                let note = format!("Aghanim renamed this event: use `{constant}`");
                let former_constant = self::constant(former);
                constants.push(quote! {
                    #[doc = #text]
                    #[deprecated(note = #note)]
                    pub const #former_constant: &str = #former;
                });
            }
        }
    }
    quote! {
        #(#constants)*

        /// The text about a pattern that `#[webhook]` adds to a handler's documentation.
        #[doc(hidden)]
        #[macro_export]
        macro_rules! __event_help {
            #(#arms)*
            ($other:literal) => { ::core::concat!("Handles `", $other, "`.") };
            ($other:ident) => { ::core::concat!("Handles the event named by `", ::core::stringify!($other), "`.") };
        }
    }
}

/// `ITEM_ADD` for `item.add`.
fn constant(name: &LitStr) -> Ident {
    format_ident!("{}", name.value().replace('.', "_").to_uppercase(), span = name.span())
}

/// The text that an editor shows for a handler of the event: its meaning, its answer, and the effect of an error.
fn help(event: &Event, payload: &str, reply: &str) -> String {
    let name = event.name.value();
    let answer = match reply {
        "Ack" => "an acknowledgement. Return `()`.".to_owned(),
        "AnyReply" => "not documented. Return `()`, or any JSON as `AnyReply`.".to_owned(),
        reply => format!("`{reply}`."),
    };
    let status = if event.facts.contains("refused_in_body") { "HTTP 200" } else { "a 4xx status" };
    let declined = if name == "item.add" {
        "  `Rejection::declined` makes Aghanim refund the payment, where it has enabled that.\n"
    } else {
        ""
    };
    format!(
        "Handles `{name}`. {}\n\n- Payload: `{payload}`.\n- Answer: {answer}\n\
         - A refusal (`Rejection::deny`) is sent with {status}, and is final.\n{declined}\
         - Any other error is a 5xx: Aghanim sends the event again.",
        event.about
    )
}
