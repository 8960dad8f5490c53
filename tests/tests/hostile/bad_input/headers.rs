//! Headers that are missing, doubled, malformed or of another kind.

use std::time::{SystemTime, UNIX_EPOCH};

use aghanim_hooks::Secret;
use aghanim_hooks_tests::{Request, signed};

use super::{ACCEPTED, Table, UNSIGNED, by_http, refused};
use crate::receiver::{player_verify, secret};

const SIGNATURE: &str = "X-Aghanim-Signature";
const TIMESTAMP: &str = "X-Aghanim-Signature-Timestamp";

pub(super) fn rows(table: &mut Table) {
    presence(table);
    signatures(table);
    timestamps(table);
    content(table);
    sizes(table);
}

fn good() -> Request {
    signed(&secret(), player_verify("p"))
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A signature by our secret for this timestamp text.
fn signature_at(timestamp: &str) -> String {
    secret().sign(timestamp.as_bytes(), player_verify("p").as_bytes()).to_string()
}

fn presence(table: &mut Table) {
    let right = signature_at(&now().to_string());
    table.request("no signature", &good().without(SIGNATURE), UNSIGNED);
    table.request("no timestamp", &good().without(TIMESTAMP), UNSIGNED);
    table.request("neither", &good().without(SIGNATURE).without(TIMESTAMP), UNSIGNED);
    for (name, first, second) in [
        ("the right signature twice", right.as_str(), right.as_str()),
        ("a wrong signature, then the right one", "0", right.as_str()),
        ("the right signature, then a wrong one", right.as_str(), "0"),
        ("the right signature, then an empty one", right.as_str(), ""),
    ] {
        table.request(name, &good().replace(SIGNATURE, first).header(SIGNATURE, second), UNSIGNED);
    }
    for (name, first, second) in [
        ("the timestamp twice", now(), now()),
        ("an old timestamp, then the right one", 1, now()),
        ("the right timestamp, then an old one", now(), 1),
    ] {
        let request = good().replace(TIMESTAMP, first.to_string()).header(TIMESTAMP, second.to_string());
        table.request(name, &request, UNSIGNED);
    }
    table.request("both signatures in one header", &good().replace(SIGNATURE, format!("{right}, {right}")), UNSIGNED);
    table.request(
        "the signature under another name",
        &good().without(SIGNATURE).header("X-Signature", &right),
        UNSIGNED,
    );
    let underscores = good().without(SIGNATURE).header("X_Aghanim_Signature", &right);
    table.request("underscores in the name of the header", &underscores, UNSIGNED);
    table.request("another secret", &signed(&Secret::new("another secret...").unwrap(), player_verify("p")), UNSIGNED);
    table.request("one byte of the body changed", &good().wire_body(player_verify("q")), UNSIGNED);
    let name_in_capitals = good().without(SIGNATURE).header("X-AGHANIM-SIGNATURE", &right);
    table.request("the name of the header in capitals", &name_in_capitals, ACCEPTED);
}

fn signatures(table: &mut Table) {
    let right = signature_at(&now().to_string());
    for length in [0, 1, 2, 31, 32, 33, 40, 62, 63] {
        let short = good().replace(SIGNATURE, &right[..length]);
        table.request(format!("a signature of {length} characters"), &short, UNSIGNED);
    }
    for length in [65, 66, 96, 127, 128, 4096] {
        let long = good().replace(SIGNATURE, &right.repeat(64).as_bytes()[..length]);
        table.request(format!("a signature of {length} characters"), &long, UNSIGNED);
    }
    let others =
        [b'g', b'G', b'z', b'/', b':', b'@', b'`', b'{', b'-', b'+', b' ', b'\t', b'.', b'%', b'"', 0x80, 0xc3, 0xff];
    for other in others {
        let mut wrong = right.clone().into_bytes();
        wrong[17] = other;
        table.request(format!("the byte {other:#04x} in a signature"), &good().replace(SIGNATURE, wrong), UNSIGNED);
    }
    for control in [0x00, 0x01, 0x0b, 0x7f] {
        let mut wrong = right.clone().into_bytes();
        wrong[17] = control;
        table.request(
            format!("the control byte {control:#04x} in a signature"),
            &good().replace(SIGNATURE, wrong),
            by_http(400),
        );
    }
    for (name, value) in [
        ("a prefix `sha256=`", format!("sha256={right}")),
        ("a prefix `v1=`", format!("v1={right}")),
        ("a prefix `0x`", format!("0x{right}")),
        ("a prefix `0x` within 64 characters", format!("0x{}", &right[..62])),
        ("quotes around a signature", format!("\"{right}\"")),
        ("a comma behind a signature", format!("{right},")),
        ("base64 in place of hexadecimal", "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=".to_owned()),
        ("wide digits", "０".repeat(64)),
        ("64 zeros", "0".repeat(64)),
        ("64 times f", "f".repeat(64)),
        ("the first half wrong", format!("{}{}", "0".repeat(32), &right[32..])),
        ("the second half wrong", format!("{}{}", &right[..32], "0".repeat(32))),
    ] {
        table.request(name, &good().replace(SIGNATURE, value), UNSIGNED);
    }
    table.request("a signature in capitals", &good().replace(SIGNATURE, right.to_uppercase()), ACCEPTED);
    table.request("white space around a signature", &good().replace(SIGNATURE, format!("  {right}\t ")), ACCEPTED);
}

fn timestamps(table: &mut Table) {
    let at = |timestamp: &str| good().replace(SIGNATURE, signature_at(timestamp)).replace(TIMESTAMP, timestamp);
    let now = now();
    for (name, timestamp) in [
        ("an empty timestamp", String::new()),
        ("a timestamp with a plus", format!("+{now}")),
        ("a timestamp with a minus", format!("-{now}")),
        ("a timestamp of zero", "0".to_owned()),
        ("a fraction", format!("{now}.0")),
        ("a comma", format!("{now},0")),
        ("an exponent", "1e9".to_owned()),
        ("hexadecimal digits", format!("{now:x}")),
        ("a prefix `0x`", format!("0x{now:x}")),
        ("an underscore", "1_795_000_000".to_owned()),
        ("milliseconds", format!("{now}000")),
        ("a date", "2026-11-24T18:00:00Z".to_owned()),
        ("a space within", format!("{now} 0")),
        ("quotes", format!("\"{now}\"")),
        ("Arabic digits", "١٧٩٥٠٠٠٠٠٠".to_owned()),
        ("NaN", "NaN".to_owned()),
        ("infinity", "inf".to_owned()),
        ("20 digits over 64 bits", "18446744073709551616".to_owned()),
        ("64 bits wrapped round to now", (u128::from(now) + (1_u128 << 64)).to_string()),
        ("the latest time", u64::MAX.to_string()),
        ("the latest time of 63 bits", i64::MAX.to_string()),
        ("21 digits", format!("{now:021}")),
        ("a thousand zeros", format!("{}{now}", "0".repeat(1000))),
        ("a minute past the window", (now - 72 * 3600 - 60).to_string()),
        ("a minute ahead of the window", (now + 360).to_string()),
    ] {
        table.request(format!("timestamp: {name}"), &at(&timestamp), UNSIGNED);
    }
    table.request("a timestamp of bytes that are not ASCII", &good().replace(TIMESTAMP, [0xb2, 0xb3]), UNSIGNED);
    table.request("another timestamp than the signed one", &good().replace(TIMESTAMP, (now - 1).to_string()), UNSIGNED);
    let zeros = format!("00{now}");
    table.request("another text of the signed timestamp", &good().replace(TIMESTAMP, &zeros), UNSIGNED);
    table.request("a signed timestamp with zeros in front", &at(&zeros), ACCEPTED);
    table.request("a timestamp of an hour ago", &at(&(now - 3600).to_string()), ACCEPTED);
}

fn content(table: &mut Table) {
    const TYPE: &str = "Content-Type";
    let not_json = refused(415, "unsupported_media_type", "The content type must be application/json");
    let encoded = refused(415, "unsupported_media_type", "The body must be sent without a content encoding");
    for value in [
        "",
        " ",
        "json",
        "text/json",
        "text/plain",
        "text/html; charset=utf-8",
        "application/json5",
        "application/jsonp",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/cloudevents+json",
        "application/",
        "application/json, text/plain",
        "; application/json",
        "application/xml;application/json",
    ] {
        table.request(format!("the content type {value:?}"), &good().replace(TYPE, value), not_json);
    }
    table.request("no content type", &good().without(TYPE), not_json);
    for second in ["application/json", "text/plain", ""] {
        table.request(format!("a second content type {second:?}"), &good().header(TYPE, second), not_json);
    }
    table.request(
        "another content type first",
        &good().replace(TYPE, "text/plain").header(TYPE, "application/json"),
        not_json,
    );
    for encoding in
        ["gzip", "GZIP", "x-gzip", "deflate", "br", "zstd", "compress", "identity, gzip", "gzip, gzip", "unknown", "*"]
    {
        table.request(
            format!("the content encoding {encoding:?}"),
            &good().header("Content-Encoding", encoding),
            encoded,
        );
    }
    let doubled = good().header("Content-Encoding", "identity").header("Content-Encoding", "gzip");
    table.request("identity, then gzip", &doubled, encoded);
    let gzip: &[u8] = &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    table.request("a compressed body", &signed(&secret(), gzip).header("Content-Encoding", "gzip"), encoded);
    table.request(
        "an unsigned compressed body",
        &good().wire_body(vec![0; player_verify("p").len()]).header("Content-Encoding", "gzip"),
        UNSIGNED,
    );
    table.request("the encoding identity", &good().header("Content-Encoding", "identity"), ACCEPTED);
    table.request(
        "a content type in capitals, with parameters",
        &good().replace(TYPE, "Application/JSON ; charset=utf-8"),
        ACCEPTED,
    );
}

fn sizes(table: &mut Table) {
    table.request("a header of 1 MB", &good().header("X-Large", "a".repeat(1_000_000)), by_http(431));
    let mut many = good();
    for number in 0..200 {
        many = many.header(&format!("X-Header-{number}"), "a");
    }
    table.request("200 headers", &many, by_http(431));
    table.request("a path of 100 kB", &good().path(&format!("/{}", "a".repeat(100_000))), by_http(414));
    let long = good().replace(SIGNATURE, "a".repeat(10_000));
    table.request("a signature of 10 kB", &long, UNSIGNED);
}
