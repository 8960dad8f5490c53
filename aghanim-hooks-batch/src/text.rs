/// The most characters of a text from a file that a report keeps.
const LONGEST: usize = 300;

/// Bounds a text, so that the report has bounded memory.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
