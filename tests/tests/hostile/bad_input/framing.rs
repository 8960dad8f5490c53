//! Requests whose parts do not fit together: lengths, chunks, versions, methods.

use aghanim_hooks_tests::{Request, signed};

use super::{ACCEPTED, Expected, Table, UNSIGNED, by_http, malformed, refused};
use crate::receiver::{player_verify, secret};

pub(super) const BROKEN_OFF: Expected = malformed("The body could not be read to its end");
const TOO_LARGE: Expected = refused(413, "payload_too_large", "The body is longer than 1048576 bytes");

fn good() -> Request {
    signed(&secret(), player_verify("p"))
}

/// The good request as text, to be changed by hand.
fn text() -> String {
    String::from_utf8(good().wire("localhost")).unwrap()
}

pub(super) fn rows(table: &mut Table) {
    lengths(table);
    chunks(table);
    versions_and_methods(table);
    syntax(table);
}

fn lengths(table: &mut Table) {
    const LENGTH: &str = "Content-Length";
    let body = player_verify("p");
    let length = body.len();
    for value in ["-1", "+56", "abc", "0x38", "5 6", "56,57", "18446744073709551616", "", "1e2"] {
        table.request(format!("the length {value:?}"), &good().replace(LENGTH, value), by_http(400));
    }
    table.request("two lengths that differ", &good().header(LENGTH, (length + 1).to_string()), by_http(400));
    let both = good().header("Transfer-Encoding", "chunked");
    table.request("a length and chunks, with a body that is no chunks", &both, BROKEN_OFF);
    table.request("a length too long by one", &good().replace(LENGTH, (length + 1).to_string()), BROKEN_OFF);
    table.request("a length too short by one", &good().replace(LENGTH, (length - 1).to_string()), UNSIGNED);
    table.request("a length of zero", &good().replace(LENGTH, "0"), UNSIGNED);
    table.request("no length", &good().without(LENGTH), UNSIGNED);
    table.request("no body at all", &good().wire_body(""), BROKEN_OFF);
    table.request("half of a body", &good().wire_body(&body[..20]), BROKEN_OFF);
    table.request("an announced terabyte", &good().replace(LENGTH, (1_u64 << 40).to_string()), TOO_LARGE);
    table.request("the greatest announced length", &good().replace(LENGTH, (u64::MAX - 2).to_string()), TOO_LARGE);
    table.request("one byte over the limit", &signed(&secret(), vec![b' '; (1 << 20) + 1]), TOO_LARGE);
    table.request("one byte over the limit, unsigned", &good().replace(LENGTH, ((1 << 20) + 1).to_string()), TOO_LARGE);
    table.request("a megabyte without headers of a signature", &Request::post(vec![b' '; 1 << 20]), UNSIGNED);
}

fn chunks(table: &mut Table) {
    let body = player_verify("p");
    let size = format!("{:x}", body.len());
    let chunked = |wire: String| good().chunked(1).wire_body(wire);
    for (name, wire, expected) in [
        ("one chunk", format!("{size}\r\n{body}\r\n0\r\n\r\n"), ACCEPTED),
        ("a chunk extension", format!("{size};name=value\r\n{body}\r\n0\r\n\r\n"), ACCEPTED),
        (
            "trailers that look like a signature",
            format!("{size}\r\n{body}\r\n0\r\nX-Aghanim-Signature: 0\r\n\r\n"),
            ACCEPTED,
        ),
        ("a chunk size in capitals with zeros", format!("000{}\r\n{body}\r\n0\r\n\r\n", size.to_uppercase()), ACCEPTED),
        ("an endless chunk extension", format!("{size};{}\r\n{body}\r\n0\r\n\r\n", "a".repeat(100_000)), BROKEN_OFF),
        ("a chunk size over 64 bits", format!("1{}\r\n{body}\r\n0\r\n\r\n", "0".repeat(16)), BROKEN_OFF),
        ("a chunk size with a sign", format!("+{size}\r\n{body}\r\n0\r\n\r\n"), BROKEN_OFF),
        ("a negative chunk size", format!("-1\r\n{body}\r\n0\r\n\r\n"), BROKEN_OFF),
        ("a chunk size with a prefix", format!("0x{size}\r\n{body}\r\n0\r\n\r\n"), BROKEN_OFF),
        ("a chunk size that is no number", "zz\r\nno chunk\r\n".to_owned(), BROKEN_OFF),
        ("an empty chunk size", format!("\r\n{body}\r\n0\r\n\r\n"), BROKEN_OFF),
        ("a chunk that is too short", format!("{size}\r\n{}\r\n0\r\n\r\n", &body[..20]), BROKEN_OFF),
        ("a chunk without its line break", format!("{size}\r\n{body}0\r\n\r\n"), BROKEN_OFF),
        ("no last chunk", format!("{size}\r\n{body}\r\n"), BROKEN_OFF),
        ("line feeds alone", format!("{size}\n{body}\n0\n\n"), BROKEN_OFF),
        ("a last chunk at once", "0\r\n\r\n".to_owned(), UNSIGNED),
        ("a terabyte in one chunk", format!("10000000000\r\n{body}"), BROKEN_OFF),
        ("a body over the limit in chunks", format!("100001\r\n{}\r\n0\r\n\r\n", " ".repeat(0x10_0001)), TOO_LARGE),
    ] {
        table.request(format!("chunks: {name}"), &chunked(wire), expected);
    }
    for (encoding, expected) in [
        ("identity", by_http(400)),
        ("gzip", by_http(400)),
        ("chunked, identity", by_http(400)),
        ("xchunked", by_http(400)),
        ("chunked, chunked", UNSIGNED),
        ("gzip, chunked", UNSIGNED),
    ] {
        let request = good().without("Content-Length").header("Transfer-Encoding", encoding).wire_body("0\r\n\r\n");
        table.request(format!("the transfer encoding {encoding:?}"), &request, expected);
    }
    // If there are a length and chunks, the chunks count. The rest is never read as a second request: the connection closes.
    let hidden = format!("0\r\n\r\n{}", text());
    let smuggled = good().header("Transfer-Encoding", "chunked").wire_body(hidden);
    table.request("a request hidden behind the last chunk", &smuggled, UNSIGNED);
}

