use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::parse::ParseStream;
use syn::{Attribute, Data, DeriveInput, Expr, Fields, Member, Token};

use crate::errors::Errors;
use crate::krate::{Krate, Private};

pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let krate = krate(&input.attrs, &mut errors);
    let private = krate.private();
    let value = match &input.data {
        Data::Struct(data) => construct(&quote!(Self), &data.fields, private, &mut errors),
        Data::Enum(data) => match data.variants.first() {
            Some(variant) => {
                let name = &variant.ident;
                construct(&quote!(Self::#name), &variant.fields, private, &mut errors)
            }
            None => {
                errors.at(&input.ident, "an enum without variants has no sample");
                TokenStream::new()
            }
        },
        Data::Union(data) => {
            errors.at(data.union_token, "a sample is made of a struct or an enum");
            TokenStream::new()
        }
    };
    if !errors.is_empty() {
        return errors.into_tokens();
    }
    let name = &input.ident;
    let (impl_generics, type_generics, where_clause) = input.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::Sample for #name #type_generics #where_clause {
            fn sample() -> Self {
                #value
            }
        }
    }
}

/// The path of `#[sample(crate = …)]` on the type.
fn krate(attributes: &[Attribute], errors: &mut Errors) -> Krate {
    let mut krate = Krate::default();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("sample")) {
        let read = attribute.parse_args_with(|input: ParseStream<'_>| {
            input.parse::<Token![crate]>()?;
            input.parse::<Token![=]>()?;
            Krate::new(input.call(syn::Path::parse_mod_style)?)
        });
        match read {
            Ok(path) => krate = path,
            Err(error) => errors.push(error),
        }
    }
    krate
}

/// The struct, or the variant, with a sample in each field.
fn construct(path: &TokenStream, fields: &Fields, private: Private<'_>, errors: &mut Errors) -> TokenStream {
    let values: Vec<_> = fields
        .iter()
        .zip(fields.members())
        .map(|(field, member)| {
            let value = value(&field.attrs, errors).unwrap_or_else(|| {
                let of = &field.ty;
                quote!(<#of as #private::Sample>::sample())
            });
            let member: Member = member;
            quote!(#member: #value)
        })
        .collect();
    quote!(#path { #(#values),* })
}

/// The expression in a field's `#[sample(…)]`; a string literal also becomes a `String`.
fn value(attributes: &[Attribute], errors: &mut Errors) -> Option<TokenStream> {
    let attribute = attributes.iter().find(|attribute| attribute.path().is_ident("sample"))?;
    match attribute.parse_args::<Expr>() {
        Ok(Expr::Lit(literal)) if matches!(literal.lit, syn::Lit::Str(_)) => {
            Some(quote!(::core::convert::Into::into(#literal)))
        }
        Ok(value) => Some(value.into_token_stream()),
        Err(_) => {
            errors.at(attribute, "`#[sample(…)]` takes the field's value: `#[sample(\"gld_1\")]`");
            None
        }
    }
}
