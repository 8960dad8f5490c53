use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use aghanim_hooks::testing::Fit;
use aghanim_hooks_serve::told_to_stop;
use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::json;
use tokio::time::Instant;

use crate::exit::Exit;
use crate::inspector::{
    Chaos, Ended, FixedAnswer, LONGEST_DELAY, Limits, MOST_DUPLICATES, Origin, Pattern, Receiver, Record, Running,
    Settings, Signing, State, Summary, Verdict, start,
};
use crate::output::{OutputArgs, mark};
use crate::secret::SecretArgs;
use crate::url::UrlTarget;

const EXAMPLES: &str = "\
Examples:
  aghanim-hooks listen --forward http://127.0.0.1:8000/webhook
  aghanim-hooks listen --forward http://127.0.0.1:8000/webhook --duplicate 3
  aghanim-hooks listen --record recorded --redact email,player_id
  aghanim-hooks listen --until item.add --timeout 30s --ephemeral --json

Without --forward it answers by itself, in each event's own shape. The page shows every delivery, live; its address is
printed. The history holds the deliveries as they came, personal data included. Only you can read its file.";

/// Show every delivery in the browser, between the sender and your receiver
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Listen {
    /// The receiver's URL. Without it, the inspector answers
    #[arg(long, value_name = "URL")]
    forward: Option<String>,
    /// The port for deliveries; 0 is any free one
    #[arg(long, value_name = "N", default_value_t = 4242)]
    port: u16,
    /// The port for the page; 0 is any free one
    #[arg(long, value_name = "N", default_value_t = 4243)]
    page_port: u16,
    /// Take deliveries at this address. Another one than 127.0.0.1 also needs --expose
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    bind: IpAddr,
    /// Allow --bind to open the port for deliveries to other machines. The page stays on this one
    #[arg(long)]
    expose: bool,
    /// Keep only these events, such as item.add,order.*. The others are passed on
    #[arg(long, value_name = "PATTERNS", value_delimiter = ',', value_parser = Pattern::parse)]
    events: Vec<Pattern>,
    /// Also keep each delivery and its answer as a file in this directory
    #[arg(long, value_name = "DIRECTORY")]
    record: Option<PathBuf>,
    /// Replace the values of these fields in the recorded files: names, or paths such as `event_data.email`
    #[arg(long, value_name = "FIELDS", value_delimiter = ',', requires = "record")]
    redact: Vec<String>,
    /// End with exit code 0 as soon as such an event has come and its answer was accepted
    #[arg(long, value_name = "EVENT", value_parser = Pattern::parse)]
    until: Option<Pattern>,
    /// The time to wait for --until, after which the exit code is 4
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = humantime::parse_duration, requires = "until")]
    timeout: Duration,
    /// The time that the receiver has to answer
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = humantime::parse_duration)]
    answer_timeout: Duration,
    /// Keep the history in memory only
    #[arg(long, conflicts_with = "history")]
    ephemeral: bool,
    /// The history's file [default: inspector.db in your directory for such files]
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// The most deliveries to keep. The oldest are removed first
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..))]
    keep: u64,
    /// The most mebibytes to keep
    #[arg(long, value_name = "MIB", default_value_t = 256, value_parser = clap::value_parser!(u64).range(1..=65_536))]
    keep_mib: u64,
    #[command(flatten)]
    secret: SecretArgs,
    #[command(flatten)]
    output: OutputArgs,
    // The last one, because its heading is also that of what comes after it.
    #[command(flatten)]
    chaos: ChaosArgs,
}

