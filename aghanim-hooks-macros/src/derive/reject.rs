use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Data, DeriveInput, Fields, Ident, Index, LitInt, LitStr, Member};

use crate::arguments;
use crate::errors::{Errors, unknown_key};
use crate::krate::{Krate, Private};
use crate::tokens::Extent;

const KEYS: &[&str] = &["status", "code", "message", "internal", "transparent", "crate"];

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
    krate: Option<(Ident, Krate)>,
    /// All of them that say what is answered, in order.
    written: Vec<Ident>,
    /// Whether some of it could not be read: then nothing can be said about what is missing.
    broken: bool,
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
    let arms: Vec<_> = match &input.data {
        Data::Enum(data) => {
            krate = container(&input, &mut errors);
            let mut arms = Vec::new();
            for variant in &data.variants {
                let (name, fields) = (&variant.ident, &variant.fields);
                let (answer, misplaced) = answer(&variant.attrs, name, fields, &mut errors);
                if let Some((key, _)) = misplaced {
                    errors.at(key, "`crate` stands on the enum: `#[reject(crate = …)]`");
                }
                arms.extend(answer.map(|answer| Arm { pattern: quote!(Self::#name), name, fields, answer }));
            }
            arms
        }
        Data::Struct(data) => {
            let (name, fields) = (&input.ident, &data.fields);
            let (answer, path) = answer(&input.attrs, name, fields, &mut errors);
            krate = path.map(|(_, krate)| krate).unwrap_or_default();
            answer.map(|answer| Arm { pattern: quote!(Self), name, fields, answer }).into_iter().collect()
        }
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
fn container(input: &DeriveInput, errors: &mut Errors) -> Krate {
    let mut krate = Krate::default();
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("reject")) {
        let keys = read(attribute, errors);
        if let Some(key) = keys.written.first() {
            errors.at(key, "of an enum, each variant has a `#[reject(…)]` of its own");
        }
        krate = keys.krate.map(|(_, krate)| krate).unwrap_or_default();
    }
    krate
}

/// What a variant, or a struct, answers; nothing if that is not known, which has been reported.
fn answer(
    attributes: &[Attribute],
    name: &Ident,
    fields: &Fields,
    errors: &mut Errors,
) -> (Option<Answer>, Option<(Ident, Krate)>) {
    let mut attributes = attributes.iter().filter(|attribute| attribute.path().is_ident("reject"));
    let Some(attribute) = attributes.next() else {
        errors.at(name, format_args!(
            "what does `{name}` answer? Add `#[reject(status = 400, code = \"…\")]` where the game decides, or `#[reject(internal)]` where something failed"
        ));
        return (None, None);
    };
    for again in attributes {
        errors.at(again.path(), format_args!("`{name}` has one answer: put everything in one `#[reject(…)]`"));
    }
    let mut keys = read(attribute, errors);
    let krate = keys.krate.take();
    if keys.broken {
        return (None, krate);
    }
    let answer = validate(keys, attribute, name, fields).map_err(|error| errors.push(error)).ok();
    (answer, krate)
}

fn read(attribute: &Attribute, errors: &mut Errors) -> Keys {
    let mut keys = Keys::default();
    let sound = attribute
        .parse_args_with(|input: ParseStream<'_>| Ok(arguments::each(input, errors, |input| key(input, &mut keys))));
    // Without parentheses there are no keys, and what is missing is said of that.
    keys.broken = !sound.unwrap_or(true);
    keys
}

fn key(input: ParseStream<'_>, keys: &mut Keys) -> syn::Result<()> {
    let at = input.cursor().span();
    let Ok(key) = input.call(Ident::parse_any) else {
        return Err(syn::Error::new(at, format_args!("expected one of `{}`", KEYS.join("`, `"))));
    };
    let twice = if key == "internal" {
        keys.internal.replace(key.clone()).is_some()
    } else if key == "transparent" {
        keys.transparent.replace(key.clone()).is_some()
    } else if key == "status" {
        keys.status.replace(arguments::value(input, &key, "a number")?).is_some()
    } else if key == "code" {
        keys.code.replace(arguments::value(input, &key, "a text")?).is_some()
    } else if key == "message" {
        keys.message.replace(arguments::value(input, &key, "a text")?).is_some()
    } else if key == "crate" {
        keys.krate.replace((key.clone(), arguments::krate(input, &key)?)).is_some()
    } else {
        return Err(unknown_key(&key, KEYS));
    };
    if twice {
        return Err(syn::Error::new(key.span(), format_args!("`{key}` stands twice")));
    }
    if key != "crate" {
        keys.written.push(key);
    }
    Ok(())
}

fn validate(keys: Keys, attribute: &Attribute, name: &Ident, fields: &Fields) -> syn::Result<Answer> {
    let Keys { status, code, message, internal, transparent, written, .. } = keys;
    if let Some(alone) = internal.as_ref().or(transparent.as_ref()) {
        let other = written.iter().find(|key| *key != alone);
        if let Some(other) = other {
            return Err(syn::Error::new(
                other.span(),
                format_args!("`{alone}` stands alone: it says what is answered by itself"),
            ));
        }
        if fields.len() > 1 || (transparent.is_some() && fields.is_empty()) {
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
            let arms = arms.iter().map(|arm| render_arm(arm, private));
            quote!(match self { #(#arms)* })
        }
        None => quote!(::core::unreachable!()),
    };
    // Every field is bound, under its own name, whether the message uses it or not.
    quote! {
        #[automatically_derived]
        #[allow(unused_variables, non_shorthand_field_patterns)]
        impl #impl_generics #private::Derived for #name #type_generics #where_clause {
            fn rejection(self) -> #private::Rejection {
                #body
            }
        }
    }
}

fn render_arm(arm: &Arm<'_>, private: Private<'_>) -> TokenStream {
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
fn convert(field: &Ident, fields: &Fields, private: Private<'_>, tr: &str, method: &str) -> TokenStream {
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
