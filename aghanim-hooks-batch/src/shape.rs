use std::fmt;

use serde::{Deserialize, Serialize};

/// The form in which the events of a file are separated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Form {
    /// One event per line, as documented.
    #[default]
    Lines,
    /// A JSON array of events.
    Array,
}

/// The shape of a file, as far as it was read.
///
/// Aghanim documents one event per line, and nothing else about the file. So each shape here is accepted, and this says
/// which one came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Shape {
    /// Lines or an array, decided by the first byte that is not white space.
    pub form: Form,
    /// True if the file was compressed with gzip.
    pub gzip: bool,
    /// True if the text began with a UTF-8 byte order mark.
    pub byte_order_mark: bool,
    /// The number of events whose line ended with CR LF.
    pub crlf: u64,
    /// The number of empty lines, which are skipped. In an array, the number of places without an element.
    pub blank: u64,
    /// True if the last line had no newline. False for an array.
    pub unterminated: bool,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.form {
            Form::Lines => "one event per line",
            Form::Array => "a JSON array",
        })?;
        for (is, text) in [
            (self.gzip, ", gzip"),
            (self.byte_order_mark, ", with a byte order mark"),
            (self.crlf > 0, ", CR LF"),
            (self.unterminated, ", no newline at the end"),
        ] {
            if is {
                f.write_str(text)?;
            }
        }
        match self.blank {
            0 => Ok(()),
            blank => write!(f, ", {blank} blank"),
        }
    }
}
