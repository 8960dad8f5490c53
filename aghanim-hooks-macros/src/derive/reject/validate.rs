use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::{Fields, Generics, Ident, LitStr, Member, Meta, Path, Type};

use super::parse::{Item, Keys, Kind, Message, Reject, Variant};
use crate::errors::Errors;
use crate::krate::Krate;

/// A type whose values are rejections.
pub(super) struct Rejection {
    pub(super) name: Ident,
    pub(super) generics: Generics,
    pub(super) krate: Krate,
    /// `None` if a mistake was reported.
    pub(super) arms: Option<Vec<Arm>>,
    pub(super) conversions: Vec<Conversion>,
}

/// The answer of one variant, or of the struct.
pub(super) struct Arm {
    /// `Self::Variant`, or `Self`.
    pub(super) path: TokenStream,
    pub(super) name: Ident,
    pub(super) fields: Fields,
    pub(super) answer: Answer,
}

/// The meaning of one `#[reject(…)]`.
pub(super) enum Answer {
    /// The game's decision.
    Deny { status: Option<u16>, code: String, message: Message },
    /// A failure; the field is its cause.
    Internal,
    /// The field is a rejection, or converts to one.
    Transparent,
}

/// A `From` for a field with `#[from]`.
pub(super) struct Conversion {
    /// `Self::Variant`, or `Self`.
    pub(super) path: TokenStream,
    pub(super) member: Member,
    pub(super) ty: Type,
}

pub(super) fn validate(item: Item, errors: &mut Errors) -> Rejection {
    let Item { name, generics, kind, thiserror } = item;
    let mut krate = Krate::default();
    let mut display = None;
    let variants: Vec<(TokenStream, Variant)> = match kind {
        Kind::Enum { reject, variants } => {
            (krate, display) = whole_enum(reject, errors);
            let path = |variant: Variant| {
                let name = &variant.name;
                (quote!(Self::#name), variant)
            };
            variants.into_iter().map(path).collect()
        }
        Kind::Struct(mut variant) => {
            let written = variant.reject.keys.as_mut().and_then(|(_, keys)| keys.krate.take());
            krate = written.map(|(_, krate)| krate).unwrap_or_default();
            vec![(quote!(Self), variant)]
        }
        Kind::Union(union) => {
            errors.at_span(union, "a rejection can't be a union: use an enum or a struct");
            Vec::new()
        }
    };
    let mut arms = Vec::new();
    let mut conversions = Vec::new();
    for (path, variant) in variants {
        conversions.extend(conversion(&path, &variant.fields, thiserror, errors));
        let Variant { name, fields, reject } = variant;
        if let Some(answer) = answer(reject, &name, &fields, display, errors) {
            arms.push(Arm { path, name, fields, answer });
        }
    }
    let krate = krate.or_from_manifest(errors);
    Rejection { name, generics, krate, arms: errors.is_empty().then_some(arms), conversions }
}

/// `#[reject(crate = …, message = display)]` above an enum.
fn whole_enum(reject: Reject, errors: &mut Errors) -> (Krate, Option<Span>) {
    only_one(&reject, errors);
    let Some((_, keys)) = reject.keys else { return Default::default() };
    let display = match keys.message {
        Some(Message::Display(display)) => Some(display),
        _ => None,
    };
    let misplaced = keys.written.iter().find(|key| display.is_none() || *key != "message");
    if let Some(key) = misplaced {
        errors.at(key, format_args!("`{key}` goes on a variant: write it in a `#[reject(…)]` above each variant"));
    }
    (keys.krate.map(|(_, krate)| krate).unwrap_or_default(), display)
}

fn only_one(reject: &Reject, errors: &mut Errors) {
    for again in &reject.further {
        errors.at(again, "`#[reject]` is given twice: write all keys in one");
    }
}

/// The answer of a variant or a struct; `None` if a mistake was reported.
fn answer(reject: Reject, name: &Ident, fields: &Fields, display: Option<Span>, errors: &mut Errors) -> Option<Answer> {
    only_one(&reject, errors);
    let Some((attribute, keys)) = reject.keys else {
        let code = words(name, '_');
        errors.at(name, format_args!(
            "no answer for `{name}`: add `#[reject(status = 400, code = \"{code}\")]` if the game decides, or `#[reject(internal)]` if something failed"
        ));
        return None;
    };
    if let Some((key, _)) = &keys.krate {
        errors.at(key, "`crate` goes on the enum: write `#[reject(crate = …)]` above `enum`");
    }
    if keys.broken {
        return None;
    }
    meaning(keys, &attribute, name, fields, display).map_err(|error| errors.push(error)).ok()
}

fn meaning(keys: Keys, attribute: &Path, name: &Ident, fields: &Fields, display: Option<Span>) -> syn::Result<Answer> {
    let Keys { status, code, message, internal, transparent, written, .. } = keys;
    if let Some(alone) = internal.as_ref().or(transparent.as_ref()) {
        if let Some(other) = written.iter().find(|key| *key != alone) {
            let message = format_args!("`{alone}` can't have other keys: remove `{other}` or `{alone}`");
            return Err(syn::Error::new(other.span(), message));
        }
        return match (&internal, fields.len()) {
            (Some(_), 0 | 1) => Ok(Answer::Internal),
            (None, 1) => Ok(Answer::Transparent),
            (Some(key), _) => Err(syn::Error::new(key.span(), "`internal` needs one field, the cause, or none")),
            (None, _) => Err(syn::Error::new(alone.span(), "`transparent` needs one field: the rejection")),
        };
    }
    if written.is_empty() {
        return Err(syn::Error::new_spanned(
            attribute,
            format_args!(
                "`#[reject]` is empty: write `#[reject(status = 400, code = \"{}\")]`, or `#[reject(internal)]`",
                words(name, '_')
            ),
        ));
    }
    let status = status
        .map(|literal| match literal.base10_parse::<u16>() {
            Ok(status @ 400..=599) => Ok(status),
            _ => Err(syn::Error::new(
                literal.span(),
                "`status` is 400 to 499 if the game decides, and 500 to 599 if something failed",
            )),
        })
        .transpose()?;
    let code = code.map_or_else(|| words(name, '_'), |code| code.value());
    let message = message
        .or_else(|| display.map(Message::Display))
        .unwrap_or_else(|| Message::Text(LitStr::new(&words(name, ' '), name.span())));
    Ok(Answer::Deny { status, code, message })
}

/// The conversion from the field with `#[from]`; `None` with `thiserror`, which makes its own.
fn conversion(path: &TokenStream, fields: &Fields, thiserror: bool, errors: &mut Errors) -> Option<Conversion> {
    if thiserror {
        return None;
    }
    let fields: Vec<_> = fields.members().zip(fields).collect();
    let from = fields.iter().find_map(|(member, field)| {
        let attribute = field.attrs.iter().find(|attribute| attribute.path().is_ident("from"))?;
        Some((attribute, member, field))
    });
    let (attribute, member, field) = from?;
    if !matches!(attribute.meta, Meta::Path(_)) {
        errors.at(attribute.path(), "`#[from]` has no arguments: remove them");
    }
    if fields.len() > 1 {
        errors.at(attribute.path(), "`#[from]` needs a variant with this field alone: remove the others, or `#[from]`");
        return None;
    }
    Some(Conversion { path: path.clone(), member: member.clone(), ty: field.ty.clone() })
}

/// `no such item` for `NoSuchItem`.
pub(super) fn words(name: &Ident, separator: char) -> String {
    let mut words = String::new();
    for letter in name.unraw().to_string().chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(separator);
        }
        words.extend(letter.to_lowercase());
    }
    words
}
