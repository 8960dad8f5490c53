//! Signed bodies that are not the documented JSON. Only Aghanim can sign, so these guard against its mistakes, and against
//! two parsers that read one body differently.

use super::{ACCEPTED, Expected, Table, malformed, refused};
use crate::receiver::{item_add, player_verify};

pub(super) fn rows(table: &mut Table) {
    syntax(table);
    duplicates(table);
    envelope_types(table);
    payload_types(table);
    event_types(table);
}

fn syntax(table: &mut Table) {
    let good = player_verify("p");
    table.body("an empty body", "", malformed("EOF while parsing a value…"));
    for (name, body) in [
        ("a space", " "),
        ("null", "null"),
        ("true", "true"),
        ("a number", "7"),
        ("a string", "\"{}\""),
        ("an array", "[]"),
        ("an array of an event", r#"[{"event_type":"player.verify","event_data":{"player_id":"p"}}]"#),
        (
            "an envelope as an array",
            r#"["whevt_1","player.verify",{"player_id":"p"},1,"gm","k","r",false,"t","x",null]"#,
        ),
        ("an empty object", "{}"),
        ("single quotes", "{'event_type':'player.verify','event_data':{'player_id':'p'}}"),
        ("keys without quotes", r#"{event_type:"player.verify",event_data:{player_id:"p"}}"#),
        ("a comment", r#"{/* */"event_type":"player.verify","event_data":{"player_id":"p"}}"#),
        ("a comma at the end", r#"{"event_type":"player.verify","event_data":{"player_id":"p"},}"#),
        ("two commas", r#"{"event_type":"player.verify",,"event_data":{"player_id":"p"}}"#),
        ("no comma", r#"{"event_type":"player.verify" "event_data":{"player_id":"p"}}"#),
        ("NaN", r#"{"event_time":NaN,"event_type":"player.verify","event_data":{"player_id":"p"}}"#),
        ("infinity", r#"{"event_time":Infinity,"event_type":"player.verify","event_data":{"player_id":"p"}}"#),
        ("a number with a plus", r#"{"event_time":+1,"event_type":"player.verify","event_data":{"player_id":"p"}}"#),
        (
            "a number with a zero in front",
            r#"{"event_time":01,"event_type":"player.verify","event_data":{"player_id":"p"}}"#,
        ),
        (
            "a number beyond all floats",
            r#"{"event_time":1e999,"event_type":"player.verify","event_data":{"player_id":"p"}}"#,
        ),
        ("a form", "event_type=player.verify&player_id=p"),
        ("XML", "<event/>"),
    ] {
        table.body(name, body, malformed("…"));
    }
    table.body("a byte order mark", format!("\u{feff}{good}"), malformed("expected value at line 1 column 1"));
    table.body("UTF-16", good.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>(), malformed("…"));
    table.body("a NUL behind the body", format!("{good}\0"), malformed("trailing characters…"));
    table.body("a NUL before the body", format!("\0{good}"), malformed("expected value…"));
    table.body("a NUL in a string", player_verify("p\0"), malformed("`event_data.player_id`: control character…"));
    table.body(
        "a line break in a string",
        player_verify("p\n"),
        malformed("`event_data.player_id`: control character…"),
    );
    table.body("an escaped NUL in a string", player_verify("p\\u0000"), ACCEPTED);
    table.body("two events", format!("{good}{good}"), malformed("trailing characters…"));
    table.body("an event and a bracket", format!("{good}]"), malformed("trailing characters…"));
    table.body("white space around the body", format!("\r\n\t {good} \n"), ACCEPTED);
    for end in [1, 10, 30, 44, 55] {
        table.body(format!("the first {end} bytes of an event"), &good[..end], malformed("…"));
    }
    for (name, bytes) in [
        ("a byte that is not UTF-8", &b"\xff"[..]),
        ("an overlong encoding", b"\xc0\xaf"),
        ("a surrogate as UTF-8", b"\xed\xa0\x80"),
        ("half a character", b"\xe2\x82"),
    ] {
        let body = player_verify("?").into_bytes();
        let at = body.iter().position(|byte| *byte == b'?').unwrap();
        table.body(name, [&body[..at], bytes, &body[at + 1..]].concat(), malformed("invalid utf-8 sequence…"));
    }
    for (name, escape) in [
        ("a lone high surrogate", "\\ud800"),
        ("a lone low surrogate", "\\udc00"),
        ("surrogates in the wrong order", "\\udc00\\ud800"),
        ("an unknown escape", "\\x41"),
        ("half an escape", "\\u12"),
        ("an escaped line break", "\\\n"),
    ] {
        table.body(name, player_verify(escape), malformed("`event_data.player_id`: …"));
    }
    table.body("a lone surrogate in a member that nobody reads", item_add(r#","x":"\ud800""#), ACCEPTED);
    table.body("a number beyond all floats that nobody reads", item_add(r#","x":1e999"#), ACCEPTED);
    table.body("a pair of surrogates", player_verify("\\ud83d\\ude00"), ACCEPTED);
    for (name, open) in [("arrays", "["), ("objects", r#"{"a":"#), ("both", r#"[{"a":"#)] {
        let deep =
            format!(r#"{{"event_type":"player.verify","event_data":{{"player_id":"p","x":{}"#, open.repeat(100_000));
        table.body(format!("{name} nested 100,000 deep"), deep, malformed("…"));
    }
    let deep = format!(r#"{{"x":{}1{},{}"#, "[".repeat(100_000), "]".repeat(100_000), &good[1..]);
    // An unknown member is skipped without recursion.
    table.body("well-formed nesting 100,000 deep", deep, ACCEPTED);
    table.body("a key of 900 kB", item_add(&format!(r#","{}":1"#, "k".repeat(900_000))), ACCEPTED);
    table.body("a number of 900 kB", item_add(&format!(r#","x":{}"#, "1".repeat(900_000))), ACCEPTED);
    table.body("100,000 unknown members", item_add(&r#","x":1"#.repeat(100_000)), ACCEPTED);
}

/// If a key occurs twice, one parser takes the first and another one the last.
fn duplicates(table: &mut Table) {
    for (key, value) in [
        ("event_id", "\"a\""),
        ("event_time", "1"),
        ("game_id", "\"a\""),
        ("idempotency_key", "\"a\""),
        ("request_id", "\"a\""),
        ("sandbox", "false"),
        ("trigger", "\"a\""),
        ("transaction_id", "\"a\""),
        ("context", "null"),
    ] {
        for (name, second) in [("the same", value), ("null", "null")] {
            let body = item_add(&format!(r#","{key}":{value},"{key}":{second}"#));
            table.body(format!("`{key}` twice, {name}"), body, malformed("…"));
        }
        let escaped = key.replacen('e', "\\u0065", 1).replacen('s', "\\u0073", 1);
        let body = item_add(&format!(r#","{key}":{value},"{escaped}":{value}"#));
        table.body(format!("`{key}` twice, once with an escape"), body, malformed("…"));
    }
    let same_type = r#"{"event_type":"player.verify","event_data":{"player_id":"p"},"event_type":"player.verify"}"#;
    table.body("the type twice", same_type, malformed("duplicate field `event_type`…"));
    let other_type = r#"{"event_type":"player.verify","event_data":{"player_id":"p"},"event_type":"item.add"}"#;
    table.body("another type at the end", other_type, malformed("duplicate field `event_type`…"));
    let unknown_type = r#"{"event_type":"new.event","event_data":{"player_id":"p"},"event_type":"item.add"}"#;
    table.body("an unknown type, then a known one", unknown_type, malformed("duplicate field `event_type`…"));
    let data = r#"{"event_type":"player.verify","event_data":{"player_id":"p"},"event_data":{"player_id":"q"}}"#;
    table.body("the data twice", data, malformed("duplicate field `event_data`…"));
    let payload = r#"{"event_type":"player.verify","event_data":{"player_id":"p","player_id":"q"}}"#;
    table.body("a known key of the data twice", payload, malformed("`event_data`: duplicate field `player_id`…"));
    let item = item_add("").replace(r#""quantity":1"#, r#""quantity":1,"quantity":2"#);
    table.body("a known key of an item twice", item, malformed("`event_data.items[0]`: duplicate field `quantity`…"));
    table.body("an unknown key twice, which nobody reads", item_add(r#","new":1,"new":2"#), ACCEPTED);
}

const VALUES: [(&str, &str); 6] = [
    ("a string", "\"a\""),
    ("a number", "7"),
    ("a boolean", "true"),
    ("an array", "[]"),
    ("an object", "{}"),
    ("null", "null"),
];

/// Each field of the envelope, with a value of each type of JSON.
fn envelope_types(table: &mut Table) {
    for (field, accepted) in [
        ("event_id", &["a string", "null"][..]),
        ("event_time", &["a number", "null"]),
        ("game_id", &["a string", "null"]),
        ("idempotency_key", &["a string", "null"]),
        ("request_id", &["a string", "null"]),
        ("sandbox", &["a boolean", "null"]),
        ("trigger", &["a string", "null"]),
        ("transaction_id", &["a string", "null"]),
        // Its shape is not documented.
        ("context", &["a string", "a number", "a boolean", "an array", "an object", "null"]),
    ] {
        for (name, value) in VALUES {
            let expected = if accepted.contains(&name) { ACCEPTED } else { malformed(path(field)) };
            table.body(format!("`{field}` is {name}"), item_add(&format!(r#","{field}":{value}"#)), expected);
        }
    }
    for (name, value) in VALUES {
        let body = format!(r#"{{"event_data":{{"player_id":"p"}},"event_type":{value}}}"#);
        let expected = if name == "a string" {
            refused(400, "unknown_event_type", "Unknown event type: `a`…")
        } else {
            malformed("…")
        };
        table.body(format!("`event_type` is {name}"), body, expected);
        let body = format!(r#"{{"event_type":"player.verify","event_data":{value}}}"#);
        table.body(format!("`event_data` is {name}"), body, malformed("`event_data`: …"));
        let body = format!(r#"{{"event_type":"new.event","event_data":{value}}}"#);
        let expected: Expected = if name == "an object" {
            refused(400, "unknown_event_type", "Unknown event type: `new.event`…")
        } else {
            malformed("`event_data`: expected an object")
        };
        table.body(format!("`event_data` of an unknown event is {name}"), body, expected);
    }
    table.body("no type", r#"{"event_data":{"player_id":"p"}}"#, malformed("missing field `event_type`…"));
    table.body("no data", r#"{"event_type":"player.verify"}"#, malformed("missing field `event_data`…"));
    table.body("a boolean as a number", item_add(r#","sandbox":1"#), malformed("`sandbox`: …"));
    table.body("a boolean as a string", item_add(r#","sandbox":"true""#), malformed("`sandbox`: …"));
}

fn path(field: &str) -> &'static str {
    match field {
        "event_id" => "`event_id`: invalid type: …",
        "event_time" => "`event_time`: invalid type: …",
        "game_id" => "`game_id`: invalid type: …",
        "idempotency_key" => "`idempotency_key`: invalid type: …",
        "request_id" => "`request_id`: invalid type: …",
        "sandbox" => "`sandbox`: invalid type: …",
        "trigger" => "`trigger`: invalid type: …",
        _ => "`transaction_id`: invalid type: …",
    }
}

fn payload_types(table: &mut Table) {
    for (name, value) in VALUES {
        let body = format!(r#"{{"event_type":"player.verify","event_data":{{"player_id":{value}}}}}"#);
        let expected =
            if name == "a string" { ACCEPTED } else { malformed("`event_data.player_id`: invalid type: …") };
        table.body(format!("`player_id` is {name}"), body, expected);
        let body = item_add("").replace(r#""items":["#, &format!(r#""items":{value},"rest":["#));
        let expected = if name == "an array" { ACCEPTED } else { malformed("`event_data.items`: invalid type: …") };
        table.body(format!("`items` is {name}"), body, expected);
        let body = item_add("").replace(r#""quantity":1"#, &format!(r#""quantity":{value}"#));
        let expected =
            if name == "a number" { ACCEPTED } else { malformed("`event_data.items[0].quantity`: invalid type: …") };
        table.body(format!("`quantity` is {name}"), body, expected);
    }
    for number in ["1.5", "1e3", "9223372036854775808", "-9223372036854775809", "99999999999999999999", "1e999", "-0.0"]
    {
        let body = item_add("").replace(r#""quantity":1"#, &format!(r#""quantity":{number}"#));
        table.body(format!("a quantity of {number}"), body, malformed("`event_data.items[0].quantity`: …"));
    }
    for number in ["9223372036854775807", "-9223372036854775808", "0", "-1"] {
        let body = item_add("").replace(r#""quantity":1"#, &format!(r#""quantity":{number}"#));
        table.body(format!("a quantity of {number}, for the handler to judge"), body, ACCEPTED);
    }
    let array = r#"{"event_type":"player.verify","event_data":["p"]}"#;
    table.body("the data as an array of its values", array, malformed("`event_data`: …"));
}

fn event_types(table: &mut Table) {
    let unknown = refused(400, "unknown_event_type", "Unknown event type: …");
    for event_type in [
        "",
        " ",
        "*",
        "player.*",
        "player",
        "player.",
        ".verify",
        "player.verify ",
        " player.verify",
        "Player.Verify",
        "PLAYER.VERIFY",
        "player..verify",
        "player.verify.v2",
        "player_verify",
        "player.vеrify",
        "player.verify\\u0000",
        "../item.add",
        "<script>",
    ] {
        table.body(
            format!("the type {event_type:?}"),
            player_verify("p").replace("player.verify", event_type),
            unknown,
        );
    }
    table.body("a type of 900 kB", player_verify("p").replace("player.verify", &"a".repeat(900_000)), unknown);
}
