use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Data, DeriveInput, Ident, LitStr, Path, Token, Type};

use crate::errors::{Errors, unknown_key};
use crate::krate::Krate;
use crate::tokens::{Extent, at};
use crate::webhook::{Patterns, check_pattern};

/// What `#[event(…)]` says.
#[derive(Default)]
struct Arguments {
    patterns: Patterns,
    reply: Option<Type>,
    krate: Krate,
}

pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let arguments = validate(&input, &mut errors);
    let rendered = render(&input, &arguments, errors.is_empty());
    let errors = errors.into_tokens();
    quote!(#errors #rendered)
}

fn validate(input: &DeriveInput, errors: &mut Errors) -> Arguments {
    if let Data::Union(union) = &input.data {
        errors.at(union.union_token, "a payload is a struct or an enum");
    }
    let mut attributes = input.attrs.iter().filter(|attribute| attribute.path().is_ident("event"));
    let Some(attribute) = attributes.next() else {
        errors.at(
            &input.ident,
            "which event? Name it: `#[event(\"guild.joined\")]`, with `reply = …` if it asks for an answer",
        );
        return Arguments::default();
    };
    for again in attributes {
        errors.at(again, "one `#[event(…)]` can hold several names: `#[event(\"guild.joined\", \"guild.left\")]`");
    }
    let mut arguments = Arguments::default();
    if let Err(error) = read(attribute, &mut arguments) {
        errors.push(error);
    } else if arguments.patterns.is_empty() {
        errors.at(attribute.path(), "which event? Name it: `#[event(\"guild.joined\")]`");
    }
    check_pattern(&arguments.patterns, errors);
    arguments
}

fn read(attribute: &Attribute, arguments: &mut Arguments) -> syn::Result<()> {
    attribute.parse_args_with(|input: ParseStream<'_>| {
        while !input.is_empty() {
            if input.peek(LitStr) {
                arguments.patterns.push(input.parse()?);
            } else {
                key(input, arguments)?;
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    })
}

fn key(input: ParseStream<'_>, arguments: &mut Arguments) -> syn::Result<()> {
    let Ok(key) = input.call(Ident::parse_any) else {
        return Err(input.error("expected an event name in quotes, such as `\"guild.joined\"`"));
    };
    if key == "reply" {
        input.parse::<Token![=]>()?;
        arguments.reply = Some(input.parse()?);
    } else if key == "crate" {
        input.parse::<Token![=]>()?;
        arguments.krate = Krate::new(input.call(Path::parse_mod_style)?)?;
    } else {
        return Err(unknown_key(&key, &["reply", "crate"]));
    }
    Ok(())
}

fn render(input: &DeriveInput, arguments: &Arguments, sound: bool) -> TokenStream {
    let Arguments { patterns, reply, krate } = arguments;
    let private = krate.private();
    let name = &input.ident;
    let (impl_generics, type_generics, where_clause) = input.generics.split_for_impl();
    // An event that asks for more than the acknowledgement is known to the runtime.
    let unanswered = patterns.iter().filter(|_| sound && reply.is_none()).map(|pattern| {
        let private = at(pattern.span(), private.clone());
        quote_spanned!(pattern.span()=> const _: () = #private::assert_acknowledged(#pattern);)
    });
    let reply_type = match reply {
        Some(reply) => quote!(#reply),
        None => quote!(#private::Ack),
    };
    let parse = Extent::of(name).path(&private, "EventData", "PARSE");
    let answers = match reply {
        Some(reply) => Extent::of(reply).path(&private, "Reply", "ANSWERS"),
        None => quote!(#private::Reply::ANSWERS),
    };
    // A payload whose names are wrong fits every handler, so that the mistake is reported once.
    let events = if sound { quote!(#(#patterns),*) } else { quote!("*") };
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::WebhookEvent for #name #type_generics #where_clause {
            const EVENTS: &'static [&'static #private::str] = &[#events];
            type Reply = #reply_type;
            const PARSE: #private::Parse<Self> = #parse;
            const WRITE: #private::Answers<Self::Reply> = #answers;
        }

        #(#unanswered)*
    }
}
