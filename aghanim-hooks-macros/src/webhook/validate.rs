use proc_macro2::TokenTree;
use syn::{Attribute, FnArg, GenericParam, LitBool, LitStr, ReturnType, Safety, Type};

use super::attr::Arguments;
use super::limit::Limit;
use super::pattern;
use super::signature::Function;
use crate::errors::Errors;
use crate::krate::Krate;
use crate::tokens;

/// A function that can be a handler, as far as its tokens tell.
pub(super) struct Handler<'a> {
    pub(super) function: &'a Function,
    pub(super) krate: Krate,
    pub(super) patterns: Vec<LitStr>,
    pub(super) limit: Limit,
    pub(super) once: Option<LitBool>,
    pub(super) extractors: Vec<&'a Type>,
    pub(super) event: &'a Type,
}

impl Handler<'_> {
    /// The parameters before the event whose types the compiler is asked what they are.
    pub(super) fn asked(&self) -> impl Iterator<Item = &Type> {
        self.extractors.iter().copied().filter(|ty| !is_state(ty))
    }
}

/// Whether a parameter is written as `State<…>`, which nearly all handlers have. Its name is taken for what it is, as
/// asking is much of what a handler costs the compiler.
pub(super) fn is_state(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let last = path.path.segments.last();
    last.is_some_and(|last| last.ident == "State" && !last.arguments.is_none())
}

const NO_EVENT: &str =
    "a handler takes the event as its last parameter: a payload type such as `PlayerVerify`, or `Event<PlayerVerify>`";

pub(super) fn validate<'a>(function: &'a Function, arguments: Arguments, errors: &mut Errors) -> Option<Handler<'a>> {
    let signature = &function.signature;
    if arguments.patterns.is_empty() && !arguments.broken {
        errors.at(
            &signature.ident,
            format_args!("which event does `{}` take? Name it: `#[webhook(\"player.verify\")]`", signature.ident),
        );
    }
    pattern::check(&arguments.patterns, errors);
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
        no_impl_trait(&tokens::flat(returned), "return the answer's own type: the reply, or a `Result` of it", errors);
    }
    errors.is_empty().then(|| Handler {
        function,
        krate: arguments.krate,
        patterns: arguments.patterns,
        limit: arguments.limit,
        once: arguments.once,
        extractors: extractors.to_vec(),
        event,
    })
}

/// Generated items exist where the function exists.
pub(super) fn cfgs(function: &Function) -> Vec<&Attribute> {
    function.attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect()
}

fn modifiers(function: &Function, errors: &mut Errors) {
    let signature = &function.signature;
    if let Some(variadic) = &signature.variadic {
        // Whatever else is wrong has to be, for this to be allowed at all.
        return errors.at(variadic, "a handler's parameters are known: extractors, then the event");
    }
    if let Some(constness) = &signature.constness {
        errors.at(constness, "a handler is an `async fn`, which can't be `const`");
    } else if signature.asyncness.is_none() {
        errors.at(signature.fn_token, "a handler is an `async fn`: write `async` before it");
    }
    if let Safety::Unsafe(safety) = &signature.safety {
        errors.at(safety, "a handler can't be `unsafe`: it is called for whoever has signed a request");
    }
    if let Some(abi) = &signature.abi {
        errors.at(abi, "a handler is an ordinary Rust function: remove the `extern`");
    }
}

fn generics(function: &Function, errors: &mut Errors) {
    let generics = &function.signature.generics;
    for parameter in &generics.params {
        errors.at(
            parameter,
            match parameter {
                GenericParam::Lifetime(_) => "a handler has no lifetime parameters: what it takes, it owns",
                GenericParam::Type(_) | GenericParam::Const(_) => {
                    "a handler can't be generic: a request does not say which type is meant; name one"
                }
            },
        );
    }
    if let (Some(clause), true) = (&generics.where_clause, generics.params.is_empty()) {
        errors.at(clause.where_token, "a handler can't be generic: remove the `where` clause");
    }
}

/// The types of the parameters, in order, without those that can't be one.
fn parameters<'a>(function: &'a Function, errors: &mut Errors) -> Vec<&'a Type> {
    let mut types = Vec::new();
    for input in &function.signature.inputs {
        match input {
            FnArg::Receiver(receiver) => {
                errors
                    .at(receiver, "a handler is a free function, without `self`: take what it needs from `State<..>`");
            }
            FnArg::Typed(parameter) => {
                let ty = &*parameter.ty;
                let flat = tokens::flat(ty);
                if let Some(borrow) = tokens::borrow(&flat) {
                    errors.at_span(borrow, "a handler owns what it takes: name a type that does not borrow");
                }
                no_impl_trait(&flat, "name the parameter's type: an extractor or the event", errors);
                types.push(ty);
            }
        }
    }
    types
}

fn no_impl_trait(ty: &[TokenTree], way_out: &str, errors: &mut Errors) {
    if let Some(keyword) = tokens::impl_trait(ty) {
        errors.at_span(keyword, format_args!("`impl Trait` says too little here: {way_out}"));
    }
}
