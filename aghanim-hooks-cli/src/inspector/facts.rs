//! The facts in a body that the inspector lists and searches by.

use serde_json::Value;

/// The envelope's own fields, as far as the body has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) event: Option<String>,
    pub(crate) event_id: Option<String>,
    pub(crate) key: Option<String>,
    /// `live` or `sandbox`. `None` if the body does not say.
    pub(crate) environment: Option<&'static str>,
    /// Game, environment, event and key: an idempotency key means one action within these.
    pub(crate) scope: Option<String>,
}

impl Facts {
    /// Reads a body. There is nothing in one that is not a JSON object.
    pub(crate) fn of(body: &[u8]) -> Self {
        let envelope: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |name: &str| envelope.get(name).and_then(Value::as_str).map(str::to_owned);
        let environment = match envelope.get("sandbox") {
            Some(Value::Bool(true)) => Some("sandbox"),
            Some(Value::Bool(false)) => Some("live"),
            _ => None,
        };
        let (event, key) = (text("event_type"), text("idempotency_key"));
        let scope = event.as_ref().zip(key.as_ref()).map(|(event, key)| {
            let game = text("game_id").unwrap_or_default();
            [&*game, environment.unwrap_or("live"), event, key].join("\u{1f}")
        });
        Self { event, event_id: text("event_id"), key, environment, scope }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_separates_keys() {
        let of = |sandbox: &str| {
            Facts::of(format!(r#"{{"event_type":"item.add","idempotency_key":"k"{sandbox}}}"#).as_bytes())
        };
        let (live, sandbox, silent) = (of(r#","sandbox":false"#), of(r#","sandbox":true"#), of(""));
        assert_eq!((live.environment, sandbox.environment, silent.environment), (Some("live"), Some("sandbox"), None));
        assert_ne!(live.scope, sandbox.scope);
        assert_eq!(live.scope, silent.scope);
        assert_eq!(live.key.as_deref(), Some("k"));
    }

    #[test]
    fn a_body_that_is_no_envelope_has_no_facts() {
        for body in [&b"\xff\xfe"[..], b"[]", b"", b"12", b"{\"event_type\":1}"] {
            assert_eq!(Facts::of(body), Facts::default());
        }
    }
}
