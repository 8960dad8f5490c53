use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Fields, Ident, Index, LitInt, LitStr, Member, Path, Token};

use crate::errors::{Errors, unknown_key};
use crate::krate::Krate;
use crate::tokens::Extent;

const KEYS: &[&str] = &["status", "code", "message", "internal", "transparent"];

/// What `#[reject(…)]` says of one variant.
enum Answer {
    /// The game's decision.
    Deny { status: Option<u16>, code: String, message: LitStr },
    /// A failure; the field is its cause.
    Internal,
    /// The field is a rejection, or becomes one.
    Transparent,
}

/// The keys of one `#[reject(…)]`, as written.
#[derive(Default)]
struct Keys {
    status: Option<LitInt>,
    code: Option<LitStr>,
    message: Option<LitStr>,
    internal: Option<Ident>,
    transparent: Option<Ident>,
}

/// One variant, or the struct itself.
struct Arm<'a> {
    pattern: TokenStream,
    name: &'a Ident,
    fields: &'a Fields,
    answer: Answer,
}

pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let mut krate = Krate::default();
    let arms = match &input.data {
        Data::Enum(data) => {
            container(&input, &mut krate, &mut errors);
            data.variants
                .iter()
                .filter_map(|variant| {
                    let name = &variant.ident;
                    let answer = answer(&variant.attrs, name, &variant.fields, &mut errors)?;
                    Some(Arm { pattern: quote!(Self::#name), name, fields: &variant.fields, answer })
                })
                .collect()
        }
        Data::Struct(data) => answer(&input.attrs, &input.ident, &data.fields, &mut errors)
            .map(|answer| Arm { pattern: quote!(Self), name: &input.ident, fields: &data.fields, answer })
            .into_iter()
            .collect(),
        Data::Union(union) => {
            errors.at(union.union_token, "a rejection is an enum or a struct");
            Vec::new()
        }
    };
    let sound = errors.is_empty();
    let errors = errors.into_tokens();
    let rendered = render(&input, &krate, sound.then_some(arms.as_slice()));
    quote!(#errors #rendered)
}

/// `#[reject(crate = …)]` on an enum as a whole.
fn container(input: &DeriveInput, krate: &mut Krate, errors: &mut Errors) {
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("reject")) {
        let read = attribute.parse_args_with(|input: ParseStream<'_>| {
            let key = input.call(Ident::parse_any)?;
            if key != "crate" {
                return Err(syn::Error::new(key.span(), "of an enum, each variant has a `#[reject(…)]` of its own"));
            }
            input.parse::<Token![=]>()?;
            *krate = Krate::new(input.call(Path::parse_mod_style)?)?;
            Ok(())
        });
        if let Err(error) = read {
            errors.push(error);
        }
    }
}

fn answer(attributes: &[Attribute], name: &Ident, fields: &Fields, errors: &mut Errors) -> Option<Answer> {
    let mut attributes = attributes.iter().filter(|attribute| attribute.path().is_ident("reject"));
    let Some(attribute) = attributes.next() else {
        errors.at(name, format_args!(
            "what does `{name}` answer? Add `#[reject(status = 400, code = \"…\")]` where the game decides, or `#[reject(internal)]` where something failed"
        ));
        return None;
    };
    for again in attributes {
        errors.at(again, format_args!("`{name}` has one answer: put everything in one `#[reject(…)]`"));
    }
    match read(attribute).and_then(|keys| validate(keys, attribute, name, fields)) {
        Ok(answer) => Some(answer),
        Err(error) => {
            errors.push(error);
            None
        }
    }
}

fn read(attribute: &Attribute) -> syn::Result<Keys> {
    let mut keys = Keys::default();
    attribute.parse_args_with(|input: ParseStream<'_>| {
        while !input.is_empty() {
            let key = input.call(Ident::parse_any)?;
            let twice = if key == "internal" {
                keys.internal.replace(key.clone()).is_some()
            } else if key == "transparent" {
                keys.transparent.replace(key.clone()).is_some()
            } else if key == "status" {
                input.parse::<Token![=]>()?;
                keys.status.replace(input.parse()?).is_some()
            } else if key == "code" {
                input.parse::<Token![=]>()?;
                keys.code.replace(input.parse()?).is_some()
            } else if key == "message" {
                input.parse::<Token![=]>()?;
                keys.message.replace(input.parse()?).is_some()
            } else {
                return Err(unknown_key(&key, KEYS));
            };
            if twice {
                return Err(syn::Error::new(key.span(), format_args!("`{key}` stands twice")));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    })?;
    Ok(keys)
}

fn validate(keys: Keys, attribute: &Attribute, name: &Ident, fields: &Fields) -> syn::Result<Answer> {
    let Keys { status, code, message, internal, transparent } = keys;
    if let Some(alone) = internal.as_ref().or(transparent.as_ref()) {
        let other =
            [status.as_ref().map(Spanned::span), code.as_ref().map(Spanned::span), message.as_ref().map(Spanned::span)];
        let other = other.into_iter().flatten().next().or(internal.as_ref().and(transparent.as_ref()).map(Ident::span));
        if let Some(other) = other {
            return Err(syn::Error::new(
                other,
                format_args!("`{alone}` stands alone: it says what is answered by itself"),
            ));
        }
        let most = 1;
        if fields.len() > most || (transparent.is_some() && fields.is_empty()) {
            let wanted = if transparent.is_some() { "the rejection" } else { "the cause" };
            return Err(syn::Error::new(alone.span(), format_args!("`{alone}` needs one field: {wanted}")));
        }
        return Ok(if internal.is_some() { Answer::Internal } else { Answer::Transparent });
    }
    if status.is_none() && code.is_none() && message.is_none() {
        return Err(syn::Error::new_spanned(
            attribute.path(),
            "say what is answered: `status = 400, code = \"…\", message = \"…\"`, or `internal`",
        ));
    }
    let status = status
        .map(|literal| match literal.base10_parse::<u16>() {
            Ok(status @ 400..=599) => Ok(status),
            _ => Err(syn::Error::new(
                literal.span(),
                "a rejection's status is 400 to 499 where the game decides, 500 to 599 where something failed",
            )),
        })
        .transpose()?;
    let code = code.map_or_else(|| words(name, '_'), |code| code.value());
    let message = message.unwrap_or_else(|| LitStr::new(&words(name, ' '), name.span()));
    Ok(Answer::Deny { status, code, message })
}

/// `NoSuchItem` as `no such item`.
fn words(name: &Ident, separator: char) -> String {
    let mut words = String::new();
    for letter in name.unraw().to_string().chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(separator);
        }
        words.extend(letter.to_lowercase());
    }
    words
}

