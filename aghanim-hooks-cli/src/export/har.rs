use std::time::{Duration, UNIX_EPOCH};

use aghanim_hooks::testing::conformance::Wire;
use serde_json::{Value, json};

use crate::recording::{Answer, Recording};

/// A HAR 1.2 log with this one request, and the recorded answer.
///
/// # Errors
/// Fails if a recorded body is not valid base64.
pub fn har(recording: &Recording, wire: &Wire, url: &str) -> anyhow::Result<String> {
    let headers: Vec<_> = wire
        .headers
        .iter()
        .map(|(name, value)| json!({"name": name.as_str(), "value": String::from_utf8_lossy(value.as_bytes())}))
        .collect();
    let started = UNIX_EPOCH + Duration::from_secs(recording.recorded_at);
    let time = recording.answer.as_ref().map_or(0, |answer| answer.milliseconds);
    let log = json!({"log": {
        "version": "1.2",
        "creator": {"name": "aghanim-hooks", "version": env!("CARGO_PKG_VERSION")},
        "entries": [{
            "startedDateTime": humantime::format_rfc3339_millis(started).to_string(),
            "time": time,
            "request": {
                "method": "POST",
                "url": url,
                "httpVersion": "HTTP/1.1",
                "cookies": [],
                "headers": headers,
                "queryString": [],
                "postData": {"mimeType": "application/json", "text": String::from_utf8_lossy(&wire.body)},
                "headersSize": -1,
                "bodySize": wire.body.len(),
            },
            "response": response(recording.answer.as_ref())?,
            "cache": {},
            "timings": {"send": 0, "wait": time, "receive": 0},
        }],
    }});
    Ok(serde_json::to_string_pretty(&log)?)
}

/// A request without an answer has the status 0, as browsers write it.
fn response(answer: Option<&Answer>) -> anyhow::Result<Value> {
    let (status, headers, body) = match answer {
        Some(answer) => (answer.status, answer.headers.clone(), answer.body.bytes()?),
        None => (0, Vec::new(), Vec::new()),
    };
    let headers: Vec<_> = headers.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    Ok(json!({
        "status": status,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers,
        "content": {"size": body.len(), "mimeType": "application/json", "text": String::from_utf8_lossy(&body)},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": body.len(),
    }))
}
