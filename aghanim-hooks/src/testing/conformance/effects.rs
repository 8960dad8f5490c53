//! Counts the effects of an event, since two equal answers don't show whether it was granted twice.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use serde_json::Value;

use super::Options;

/// The longest wait for an effect. Some receivers answer first and grant later.
const PATIENCE: Duration = Duration::from_secs(2);

/// The wait for a second effect after the first.
const AFTERWARDS: Duration = Duration::from_millis(60);

/// The numbers in the receiver's answers, each under its path.
pub(super) type Numbers = BTreeMap<String, f64>;

/// The receiver whose effects are counted.
pub(super) trait Receiver: Sync {
    fn options(&self) -> &Options;

    fn handles(&self, event: &str) -> bool;

    /// Sends a fresh event, and returns the text of the answer.
    fn deliver(&self, event: &str) -> impl Future<Output = String> + Send;
}

/// The change of each number by one effect; empty if no number changes.
pub(super) struct Effects {
    unit: Numbers,
    /// The reason why effects can't be seen; empty if they can.
    pub(super) blind: String,
}

impl Effects {
    pub(super) fn none() -> Self {
        Self { unit: Numbers::new(), blind: "the receiver handles no event that grants".to_owned() }
    }

    /// Sends one event, and finds the numbers that it changes.
    pub(super) async fn calibrate(receiver: &impl Receiver, event: &str) -> Self {
        let before = match numbers(receiver).await {
            Ok(before) => before,
            Err(blind) => return Self { unit: Numbers::new(), blind },
        };
        // A number that changes by itself, such as a time, shows no effect.
        let noise = numbers(receiver).await.map(|again| difference(&before, &again)).unwrap_or_default();
        receiver.deliver(event).await;
        let waiting = std::time::Instant::now();
        loop {
            let after = numbers(receiver).await.unwrap_or_default();
            let mut unit = difference(&before, &after);
            unit.retain(|path, _| !noise.contains_key(path));
            if !unit.is_empty() || waiting.elapsed() > PATIENCE / 4 {
                let blind = if unit.is_empty() {
                    "the answers to `player.verify` show no number that a granted event changes: name one with \
                     `Options::effects`, or `--effects` of the command"
                        .to_owned()
                } else {
                    String::new()
                };
                return Self { unit, blind };
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(super) fn are_seen(&self) -> bool {
        !self.unit.is_empty()
    }

    /// The numbers now.
    pub(super) async fn look(&self, receiver: &impl Receiver) -> Numbers {
        if self.are_seen() { numbers(receiver).await.unwrap_or_default() } else { Numbers::new() }
    }

    /// The number of effects since then; `None` if they can't be seen.
    pub(super) async fn since(&self, receiver: &impl Receiver, before: &Numbers) -> Option<f64> {
        let (path, unit) = self.unit.iter().next()?;
        let count = |now: &Numbers| {
            let of = |numbers: &Numbers| numbers.get(path).copied().unwrap_or_default();
            (of(now) - of(before)) / unit
        };
        let waiting = std::time::Instant::now();
        while count(&self.look(receiver).await) < 1.0 && waiting.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tokio::time::sleep(AFTERWARDS).await;
        Some(count(&self.look(receiver).await))
    }
}

async fn numbers(receiver: &impl Receiver) -> Result<Numbers, String> {
    if let Some(count) = &receiver.options().effects {
        return count().await.map(|number| Numbers::from([(String::new(), number)]));
    }
    if !receiver.handles("player.verify") {
        return Err("the receiver does not handle `player.verify`, whose answer could show the effect: name a number \
                    with `Options::effects`, or `--effects` of the command"
            .to_owned());
    }
    let answer = receiver.deliver("player.verify").await;
    let mut numbers = Numbers::new();
    collect(&serde_json::from_str(&answer).unwrap_or_default(), "", &mut numbers);
    Ok(numbers)
}

fn collect(value: &Value, path: &str, numbers: &mut Numbers) {
    match value {
        Value::Number(number) => drop(numbers.insert(path.to_owned(), number.as_f64().unwrap_or_default())),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                // The currency identifies a balance, because its place in the list may change.
                let name = item.get("sku").and_then(Value::as_str).map_or_else(|| index.to_string(), str::to_owned);
                collect(item, &format!("{path}.{name}"), numbers);
            }
        }
        Value::Object(fields) => fields.iter().for_each(|(key, item)| collect(item, &format!("{path}.{key}"), numbers)),
        _ => {}
    }
}

fn difference(before: &Numbers, after: &Numbers) -> Numbers {
    let paths = before.keys().chain(after.keys());
    let of = |numbers: &Numbers, path: &String| numbers.get(path).copied().unwrap_or_default();
    paths
        .map(|path| (path.clone(), of(after, path) - of(before, path)))
        .filter(|(_, change)| change.abs() > 0.0)
        .collect()
}
