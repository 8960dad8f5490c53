//! The derive macros, one per file.

pub(crate) mod event;
pub(crate) mod reject;
pub(crate) mod sample;
