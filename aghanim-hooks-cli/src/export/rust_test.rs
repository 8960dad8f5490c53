use serde_json::Value;

use crate::recording::{Answer, Recording};

/// A `#[tokio::test]` that sends the event to an application, and expects the recorded answer.
///
/// `app` is the path of a function from a [`Secret`](aghanim_hooks::Secret) to the router. `envelope` is the event.
///
/// # Errors
/// Fails if a recorded body is not valid base64.
pub fn rust_test(recording: &Recording, envelope: &Value, app: &str) -> anyhow::Result<String> {
    let event_type = envelope["event_type"].as_str().unwrap_or("unknown");
    let name: String = event_type.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let data = raw(&serde_json::to_string_pretty(&envelope["event_data"])?);
    let text = |key: &str| envelope[key].as_str();
    let sending: String = [
        Some(format!("client.send_json({event_type:?}, &data)")),
        Some(text("idempotency_key").map_or_else(|| ".without_key()".to_owned(), |key| format!(".key({key:?})"))),
        text("event_id").map(|id| format!(".id({id:?})")),
        text("trigger").map(|trigger| format!(".trigger({trigger:?})")),
        (envelope["sandbox"] == true).then(|| ".sandbox()".to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let expectation = expectation(recording.answer.as_ref())?;
    Ok(format!(
        "/// A delivery that was recorded; personal data is replaced.\n\
         #[tokio::test]\n\
         async fn recorded_{name}_{time}() {{\n    \
             let secret = aghanim_hooks::Secret::new(\"whsec_for_tests_only\").unwrap();\n    \
             let client = aghanim_hooks::testing::TestClient::new({app}(secret.clone()), secret);\n    \
             let data: serde_json::Value = serde_json::from_str({data}).unwrap();\n    \
             let answer = {sending}.answer().await;\n{expectation}}}",
        time = recording.recorded_at,
    ))
}

fn expectation(answer: Option<&Answer>) -> anyhow::Result<String> {
    let Some(answer) = answer else { return Ok("    assert!(answer.status.is_success(), \"{answer}\");\n".to_owned()) };
    let body = serde_json::from_slice::<Value>(&answer.body.bytes()?).unwrap_or_default();
    // Only what does not depend on the player.
    let fields = ["status", "code"].into_iter().filter_map(|key| {
        let Value::String(value) = body.get(key)? else { return None };
        Some(format!("    assert_eq!(answer.json().unwrap()[{key:?}], {value:?});\n"))
    });
    let status = format!("    assert_eq!(answer.status, {}, \"{{answer}}\");\n", answer.status);
    Ok(std::iter::once(status).chain(fields).collect())
}

/// A raw string literal of Rust.
fn raw(text: &str) -> String {
    let mut hashes = "#".to_owned();
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("r{hashes}\"{text}\"{hashes}")
}
