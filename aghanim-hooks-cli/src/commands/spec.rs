use std::path::{Path, PathBuf};

use aghanim_hooks::documents::{Change, Contract, changes};
use anyhow::{Context as _, ensure};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::output::{OutputArgs, mark};

const EXAMPLES: &str = "\
Examples:
  aghanim-hooks spec > openapi.json
  aghanim-hooks spec --format asyncapi --events item.add 'order.*'
  aghanim-hooks spec --check openapi.json
  aghanim-hooks spec --check released.json --against openapi.json

A document of your own handlers: see `documents` in the library's documentation.";

/// Write the events as an OpenAPI or AsyncAPI document, or name what changed between two
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Spec {
    /// The format of the document
    #[arg(long, value_enum, default_value_t, conflicts_with = "check")]
    format: Format,
    /// Only these events: names, or families such as 'order.*'
    #[arg(long, value_name = "PATTERN", num_args = 1.., conflicts_with = "against")]
    events: Vec<String>,
    /// Compare this older document with the one that would be written; exit code 1 if a change is breaking
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
    /// Compare with this document instead
    #[arg(long, value_name = "FILE", requires = "check")]
    against: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    #[default]
    Openapi,
    Asyncapi,
}

impl Format {
    fn write(self, contract: &Contract) -> Value {
        match self {
            Self::Openapi => contract.openapi(),
            Self::Asyncapi => contract.asyncapi(),
        }
    }

    /// The format of a document.
    fn of(document: &Value) -> Self {
        if document["asyncapi"].is_string() { Self::Asyncapi } else { Self::Openapi }
    }
}

impl Spec {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let Some(file) = &self.check else {
            let document = self.format.write(&self.contract()?);
            self.output.line(&format!("{document:#}"), &document)?;
            return Ok(Exit::Ok);
        };
        let old = read(file)?;
        let new = match &self.against {
            Some(file) => read(file)?,
            None => Format::of(&old).write(&self.contract()?),
        };
        let changes = changes(&old, &new).with_context(|| format!("can't compare {}", file.display()))?;
        for change in &changes {
            let (word, good) = if change.is_breaking() { ("breaking", false) } else { ("compatible", true) };
            let object = json!({
                "breaking": change.is_breaking(), "events": change.events, "place": change.place, "what": change.what,
            });
            self.output.line(&format!("{} {change}", mark(&format!("{word:<10}"), Some(good))), &object)?;
        }
        if changes.is_empty() && !self.output.is_json() {
            self.output.line("no changes", &Value::Null)?;
        }
        let is_breaking = changes.iter().any(Change::is_breaking);
        Ok(if is_breaking { Exit::Differs } else { Exit::Ok })
    }

    /// The contract of the events that were asked for.
    fn contract(&self) -> anyhow::Result<Contract> {
        let contract = Contract::catalogue().version(env!("CARGO_PKG_VERSION"));
        if self.events.is_empty() {
            return Ok(contract);
        }
        for pattern in &self.events {
            let found = contract.clone().only([pattern]).events().count();
            ensure!(found > 0, "there is no event `{pattern}`: see `aghanim-hooks events`");
        }
        Ok(contract.only(&self.events))
    }
}

fn read(file: &Path) -> anyhow::Result<Value> {
    let name = file.display();
    let bytes = std::fs::read(file).with_context(|| format!("can't read {name}"))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{name} is not JSON"))
}
