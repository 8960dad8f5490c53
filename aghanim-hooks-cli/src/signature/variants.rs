//! Guesses the body that was signed, before something on the way changed it.

use std::fmt::Write as _;

use serde_json::Value;

/// Each variant with a phrase for it, which goes after "the body".
pub(super) fn of(body: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut variants = bytes(body);
    if let Ok(text) = std::str::from_utf8(body) {
        variants.extend(json(text));
    }
    variants
}

/// Other line ends, and characters added or removed at the start and the end.
fn bytes(body: &[u8]) -> Vec<(String, Vec<u8>)> {
    let lf = replace(body, b"\r\n", b"\n");
    let crlf = replace(&lf, b"\n", b"\r\n");
    let trimmed = body.trim_ascii().to_vec();
    let with = |end: &[u8]| [&trimmed, end].concat();
    let unmarked = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).to_vec();
    [
        ("without the newline and white space around it", trimmed.clone()),
        ("with a newline behind it", with(b"\n")),
        ("with a CRLF newline behind it", with(b"\r\n")),
        ("with LF line ends in the place of CRLF", lf),
        ("with CRLF line ends in the place of LF", crlf),
        ("without its byte order mark", unmarked),
        ("when it is empty", Vec::new()),
    ]
    .map(|(change, body)| (change.to_owned(), body))
    .into()
}

fn replace(body: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(body.len());
    let mut rest = body;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(from) {
            replaced.extend_from_slice(to);
            rest = after;
        } else {
            replaced.push(rest[0]);
            rest = &rest[1..];
        }
    }
    replaced
}

#[derive(Clone, Copy)]
enum Spaces {
    None,
    AfterSeparators,
    Indented,
}

#[derive(Clone, Copy)]
enum Escapes {
    AsTheyCame,
    None,
    Ascii,
    Slashes,
}

/// The same JSON, written anew.
fn json(text: &str) -> Vec<(String, Vec<u8>)> {
    let Ok(value) = serde_json::from_str::<Value>(text) else { return Vec::new() };
    let sorted = value.to_string();
    let mut variants = Vec::new();
    for (order, source) in [("", text), (", sorted by key", &*sorted)] {
        for (spaces, how) in [
            (Spaces::None, "without white space"),
            (Spaces::AfterSeparators, "with white space behind `,` and `:`"),
            (Spaces::Indented, "with white space as indented lines"),
        ] {
            for (escapes, with) in [
                (Escapes::AsTheyCame, ""),
                (Escapes::None, ", without escapes"),
                (Escapes::Ascii, ", with escapes in the place of what is not ASCII"),
                (Escapes::Slashes, ", with escapes before slashes"),
            ] {
                let body = rewrite(source, spaces, escapes);
                variants.push((format!("when it is written {how}{order}{with}"), body.clone().into_bytes()));
                variants.push((
                    format!("when it is written {how}{order}{with}, and with a newline"),
                    (body + "\n").into_bytes(),
                ));
            }
        }
    }
    variants
}

/// Writes valid JSON anew, in the order in which it came.
fn rewrite(json: &str, spaces: Spaces, escapes: Escapes) -> String {
    let mut written = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let mut rest = json;
    let line = |written: &mut String, depth: usize| {
        if matches!(spaces, Spaces::Indented) {
            written.push('\n');
            written.extend(std::iter::repeat_n("  ", depth));
        }
    };
    while let Some(next) = rest.chars().next() {
        let length = if next == '"' { string_length(rest) } else { next.len_utf8() };
        let token = &rest[..length];
        rest = &rest[length..];
        match next {
            ' ' | '\t' | '\r' | '\n' => {}
            '"' => string(&mut written, token, escapes),
            '{' | '[' => {
                written.push(next);
                depth += 1;
                if !rest.trim_start().starts_with(['}', ']']) {
                    line(&mut written, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                if !written.ends_with(['{', '[']) {
                    line(&mut written, depth);
                }
                written.push(next);
            }
            ',' => {
                written.push(',');
                match spaces {
                    Spaces::AfterSeparators => written.push(' '),
                    _ => line(&mut written, depth),
                }
            }
            ':' => written.push_str(if matches!(spaces, Spaces::None) { ":" } else { ": " }),
            other => written.push(other),
        }
    }
    written
}

/// The length of the string that this begins with, quotes included.
fn string_length(json: &str) -> usize {
    let mut escaped = false;
    for (index, character) in json.char_indices().skip(1) {
        match character {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return index + 1,
            _ => escaped = false,
        }
    }
    json.len()
}

fn string(written: &mut String, token: &str, escapes: Escapes) {
    let Ok(text) = serde_json::from_str::<String>(token) else { return written.push_str(token) };
    let plain = serde_json::to_string(&text).unwrap_or_else(|_| token.to_owned());
    match escapes {
        Escapes::AsTheyCame => written.push_str(token),
        Escapes::None => written.push_str(&plain),
        Escapes::Slashes => written.push_str(&plain.replace('/', "\\/")),
        Escapes::Ascii => {
            for character in plain.chars() {
                if character.is_ascii() {
                    written.push(character);
                    continue;
                }
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // Writing to a `String` does not fail.
                    let _ = write!(written, "\\u{unit:04x}");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_anew_is_the_same_json() {
        let json = "{\"a\" : [1, {\"b\":\"x\\\"y\\/\u{1f409}\"}, []],\n\"c\":{} , \"d\":-1.50e3}";
        let value: Value = serde_json::from_str(json).unwrap();
        for (change, body) in super::json(json) {
            assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), value, "{change}");
        }
        let indented = "{
  \"a\": [
    1,
    {}
  ]
}";
        assert_eq!(rewrite("{\"a\":[1,{}]}", Spaces::Indented, Escapes::None), indented);
        assert!(rewrite(json, Spaces::None, Escapes::Ascii).contains("\\ud83d\\udc09"));
    }
}
