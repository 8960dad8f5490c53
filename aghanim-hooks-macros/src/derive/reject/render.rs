use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Fields, Ident, Index, LitStr, Member};

use super::parse::Message;
use super::validate::{Answer, Arm, Conversion, Rejection, words};
use crate::krate::Private;
use crate::tokens::Extent;

/// Implements the trait even after a mistake, so that uses of the type cause no further errors.
pub(super) fn rejection(rejection: &Rejection) -> TokenStream {
    let Rejection { name, generics, krate, arms, conversions } = rejection;
    let private = krate.private();
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let body = match arms.as_deref() {
        Some([]) => quote!(match self {}),
        Some(arms) => {
            let display = display(arms, private);
            let arms = arms.iter().map(|arm| render_arm(arm, private));
            quote!(#display match self { #(#arms)* })
        }
        None => quote!(::core::unreachable!()),
    };
    let conversions = conversions.iter().map(|Conversion { path, member, ty }| {
        quote! {
            #[automatically_derived]
            impl #impl_generics ::core::convert::From<#ty> for #name #type_generics #where_clause {
                fn from(__source: #ty) -> Self {
                    #path { #member: __source }
                }
            }
        }
    });
    quote! {
        #[automatically_derived]
        // `unused_variables`: every field is bound, even if the message does not use it.
        // `non_shorthand_field_patterns`: a named field is written as `sku: sku`, since a tuple's is `0: _0`.
        #[allow(unused_variables, non_shorthand_field_patterns)]
        impl #impl_generics #private::Derived for #name #type_generics #where_clause {
            fn rejection(self) -> #private::Rejection {
                #body
            }
        }

        #(#conversions)*
    }
}

/// The function that formats the error, if an arm uses it. It is named once, so that a missing `Display` is one error.
fn display(arms: &[Arm], private: Private<'_>) -> Option<TokenStream> {
    let span = arms.iter().find_map(|arm| match &arm.answer {
        Answer::Deny { message: Message::Display(span), .. } => Some(*span),
        _ => None,
    })?;
    let path = private.path(Extent { first: span, last: span }, "DisplayMessage", "display_message");
    Some(quote!(let __message = #path;))
}

fn render_arm(arm: &Arm, private: Private<'_>) -> TokenStream {
    let Arm { path, name, fields, answer } = arm;
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
            let status = status.map(|status| quote!(.with_status(#status)));
            match message {
                Message::Text(message) => {
                    let message = positional(message, bound.len());
                    quote!(#private::Rejection::deny(#code, #private::format!(#message))#status)
                }
                // No field is bound, so that `self` is not moved.
                Message::Display(_) => {
                    return quote!(#path { .. } => #private::Rejection::deny(#code, __message(&self))#status,);
                }
            }
        }
    };
    quote!(#path { #(#members: #bound),* } => #answer,)
}

/// `tr::method(field)`. An error in it is reported at the field's type.
fn convert(field: &Ident, fields: &Fields, private: Private<'_>, tr: &str, method: &str) -> TokenStream {
    let path = private.path(Extent::of(fields.iter().next().map(|field| &field.ty)), tr, method);
    // In two steps: in one, the compiler would report the error at the argument.
    quote!({ let __convert = #path; __convert(#field) })
}

/// Replaces `{0}` by `{_0}`, the name that the field of a tuple variant is bound to.
fn positional(message: &LitStr, fields: usize) -> LitStr {
    let text = (0..fields).fold(message.value(), |text, i| {
        text.replace(&format!("{{{i}}}"), &format!("{{_{i}}}")).replace(&format!("{{{i}:"), &format!("{{_{i}:"))
    });
    LitStr::new(&text, message.span())
}
