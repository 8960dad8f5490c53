//! Signatures verified in a server without axum, without async code, and with a JSON library of one's own choice.
//!
//! Run `AGHANIM_WEBHOOK_SECRET=whsec_4f1c9d0a77b2e8d6 cargo run -p aghanim-hooks-other-server`. `PORT` is the port (8000).
//!
//! It uses the library's module `signature` alone (`default-features = false`). What the endpoint would do beyond that is
//! the server's own work here: limits, event types, answers, and taking each event once.

use std::error::Error;
use std::io::{self, Cursor, Read as _};
use std::time::SystemTime;

use aghanim_hooks::Secret;
use aghanim_hooks::signature::{SIGNATURE_HEADER, SignedHeaders, TIMESTAMP_HEADER, Verifier};
use serde_json::{Value, json};
use tiny_http::{Header, Request, Response, Server};

/// The longest body that is read, in bytes. Aghanim's events have a few kilobytes.
const BODY_LIMIT: u64 = 1024 * 1024;

/// The value of a header, if the request has it exactly once. Two signatures would leave it open which one counts.
fn header<'a>(request: &'a Request, name: &'static str) -> Option<&'a [u8]> {
    let mut values = request.headers().iter().filter(|header| header.field.equiv(name));
    let value = values.next()?;
    values.next().is_none().then(|| value.value.as_bytes())
}

/// Reads the body, and returns it if Aghanim signed it. `Err` is the status to answer with.
///
/// The bytes are verified as they came. A body that was parsed and written again has another signature.
fn authenticated(request: &mut Request, verifier: &Verifier) -> Result<Vec<u8>, u16> {
    let (signature, timestamp) =
        header(request, SIGNATURE_HEADER).zip(header(request, TIMESTAMP_HEADER)).ok_or(403_u16)?;
    let headers = SignedHeaders::parse(signature, timestamp).map_err(|_| 403_u16)?;
    // Saves the work of reading a body that would be refused anyway.
    verifier.check_time(&headers, SystemTime::now()).map_err(|_| 403_u16)?;
    let mut body = Vec::new();
    request.as_reader().take(BODY_LIMIT + 1).read_to_end(&mut body).map_err(|_| 400_u16)?;
    if body.len() as u64 > BODY_LIMIT {
        return Err(413);
    }
    verifier.verify(&headers, &body, SystemTime::now()).map_err(|_| 403_u16)?;
    Ok(body)
}

/// The status and the body of the answer to a request.
fn answer(request: &mut Request, verifier: &Verifier) -> (u16, Value) {
    let error = |code: &str, message: &str| json!({ "status": "error", "code": code, "message": message });
    let body = match authenticated(request, verifier) {
        Ok(body) => body,
        Err(413) => return (413, error("payload_too_large", "The body is too long")),
        Err(400) => return (400, error("validation_error", "The body could not be read")),
        // The same answer for every reason: a stranger must not learn what was wrong.
        Err(status) => return (status, error("invalid_signature", "Invalid signature")),
    };
    let Ok(event) = serde_json::from_slice::<Value>(&body) else {
        return (400, error("validation_error", "The body is not JSON"));
    };
    let data = &event["event_data"];
    match (event["event_type"].as_str(), data["player_id"].as_str()) {
        (Some("player.verify"), Some("2D2R-OP3C")) => {
            (200, json!({ "player_id": "2D2R-OP3C", "name": "Beetle", "attributes": {} }))
        }
        (Some("player.verify"), Some(_)) => (404, error("not_found", "no such player")),
        (Some("item.add"), Some(player)) => {
            println!("items for {player:?}");
            (200, json!({ "status": "ok" }))
        }
        _ => (400, error("unknown_event_type", "Unknown event type")),
    }
}

fn response((status, body): (u16, Value)) -> Response<Cursor<Vec<u8>>> {
    let json: Header = "Content-Type: application/json".parse().expect("a header");
    Response::from_string(body.to_string()).with_status_code(status).with_header(json)
}

/// Answers requests, one after the other. A real server would have several threads here.
fn serve(server: &Server, verifier: &Verifier) {
    for mut request in server.incoming_requests() {
        let answer = response(answer(&mut request, verifier));
        if let Err(error) = request.respond(answer) {
            eprintln!("a client was gone before its answer: {error}");
        }
    }
}

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let secret = Secret::from_env("AGHANIM_WEBHOOK_SECRET")?;
    let port = std::env::var("PORT").map_or(Ok(8000), |port| port.parse::<u16>()).map_err(io::Error::other)?;
    let server = Server::http(("127.0.0.1", port))?;
    println!("listening on http://{}", server.server_addr());
    serve(&server, &Verifier::new(secret));
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::{SocketAddr, TcpStream};
    use std::sync::Arc;
    use std::thread;
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";
    const GRANT: &str = "{ \"event_type\":\"item.add\",\"event_data\":{\"player_id\":\"\u{fc}\",\"items\":[]}}\n";

    fn secret() -> Secret {
        Secret::new(SECRET).unwrap()
    }

    /// The signature headers of a body.
    fn signed(body: &str, age: Duration) -> String {
        let at = SystemTime::now() - age;
        let timestamp = at.duration_since(UNIX_EPOCH).unwrap().as_secs().to_string();
        let signature = secret().sign(timestamp.as_bytes(), body.as_bytes());
        format!("X-Aghanim-Signature: {signature}\r\nX-Aghanim-Signature-Timestamp: {timestamp}\r\n")
    }

    /// Sends a request, and returns the status and the body of the answer.
    fn send(to: SocketAddr, headers: &str, body: &str) -> (u16, Value) {
        let length = body.len();
        let head =
            format!("POST / HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n");
        let mut stream = TcpStream::connect(to).unwrap();
        stream.write_all([head.as_bytes(), body.as_bytes()].concat().as_slice()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), serde_json::from_str(body).unwrap())
    }

    #[test]
    fn only_what_aghanim_signed_is_answered() {
        let server = Arc::new(Server::http("127.0.0.1:0").unwrap());
        let to = server.server_addr().to_ip().unwrap();
        let serving = thread::spawn({
            let server = Arc::clone(&server);
            move || serve(&server, &Verifier::new(secret()))
        });
        let now = Duration::ZERO;

        assert_eq!(send(to, &signed(GRANT, now), GRANT), (200, json!({ "status": "ok" })));
        let player = r#"{"event_type":"player.verify","event_data":{"player_id":"2D2R-OP3C"}}"#;
        assert_eq!(send(to, &signed(player, now), player).1["name"], "Beetle");
        let stranger = r#"{"event_type":"player.verify","event_data":{"player_id":"nobody"}}"#;
        assert_eq!(send(to, &signed(stranger, now), stranger).0, 404);

        let refused = (403, json!({ "status": "error", "code": "invalid_signature", "message": "Invalid signature" }));
        assert_eq!(send(to, "", GRANT), refused, "no headers");
        assert_eq!(send(to, &signed(GRANT, now), GRANT.trim_end()), refused, "a byte less than was signed");
        assert_eq!(send(to, &signed(GRANT, now).repeat(2), GRANT), refused, "two signatures");
        assert_eq!(send(to, &signed(GRANT, Duration::from_hours(73)), GRANT), refused, "an old request");
        let long = " ".repeat(usize::try_from(BODY_LIMIT).unwrap() + 1);
        assert_eq!(send(to, &signed(&long, now), &long).0, 413);

        server.unblock();
        serving.join().unwrap();
    }
}
