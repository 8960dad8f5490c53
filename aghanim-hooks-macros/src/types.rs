//! Questions about a type as the user wrote it.

use syn::{GenericArgument, PathArguments, PathSegment, Type};

/// The last segment of a path: `Event<ItemAdd>` of `aghanim_hooks::Event<ItemAdd>`.
pub(crate) fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// The type argument of a segment.
pub(crate) fn argument(segment: &PathSegment, index: usize) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    match arguments.args.get(index) {
        Some(GenericArgument::Type(ty)) => Some(ty),
        _ => None,
    }
}

/// `T` and `E` of a type that is written as `Result<T, E>`.
pub(crate) fn result(ty: &Type) -> Option<(&Type, &Type)> {
    let last = last_segment(ty).filter(|last| last.ident == "Result")?;
    Some((argument(last, 0)?, argument(last, 1)?))
}
