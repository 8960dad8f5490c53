//! The time window of a request.

use std::time::{Duration, SystemTime};

use super::Level;
use super::run::Run;
use super::scenario::{Finding, Group, Scenario};
use crate::testing::envelope::unix_seconds;

const HOUR: Duration = Duration::from_hours(1);

pub(super) const GROUP: Group = Group {
    name: "time",
    scenarios: &[
        Scenario {
            name: "stale",
            level: Level::Basic,
            expected: "a 4xx",
            why: "anyone who saw a request once could send it again after its key is forgotten",
            run: |run| Box::pin(stale(run)),
        },
        Scenario {
            name: "late-retry",
            level: Level::Basic,
            expected: "a 2xx",
            why: "the timestamp may be the event's: a narrow window loses the purchase that is sent again",
            run: |run| Box::pin(late_retry(run)),
        },
        Scenario {
            name: "future",
            level: Level::Full,
            expected: "a 4xx",
            why: "a request from the future outlives every window into the past",
            run: |run| Box::pin(future(run)),
        },
    ],
};

async fn at(run: &Run<'_>, when: &str, time: SystemTime, accepted: bool) -> Finding {
    let Some(event) = run.base else { return Finding::skipped("no signed event is accepted") };
    let seconds = unix_seconds(time);
    let mut envelope = run.event(event);
    envelope["event_time"] = seconds.into();
    let came = run.send(run.sign_at(&seconds.to_string(), envelope.to_string())).await;
    let holds = if accepted { came.accepted() } else { came.refused() };
    Finding::of(holds, format!("`{event}` signed {when}"), came).about(event)
}

async fn stale(run: &Run<'_>) -> Finding {
    at(run, "a year ago", SystemTime::now() - HOUR * 24 * 365, false).await
}

async fn late_retry(run: &Run<'_>) -> Finding {
    at(run, "an hour ago", SystemTime::now() - HOUR, true).await
}

async fn future(run: &Run<'_>) -> Finding {
    at(run, "for tomorrow", SystemTime::now() + HOUR * 24, false).await
}