/// The faults to make.
#[derive(Debug, Args)]
#[command(next_help_heading = "Chaos")]
struct ChaosArgs {
    /// Send each delivery with a key again so many times after its answer, and judge the receiver
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = duplicates)]
    duplicate: usize,
    /// Hold each delivery for this time
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = delay)]
    delay: Duration,
    /// Let each second delivery overtake the one before it
    #[arg(long)]
    reorder: bool,
    /// Keep the receiver's answers from the sender
    #[arg(long)]
    drop_answer: bool,
    /// Send half of each delivery first, and end that connection
    #[arg(long)]
    cut_body: bool,
    /// Answer with this status in the receiver's place
    #[arg(long, value_name = "STATUS", value_parser = clap::value_parser!(u16).range(200..600))]
    answer: Option<u16>,
    /// The number of deliveries that --answer is for
    #[arg(long, value_name = "N", default_value_t = 1, requires = "answer", value_parser = clap::value_parser!(u32).range(1..))]
    times: u32,
}

fn duplicates(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| *number <= MOST_DUPLICATES);
    number.ok_or_else(|| format!("write a number from 0 to {MOST_DUPLICATES}"))
}

fn delay(text: &str) -> Result<Duration, String> {
    let longest = Duration::from_millis(LONGEST_DELAY);
    let delay = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if delay > longest { Err(format!("write at most {}", humantime::format_duration(longest))) } else { Ok(delay) }
}

impl ChaosArgs {
    fn chaos(&self) -> Chaos {
        Chaos {
            duplicate: self.duplicate,
            delay_ms: u64::try_from(self.delay.as_millis()).unwrap_or(LONGEST_DELAY),
            reorder: self.reorder,
            drop_answer: self.drop_answer,
            cut_body: self.cut_body,
            answer: self.answer.map(|status| FixedAnswer { status, times: self.times }),
        }
    }
}

impl Listen {
    pub(super) async fn run(self) -> anyhow::Result<Exit> {
        let running = start(self.settings()?).await?;
        // Signals are caught before anybody is told that it listens.
        let stopped = told_to_stop();
        let (deliveries, page) = (running.api.deliveries_url.clone(), running.page_url.clone());
        self.output.line(
            &format!("listening  {deliveries}  (page: {page})"),
            &json!({"listening": {"deliveries": deliveries, "page": page}}),
        )?;
        self.follow(running, stopped).await
    }

    fn settings(&self) -> anyhow::Result<Settings> {
        if !self.bind.is_loopback() && !self.expose {
            bail!("{} can be reached from other machines: add --expose if that is what you want", self.bind);
        }
        let receiver = match &self.forward {
            None => Receiver::Own,
            Some(url) => {
                if url.split('/').nth(2).is_some_and(|authority| authority.contains('@')) {
                    bail!("--forward can't have a password in its URL");
                }
                Receiver::Behind(UrlTarget::new(url, self.answer_timeout)?)
            }
        };
        let signing = if self.secret.is_given() { Some(Signing::new(self.secret.text()?)?) } else { None };
        let history = match (&self.history, self.ephemeral) {
            (_, true) => None,
            (Some(file), _) => Some(file.clone()),
            (None, _) => Some(default_history().context("no directory for the history: use --history or --ephemeral")?),
        };
        Ok(Settings {
            address: SocketAddr::new(self.bind, self.port),
            page_port: self.page_port,
            receiver,
            signing,
            events: self.events.clone(),
            chaos: self.chaos.chaos(),
            history,
            limits: Limits { count: self.keep, bytes: self.keep_mib * 1024 * 1024 },
            record: self.record.clone().map(|directory| Record { directory, redact: self.redact.clone() }),
        })
    }

    /// Prints and records what ends, until the awaited event has come or the user stops it.
    async fn follow(&self, mut running: Running, stopped: impl Future<Output = ()>) -> anyhow::Result<Exit> {
        let deadline = self.until.is_some().then(|| Instant::now() + self.timeout);
        let mut exit = Exit::Ok;
        tokio::pin!(stopped);
        loop {
            let ended = tokio::select! {
                ended = running.ended.recv() => ended,
                () = past(deadline) => {
                    exit = Exit::Timeout;
                    break;
                }
                () = &mut stopped => {
                    // The event did not come.
                    exit = if self.until.is_some() { Exit::Timeout } else { Exit::Ok };
                    break;
                }
            };
            match ended {
                None => break,
                Some(Ended::Verdict(verdict)) => self.verdict(&verdict)?,
                Some(Ended::Delivery(summary, fit)) => {
                    self.output.line(&line(&summary, fit.as_ref()), &json!({"delivery": summary}))?;
                    self.record(&running, summary.id).await;
                    if self.has_come(&summary, fit.as_ref()) {
                        break;
                    }
                }
            }
        }
        running.stop().await;
        Ok(exit)
    }

