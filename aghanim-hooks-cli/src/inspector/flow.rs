//! The way of one delivery: it is kept, sent to the receiver with the faults that are on, and answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use aghanim_hooks::testing::RawAnswer;
use http::StatusCode;
use tokio::sync::oneshot;

use super::chaos::Chaos;
use super::delivery::{Origin, Request};
use super::hub::{Dropped, Hub};
use super::keep::{Kept, end, keep};
use super::own_answer::refusal;
use super::receiver::no_answer;
use super::repeat;
use super::verdict::{Sent, Verdict};

/// The time that a delivery waits for one that may overtake it.
const OVERTAKING: Duration = Duration::from_secs(2);

/// The reply to the sender.
#[derive(Debug)]
pub(crate) enum Reply {
    Answer(RawAnswer),
    /// The connection ends without an answer.
    HangUp,
}

/// Sends a kept delivery to the receiver, and returns the sender's answer. `is_gone` is set when the sender hangs up.
pub(crate) async fn pass(hub: &Arc<Hub>, mut kept: Kept, is_gone: &AtomicBool) -> Reply {
    // Events that are not shown are not disturbed either.
    let mut chaos = if hub.wants(kept.facts.event.as_deref()) { hub.chaos() } else { Chaos::default() };
    // There is nobody who could get half of it.
    chaos.cut_body &= !hub.receiver.is_own();
    if chaos.answer.is_some()
        && let Some(status) = hub.take_answer()
    {
        return fixed(hub, kept, status).await;
    }
    let overtaken = if chaos.reorder { hold(hub, &mut kept).await } else { None };
    if chaos.delay_ms > 0 {
        kept.chaos.push(format!("delay {} ms", chaos.delay_ms));
        tokio::time::sleep(Duration::from_millis(chaos.delay_ms)).await;
    }
    let cut = if chaos.cut_body { repeat::send_cut(hub, &kept).await } else { None };
    let is_signed = kept.signature.verdict != "invalid";
    let started = Instant::now();
    let answer = hub.receiver.send(&kept.request, is_signed).await;
    let time = started.elapsed();
    if let Some(overtaken) = overtaken {
        // The one that was overtaken may have given up waiting.
        let _ = overtaken.send(());
    }
    let drops = chaos.drop_answer && answer.is_ok();
    let gone = is_gone.load(Ordering::Relaxed);
    if drops {
        kept.chaos.push("drop_answer".to_owned());
    }
    let failure = match &answer {
        Err(error) => Some(error.to_string()),
        Ok(_) if drops => Some("the answer was dropped on purpose".to_owned()),
        Ok(_) if gone => Some("the sender hung up before the answer".to_owned()),
        Ok(_) => None,
    };
    end(hub, &kept, answer.as_ref().ok(), failure, Some(time)).await;
    let sent = Sent { what: "the first delivery", id: kept.id, answer };
    if chaos.cut_body
        && let (Some(event), Some(key)) = (&kept.facts.event, &kept.facts.key)
    {
        let whole = Sent { what: "a body that broke off", ..sent.clone() };
        hub.set_verdict(Verdict::after_a_cut(event, key, cut, &whole));
    }
    let reply = match &sent.answer {
        Ok(_) if drops => Reply::HangUp,
        Ok(answer) => Reply::Answer(answer.clone()),
        Err(error) => Reply::Answer(no_answer(error)),
    };
    follow_up(hub, kept, sent, &chaos, drops);
    reply
}

/// Everything that happens to a key after its delivery.
fn follow_up(hub: &Arc<Hub>, kept: Kept, sent: Sent, chaos: &Chaos, drops: bool) {
    let Some(scope) = kept.facts.scope.clone() else { return };
    if let Some(dropped) = hub.take_dropped(&scope) {
        let first = Sent { what: "the first delivery", id: dropped.id, answer: Ok(dropped.answer) };
        let what = if kept.origin == Origin::Received { "the sender's own retry" } else { "by hand" };
        let retry = Sent { what, ..sent.clone() };
        repeat::judge_retry(hub, &kept.facts, first, retry);
    }
    // A received delivery is sent again by its sender, and any other one by the inspector.
    let is_retried = drops && kept.origin != Origin::Received;
    if drops
        && !is_retried
        && let Ok(answer) = &sent.answer
    {
        hub.remember_dropped(Dropped { scope, id: kept.id, answer: answer.clone() });
    }
    let count = chaos.duplicate.max(usize::from(is_retried));
    if count > 0 {
        tokio::spawn(repeat::send_copies(Arc::clone(hub), kept, sent, count, drops));
    }
}

/// Keeps a request that did not arrive whole, or that is too large, and its end.
pub(crate) async fn refuse(hub: &Arc<Hub>, request: Request, failure: String, answer: Option<RawAnswer>) -> Reply {
    let kept = keep(hub, request, Origin::Received, None, Vec::new()).await;
    end(hub, &kept, answer.as_ref(), Some(failure), None).await;
    answer.map_or(Reply::HangUp, Reply::Answer)
}

/// Answers in the receiver's place.
async fn fixed(hub: &Arc<Hub>, mut kept: Kept, status: u16) -> Reply {
    kept.chaos.push(format!("answer {status}"));
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let answer = refusal(status, "chaos", "the inspector answered, not the receiver");
    end(hub, &kept, Some(&answer), None, None).await;
    Reply::Answer(answer)
}

/// Holds a delivery until another one has overtaken it. Returns the sender that lets the overtaken one go, if this is
/// the one that overtakes.
async fn hold(hub: &Arc<Hub>, kept: &mut Kept) -> Option<oneshot::Sender<()>> {
    let waiting = {
        let mut held = hub.held();
        // A receiver that is gone has stopped waiting.
        if let Some(other) = held.take().filter(|other| !other.is_closed()) {
            kept.chaos.push("overtakes the delivery before it".to_owned());
            return Some(other);
        }
        let (release, waiting) = oneshot::channel();
        *held = Some(release);
        waiting
    };
    let note = match tokio::time::timeout(OVERTAKING, waiting).await {
        Ok(_) => "overtaken by the next delivery",
        Err(_) => "held, but no other delivery came",
    };
    kept.chaos.push(note.to_owned());
    None
}

/// Takes a delivery that was made here, and sends it in the background. Returns its id. `None` if it is not kept: then it
/// is not sent either.
pub(crate) async fn send(hub: &Arc<Hub>, request: Request, origin: Origin, of: Option<i64>) -> Option<i64> {
    let kept = keep(hub, request, origin, of, Vec::new()).await;
    let id = kept.id?;
    let hub = Arc::clone(hub);
    tokio::spawn(async move { pass(&hub, kept, &AtomicBool::new(false)).await });
    Some(id)
}
