use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;
use serde_json::json;

use super::api::{ApiArgs, only};
use super::handlers;
use crate::exit::Exit;
use crate::management::difference::{Difference, between_file, between_handlers, is_same};
use crate::management::registration::Registration;
use crate::output::{OutputArgs, mark};

/// The file that is compared unless another is named.
const FILE: &str = "aghanim-webhooks.json";

const EXAMPLES: &str = "\
Examples:
  aghanim-hooks webhooks diff
  aghanim-hooks webhooks diff --handlers player.verify,item.add,'order.*'
  cargo run -- --events | aghanim-hooks webhooks diff --handlers -

The exit code is 1 if something differs. The handlers are the names that `Webhooks::events` or `Handlers::events` gives: print
them with `serde_json::to_string`, one in a line, or with commas between. An OpenAPI document of the endpoint will do as well.
A list with `subscribed in \"aghanim-webhooks.json\"` is compared with the file at each build, and needs no --handlers.
Fields that Aghanim does not document are not compared, since they may change by themselves.";

/// Compare the registration with the file and the handlers
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Diff {
    /// The file that `pull` wrote [default: aghanim-webhooks.json; with --handlers only if it is there]
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The events of the endpoint's handlers: names with commas between, or a file of them; `-` is standard input
    #[arg(long, value_name = "NAMES|FILE")]
    handlers: Option<String>,
    /// Only the webhook with this id or URL, where others belong to other endpoints
    #[arg(long, value_name = "ID|URL")]
    only: Vec<String>,
    #[command(flatten)]
    api: ApiArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl Diff {
    pub(super) async fn run(self) -> anyhow::Result<Exit> {
        let handlers = self.handlers.as_deref().map(handlers::read).transpose()?;
        let path = self.file.as_deref().unwrap_or(Path::new(FILE));
        let file = Registration::read(path)?;
        if file.is_none() && (self.file.is_some() || handlers.is_none()) {
            bail!("there is no {}: run `aghanim-hooks webhooks pull`, or name another with --file", path.display());
        }
        let registered = only(self.api.client()?.list().await?, &self.only)?;
        let mut differences = Vec::new();
        if let Some(file) = &file {
            let mut known = file.webhooks.clone();
            known.retain(|known| {
                self.only.is_empty()
                    || self.only.iter().any(|name| known.is_named(name))
                    || registered.iter().any(|webhook| is_same(known, webhook))
            });
            differences.extend(between_file(&registered, &known));
        }
        if let Some(handlers) = &handlers {
            differences.extend(between_handlers(&registered, handlers));
        }
        for difference in &differences {
            let Difference { between, webhook, what, fix } = difference;
            let place = if webhook.is_empty() { String::new() } else { format!(" {webhook}:") };
            let text = format!("{} {between}:{place} {what}: {fix}", mark("differs", Some(false)));
            self.output.line(&text, difference)?;
        }
        if differences.is_empty() {
            let sides = match (&file, &handlers) {
                (Some(_), Some(_)) => "Aghanim, the file and the handlers",
                (Some(_), None) => "Aghanim and the file",
                _ => "Aghanim and the handlers",
            };
            self.output.line(&format!("{}: {sides}", mark("no difference", Some(true))), &json!({"differences": 0}))?;
            return Ok(Exit::Ok);
        }
        Ok(Exit::Differs)
    }
}
