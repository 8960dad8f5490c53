use std::collections::BTreeMap;

use serde_json::Value;

/// Replaces a player's personal data: ids, names, addresses, codes of a login.
///
/// Equal values stay equal.
///
/// ```
/// use serde_json::json;
///
/// let mut event = json!({"event_data": {"player_id": "2D2R-OP3C", "email": "ayla@mail.example"}});
/// aghanim_hooks_cli::export::redact(&mut event);
/// assert_eq!(event, json!({"event_data": {"player_id": "player_id_1", "email": "email_1@example.com"}}));
/// ```
pub fn redact(envelope: &mut Value) {
    replace(envelope, "", false, &mut BTreeMap::new());
}

/// Replaces the same in the body of an answer, which is about one player.
pub fn redact_answer(answer: &mut Value) {
    replace(answer, "player", false, &mut BTreeMap::new());
}

/// Replaces the values of these fields: a key, wherever it is, or a path such as `event_data.player_id`.
///
/// Texts become `FIELD_1` and so on, the same text the same again. Numbers become 0, and true becomes false.
///
/// ```
/// use serde_json::json;
///
/// let mut event = json!({"event_data": {"guild": "Dusk", "level": 7, "sku": "gems"}});
/// aghanim_hooks_cli::export::redact_fields(&mut event, &["guild".to_owned(), "event_data.level".to_owned()]);
/// assert_eq!(event, json!({"event_data": {"guild": "guild_1", "level": 0, "sku": "gems"}}));
/// ```
pub fn redact_fields(value: &mut Value, fields: &[String]) {
    clear(value, "", "", false, fields, &mut BTreeMap::new());
}

fn clear(
    value: &mut Value,
    path: &str,
    key: &str,
    is_within: bool,
    fields: &[String],
    seen: &mut BTreeMap<String, Vec<String>>,
) {
    let is_named = is_within || fields.iter().any(|field| field == key || field == path);
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                // Within a named object, its own key counts: the texts in it are all `email_1`, `email_2`, …
                clear(member, &path, if is_named { key } else { name }, is_named, fields, seen);
            }
        }
        // An array's items have the array's path.
        Value::Array(items) => items.iter_mut().for_each(|item| clear(item, path, key, is_named, fields, seen)),
        Value::String(text) if is_named => *text = format!("{key}_{}", number(key, text, seen)),
        Value::Number(number) if is_named => *number = 0.into(),
        Value::Bool(value) if is_named => *value = false,
        _ => {}
    }
}

/// The number of a text among those that the key had, from 1.
fn number(key: &str, text: &str, seen: &mut BTreeMap<String, Vec<String>>) -> usize {
    let others = seen.entry(key.to_owned()).or_default();
    let index = others.iter().position(|other| other == text).unwrap_or_else(|| {
        others.push(text.to_owned());
        others.len() - 1
    });
    index + 1
}

/// Keys whose text is personal wherever they are.
const PERSONAL: [&str; 14] = [
    "account_id",
    "address",
    "avatar_url",
    "code",
    "email",
    "ip",
    "ip_address",
    "nickname",
    "phone",
    "player_id",
    "player_name",
    "user_agent",
    "user_id",
    "username",
];

/// Objects in which a `name` is a person's.
const PERSONS: [&str; 4] = ["customer", "player", "player_info", "user"];

fn replace(value: &mut Value, key: &str, of_person: bool, seen: &mut BTreeMap<String, Vec<String>>) {
    let personal = PERSONAL.contains(&key) || of_person && key == "name";
    match value {
        Value::Object(fields) => {
            // A coupon's code, and an error's, is not a login's.
            let person = PERSONS.contains(&key);
            for (name, field) in fields {
                let is_error = key == "player" && name == "code";
                if (key == "coupon" && name == "code") || is_error {
                    continue;
                }
                replace(field, name, person, seen);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, key, of_person, seen)),
        Value::String(text) if personal => {
            let number = number(key, text, seen);
            *text = match key {
                "email" | "address" => format!("{key}_{number}@example.com"),
                "avatar_url" => format!("https://example.com/{number}.png"),
                _ => format!("{key}_{number}"),
            };
        }
        _ => {}
    }
}
