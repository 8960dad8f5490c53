use std::fmt;

/// The place and the reason of the first fault in a body.
#[derive(Debug)]
pub struct Malformed {
    path: Option<String>,
    reason: String,
}

impl Malformed {
    /// A fault of the whole body.
    pub(super) fn new(reason: &dyn fmt::Display) -> Self {
        Self { path: None, reason: without_rust_types(&reason.to_string()) }
    }

    /// A fault at this path. The path `.` is the whole body.
    pub(super) fn at(path: String, reason: &dyn fmt::Display) -> Self {
        Self { path: (path != ".").then_some(path), ..Self::new(reason) }
    }

    /// The place of the fault, such as `event_data.items[0].sku`. `None` if the JSON itself is broken.
    pub(crate) fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "`{path}`: {}", self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

/// Rust names that serde writes after `expected`, with JSON's words for them.
///
/// The answer goes to the sender, who must not see names of our code.
const TYPES: [(&str, &str); 12] = [
    ("struct ", "an object"),
    ("tuple struct ", "an array"),
    ("enum ", "one of its values"),
    ("i8", "an integer"),
    ("i16", "an integer"),
    ("i32", "an integer"),
    ("i64", "an integer"),
    ("u8", "an integer from 0"),
    ("u16", "an integer from 0"),
    ("u32", "an integer from 0"),
    ("u64", "an integer from 0"),
    ("f64", "a number"),
];

fn without_rust_types(reason: &str) -> String {
    const EXPECTED: &str = ", expected ";
    // The last one, because a text of the sender may be quoted before it.
    let Some((before, expected)) = reason.rsplit_once(EXPECTED) else { return reason.to_owned() };
    let Some((name, word)) = TYPES.iter().find(|(name, _)| expected.starts_with(name)) else {
        return reason.to_owned();
    };
    let rest = &expected[name.len()..];
    // Behind `struct` and `enum` comes a name.
    let rest = if name.ends_with(' ') { rest.find(' ').map_or("", |end| &rest[end..]) } else { rest };
    format!("{before}{EXPECTED}{word}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_speaks_of_json() {
        for (serde, ours) in [
            (
                "invalid type: floating point `1.5`, expected i64 at line 1 column 9",
                "invalid type: floating point `1.5`, expected an integer at line 1 column 9",
            ),
            ("invalid type: integer `7`, expected struct ItemAdd", "invalid type: integer `7`, expected an object"),
            (
                "invalid length 1, expected struct Item with 16 elements at line 1 column 9",
                "invalid length 1, expected an object with 16 elements at line 1 column 9",
            ),
            (
                "invalid type: string \", expected i64\", expected a boolean",
                "invalid type: string \", expected i64\", expected a boolean",
            ),
            ("missing field `items`", "missing field `items`"),
        ] {
            assert_eq!(without_rust_types(serde), ours);
        }
    }
}
