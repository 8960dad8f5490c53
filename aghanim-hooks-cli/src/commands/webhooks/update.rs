use std::collections::BTreeSet;

use anyhow::bail;
use clap::Args;
use serde_json::{Map, Value, json};

use super::api::ApiArgs;
use super::settings::SettingsArgs;
use crate::exit::Exit;
use crate::management::error::Kind;
use crate::management::webhook::{Settings, Webhook, is_sensitive};
use crate::output::{OutputArgs, printable};

const EXAMPLES: &str = "\
Examples:
  aghanim-hooks webhooks update wh_eRhXkVsQjpT --add-event order.refunded
  aghanim-hooks webhooks update wh_eRhXkVsQjpT --remove-event 'payment.*' --dry-run
  aghanim-hooks webhooks update wh_eRhXkVsQjpT --enabled false

It is not documented whether fields that are not sent stay as they are. So all documented fields are sent, with their present
values, and the command compares the answer with what was there before.";

/// Change a webhook: its events, its URL, and the rest
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Update {
    /// The webhook's id
    id: String,
    /// Subscribe to this event as well
    #[arg(long, value_name = "EVENT", value_delimiter = ',')]
    add_event: Vec<String>,
    /// End the subscription to this event
    #[arg(long, value_name = "EVENT", value_delimiter = ',')]
    remove_event: Vec<String>,
    /// Subscribe to these events, and to no others
    #[arg(long, value_name = "EVENT", value_delimiter = ',', conflicts_with_all = ["add_event", "remove_event"])]
    event: Vec<String>,
    /// The URL that Aghanim sends to
    #[arg(long)]
    url: Option<String>,
    /// The HTTP method of the deliveries. The endpoints of this library take POST
    #[arg(long, value_parser = ["POST", "GET"])]
    method: Option<String>,
    #[command(flatten)]
    settings: SettingsArgs,
    /// Print what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    api: ApiArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl Update {
    pub(super) async fn run(self) -> anyhow::Result<Exit> {
        self.settings.check_events(self.add_event.iter().chain(&self.event))?;
        let client = self.api.client()?;
        let before = client.get(&self.id).await?;
        let wanted = self.wanted(&before)?;
        let changes = changes(&before.settings().fields(), &wanted.fields());
        if changes.is_empty() {
            self.output.line("nothing to change", &json!({"changed": {}}))?;
            return Ok(Exit::Ok);
        }
        if self.dry_run {
            for (field, from, to) in &changes {
                self.write("would change", field, from, to)?;
            }
            return Ok(Exit::Ok);
        }
        let after = match client.update(&self.id, &wanted).await {
            Ok(after) => after,
            // It was done, and answered in another form than the documented one.
            Err(error) if error.kind == Kind::Unreadable => client.get(&self.id).await?,
            Err(error) => return Err(error.into()),
        };
        for (field, from, to) in &changes {
            self.write("changed", field, from, to)?;
        }
        let mut exit = Exit::Ok;
        for (field, wanted, now) in self::changes(&wanted.fields(), &after.settings().fields()) {
            anstream::eprintln!(
                "Aghanim answered that it is done, but `{field}` is {now}, and not {wanted}: look in the dashboard"
            );
            exit = Exit::Differs;
        }
        for (field, from, to) in self::changes(&undocumented(&before), &undocumented(&after)) {
            anstream::eprintln!("`{field}` changed as well, from {from} to {to}");
        }
        Ok(exit)
    }

    fn wanted(&self, before: &Webhook) -> anyhow::Result<Settings> {
        let mut events = before.events.clone();
        if !self.event.is_empty() {
            events.clone_from(&self.event);
        }
        for gone in &self.remove_event {
            if !events.contains(gone) {
                bail!("`{gone}` is not subscribed: the events are {}", before.events.join(", "));
            }
        }
        events.retain(|event| !self.remove_event.contains(event));
        for new in &self.add_event {
            if !events.contains(new) {
                events.push(new.clone());
            }
        }
        let changed = Settings {
            events: Some(events),
            url: self.url.clone(),
            method: self.method.clone(),
            ..self.settings.settings()
        };
        Ok(changed.or(before.settings()))
    }

    fn write(&self, word: &str, field: &str, from: &str, to: &str) -> anyhow::Result<()> {
        let object = json!({"change": word, "webhook": self.id, "field": field, "from": from, "to": to});
        self.output.line(&format!("{word} `{field}` from {from} to {to}"), &object)
    }
}

/// The fields that differ, each with its two values in words.
fn changes(from: &Map<String, Value>, to: &Map<String, Value>) -> Vec<(String, String, String)> {
    let fields: BTreeSet<_> = from.keys().chain(to.keys()).collect();
    let shown = |value: Option<&Value>| match value {
        Some(Value::Null) | None => "nothing".to_owned(),
        Some(value) => printable(&value.to_string()),
    };
    let differing = fields.into_iter().filter(|field| from.get(*field) != to.get(*field));
    differing.map(|field| (field.clone(), shown(from.get(field)), shown(to.get(field)))).collect()
}

fn undocumented(webhook: &Webhook) -> Map<String, Value> {
    webhook
        .other
        .iter()
        .filter(|(field, _)| !is_sensitive(field))
        .map(|(field, value)| (field.clone(), value.clone()))
        .collect()
}
