use quote::ToTokens;
use syn::Path;

use super::parse;
use crate::tokens::Extent;

/// A list whose expansion compiles if its handlers do.
pub(super) struct List<'a> {
    pub(super) krate: &'a Path,
    pub(super) handlers: Vec<Handler<'a>>,
}

/// One handler of the list.
pub(super) struct Handler<'a> {
    pub(super) index: usize,
    pub(super) path: &'a Path,
    pub(super) extent: Extent,
    /// The path as the user wrote it, for messages.
    pub(super) name: String,
}

pub(super) fn validate(list: &parse::List) -> List<'_> {
    let handlers = list.handlers.iter().enumerate().map(|(index, path)| Handler {
        index,
        path,
        extent: Extent::of(path),
        name: path.to_token_stream().to_string().replace(' ', ""),
    });
    List { krate: &list.krate, handlers: handlers.collect() }
}
