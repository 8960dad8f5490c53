use std::collections::BTreeMap;

use serde_json::Value;

/// Replaces what says who a player is: ids, names, addresses, codes of a login. The same value becomes the same again.
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
            let others = seen.entry(key.to_owned()).or_default();
            let index = others.iter().position(|other| other == text).unwrap_or_else(|| {
                others.push(text.clone());
                others.len() - 1
            });
            let number = index + 1;
            *text = match key {
                "email" | "address" => format!("{key}_{number}@example.com"),
                "avatar_url" => format!("https://example.com/{number}.png"),
                _ => format!("{key}_{number}"),
            };
        }
        _ => {}
    }
}
