//! Descriptions: rustdoc's text is for Rust programmers, a document is for everyone.

use serde_json::Value;

/// Shortens each description in a schema to its first paragraph, without links into the Rust documentation.
pub(super) fn cleaned(mut schema: Value) -> Value {
    clean(&mut schema);
    schema
}

fn clean(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            for (field, value) in fields {
                match value {
                    Value::String(text) if field == "description" => *text = plain(text),
                    value => clean(value),
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(clean),
        _ => {}
    }
}

/// The first paragraph, with `text` in place of `[text](target)` and `[text]`.
fn plain(text: &str) -> String {
    let paragraph = text.split("\n\n").next().unwrap_or_default();
    let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    let (mut plain, mut rest) = (String::new(), line.as_str());
    while let Some((before, link)) = rest.split_once('[') {
        plain.push_str(before);
        let Some((text, after)) = link.split_once(']') else {
            rest = &rest[before.len()..];
            break;
        };
        let target = after.strip_prefix('(').and_then(|after| after.split_once(')'));
        // Brackets around anything else, such as `[1, 2]`, are text.
        let is_link = target.is_some() || text.starts_with('`');
        if is_link {
            plain.push_str(text);
        } else {
            plain.extend(["[", text, "]"]);
        }
        rest = target.map_or(after, |(_, after)| after);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn links_become_their_text() {
        for (text, expected) in [
            ("Answered by the [`Player`].\n\nMore.", "Answered by the `Player`."),
            ("See\n[`PlayerContext`](crate::events::PlayerContext), or not.", "See `PlayerContext`, or not."),
            ("A [guide](https://example.com/a) of [1, 2] and [open", "A guide of [1, 2] and [open"),
            ("", ""),
        ] {
            assert_eq!(plain(text), expected);
        }
    }
}
