use std::path::PathBuf;
use std::time::Duration;

use aghanim_hooks::testing::conformance::{self, Level, Options, Outcome, Report, Verdict, conformance_with};
use anyhow::Context as _;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use super::shell::shell;
use crate::exit::Exit;
use crate::input;
use crate::junit::junit;
use crate::output::{OutputArgs, mark};
use crate::secret::SecretArgs;
use crate::url::UrlTarget;

const EXAMPLES: &str = "\
Examples:
  aghanim-hooks check http://127.0.0.1:8000/webhook
  aghanim-hooks check http://127.0.0.1:8000/webhook --event item.add --level full --junit report.xml
  aghanim-hooks check http://127.0.0.1:8000/webhook --set event_data.player_id=p1 \\
      --effects \"psql -Atc 'SELECT count(*) FROM grants'\"

It sends events from the sandbox, unless --live is set; a receiver that grants those grants.";

/// Check whether a receiver, in any language, is right
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Check {
    /// The receiver's URL
    url: String,
    /// Ask for this event, which the receiver must handle [default: the usual ones, as far as it handles them]
    #[arg(long, value_name = "EVENT")]
    event: Vec<String>,
    /// The extent of the check: `full` adds slow and odd requests
    #[arg(long, value_enum, default_value_t = Depth::Basic)]
    level: Depth,
    /// Set a value in each event by its path. The value is JSON, or else text
    #[arg(long, value_name = "PATH=VALUE", value_parser = input::assignment)]
    set: Vec<(String, Value)>,
    /// Send live events
    #[arg(long)]
    live: bool,
    /// A shell command that prints a number which each grant changes alike, to see whether a duplicate is granted twice
    /// [default: the numbers in the answers to player.verify]
    #[arg(long, value_name = "COMMAND")]
    effects: Option<String>,
    /// Also write an XML report for CI systems, in the form of `JUnit`
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// The time that the receiver has to answer
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = humantime::parse_duration)]
    timeout: Duration,
    #[command(flatten)]
    secret: SecretArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Depth {
    Basic,
    Full,
}

impl Check {
    pub(super) async fn run(self) -> anyhow::Result<Exit> {
        let target = UrlTarget::new(&self.url, self.timeout)?;
        let level = if self.level == Depth::Full { Level::Full } else { Level::Basic };
        let mut options = Options::new(self.secret.secret()?).level(level);
        for event in &self.event {
            options = options.event(event);
        }
        for (path, value) in &self.set {
            options = options.set(path, value.clone());
        }
        if self.live {
            options = options.live();
        }
        if let Some(command) = &self.effects {
            let command = command.clone();
            options = options.effects(move || count(command.clone()));
        }
        let bar = self.bar(level);
        let mut written = Ok(());
        let report = conformance_with(&target, options, |outcome| {
            bar.inc(1);
            let line = bar.suspend(|| self.output.line(&line(outcome), outcome));
            written = std::mem::replace(&mut written, Ok(())).and(line);
        })
        .await;
        bar.finish_and_clear();
        written?;
        if let Some(file) = &self.junit {
            std::fs::write(file, junit(&report)).with_context(|| format!("can't write {}", file.display()))?;
        }
        self.summarise(&report)?;
        Ok(exit(&report))
    }

    fn bar(&self, level: Level) -> ProgressBar {
        let bar = ProgressBar::new(conformance::scenarios(level) as u64);
        if self.output.is_json() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len}") {
            bar.set_style(style);
        }
        bar
    }

    fn summarise(&self, report: &Report) -> anyhow::Result<()> {
        let count = |verdict| report.of(verdict).count();
        let (passed, failed) = (count(Verdict::Passed), count(Verdict::Failed));
        let (advice, skipped) = (count(Verdict::Advice), count(Verdict::Skipped));
        let word = if report.passed() { mark("passed", Some(true)) } else { mark("FAILED", Some(false)) };
        let text = format!("{word}: {passed} passed, {failed} failed, {advice} with advice, {skipped} skipped");
        let object = json!({"passed": passed, "failed": failed, "advice": advice, "skipped": skipped});
        self.output.line(&text, &json!({"summary": object}))
    }
}

fn line(outcome: &Outcome) -> String {
    let text = outcome.to_string();
    let word = outcome.verdict.to_string();
    let good = match outcome.verdict {
        Verdict::Passed => Some(true),
        Verdict::Failed => Some(false),
        _ => None,
    };
    text.replacen(&word, &mark(&word, good), 1)
}

/// The exit code of a report. A receiver that can't be reached has another one than a receiver that differs.
fn exit(report: &Report) -> Exit {
    let Some(first) = report.outcomes.first() else { return Exit::Ok };
    if report.passed() {
        Exit::Ok
    } else if first.came.starts_with("unreachable") {
        Exit::Refused
    } else if first.came.starts_with("no answer within") {
        Exit::Timeout
    } else {
        Exit::Differs
    }
}

async fn count(command: String) -> Result<f64, String> {
    let output = tokio::process::Command::from(shell(&command)).output().await;
    let output = output.map_err(|error| format!("`{command}`: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    text.parse().map_err(|_| {
        let error = String::from_utf8_lossy(&output.stderr);
        format!("`{command}` prints `{text}`, which is not a number: {}", error.trim())
    })
}
