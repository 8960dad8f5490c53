use proc_macro2::{Group, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Generics, Ident, Token, Type, Visibility, token};

use crate::arguments::{self, Argument};
use crate::errors::{Errors, unknown_key};
use crate::krate::Krate;
use crate::tokens::{Extent, without_body};
use crate::webhook::{Patterns, check_pattern};

const KEYS: &[&str] = &["reply", "crate"];

/// What `#[event(…)]` says.
#[derive(Default)]
struct Arguments {
    patterns: Patterns,
    reply: Option<Type>,
    krate: Krate,
}

/// A type as far as its name; its fields are serde's business, and never looked at.
struct Payload {
    attributes: Vec<Attribute>,
    union: Option<Token![union]>,
    name: Ident,
    generics: Generics,
}

impl Parse for Payload {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        let union = if input.peek(Token![union]) { Some(input.parse()?) } else { None };
        if union.is_none() && input.parse::<Option<Token![struct]>>()?.is_none() {
            input.parse::<Token![enum]>()?;
        }
        let name = input.parse()?;
        let mut generics: Generics = input.parse()?;
        // Of a tuple it stands behind the fields.
        if input.peek(token::Paren) {
            input.parse::<Group>()?;
        }
        generics.where_clause = input.parse()?;
        input.parse::<TokenStream>()?;
        Ok(Self { attributes, union, name, generics })
    }
}

pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let input: Payload = match syn::parse2(without_body(item)) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let arguments = validate(&input, &mut errors);
    let rendered = render(&input, &arguments, errors.is_empty());
    let errors = errors.into_tokens();
    quote!(#errors #rendered)
}

fn validate(input: &Payload, errors: &mut Errors) -> Arguments {
    if let Some(union) = &input.union {
        errors.at(union, "a payload is a struct or an enum");
    }
    let mut attributes = input.attributes.iter().filter(|attribute| attribute.path().is_ident("event"));
    let Some(attribute) = attributes.next() else {
        errors.at(
            &input.name,
            "which event? Name it: `#[event(\"guild.joined\")]`, with `reply = …` if it asks for an answer",
        );
        return Arguments::default();
    };
    for again in attributes {
        errors
            .at(again.path(), "one `#[event(…)]` can hold several names: `#[event(\"guild.joined\", \"guild.left\")]`");
    }
    let mut arguments = Arguments::default();
    let mut missing = Vec::new();
    let read = attribute.parse_args_with(|input: ParseStream<'_>| {
        let sound = arguments::each(input, errors, |input| argument(input, &mut arguments));
        if sound && arguments.patterns.is_empty() {
            missing.push(attribute.path());
        }
        Ok(())
    });
    if read.is_err() {
        missing.push(attribute.path());
    }
    for path in missing {
        errors.at(path, "which event? Name it: `#[event(\"guild.joined\")]`");
    }
    check_pattern(&arguments.patterns, errors);
    arguments
}

fn argument(input: ParseStream<'_>, parsed: &mut Arguments) -> syn::Result<()> {
    match arguments::name_or_key(input, KEYS)? {
        Argument::Name(name) => parsed.patterns.push(name),
        Argument::Key(key) if key == "crate" => parsed.krate = arguments::krate(input, &key)?,
        Argument::Key(key) if key == "reply" => parsed.reply = Some(arguments::value(input, &key, "a type")?),
        Argument::Key(key) => return Err(unknown_key(&key, KEYS)),
    }
    Ok(())
}

fn render(input: &Payload, arguments: &Arguments, sound: bool) -> TokenStream {
    let Arguments { patterns, reply, krate } = arguments;
    let private = krate.private();
    let name = &input.name;
    let (impl_generics, type_generics, where_clause) = input.generics.split_for_impl();
    // An event that asks for more than the acknowledgement is known to the runtime.
    let unanswered = patterns.iter().filter(|_| sound && reply.is_none()).map(|pattern| {
        let private = private.at(pattern.span());
        quote_spanned!(pattern.span()=> const _: () = #private::assert_acknowledged(#pattern);)
    });
    let reply_type = match reply {
        Some(reply) => quote!(#reply),
        None => quote!(#private::Ack),
    };
    let read = Extent::of(name).path(private, "EventData", "READ");
    let write = match reply {
        Some(reply) => Extent::of(reply).path(private, "Reply", "WRITE"),
        None => quote!(#private::Reply::WRITE),
    };
    // A payload whose names are wrong fits every handler, so that the mistake is reported once.
    let events = if sound { quote!(#(#patterns),*) } else { quote!("*") };
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::WebhookEvent for #name #type_generics #where_clause {
            const EVENTS: &'static [&'static #private::str] = &[#events];
            type Reply = #reply_type;
            const CODEC: #private::Codec<Self, Self::Reply> = {
                #[allow(unused_imports)]
                use #private::OtherReply as _;
                #private::Codec::new(#read, #write, #private::Replies::<#reply_type>::KIND)
            };
        }

        #(#unanswered)*
    }
}
