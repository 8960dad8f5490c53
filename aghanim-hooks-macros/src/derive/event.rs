use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::parse::ParseStream;
use syn::{Data, DeriveInput, Type};

use crate::arguments::{self, Argument};
use crate::errors::{Errors, unknown_key};
use crate::krate::Krate;
use crate::tokens::{Extent, at};
use crate::webhook::{Patterns, check_pattern};

const KEYS: &[&str] = &["reply", "crate"];

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
