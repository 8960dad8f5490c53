//! Headers that come twice, or in odd forms.

use http::header::{HeaderName, HeaderValue};

use super::authentication::base;
use super::run::{Came, Run};
use super::scenario::{Finding, Group, Scenario, all};
use super::{Level, Wire};
use crate::signature::{SIGNATURE_HEADER, TIMESTAMP_HEADER};

pub(super) const GROUP: Group = Group {
    name: "headers",
    scenarios: &[
        Scenario {
            name: "doubled-signature",
            level: Level::Basic,
            expected: "a 4xx, whichever of the two is right",
            why: "a proxy in front may look at the other one than the receiver does",
            run: |run| Box::pin(doubled(run, SIGNATURE_HEADER, "0")),
        },
        Scenario {
            name: "doubled-timestamp",
            level: Level::Basic,
            expected: "a 4xx, whichever of the two is right",
            why: "a proxy in front may look at the other one than the receiver does",
            run: |run| Box::pin(doubled(run, TIMESTAMP_HEADER, "1")),
        },
        Scenario {
            name: "malformed-timestamp",
            level: Level::Full,
            expected: "a 4xx",
            why: "a timestamp is Unix seconds; another form would get past a check of the time",
            run: |run| Box::pin(malformed_timestamp(run)),
        },
        Scenario {
            name: "other-headers",
            level: Level::Full,
            expected: "a 2xx",
            why: "proxies add headers, and Aghanim's own may change",
            run: |run| Box::pin(other_headers(run)),
        },
    ],
};

async fn doubled(run: &Run<'_>, header: &'static str, digit: &str) -> Finding {
    let (event, wire) = match base(run) {
        Ok(base) => base,
        Err(skipped) => return skipped,
    };
    let (name, right) = (HeaderName::from_static(header), wire.headers[header].clone());
    let wrong = HeaderValue::from_bytes(digit.repeat(right.len()).as_bytes()).expect("digits can be in a header");
    let twice = |first: &HeaderValue, second: &HeaderValue| {
        let mut wire: Wire = wire.clone();
        wire.headers.insert(name.clone(), first.clone());
        wire.headers.append(name.clone(), second.clone());
        wire
    };
    let wires = [
        (format!("`{event}` with the right `{header}`, then a wrong one"), twice(&right, &wrong)),
        (format!("`{event}` with a wrong `{header}`, then the right one"), twice(&wrong, &right)),
    ];
    all(run, &format!("`{event}` with two `{header}`, in both orders"), wires, Came::refused).await.about(event)
}

async fn malformed_timestamp(run: &Run<'_>) -> Finding {
    let (event, wire) = match base(run) {
        Ok(base) => base,
        Err(skipped) => return skipped,
    };
    let wires = ["", "soon", "-1", "99999999999999999999999"]
        .map(|timestamp| (format!("`{event}` signed at `{timestamp}`"), run.sign_at(timestamp, wire.body.clone())));
    all(run, "timestamps that are none, properly signed", wires, Came::refused).await.about(event)
}

async fn other_headers(run: &Run<'_>) -> Finding {
    let (event, mut wire) = match base(run) {
        Ok(base) => base,
        Err(skipped) => return skipped,
    };
    for (name, value) in [
        ("accept-encoding", "gzip, deflate"),
        ("x-forwarded-for", "203.0.113.7"),
        ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ("x-aghanim-something-new", "1"),
    ] {
        wire.headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let came = run.send(wire).await;
    Finding::of(came.accepted(), format!("`{event}` with more headers"), came).about(event)
}
