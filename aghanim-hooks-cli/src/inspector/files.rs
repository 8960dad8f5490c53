//! The page's files, which are part of the binary.

use axum::Router;
use axum::routing::get;
use http::header::CONTENT_TYPE;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Each file's path, type and text.
const FILES: &[(&str, &str, &str)] = &[
    ("/", HTML, include_str!("page/index.html")),
    ("/inspector.css", CSS, include_str!("page/inspector.css")),
    ("/inspector.js", SCRIPT, include_str!("page/inspector.js")),
    ("/api.js", SCRIPT, include_str!("page/api.js")),
    ("/chaos.js", SCRIPT, include_str!("page/chaos.js")),
    ("/detail.js", SCRIPT, include_str!("page/detail.js")),
    ("/dialogs.js", SCRIPT, include_str!("page/dialogs.js")),
    ("/dom.js", SCRIPT, include_str!("page/dom.js")),
    ("/list.js", SCRIPT, include_str!("page/list.js")),
];

/// The routes of the files.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    FILES.iter().fold(Router::new(), |router, (path, kind, text)| {
        router.route(path, get(move || async move { ([(CONTENT_TYPE, *kind)], *text) }))
    })
}
