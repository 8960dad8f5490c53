//! Lines for people, or a JSON object a line for programs.

use std::io::Write as _;

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;

/// The form of the output.
#[derive(Debug, Clone, Copy, Args)]
pub struct OutputArgs {
    /// Write one JSON object a line
    #[arg(long)]
    json: bool,
}

impl OutputArgs {
    /// True if programs read it.
    #[must_use]
    pub fn is_json(self) -> bool {
        self.json
    }

    /// Writes the text, or the object in its place.
    ///
    /// # Errors
    /// Fails if standard output is closed.
    pub fn line(self, text: &str, object: &impl Serialize) -> anyhow::Result<()> {
        let mut output = anstream::stdout().lock();
        if self.json { writeln!(output, "{}", serde_json::to_string(object)?) } else { writeln!(output, "{text}") }
            .context("can't write to standard output")
    }
}

/// Marks a word by a colour, where there is colour.
#[must_use]
pub fn mark(word: &str, good: Option<bool>) -> String {
    let colour = match good {
        Some(true) => "32",
        Some(false) => "31",
        None => "33",
    };
    format!("\u{1b}[{colour}m{word}\u{1b}[0m")
}

/// Replaces control characters by spaces, so that another's text can't change the terminal.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}
