//! Waits until no endpoint uses the old secret any more.

use std::time::{Duration, SystemTime};

use clap::Args;
use serde_json::json;

use crate::management::idle::{Metrics, Seen};
use crate::output::OutputArgs;

/// The options for waiting.
#[derive(Debug, Args)]
pub(super) struct WaitArgs {
    /// Watch these metrics of the endpoint for uses of the old secret. Name each instance. Without it, time alone counts
    #[arg(long, value_name = "URL")]
    metrics: Vec<String>,
    /// Drop the old secret when it was not used for this time. The default is the endpoint's time window
    #[arg(long, value_name = "DURATION", default_value = "72h", value_parser = humantime::parse_duration)]
    idle: Duration,
    /// The time between two looks at the metrics
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = humantime::parse_duration)]
    poll: Duration,
    /// End after step 3. `--resume` does the rest, on another day
    #[arg(long)]
    pub(super) no_wait: bool,
}

impl WaitArgs {
    pub(super) fn metrics(&self) -> anyhow::Result<Vec<Metrics>> {
        self.metrics.iter().map(|url| Metrics::new(url)).collect()
    }

    /// The condition that it waits for, in words.
    pub(super) fn about(&self) -> String {
        let idle = humantime::format_duration(self.idle);
        match &self.metrics[..] {
            [] => format!("{idle} have passed; nobody looks whether it is used, since there is no --metrics"),
            pages => format!("it was not used for {idle}, by {}", pages.join(", ")),
        }
    }

    /// Waits. Both secrets have been in the file since `since`.
    pub(super) async fn wait(&self, since: SystemTime, output: OutputArgs) -> anyhow::Result<()> {
        let mut pages = self.metrics()?;
        let mut told = String::new();
        loop {
            let mut last_used = since;
            let mut troubles = Vec::new();
            for page in &mut pages {
                let trouble = match page.look().await {
                    Seen::LastUsed(at) => {
                        last_used = last_used.max(at.unwrap_or(since));
                        continue;
                    }
                    Seen::OneSecret => "it shows one secret, so it has not read the file yet".to_owned(),
                    Seen::Nothing(reason) => reason,
                };
                troubles.push(format!("{}: {trouble}", page.url()));
            }
            let left = self.idle.saturating_sub(last_used.elapsed().unwrap_or_default());
            if troubles.is_empty() && left.is_zero() {
                return Ok(());
            }
            let until = humantime::format_rfc3339_seconds(last_used + self.idle);
            let text = if troubles.is_empty() {
                format!("waiting until {until}, or longer if the old secret is used")
            } else {
                format!("waiting: {}", troubles.join("; "))
            };
            if text != told {
                output.line(&text, &json!({"step": "waiting", "until": until.to_string(), "troubles": troubles}))?;
                told = text;
            }
            // With troubles, `left` may be zero, and the loop would not sleep.
            let pause = if troubles.is_empty() { left } else { self.poll };
            tokio::time::sleep(if pages.is_empty() { pause } else { pause.min(self.poll) }).await;
        }
    }
}
