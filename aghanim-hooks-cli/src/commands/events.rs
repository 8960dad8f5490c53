use aghanim_hooks::events::catalogue::{CATALOGUE, EventInfo, IdempotencyKey, Refusal, find};
use aghanim_hooks::testing::{payload_fields, sample_request};
use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use crate::exit::Exit;
use crate::output::OutputArgs;

const EXAMPLES: &str = "\
Examples:
  aghanim-hooks events
  aghanim-hooks events item.add
  aghanim-hooks events --json | jq -r 'select(.key == \"expected\").name'";

/// List the events: their fields, what answers them, and how they are refused
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Events {
    /// Show this event alone, with a whole request
    event: Option<String>,
    #[command(flatten)]
    output: OutputArgs,
}

impl Events {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let one = self.event.as_deref();
        if let Some(name) = one {
            let event =
                find(name).with_context(|| format!("there is no event `{name}`: see `aghanim-hooks events`"))?;
            self.write(event, true)?;
            return Ok(Exit::Ok);
        }
        for event in CATALOGUE {
            self.write(event, false)?;
        }
        Ok(Exit::Ok)
    }

    fn write(&self, event: &EventInfo, whole: bool) -> anyhow::Result<()> {
        let fields = payload_fields(event.name);
        let reply = match event.reply {
            "Ack" => "any 2xx",
            "AnyReply" => "any 2xx; more is not documented",
            reply => reply,
        };
        let refusal = match event.refusal {
            Refusal::InBody => "HTTP 200 with {\"status\":\"error\",\"code\",\"message\"}",
            _ if event.name == "player.verify" => "4xx with {\"status\":\"error\",\"code\",\"message\"}",
            _ => "4xx",
        };
        let key = match event.idempotency_key {
            IdempotencyKey::Expected => "expected",
            IdempotencyKey::Null => "null",
            IdempotencyKey::Varies => "varies",
            _ => "unknown",
        };
        let mut names: Vec<_> =
            fields.iter().map(|field| format!("{}{}", field.name, if field.required { "" } else { "?" })).collect();
        if names.is_empty() {
            names.push("not documented".to_owned());
        }
        let mut text = format!(
            "{}\n  fields   {}\n  answer   {reply}\n  refusal  {refusal}\n  key      {key}",
            event.name,
            names.join(", ")
        );
        let mut object = json!({
            "name": event.name, "former_names": event.former_names, "payload": event.payload, "fields": fields,
            "answer": event.reply, "refusal": refusal, "key": key, "subscribable": event.subscribable,
            "batchable": event.batchable,
        });
        if whole && let Some(request) = sample_request(event.name) {
            text = format!("{text}\n{request:#}");
            object["sample"] = request;
        }
        self.output.line(&text, &object)
    }
}
