//! Sends deliveries again, and judges the receiver by its answers.

use std::sync::Arc;
use std::time::Instant;

use aghanim_hooks::testing::Fit;
use futures_util::future::join_all;

use super::delivery::Origin;
use super::duplicates::{Copy, copies};
use super::effects::Probe;
use super::facts::Facts;
use super::hub::Hub;
use super::keep::{Kept, end, keep};
use super::verdict::{Case, Effects, Sent, Verdict};

/// Sends half of a delivery, and keeps that as a delivery of its own.
pub(super) async fn send_cut(hub: &Arc<Hub>, kept: &Kept) -> Option<i64> {
    let note = vec!["cut_body".to_owned()];
    let cut = keep(hub, kept.request.clone(), Origin::Duplicate, kept.id, note).await;
    let failure = hub.receiver.send_half(&kept.request).await;
    end(hub, &cut, None, Some(failure), None).await;
    cut.id
}

/// Sends a delivery again so many times, and sets the verdict.
pub(super) async fn send_copies(hub: Arc<Hub>, kept: Kept, first: Sent, count: usize, was_dropped: bool) {
    let (Some(event), Some(key)) = (kept.facts.event.clone(), kept.facts.key.clone()) else { return };
    if hub.receiver.is_own() {
        hub.set_verdict(Verdict::no_receiver(event, key));
        return;
    }
    let is_accepted = first.answer.as_ref().is_ok_and(|answer| Fit::of(&event, answer) == Fit::Accepted);
    // A duplicate of a delivery that failed or was refused shows nothing.
    if !is_accepted {
        let (copies, effects) = (Vec::new(), Effects::Same);
        hub.set_verdict(Verdict::of(&Case { event, key, first, was_dropped, copies, effects }));
        return;
    }
    let probe = Probe::of(&hub, &kept.request).await;
    let copies = copies(&kept.request, count, hub.signing.as_ref());
    let mut sent = Vec::new();
    for copy in &copies.in_turn {
        sent.push(send(&hub, &kept, copy, "duplicate").await);
    }
    sent.extend(join_all(copies.at_once.iter().map(|copy| send(&hub, &kept, copy, "duplicate at once"))).await);
    let effects = match probe {
        Err(why) => Effects::Blind(why),
        Ok((probe, before)) => look(&hub, &kept, &probe, &before, &mut sent, &copies.in_turn[0]).await,
    };
    // Its answer is shown and not judged: nothing says that an event without its key is a duplicate.
    if let Some(copy) = &copies.without_key {
        send(&hub, &kept, copy, "without key, not judged").await;
    }
    hub.set_verdict(Verdict::of(&Case { event, key, first, was_dropped, copies: sent, effects }));
}

/// Compares the player's numbers. After a change, one more duplicate shows whether it was the cause.
async fn look(
    hub: &Arc<Hub>,
    kept: &Kept,
    probe: &Probe,
    before: &serde_json::Value,
    sent: &mut Vec<Sent>,
    copy: &Copy,
) -> Effects {
    let blind = Effects::Blind("`player.verify` was no longer answered with numbers.");
    let Some((changes, now)) = probe.since(before).await else { return blind };
    if changes.is_empty() {
        return Effects::Same;
    }
    sent.push(send(hub, kept, copy, "duplicate").await);
    match probe.since(&now).await {
        Some((again, _)) if again.iter().any(|change| changes.iter().any(|other| other.path == change.path)) => {
            Effects::ChangedAgain(changes)
        }
        _ => Effects::Changed(changes),
    }
}

/// Judges the sender's own retry after its answer was dropped.
pub(super) fn judge_retry(hub: &Arc<Hub>, facts: &Facts, first: Sent, retry: Sent) {
    if let (Some(event), Some(key)) = (facts.event.clone(), facts.key.clone())
        && !hub.receiver.is_own()
    {
        let effects = Effects::Blind("The sender's retry is compared by its answer only.");
        let copies = vec![retry];
        hub.set_verdict(Verdict::of(&Case { event, key, first, was_dropped: true, copies, effects }));
    }
}

async fn send(hub: &Arc<Hub>, original: &Kept, copy: &Copy, note: &str) -> Sent {
    let notes = vec![note.to_owned(), copy.what.to_owned()];
    let kept = keep(hub, copy.request.clone(), Origin::Duplicate, original.id, notes).await;
    let started = Instant::now();
    let answer = hub.receiver.send(&kept.request, kept.signature.verdict != "invalid").await;
    let failure = answer.as_ref().err().map(ToString::to_string);
    end(hub, &kept, answer.as_ref().ok(), failure, Some(started.elapsed())).await;
    Sent { what: copy.what, id: kept.id, answer }
}
