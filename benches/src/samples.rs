//! Bodies as Aghanim sends them: documented keys, values of realistic length, the same in every run.

use std::fmt::Write;

/// The bodies of the tables: a small one, a usual one, a large one.
#[must_use]
pub fn all() -> [(&'static str, String); 3] {
    [
        ("281 B player.verify", player_verify()),
        ("2 KB order.paid", order_paid()),
        ("66 KB item.add", item_add(66 * 1024)),
    ]
}

/// `player.verify`: the most frequent one, and the smallest.
#[must_use]
pub fn player_verify() -> String {
    let body = concat!(
        r#"{"event_id":"whevt_eCacHjyVhMx","event_type":"player.verify","event_data":{"player_id":"2D2R-OP3C"},"#,
        r#""event_time":1725548450,"game_id":"gm_exTAyxPsVwh","idempotency_key":null,"request_id":null,"#,
        r#""sandbox":false,"trigger":"hub.login","transaction_id":"whtx_eVcnBuOHnPq","context":null}"#,
    );
    body.to_owned()
}

/// `order.paid` with three items, one of them a bundle.
#[must_use]
pub fn order_paid() -> String {
    let mut items = String::new();
    for i in 0..3 {
        let separator = if i == 0 { "" } else { "," };
        write!(items, "{separator}{}", item(i, i == 1)).expect("a string takes all");
    }
    let data = format!(
        concat!(
            r#"{{"id":"ord_eKzWDqBxZTm","amount":2497,"currency":"USD","status":"paid","items":[{}],"#,
            r#""company_id":"cmp_eXfRnRXbVJe","game_id":"gm_exTAyxPsVwh","player_id":"2D2R-OP3C","user_id":"usr_ePgRvHyiPzV","#,
            r#""country":"US","receipt_number":"1832-4457-9901","created_at":1725548401,"modified_at":1725548450,"#,
            r#""payment_currency":"USD","revenue_usd":21.42,"#,
            r#""fees":{{"aghanim_fee_usd":1.25,"payment_system_fee_usd":0.92,"taxes_usd":1.38}}}}"#,
        ),
        items
    );
    event("order.paid", "hub.purchase", &data)
}

/// `item.add` of exactly this many bytes: as many items as fit, and the rest in `reason`.
///
/// If the usual envelope alone is longer than that, the shortest documented envelope is used.
///
/// # Panics
/// Panics for less than 177 bytes, the length of the shortest envelope.
#[must_use]
pub fn item_add(bytes: usize) -> String {
    let data =
        |items: &str, reason: &str| format!(r#"{{"player_id":"2D2R-OP3C","items":[{items}],"reason":"{reason}"}}"#);
    let is_short = event("item.add", "hub.purchase", &data("", "")).len() > bytes;
    let with = |items: &str, reason: &str| {
        let data = data(items, reason);
        if is_short { short_event("item.add", &data) } else { event("item.add", "hub.purchase", &data) }
    };
    let empty = with("", "").len();
    let mut items = String::new();
    for i in 0.. {
        let next = item(i, i % 8 == 7);
        if empty + items.len() + 1 + next.len() > bytes {
            break;
        }
        if i > 0 {
            items.push(',');
        }
        items.push_str(&next);
    }
    let rest = bytes.checked_sub(empty + items.len()).expect("the envelope alone is longer");
    with(&items, &"x".repeat(rest))
}

/// The same event with its keys in another order: `event_type` behind `event_data`, as some documented samples have it.
///
/// # Panics
/// Panics if it is not one of the events above.
#[must_use]
pub fn data_first(event: &str) -> String {
    let (start, rest) = event.split_once(r#""event_type":"#).expect("an event");
    let (event_type, data) = rest.split_once(',').expect("an event");
    let end = data.rfind(r#","event_time""#).expect("an event");
    format!(r#"{start}{},"event_type":{event_type}{}"#, &data[..end], &data[end..])
}

/// The same event under another idempotency key.
///
/// # Panics
/// Panics if it is not one of the events above.
#[must_use]
pub fn under_key(event: &str, key: &str) -> String {
    let (start, rest) = event.split_once(r#""idempotency_key":"#).expect("an event");
    let (_, end) = rest.split_once(',').expect("an event");
    format!(r#"{start}"idempotency_key":"{key}",{end}"#)
}

fn event(event_type: &str, trigger: &str, data: &str) -> String {
    format!(
        concat!(
            r#"{{"event_id":"whevt_eCacHjyVhMx","event_type":"{}","event_data":{},"event_time":1725548450,"#,
            r#""game_id":"gm_exTAyxPsVwh","idempotency_key":"ik_7d3f0c52b9e84e1f8a60","request_id":"req_eJdKZJsEWcN","#,
            r#""sandbox":false,"trigger":"{}","transaction_id":"whtx_eVcnBuOHnPq","context":null}}"#,
        ),
        event_type, data, trigger
    )
}

fn short_event(event_type: &str, data: &str) -> String {
    format!(
        concat!(
            r#"{{"event_id":"whevt_eCacHjyVhMx","event_type":"{}","idempotency_key":"ik_7d3f0c52b9e84e1f8a60","#,
            r#""event_data":{},"context":null}}"#,
        ),
        event_type, data
    )
}

/// Names and descriptions have escapes and letters beyond ASCII, as in a real shop.
fn item(i: usize, bundle: bool) -> String {
    const NAMES: [&str; 4] = ["Chest of Gems", "Épée du dragon", r#"\"Founder\" Pack"#, "Сундук героя"];
    let name = NAMES[i % NAMES.len()];
    let (kind, nested) = if bundle { ("bundle", format!("[{}]", item(i + 1, false))) } else { ("item", "null".into()) };
    format!(
        concat!(
            r#"{{"id":"itm_e{:010}","sku":"shop.gems.{:04}","name":"{}","description":"Opens once.\nValid in every season.","#,
            r#""quantity":{},"price":{},"price_decimal":{}.99,"currency":"USD","type":"{}","nested_items":{},"#,
            r#""image_url":"https://static.example.com/items/{:04}.png"}}"#,
        ),
        7_919 * i + 1,
        i,
        name,
        1 + i % 5,
        99 + 100 * (i % 50),
        i % 50,
        kind,
        nested,
        i
    )
}