    fn verdict(&self, verdict: &Verdict) -> anyhow::Result<()> {
        let good = match verdict.state {
            State::Idempotent => Some(true),
            State::NotIdempotent | State::Unreachable => Some(false),
            State::Waiting | State::Differs => None,
        };
        let text = format!("verdict  {}: {}", mark(&verdict.title, good), plain(&verdict.detail));
        self.output.line(&text, &json!({"verdict": verdict}))
    }

    async fn record(&self, running: &Running, id: i64) {
        let Some(record) = &running.api.record else { return };
        let written = match running.api.hub.store.get(id).await {
            Ok(Some(delivery)) => record.write(&delivery, &running.api.receiver_url()).map(drop),
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            anstream::eprintln!("warning: delivery {id} is not recorded: {error:#}");
        }
    }

    fn has_come(&self, summary: &Summary, fit: Option<&Fit>) -> bool {
        let event = summary.event.as_deref();
        let is_it = self.until.as_ref().zip(event).is_some_and(|(until, event)| until.takes(event));
        is_it && summary.origin != Origin::Duplicate && fit == Some(&Fit::Accepted)
    }
}

/// A delivery in one line.
fn line(summary: &Summary, fit: Option<&Fit>) -> String {
    // `2026-11-24T18:00:00.123Z`: the time of day is enough.
    let time = summary.received.get(11..19).unwrap_or_default();
    let event = summary.event.as_deref().unwrap_or("no event");
    let (answer, good) = match (&summary.failure, fit, summary.status) {
        (Some(failure), ..) => (failure.clone(), Some(false)),
        (None, Some(fit), _) => (fit.to_string(), (*fit == Fit::Accepted).then_some(true)),
        (None, None, status) => (status.map_or_else(|| "no answer".to_owned(), |status| status.to_string()), None),
    };
    let mut parts = vec![format!("{time}  #{}  {}", summary.id, mark(&plain(&format!("{event}: {answer}")), good))];
    parts.extend(summary.status.map(|status| status.to_string()));
    parts.extend(summary.ms.map(|ms| format!("{ms:.1} ms")));
    parts.push(match (&*summary.signature.verdict, &summary.signature.reason) {
        ("invalid", Some(reason)) => format!("signature {}", plain(reason)),
        (verdict, _) => format!("signature {verdict}"),
    });
    parts.extend(summary.environment.as_deref().filter(|environment| *environment == "sandbox").map(str::to_owned));
    if summary.key_seen > 0 {
        parts.push(format!("key seen {} before", summary.key_seen));
    }
    parts.extend(summary.chaos.iter().map(|note| format!("[{note}]")));
    parts.join("  ")
}

/// Text from outside, without the characters that control a terminal.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Ends at the deadline. Without a deadline, it never ends.
async fn past(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// The history's file in the directory that the system has for such files.
fn default_history() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let directory = if cfg!(windows) {
        variable("LOCALAPPDATA")?
    } else {
        variable("XDG_STATE_HOME").or_else(|| Some(variable("HOME")?.join(".local/state")))?
    };
    Some(directory.join("aghanim-hooks").join("inspector.db"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_does_not_control_the_terminal() {
        assert_eq!(plain("a\u{1b}[31mb\nc\u{9b}"), "a\u{fffd}[31mb\u{fffd}c\u{fffd}");
    }

    #[test]
    fn ranges_of_chaos_are_checked() {
        assert!(duplicates("20").is_ok() && duplicates("21").is_err() && duplicates("-1").is_err());
        assert!(delay("5s").is_ok() && delay("11min").is_err() && delay("soon").is_err());
    }
}
