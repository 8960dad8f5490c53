use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::{Attribute, FnArg, GenericParam, LitBool, ReturnType, Safety, Type};

use super::attribute::Arguments;
use super::environment::Environment;
use super::later::Later;
use super::signature::Function;
use crate::errors::Errors;
use crate::krate::Krate;
use crate::pattern::{self, Patterns};
use crate::{tokens, types};

/// A function that can be a handler, as far as its tokens show.
pub(super) struct Handler<'a> {
    pub(super) function: &'a Function,
    pub(super) krate: Krate,
    pub(super) patterns: Patterns,
    pub(super) environment: Environment,
    pub(super) later: Later,
    pub(super) once: Option<LitBool>,
    pub(super) undocumented: bool,
    pub(super) extractors: Vec<&'a Type>,
    pub(super) event: &'a Type,
}

impl Handler<'_> {
    /// The parameters before the event whose types the compiler is asked about.
    pub(super) fn asked(&self) -> impl Iterator<Item = &Type> {
        self.extractors.iter().copied().filter(|ty| !is_state(ty))
    }
}

/// True if a parameter is written as `State<…>`, as in nearly all handlers. The name is trusted: asking the compiler
/// about a type is a large part of the compile time of a handler.
pub(super) fn is_state(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let last = path.path.segments.last();
    last.is_some_and(|last| last.ident == "State" && !last.arguments.is_none())
}

const NO_EVENT: &str =
    "missing event parameter: write `event: ItemAdd`, or `event: Event<ItemAdd>` for the envelope too";

pub(super) fn validate<'a>(function: &'a Function, arguments: Arguments, errors: &mut Errors) -> Option<Handler<'a>> {
    let signature = &function.signature;
    if arguments.patterns.is_empty() && !arguments.broken {
        errors.at(
            &signature.ident,
            format_args!("missing event name for `{}`: write `#[webhook(\"item.add\")]`", signature.ident),
        );
    }
    pattern::check(&arguments.patterns, errors);
    if !arguments.broken {
        arguments.environment.validate(errors);
    }
    modifiers(function, errors);
    generics(function, errors);
    let parameters = parameters(function, errors);
    let Some((event, extractors)) = parameters.split_last() else {
        if signature.inputs.is_empty() {
            errors.at_span(signature.paren_token.span.join(), NO_EVENT);
        }
        return None;
    };
    if let ReturnType::Type(_, returned) = &signature.output {
        no_impl_trait(&tokens::flat(returned), "return the type that answers the event, or a `Result` of it", errors);
        no_json(returned, errors);
    }
    errors.is_empty().then(|| Handler {
        function,
        krate: arguments.krate,
        patterns: arguments.patterns,
        environment: arguments.environment,
        later: arguments.later,
        once: arguments.once,
        undocumented: arguments.undocumented,
        extractors: extractors.to_vec(),
        event,
    })
}

/// The function's `#[cfg]`s, which its generated items need too.
pub(super) fn cfgs(function: &Function) -> Vec<&Attribute> {
    function.attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect()
}

fn modifiers(function: &Function, errors: &mut Errors) {
    let signature = &function.signature;
    if let Some(variadic) = &signature.variadic {
        // A variadic function must be `unsafe extern "C"`, which is not worth a further error.
        return errors.at(variadic, "a handler can't be variadic: write each parameter with its type");
    }
    if let Some(constness) = &signature.constness {
        errors.at(constness, "a handler can't be `const`: write `async` instead");
    } else if signature.asyncness.is_none() {
        errors.at(signature.fn_token, "a handler must be async: write `async fn`");
    }
    if let Safety::Unsafe(safety) = &signature.safety {
        errors.at(safety, "a handler can't be unsafe: remove `unsafe`");
    }
    if let Some(abi) = &signature.abi {
        errors.at(abi, "a handler is an ordinary Rust function: remove `extern`");
    }
}

fn generics(function: &Function, errors: &mut Errors) {
    let generics = &function.signature.generics;
    for parameter in &generics.params {
        errors.at(
            parameter,
            match parameter {
                GenericParam::Lifetime(_) => "a handler can't have lifetimes: take owned types, such as `String`",
                GenericParam::Type(_) => "a handler can't be generic: write the type itself where this is used",
                GenericParam::Const(_) => "a handler can't be generic: write the value itself where this is used",
            },
        );
    }
    if let (Some(clause), true) = (&generics.where_clause, generics.params.is_empty()) {
        errors.at(clause.where_token, "a handler can't be generic: remove the `where` clause");
    }
}

/// The types of the parameters, in order, without `self`.
fn parameters<'a>(function: &'a Function, errors: &mut Errors) -> Vec<&'a Type> {
    let mut types = Vec::new();
    for input in &function.signature.inputs {
        match input {
            FnArg::Receiver(receiver) => {
                errors
                    .at(receiver, "a handler can't be a method: write a free function, and take `State<…>` for `self`");
            }
            FnArg::Typed(parameter) => {
                let ty = &*parameter.ty;
                let flat = tokens::flat(ty);
                if let Some(borrow) = tokens::borrow(&flat) {
                    errors.at_span(
                        borrow,
                        "a handler takes owned types: write `ItemAdd` for `&ItemAdd`, and `String` for `&str`",
                    );
                }
                no_impl_trait(&flat, "write the type of the extractor or of the event", errors);
                types.push(ty);
            }
        }
    }
    types
}

/// Refuses `Json<Player>` and `Result<Json<Player>, _>`, which axum's users write out of habit.
fn no_json(returned: &Type, errors: &mut Errors) {
    let reply = types::result(returned).map_or(returned, |(reply, _)| reply);
    if let Some(json) = types::last_segment(reply)
        && json.ident == "Json"
        && let Some(inner) = types::argument(json, 0)
    {
        let inner = inner.to_token_stream();
        errors.at(&json.ident, format_args!("the endpoint sends the answer as JSON: return `{inner}`, without `Json`"));
    }
}

fn no_impl_trait(ty: &[TokenTree], instead: &str, errors: &mut Errors) {
    if let Some(keyword) = tokens::impl_trait(ty) {
        errors.at_span(keyword, format_args!("a handler can't have `impl Trait` here: {instead}"));
    }
}
