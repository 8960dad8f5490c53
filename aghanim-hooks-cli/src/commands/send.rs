//! Shared by `trigger` and `replay`: sends requests and prints the answers.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use aghanim_hooks::testing::Fit;
use aghanim_hooks::testing::conformance::{Target as _, Wire};
use anyhow::Context as _;
use clap::Args;
use futures_util::future::join_all;
use indicatif::{ProgressBar, ProgressDrawTarget};
use serde_json::json;

use crate::exit::Exit;
use crate::output::{OutputArgs, mark};
use crate::recording::Recording;
use crate::url::UrlTarget;

/// The options for sending.
#[derive(Debug, Args)]
pub(super) struct SendArgs {
    /// The time that the receiver has to answer
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = humantime::parse_duration)]
    timeout: Duration,
    /// Keep each delivery and its answer as a file in this directory
    #[arg(long, value_name = "DIRECTORY")]
    record: Option<PathBuf>,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

impl SendArgs {
    pub(super) fn target(&self, url: &str) -> anyhow::Result<UrlTarget> {
        UrlTarget::new(url, self.timeout)
    }

    /// Sends the requests, `at_once` of them at a time, and writes the answers.
    pub(super) async fn send(
        &self,
        target: &UrlTarget,
        event_type: &str,
        wires: Vec<Wire>,
        at_once: usize,
    ) -> anyhow::Result<Exit> {
        let mut exit = Exit::Ok;
        let bar = if wires.len() > 20 { ProgressBar::new(wires.len() as u64) } else { ProgressBar::hidden() };
        if self.output.is_json() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        for (round, wires) in wires.chunks(at_once.max(1)).enumerate() {
            let answers = join_all(wires.iter().map(|wire| async {
                let started = Instant::now();
                (target.send(wire.clone()).await, started.elapsed())
            }))
            .await;
            for (index, (wire, (answer, time))) in wires.iter().zip(answers).enumerate() {
                bar.inc(1);
                let milliseconds = time.as_secs_f64() * 1e3;
                match answer {
                    Ok(answer) => {
                        let fit = Fit::of(event_type, &answer);
                        exit = exit.max(Exit::from(&fit));
                        let good = match fit {
                            Fit::Accepted => Some(true),
                            Fit::Refused { .. } => None,
                            _ => Some(false),
                        };
                        let text =
                            format!("{}  {milliseconds:.1} ms  {answer}", mark(&format!("{event_type}: {fit}"), good));
                        let object = json!({
                            "event": event_type, "status": answer.status.as_u16(), "milliseconds": milliseconds,
                            "body": answer.text(), "fits": !matches!(fit, Fit::Misfit(_)), "verdict": fit.to_string(),
                        });
                        bar.suspend(|| self.output.line(&text, &object))?;
                        if let Some(directory) = &self.record {
                            std::fs::create_dir_all(directory)
                                .with_context(|| format!("can't make {}", directory.display()))?;
                            let recording = Recording::new(wire, Some(target.url())).answered(&answer, time);
                            let number = round * at_once.max(1) + index;
                            let name = format!("{}-{event_type}-{number}.json", recording.recorded_at);
                            recording.write(&directory.join(name))?;
                        }
                    }
                    Err(unanswered) => {
                        exit = exit.max(Exit::from(&unanswered));
                        let text = format!(
                            "{}  {milliseconds:.1} ms",
                            mark(&format!("{event_type}: {unanswered}"), Some(false))
                        );
                        let object = json!({
                            "event": event_type, "error": unanswered.to_string(), "milliseconds": milliseconds,
                        });
                        bar.suspend(|| self.output.line(&text, &object))?;
                    }
                }
            }
        }
        bar.finish_and_clear();
        Ok(exit)
    }
}