fn versions_and_methods(table: &mut Table) {
    for (version, expected) in [
        ("HTTP/1.0", ACCEPTED),
        ("HTTP/0.9", by_http(400)),
        ("HTTP/1.2", by_http(400)),
        ("HTTP/2.0", by_http(400)),
        ("HTTP/9.9", by_http(400)),
        ("http/1.1", by_http(400)),
        ("HTTPS/1.1", by_http(400)),
        ("", by_http(400)),
    ] {
        table.raw(format!("the version {version:?}"), text().replacen("HTTP/1.1", version, 1), expected);
    }
    // The connection closes without an answer.
    table.raw("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), by_http(0));
    table.raw("the beginning of TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(), by_http(400));
    let upgrade = good()
        .replace("Connection", "Upgrade, HTTP2-Settings")
        .header("Upgrade", "h2c")
        .header("HTTP2-Settings", "AAMA");
    table.request("an upgrade to h2c, which is ignored", &upgrade, ACCEPTED);
    for (method, expected) in [
        ("GET", by_http(405)),
        ("HEAD", by_http(405)),
        ("PUT", by_http(405)),
        ("DELETE", by_http(405)),
        ("PATCH", by_http(405)),
        ("OPTIONS", by_http(405)),
        ("TRACE", by_http(405)),
        ("post", by_http(405)),
        ("PROPFIND", by_http(405)),
        ("PO ST", by_http(400)),
        ("P(OST", by_http(400)),
        ("", by_http(400)),
    ] {
        table.request(format!("the method {method:?}"), &good().method(method), expected);
    }
    table.request(
        "a method in another header",
        &good().method("GET").header("X-HTTP-Method-Override", "POST"),
        by_http(405),
    );
    for path in ["/", "/webhook/", "/WEBHOOK", "//webhook", "/webhook/../webhook", "/%77ebhook/x", "/webhook%00"] {
        table.request(format!("the path {path:?}"), &good().path(path), by_http(404));
    }
    table.request("a query", &good().path("/webhook?x=1"), ACCEPTED);
    table.request("an expectation that is met", &good().header("Expect", "100-continue"), ACCEPTED);
}

fn syntax(table: &mut Table) {
    for (name, wire) in [
        ("a header without a colon", text().replacen("Content-Type: ", "Content-Type ", 1)),
        ("a space before the colon", text().replacen("Content-Type:", "Content-Type :", 1)),
        ("a folded header", text().replacen("Content-Type: ", "Content-Type:\r\n ", 1)),
        ("a header without a name", text().replacen("Content-Type:", ":", 1)),
        ("a name that is not ASCII", text().replacen("Content-Type:", "Cöntent-Type:", 1)),
        ("a NUL in a value", text().replacen("application/json", "application/json\0", 1)),
        ("a carriage return in a value", text().replacen("application/json", "application/json\rX: y", 1)),
        ("no host", text().replacen("Host: localhost\r\n", "", 1).replacen("POST /webhook", "POST  /webhook", 1)),
        ("a space in the path", text().replacen("/webhook", "/web hook", 1)),
        ("no path", text().replacen("/webhook ", "", 1)),
        ("only line breaks and noise", "\r\n\r\n\u{1}\u{2}\u{3}\r\n\r\n".to_owned()),
    ] {
        table.raw(name, wire, by_http(400));
    }
    table.raw("nothing", Vec::new(), by_http(0));
    table.raw("half of a head", text().into_bytes()[..60].to_vec(), by_http(0));
    table.raw("random bytes", vec![0xff; 512], by_http(400));
}
