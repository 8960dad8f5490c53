//! Other pages, other machines and other names are kept out, and the secret is nowhere.

use aghanim_hooks_tests::{Request, Response, signed};
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Inspector, SECRET, item_add, listen, secret};

/// Sends a request under this `Host` to the page's port.
async fn ask_as(inspector: &Inspector, host: &str, request: &Request) -> Response {
    let mut stream = TcpStream::connect(inspector.page).await.unwrap();
    stream.write_all(&request.wire(host)).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    Response::parse(&answer).unwrap()
}

fn with_token(inspector: &Inspector, method: &str, path: &str) -> Request {
    Request::post("{}")
        .method(method)
        .path(path)
        .header("Authorization", format!("Bearer {}", inspector.token))
        .header("Content-Type", "application/json")
}

#[tokio::test(flavor = "multi_thread")]
async fn another_host_is_refused_for_the_page_and_the_api() {
    let inspector = Inspector::start(&[]);
    let port = inspector.page.port();
    for path in ["/", "/inspector.js", "/api/status", "/nothing"] {
        let request = with_token(&inspector, "GET", path);
        for host in [
            format!("rebound.example:{port}"),
            format!("127.0.0.1.rebound.example:{port}"),
            "127.0.0.1".to_owned(),
            format!("127.0.0.1:{}", inspector.deliveries.port()),
            format!("0.0.0.0:{port}"),
            String::new(),
        ] {
            let answer = ask_as(&inspector, &host, &request).await;
            assert_eq!(answer.status, 403, "`{host}` {path}: {}", answer.text());
        }
        for host in [format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("[::1]:{port}")] {
            let answer = ask_as(&inspector, &host, &request).await;
            assert_eq!(answer.status == 200, path != "/nothing", "`{host}` {path}: {}", answer.text());
        }
        let twice = request.clone().header("Host", format!("127.0.0.1:{port}"));
        assert_eq!(ask_as(&inspector, "rebound.example", &twice).await.status, 400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_origin_is_refused() {
    let inspector = Inspector::start(&[]);
    let request = with_token(&inspector, "POST", "/api/clear");
    for origin in ["https://hostile.example", "null", "http://127.0.0.1:1", "https://127.0.0.1"] {
        let answer = request.clone().header("Origin", origin).send(inspector.page).await.unwrap();
        assert_eq!(answer.status, 403, "{origin}: {}", answer.text());
        assert!(answer.headers.iter().all(|(name, _)| !name.starts_with("access-control-")), "{answer:?}");
    }
    let own = request.header("Origin", format!("http://{}", inspector.page));
    assert_eq!(own.send(inspector.page).await.unwrap().status, 200);
    let preflight = with_token(&inspector, "OPTIONS", "/api/clear").header("Origin", "https://hostile.example");
    let answer = preflight.send(inspector.page).await.unwrap();
    assert!(answer.status == 403 && answer.header("access-control-allow-origin").is_none(), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_needs_the_token() {
    let inspector = Inspector::start(&[]);
    let wrong = inspector.token.replace(|_: char| true, "0");
    let nearly = &inspector.token[1..];
    for path in ["/api/status", "/api/stream", "/api/deliveries", "/api/events", "/api/nothing"] {
        let bare = Request::post("{}").method("GET").path(path).header("Content-Type", "application/json");
        for value in [
            None,
            Some(String::new()),
            Some(format!("Bearer {wrong}")),
            Some(format!("Bearer {nearly}")),
            Some("Bearer ".to_owned()),
        ] {
            let request = value.iter().fold(bare.clone(), |request, value| request.header("Authorization", value));
            let answer = request.send(inspector.page).await.unwrap();
            assert_eq!(answer.status, 401, "{path} {value:?}: {}", answer.text());
            assert!(!answer.text().contains(&inspector.token));
        }
        // Not in the address, where it would be in logs.
        let in_query = bare.path(&format!("{path}?token={}", inspector.token));
        assert_eq!(in_query.send(inspector.page).await.unwrap().status, 401);
    }
    assert_eq!((inspector.token.len(), inspector.token.chars().all(|c| c.is_ascii_hexdigit())), (32, true));
    assert_ne!(inspector.token, Inspector::start(&[]).token);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_need_the_content_type_of_json() {
    let inspector = Inspector::start(&[]);
    for (method, path) in [("POST", "/api/clear"), ("POST", "/api/trigger"), ("PUT", "/api/chaos")] {
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "text/plain; application/json",
            "",
        ] {
            let request = with_token(&inspector, method, path).replace("Content-Type", kind);
            assert_eq!(request.send(inspector.page).await.unwrap().status, 415, "{method} {path} {kind}");
        }
        let request = with_token(&inspector, method, path).without("Content-Type");
        assert_eq!(request.send(inspector.page).await.unwrap().status, 415);
    }
    let request =
        with_token(&inspector, "POST", "/api/clear").replace("Content-Type", "Application/JSON; charset=utf-8");
    assert_eq!(request.send(inspector.page).await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_the_headers_that_protect_the_page() {
    let inspector = Inspector::start(&[]);
    for request in [
        with_token(&inspector, "GET", "/"),
        with_token(&inspector, "GET", "/inspector.js"),
        with_token(&inspector, "GET", "/api/status"),
        with_token(&inspector, "GET", "/nothing"),
        with_token(&inspector, "GET", "/api/status").without("Authorization"),
    ] {
        let answer = request.send(inspector.page).await.unwrap();
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    let page = Request::post("").method("GET").path("/?q=a").send(inspector.page).await.unwrap();
    assert!(page.status == 200 && page.header("content-type").unwrap().starts_with("text/html"), "{page:?}");
    assert!(!page.text().contains(&inspector.token), "the token is in the fragment alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_in_a_body_comes_back_as_json_only() {
    let inspector = Inspector::start(&[]);
    let mut event = item_add("<img src=x onerror=alert(1)>");
    event["event_data"]["reason"] = json!("</script><script>alert(1)</script>");
    inspector.deliver(&event).await;
    for path in ["/api/deliveries", "/api/deliveries/1", "/api/deliveries/1/export?as=curl&exact=true"] {
        let answer = inspector.ask("GET", path, &json!({})).await;
        assert_eq!(answer.header("content-type"), Some("application/json"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_is_nowhere() {
    let directory = TempDir::new().unwrap();
    let (history, recorded) = (directory.path().join("history.db"), directory.path().join("recorded"));
    let inspector = Inspector::with_history(&history, &["--record", recorded.to_str().unwrap(), "--duplicate", "3"]);
    // Even if a sender has put it where it should not be.
    let mut event = item_add(&format!("k1-{SECRET}"));
    event["event_data"]["reason"] = json!(format!("signed with {SECRET}"));
    let request = signed(&secret(), event.to_string())
        .path(&format!("/?secret={SECRET}"))
        .header("X-Secret", SECRET)
        .header("Authorization", "Basic c2VjcmV0");
    assert_eq!(request.send(inspector.deliveries).await.unwrap().status, 200);
    inspector.verdict().await;
    let mut texts = Vec::new();
    for path in [
        "/api/status",
        "/api/deliveries",
        "/api/deliveries/1",
        "/api/events",
        "/api/deliveries/1/export?as=har&exact=true",
    ] {
        texts.push(inspector.ask("GET", path, &json!({})).await.text());
    }
    texts.push(inspector.line("verdict").to_string());
    for file in [&history, &history.with_extension("db-wal")] {
        texts.push(String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned());
    }
    let files: Vec<_> = std::fs::read_dir(&recorded).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!files.is_empty());
    texts.extend(files.iter().map(|file| std::fs::read_to_string(file).unwrap()));
    for text in texts {
        assert!(!text.contains(SECRET) && !text.contains("c2VjcmV0"), "{text}");
    }
}

#[test]
fn other_machines_are_let_in_only_if_told_twice() {
    // It ends soon, should it listen after all.
    let run = |arguments: &[&str]| {
        let ending = ["--ephemeral", "--until", "none", "--timeout", "1s"];
        listen(&[&ending[..], arguments].concat()).output().unwrap()
    };
    let refused = run(&["--bind", "0.0.0.0"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--expose"), "{refused:?}");
    let exposed = Inspector::start(&["--bind", "0.0.0.0", "--expose"]);
    assert!(exposed.deliveries.ip().is_unspecified());
    assert!(exposed.page.ip().is_loopback(), "the page stays on this machine");
    let refused = run(&["--forward", "http://user:word@127.0.0.1:1/"]);
    assert_eq!(refused.status.code(), Some(2));
}
