//! Each call of the JSON API.

use std::time::Duration;

use aghanim_hooks::events::catalogue::CATALOGUE;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Inspector, SECRET, item_add, receiver_with};

fn ids(page: &Value) -> Vec<i64> {
    page["deliveries"].as_array().unwrap().iter().map(|delivery| delivery["id"].as_i64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_says_what_is_set() {
    let (_server, url) = receiver_with(None).await;
    let inspector = Inspector::start(&["--forward", &url, "--keep", "7", "--keep-mib", "3", "--answer", "503"]);
    let status = inspector.get("/api/status").await;
    let expected = json!({
        "version": env!("CARGO_PKG_VERSION"), "forward": url, "ephemeral": true, "count": 0, "bytes": 0,
        "deliveries_url": format!("http://{}", inspector.deliveries), "record": null,
        "limits": {"count": 7, "bytes": 3 * 1024 * 1024}, "secret": true, "verdict": null,
        "chaos": {"duplicate": 0, "delay_ms": 0, "reorder": false, "drop_answer": false, "cut_body": false,
                  "answer": {"status": 503, "times": 1}},
    });
    assert_eq!(status, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_listed_filtered_and_paged() {
    let (_server, url) = receiver_with(None).await;
    let inspector = Inspector::start(&["--forward", &url]);
    let mut other = item_add("k%2");
    other["event_data"]["reason"] = json!("Order paid ord_NEEDLE");
    other["sandbox"] = json!(true);
    for event in [item_add("k1"), other, json!({"event_type": "order.paid", "event_data": {}}), item_add("k1")] {
        inspector.deliver(&event).await;
    }
    for (query, expected) in [
        ("", &[4, 3, 2, 1][..]),
        ("?limit=2", &[4, 3]),
        ("?limit=2&before=3", &[2, 1]),
        ("?event=item.*", &[4, 2, 1]),
        ("?event=order.paid", &[3]),
        ("?event=*", &[4, 3, 2, 1]),
        ("?status=2xx", &[4, 2, 1]),
        ("?status=400", &[3]),
        ("?status=none", &[]),
        ("?signature=valid", &[4, 3, 2, 1]),
        ("?signature=invalid", &[]),
        ("?key=k1", &[4, 1]),
        ("?q=ord_needle", &[2]),
        ("?q=k%252", &[2]),
        ("?q=unknown_event_type", &[3]),
        ("?q=%25", &[2]),
        ("?q=&event=", &[4, 3, 2, 1]),
    ] {
        assert_eq!(ids(&inspector.get(&format!("/api/deliveries{query}")).await), expected, "{query}");
    }
    let page = inspector.get("/api/deliveries?limit=2").await;
    assert_eq!((&page["more"], &page["total"]), (&json!(true), &json!(4)));
    let newest = &page["deliveries"][0];
    assert_eq!(
        (&newest["key_seen"], &newest["environment"], &newest["origin"]),
        (&json!(1), &json!("live"), &json!("received"))
    );
    for query in ["?event=a*b", "?status=9xx", "?signature=good", "?limit=x", "?colour=red"] {
        let answer = inspector.ask("GET", &format!("/api/deliveries{query}"), &json!({})).await;
        assert!(answer.status == 400 && answer.json()["error"].is_string(), "{query}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_shows_its_fields_its_answer_and_its_differences() {
    let (_server, url) = receiver_with(None).await;
    let inspector = Inspector::start(&["--forward", &url]);
    inspector.deliver(&item_add("k1")).await;
    let mut event = item_add("k2");
    event["event_data"]["player_id"] = json!(7);
    event["event_data"]["color"] = json!("red");
    inspector.deliver(&event).await;
    let mut event = item_add("k1");
    event["event_data"]["color"] = json!("red");
    event["event_data"]["items"][0]["quantity"] = json!(9);
    inspector.deliver(&event).await;

    let first = inspector.get("/api/deliveries/1").await;
    assert_eq!(first["difference"], json!({"event": null, "key": null, "answer": null}));
    let second = inspector.get("/api/deliveries/2").await;
    assert!(second["problem"].as_str().unwrap().contains("player_id"), "{}", second["problem"]);
    let third = inspector.get("/api/deliveries/3").await;
    let color = third["fields"].as_array().unwrap().iter().find(|field| field["path"] == "event_data.color").unwrap();
    let note = "the catalogue does not have this field";
    assert_eq!(*color, json!({"path": "event_data.color", "value": "red", "known": false, "note": note}));
    let since_key = &third["difference"]["key"];
    assert_eq!(since_key["id"], 1);
    let paths: Vec<_> = since_key["changes"].as_array().unwrap().iter().map(|change| &change["path"]).collect();
    assert_eq!(paths, ["event_data.items[0].quantity", "event_data.color"]);
    assert_eq!(third["difference"]["event"]["id"], 2);
    assert_eq!(third["difference"]["answer"], json!({"id": 2, "changes": []}));
    let answer = &third["answer"];
    assert_eq!((&answer["status"], &answer["fits"], &answer["why"]), (&json!(200), &json!(true), &json!("accepted")));
    assert_eq!(answer["body"], r#"{"status":"ok"}"#);
    let names: Vec<_> = third["headers"].as_array().unwrap().iter().map(|header| header[0].as_str().unwrap()).collect();
    assert!(names.contains(&"x-aghanim-signature") && names.contains(&"x-aghanim-signature-timestamp"), "{names:?}");
    let missing = inspector.ask("GET", "/api/deliveries/99", &json!({})).await;
    assert_eq!(missing.status, 404);
    assert_eq!(inspector.ask("GET", "/api/deliveries/x", &json!({})).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_breaks_the_contract_is_marked() {
    let (_server, url) = receiver_with(Some(aghanim_hooks_tests::receiver::Flaw::WrongShape)).await;
    let inspector = Inspector::start(&["--forward", &url]);
    let mut event = aghanim_hooks::testing::sample_request("player.verify").unwrap();
    event["event_data"]["player_id"] = json!("2D2R-OP3C");
    inspector.deliver(&event).await;
    let detail = inspector.latest().await;
    assert_eq!(detail["fits"], false);
    let why = detail["answer"]["why"].as_str().unwrap();
    assert!(why.starts_with("does not fit the event's contract: `player.verify` asks for a `Player`"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_sent_again_as_it_was_signed_anew_or_edited() {
    let (_server, url) = receiver_with(None).await;
    let inspector = Inspector::start(&["--forward", &url]);
    inspector.deliver(&item_add("k1")).await;
    let original = inspector.latest().await;
    let header = |detail: &Value, name: &str| {
        let headers = detail["headers"].as_array().unwrap();
        headers.iter().find(|header| header[0] == name).map(|header| header[1].clone())
    };
    let edited = original["body"].as_str().unwrap().replace("2D2R-OP3C", "nobody");
    for (request, status, is_same) in [
        (json!({"sign": "exact"}), 200, true),
        (json!({"sign": "fresh"}), 200, false),
        (json!({"sign": "exact", "body": edited}), 403, true),
        (json!({"sign": "fresh", "body": format!(" {edited}\r\n")}), 200, false),
    ] {
        // Another second, so that a fresh timestamp differs.
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let id = inspector.post("/api/deliveries/1/resend", request.clone()).await["id"].as_i64().unwrap();
        let again = inspector.ended(id).await;
        assert_eq!(again["status"], status, "{request}: {again}");
        assert_eq!((&again["origin"], &again["of"]), (&json!("resent"), &json!(1)));
        let expected = request.get("body").unwrap_or(&original["body"]);
        assert_eq!(&again["body"], expected);
        for name in ["x-aghanim-signature", "x-aghanim-signature-timestamp"] {
            assert_eq!(header(&again, name) == header(&original, name), is_same, "{request}: {name}");
        }
        assert_eq!(header(&again, "user-agent"), header(&original, "user-agent"));
    }
    assert_eq!(inspector.ask("POST", "/api/deliveries/77/resend", &json!({"sign": "exact"})).await.status, 404);
    assert_eq!(inspector.ask("POST", "/api/deliveries/1/resend", &json!({"sign": "never"})).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_can_be_triggered_from_the_catalogue() {
    let inspector = Inspector::start(&[]);
    let events = inspector.get("/api/events").await["events"].as_array().unwrap().clone();
    assert_eq!(events.len(), CATALOGUE.len());
    for event in &events {
        let request = json!({"event": event["event"], "data": event["sample"]});
        let id = inspector.post("/api/trigger", request).await["id"].as_i64().unwrap();
        let detail = inspector.ended(id).await;
        assert_eq!(detail["answer"]["why"], "accepted", "{event}: {detail}");
        assert_eq!((&detail["origin"], &detail["signature"]["verdict"]), (&json!("triggered"), &json!("valid")));
        assert_eq!(detail["key"].is_string(), event["keyed"] == true, "{event}");
    }
    let item = events.iter().find(|event| event["event"] == "item.add").unwrap();
    assert_eq!((&item["grants"], &item["keyed"], &item["answer"]), (&json!(true), &json!(true), &json!("Ack")));
    assert!(item["fields"].as_array().unwrap().contains(&json!({"name": "items", "type": "array", "required": true})));
    assert!(item["envelope"]["game_id"].is_string() && item["envelope"].get("event_data").is_none());

    for (more, key) in [(json!({"key": "mine"}), json!("mine")), (json!({"key": null}), Value::Null)] {
        let mut request = json!({"event": "item.add", "sandbox": true});
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let id = inspector.post("/api/trigger", request).await["id"].as_i64().unwrap();
        let detail = inspector.ended(id).await;
        assert_eq!((&detail["key"], &detail["environment"]), (&key, &json!("sandbox")));
    }
    let own = inspector.post("/api/trigger", json!({"event": "guild.joined", "data": {"guild": "g"}})).await;
    assert_eq!(inspector.ended(own["id"].as_i64().unwrap()).await["status"], 400);
    assert_eq!(inspector.ask("POST", "/api/trigger", &json!({"event": "guild.joined"})).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_becomes_a_fixture_and_is_exported() {
    let directory = TempDir::new().unwrap();
    let recorded = directory.path().join("recorded");
    let (_server, url) = receiver_with(None).await;
    let inspector = Inspector::start(&["--forward", &url, "--record", recorded.to_str().unwrap()]);
    let mut event = item_add("k1");
    event["event_data"]["reason"] = json!("</script>'\"");
    inspector.deliver(&event).await;
    inspector.latest().await;
    let path = inspector.post("/api/deliveries/1/fixture", json!({})).await["path"].as_str().unwrap().to_owned();
    let again = inspector.post("/api/deliveries/1/fixture", json!({})).await;
    assert_eq!(again["path"], path);
    let recording: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!((&recording["url"], &recording["answer"]["status"]), (&json!(url), &json!(200)));

    for (form, filename, part) in [
        ("curl", "item.add-1.sh", "curl -i"),
        ("har", "item.add-1.har", "\"log\""),
        ("rust-test", "item.add-1.rs", "#[tokio::test]"),
    ] {
        let export = inspector.get(&format!("/api/deliveries/1/export?as={form}")).await;
        assert_eq!(export["filename"], filename);
        let text = export["text"].as_str().unwrap();
        assert!(text.contains(part) && !text.contains("2D2R") && !text.contains(SECRET), "{text}");
        let exact = inspector.get(&format!("/api/deliveries/1/export?as={form}&exact=true")).await;
        assert!(exact["text"].as_str().unwrap().contains("2D2R"), "{exact}");
    }
    assert_eq!(inspector.ask("GET", "/api/deliveries/1/export?as=pdf", &json!({})).await.status, 400);
    assert_eq!(inspector.ask("GET", "/api/deliveries/9/export?as=har", &json!({})).await.status, 404);

    let without = Inspector::start(&[]);
    without.deliver(&event).await;
    let refused = without.ask("POST", "/api/deliveries/1/fixture", &json!({})).await;
    assert_eq!(refused.status, 409);
    assert!(refused.json()["error"].as_str().unwrap().contains("--record"), "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn news_are_streamed() {
    let inspector = Inspector::start(&[]);
    let mut stream = TcpStream::connect(inspector.page).await.unwrap();
    let (host, token) = (inspector.page, &inspector.token);
    let request = format!("GET /api/stream HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    let mut piece = [0; 4096];
    let mut read_until = async |part: &str| {
        while !text.contains(part) {
            let size = tokio::time::timeout(super::PATIENCE, stream.read(&mut piece)).await.unwrap().unwrap();
            assert!(size > 0, "{text}");
            text.push_str(&String::from_utf8_lossy(&piece[..size]));
        }
        text.clone()
    };
    assert!(read_until("\r\n\r\n").await.contains("content-type: text/event-stream"));
    inspector.deliver(&item_add("k1")).await;
    let text = read_until("\"status\":200").await;
    assert_eq!(text.matches("event: delivery\n").count(), 2, "{text}");
    inspector.set_chaos(json!({"duplicate": 2})).await;
    let text = read_until("event: verdict\n").await;
    assert!(text.contains("event: chaos\n") && text.contains("\"duplicate\":2"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_answered_with_a_sentence() {
    let inspector = Inspector::start(&[]);
    for (method, path, body, status) in [
        ("GET", "/api/nothing", json!({}), 404),
        ("DELETE", "/api/deliveries", json!({}), 405),
        ("PUT", "/api/chaos", json!({"duplicate": 21}), 400),
        ("PUT", "/api/chaos", json!({"duplicates": 1}), 400),
        ("PUT", "/api/chaos", json!([]), 400),
        ("POST", "/api/trigger", json!({}), 400),
    ] {
        let answer = inspector.ask(method, path, &body).await;
        assert_eq!(answer.status, status, "{method} {path} {body}: {}", answer.text());
        assert!(answer.json()["error"].is_string(), "{}", answer.text());
    }
}