/// Without arms, something is wrong with the type: the trait is there all the same, so that its uses have no errors of
/// their own.
fn render(input: &DeriveInput, krate: &Krate, arms: Option<&[Arm<'_>]>) -> TokenStream {
    let private = krate.private();
    let name = &input.ident;
    let (impl_generics, type_generics, where_clause) = input.generics.split_for_impl();
    let body = match arms {
        Some([]) => quote!(match self {}),
        Some(arms) => {
            let arms = arms.iter().map(|arm| render_arm(arm, &private));
            quote!(match self { #(#arms)* })
        }
        None => quote!(::core::unreachable!()),
    };
    quote! {
        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        #[allow(unused_variables)]
        impl #impl_generics #private::IntoRejection for #name #type_generics #where_clause {
            fn into_rejection(self) -> #private::Rejection {
                #body
            }
        }
    }
}

fn render_arm(arm: &Arm<'_>, private: &TokenStream) -> TokenStream {
    let Arm { pattern, name, fields, answer } = arm;
    let members: Vec<Member> = fields.members().collect();
    let bound: Vec<Ident> = members
        .iter()
        .map(|member| match member {
            Member::Named(name) => name.clone(),
            Member::Unnamed(Index { index, .. }) => format_ident!("_{index}"),
        })
        .collect();
    let answer = match answer {
        Answer::Internal => match bound.first() {
            Some(cause) => convert(cause, fields, private, "Cause", "into_internal"),
            None => {
                let cause = words(name, ' ');
                quote!(#private::Rejection::internal(#cause))
            }
        },
        Answer::Transparent => convert(&bound[0], fields, private, "IntoRejection", "into_rejection"),
        Answer::Deny { status, code, message } => {
            let message = positional(message, bound.len());
            let status = status.map(|status| quote!(.with_status(#status)));
            quote!(#private::Rejection::deny(#code, #private::format!(#message))#status)
        }
    };
    quote!(#pattern { #(#members: #bound),* } => #answer,)
}

/// `tr::method(field)`, which an error reports at the field's type.
fn convert(field: &Ident, fields: &Fields, private: &TokenStream, tr: &str, method: &str) -> TokenStream {
    let path = Extent::of(fields.iter().next().map(|field| &field.ty)).path(private, tr, method);
    // In two steps, as the compiler would blame the argument.
    quote!({ let __convert = #path; __convert(#field) })
}

/// `{0}` of a tuple variant as `{_0}`, which is what the field is bound to.
fn positional(message: &LitStr, fields: usize) -> LitStr {
    let text = (0..fields).fold(message.value(), |text, i| {
        text.replace(&format!("{{{i}}}"), &format!("{{_{i}}}")).replace(&format!("{{{i}:"), &format!("{{_{i}:"))
    });
    LitStr::new(&text, message.span())
}
