use quote::ToTokens;
use syn::{LitStr, Path};

use super::parse;
use super::registration::{self, Registration};
use crate::errors::Errors;
use crate::tokens::Extent;

/// A list whose expansion compiles if its handlers do.
pub(super) struct List<'a> {
    pub(super) krate: &'a Path,
    pub(super) handlers: Vec<Handler<'a>>,
    pub(super) subscribed: Option<Subscribed<'a>>,
}

/// The events that the list must have handlers for.
pub(super) struct Subscribed<'a> {
    /// True if handlers of other events are an error.
    pub(super) exactly: bool,
    pub(super) events: Vec<String>,
    /// The file as the user wrote it, for messages.
    pub(super) file: &'a LitStr,
    /// The file's absolute path, which cargo is told to watch.
    pub(super) path: String,
}

/// One handler of the list.
pub(super) struct Handler<'a> {
    pub(super) index: usize,
    pub(super) path: &'a Path,
    pub(super) extent: Extent,
    /// The path as the user wrote it, for messages.
    pub(super) name: String,
}

pub(super) fn validate<'a>(list: &'a parse::List, errors: &mut Errors) -> List<'a> {
    let handlers = list.handlers.iter().enumerate().map(|(index, path)| Handler {
        index,
        path,
        extent: Extent::of(path),
        name: path.to_token_stream().to_string().replace(' ', ""),
    });
    let subscribed =
        list.subscribed.as_ref().and_then(|subscribed| match registration::read(&subscribed.file.value()) {
            Ok(Registration { path, events }) => Some(Subscribed {
                exactly: subscribed.exactly,
                events,
                file: &subscribed.file,
                path: path.to_string_lossy().into_owned(),
            }),
            Err(message) => {
                errors.at(&subscribed.file, message);
                None
            }
        });
    List { krate: &list.krate, handlers: handlers.collect(), subscribed }
}
