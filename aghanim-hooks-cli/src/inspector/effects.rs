//! The effects of an event that can be seen from outside: numbers in the answer to `player.verify`.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::delivery::Request;
use super::difference::{Change, between};
use super::fields::leaves;
use super::hub::Hub;
use crate::envelope::fresh;

/// The time in which the receiver may do what it has answered.
const SETTLING: Duration = Duration::from_millis(300);

/// The most values that are searched for a number.
const MOST: usize = 1000;

/// Asks a receiver for a player's numbers.
pub(super) struct Probe {
    hub: Arc<Hub>,
    request: Request,
    /// Numbers that change by themselves, such as a time.
    noise: Vec<String>,
}

impl Probe {
    /// A probe for the player of this event, after its first delivery.
    ///
    /// # Errors
    /// A sentence that says why nothing can be seen.
    pub(super) async fn of(hub: &Arc<Hub>, event: &Request) -> Result<(Self, Value), &'static str> {
        let Some(signing) = &hub.signing else { return Err("Without the secret it can't ask `player.verify`.") };
        let envelope: Value = serde_json::from_slice(&event.body).unwrap_or_default();
        let Some(player) = envelope["event_data"]["player_id"].as_str() else {
            return Err("The event names no player whose balance could be compared.");
        };
        let mut asked = fresh("player.verify", Some(json!({"player_id": player})), SystemTime::now())
            .ok_or("The catalogue has no `player.verify`.")?;
        asked["sandbox"] = envelope["sandbox"].clone();
        let request = signing.post(event.path.clone(), &asked);
        let mut probe = Self { hub: Arc::clone(hub), request, noise: Vec::new() };
        tokio::time::sleep(SETTLING).await;
        let blind = "The answer to `player.verify` shows no number that could change.";
        let before = probe.look().await.ok_or(blind)?;
        let again = probe.look().await.ok_or(blind)?;
        probe.noise = between(&before, &again).into_iter().map(|change| change.path).collect();
        Ok((probe, again))
    }

    /// The numbers that have changed since then, and the answer now.
    pub(super) async fn since(&self, before: &Value) -> Option<(Vec<Change>, Value)> {
        tokio::time::sleep(SETTLING).await;
        let now = self.look().await?;
        let changes = between(before, &now).into_iter();
        let is_number =
            |change: &Change| change.after.as_ref().or(change.before.as_ref()).is_some_and(Value::is_number);
        let changes = changes.filter(|change| is_number(change) && !self.noise.contains(&change.path));
        Some((changes.collect(), now))
    }

    /// The answer to `player.verify`. `None` if it shows no number.
    async fn look(&self) -> Option<Value> {
        let answer = self.hub.receiver.send(&self.request, true).await.ok()?;
        let answer = answer.json().filter(|_| answer.status.is_success())?;
        let (found, _) = leaves(&answer, MOST);
        found.iter().any(|(_, value)| value.is_number()).then_some(answer)
    }
}
