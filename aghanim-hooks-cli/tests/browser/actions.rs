//! Each action of the page is clicked, and its effect looked at through the API.

use std::fs;
use std::time::Duration;

use aghanim_hooks_tests::signed;
use serde_json::{Value, json};

use crate::listen::{Listen, items, secret};
use crate::receiver::careful;
use crate::tab::{Tab, in_tab};

/// Waits for a delivery after `id`, and for its answer.
async fn sent_after(tab: &Tab, listen: &Listen, id: &Value) -> Value {
    let id = id.as_i64().unwrap();
    tab.until(&format!("Number(/^#(\\d+)/.exec(document.querySelector('#detail-sub').innerText)?.[1]) > {id}")).await;
    tab.until("!document.querySelector('#detail .facts').innerText.includes('waiting')").await;
    listen.newest().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_resent_signed_again_and_edited() {
    in_tab("a_delivery_is_resent", |tab| async move {
        let receiver = careful().await;
        let listen = Listen::before(receiver.address());
        let old = json!({ "event_type": "item.add", "event_id": "e1", "idempotency_key": "k1", "event_data": items("2D2R-OP3C") });
        // Signed with another secret, so that the two ways to resend differ.
        let stranger = aghanim_hooks::Secret::new("whsec_of_somebody_else").unwrap();
        assert_eq!(listen.send(&signed(&stranger, old.to_string())).await.status, 403);
        let first = listen.newest().await;
        tab.open_live(&listen.url(&format!("?id={}", first["id"]))).await;
        tab.shows("#detail .facts", "invalid").await;
        tab.shows("#detail .facts", first["signature"]["reason"].as_str().unwrap()).await;

        tab.click("[data-action=resend]").await;
        let resent = sent_after(&tab, &listen, &first["id"]).await;
        assert_eq!((&resent["origin"], &resent["of"], &resent["status"]), (&"resent".into(), &first["id"], &403.into()));
        assert_eq!(resent["body"], first["body"]);
        tab.shows("#toast", &format!("Sent as delivery #{}", resent["id"])).await;

        tab.click("[data-action=resign]").await;
        let signed = sent_after(&tab, &listen, &resent["id"]).await;
        assert_eq!((&signed["status"], &signed["signature"]["verdict"]), (&200.into(), &"valid".into()));
        assert_eq!(signed["body"], first["body"]);

        // Edited, but with the old signature: the receiver must refuse it.
        tab.click("[data-action=edit]").await;
        let body = "document.querySelector('#edit textarea').value";
        tab.eval(&format!("{body} = {body}.replace('gems_100', 'gems_900')")).await;
        tab.select("#edit [name=sign]", "exact").await;
        tab.click("#edit [name=fresh]").await;
        tab.click("#edit [value=send]").await;
        let forged = sent_after(&tab, &listen, &signed["id"]).await;
        assert_eq!((&forged["status"], &forged["signature"]["verdict"]), (&403.into(), &"invalid".into()));
        assert_eq!(forged["key"], "k1");
        assert!(forged["body"].as_str().unwrap().contains("gems_900"));

        // Text that is not JSON is sent as it is, after a warning.
        tab.click("[data-action=edit]").await;
        tab.fill("#edit textarea", "{\"half\": ").await;
        tab.shows("#edit-note", "not JSON").await;
        tab.click("#edit [value=send]").await;
        let broken = sent_after(&tab, &listen, &forged["id"]).await;
        assert_eq!((&broken["body"], &broken["event"]), (&"{\"half\": ".into(), &Value::Null));
        tab.shows("#detail", "does not decode").await;
        let count = listen.count().await;

        // Cancel and Escape send nothing.
        for close in ["cancel", "escape"] {
            tab.click("[data-action=edit]").await;
            if close == "escape" { tab.press("\u{e00c}").await } else { tab.click("#edit .buttons [value=cancel]").await }
            tab.until("!document.querySelector('#edit').open").await;
        }
        assert_eq!(listen.count().await, count);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_saved_and_exported() {
    in_tab("a_delivery_is_saved_and_exported", |tab| async move {
        let folder = tempfile::tempdir().unwrap();
        let listen = Listen::start(&["--record", folder.path().to_str().unwrap()]);
        listen.deliver("item.add", "k1", items("2D2R-OP3C")).await;
        let id = listen.newest().await["id"].clone();
        tab.open_live(&listen.url(&format!("?id={id}"))).await;
        tab.shows("#detail-title", "item.add").await;

        tab.click("[data-action=fixture]").await;
        tab.shows("#toast", "Saved as").await;
        let saved = fs::read_dir(folder.path())
            .unwrap()
            .flat_map(|entry| fs::read_to_string(entry.unwrap().path()))
            .collect::<String>();
        assert!(saved.contains("gems_100"), "{saved}");

        let permissions = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
        tab.devtools("Browser.grantPermissions", permissions).await;
        let downloads = tempfile::tempdir().unwrap();
        let to = json!({ "behavior": "allow", "downloadPath": downloads.path() });
        tab.devtools("Browser.setDownloadBehavior", to).await;
        tab.click("[data-action=export]").await;
        for (format, has) in [("har", "\"log\""), ("rust-test", "#[tokio::test]"), ("curl", "curl ")] {
            tab.click(&format!("#export input[value={format}]")).await;
            tab.shows("#export-text", has).await;
            let export = listen.get(&format!("/api/deliveries/{id}/export?as={format}")).await;
            tab.click("#export-copy").await;
            tab.shows("#export-copy", "Copied").await;
            let copied = tab.wait_for("navigator.clipboard.readText()").await;
            assert_eq!(copied, export["text"], "{format}");
            tab.click("#export-save").await;
            let file = downloads.path().join(export["filename"].as_str().unwrap());
            for _ in 0..200 {
                if file.exists() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
            assert_eq!(fs::read_to_string(&file).unwrap(), export["text"].as_str().unwrap(), "{format}");
        }
        // Personal data is replaced, unless asked otherwise.
        assert!(!tab.eval("document.querySelector('#export-text').innerText").await.to_string().contains("2D2R-OP3C"));
        tab.click("#export [name=exact]").await;
        tab.shows("#export-text", "2D2R-OP3C").await;
        tab.click("#export [aria-label=Close]").await;
        tab.until("!document.querySelector('#export').open").await;
        // The focus is back on the button that opened the dialog.
        assert_eq!(tab.eval("document.activeElement.dataset.action").await, "export");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_folder_the_page_says_why_nothing_is_saved() {
    in_tab("without_a_folder", |tab| async move {
        let listen = Listen::alone();
        listen.deliver("item.add", "k1", items("2D2R-OP3C")).await;
        let id = listen.newest().await["id"].clone();
        let refused = listen.call("POST", &format!("/api/deliveries/{id}/fixture"), Some(json!({}))).await;
        assert_eq!(refused.status, 409);
        tab.open_live(&listen.url(&format!("?id={id}"))).await;
        tab.shows("#detail-title", "item.add").await;
        tab.click("[data-action=fixture]").await;
        tab.shows("#alarm", refused.json()["error"].as_str().unwrap()).await;
        tab.click("#alarm button").await;
        tab.hides("#alarm p").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_event_is_triggered_from_the_form_of_the_catalogue() {
    in_tab("any_event_is_triggered", |tab| async move {
        let listen = Listen::alone();
        tab.open_live(&listen.url("")).await;
        tab.click("#open-trigger").await;
        tab.until("document.querySelector('#trigger').open").await;
        let events = listen.get("/api/events").await["events"].clone();
        let names = tab.eval("[...document.querySelectorAll('#trigger option')].filter((o) => o.parentElement.matches('optgroup')).map((o) => o.value).sort()").await;
        let mut expected: Vec<_> = events.as_array().unwrap().iter().map(|event| event["event"].clone()).collect();
        expected.sort_by_key(ToString::to_string);
        assert_eq!(names, Value::Array(expected));

        // A field that is wrong is named, and nothing is sent.
        tab.fill("#trigger [data-name=items]", "[{").await;
        tab.click("#trigger [value=send]").await;
        tab.shows("#trigger .form-error", "items is not JSON").await;
        assert_eq!(tab.eval("document.activeElement.dataset.name").await, "items");
        assert_eq!(listen.count().await, 0);

        // A number is sent as it was typed, even one that JavaScript cannot hold.
        tab.fill("#trigger [data-name=items]", "[{\"id\":\"i\",\"sku\":\"s\",\"name\":\"n\",\"quantity\":9007199254740993}]").await;
        tab.click("#trigger [name=sandbox]").await;
        tab.fill("#trigger [name=key]", "my-key").await;
        tab.click("#trigger [value=send]").await;
        tab.shows("#detail .facts", "sandbox").await;
        let sent = listen.newest().await;
        assert_eq!((&sent["key"], &sent["environment"], &sent["origin"]), (&"my-key".into(), &"sandbox".into(), &"triggered".into()));
        assert!(sent["body"].as_str().unwrap().contains("9007199254740993"), "{sent}");

        // An event whose fields nobody knows is written as JSON.
        tab.click("#open-trigger").await;
        tab.select("#trigger [name=event]", "order.paid").await;
        tab.until("document.querySelector('#trigger-summary').innerText.length > 10").await;
        tab.fill("#trigger [name=key]", "").await;
        tab.click("#trigger [value=send]").await;
        tab.shows("#detail-title", "order.paid").await;
        let sent = listen.newest().await;
        assert_eq!(sent["event"], "order.paid");
        assert!(sent["key"].is_string(), "a new key: {sent}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_are_kept_in_the_address_and_links_set_them() {
    in_tab("filters_are_kept", |tab| async move {
        let listen = Listen::alone();
        for (event, key) in [("item.add", "k1"), ("item.remove", "k2"), ("item.add", "k1"), ("order.paid", "k3")] {
            let data = if event == "order.paid" {
                json!({ "id": "ord_77", "amount": 1, "currency": "USD", "items": [], "created_at": 1 })
            } else {
                items("2D2R-OP3C")
            };
            listen.deliver(event, key, data).await;
        }
        tab.open_live(&listen.url("")).await;
        tab.shows("#count", "4 recorded").await;
        assert!(!tab.address().await.contains("token"), "the token is not kept in the address");

        tab.fill("#filters [name=q]", "ord_77").await;
        tab.shows("#count", "1 match").await;
        assert!(tab.address().await.contains("?q=ord_77"));
        tab.click("#no-filters").await;
        tab.shows("#count", "4 recorded").await;

        tab.click("#more-filters summary").await;
        tab.fill("#filters [name=event]", "item.*").await;
        tab.shows("#count", "3 matches").await;
        tab.select("#filters [name=status]", "5xx").await;
        tab.shows("#list-state", "No delivery passes the filters").await;
        tab.click("#list-state button").await;
        tab.shows("#count", "4 recorded").await;
        tab.select("#filters [name=signature]", "valid").await;
        tab.shows("#count", "4 matches").await;
        tab.shows("#filter-count", "1 on").await;

        // The address alone brings the filters back. A new delivery that passes them appears.
        tab.open_live(&listen.url("?event=item.add&key=k1")).await;
        tab.shows("#count", "2 matches").await;
        listen.deliver("item.remove", "k4", items("2D2R-OP3C")).await;
        listen.deliver("item.add", "k1", items("2D2R-OP3C")).await;
        tab.shows("#count", "3 matches").await;

        // From one delivery to all of its key.
        tab.open_live(&listen.url("")).await;
        tab.click("#list [data-id]").await;
        tab.shows("#detail .facts", "seen 2 times before").await;
        tab.click("#detail .facts button").await;
        tab.shows("#count", "3 matches").await;
        assert!(tab.address().await.contains("key=k1"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_chaos_switch_is_the_commands() {
    in_tab("every_chaos_switch", |tab| async move {
        let listen = Listen::alone();
        tab.open_live(&listen.url("")).await;
        tab.click("#open-chaos").await;
        tab.fill("#chaos [name=duplicate]", "2\t").await;
        tab.fill("#chaos [name=delay_ms]", "100\t").await;
        tab.fill("#chaos [name=answer_times]", "3\t").await;
        tab.fill("#chaos [name=answer_status]", "503\t").await;
        for switch in ["reorder", "drop_answer", "cut_body"] {
            tab.click(&format!("#chaos [name={switch}]")).await;
        }
        tab.shows("#open-chaos", "answer 503").await;
        tab.shows("#open-chaos", "cut the body").await;
        let on = json!({ "duplicate": 2, "delay_ms": 100, "reorder": true, "drop_answer": true, "cut_body": true, "answer": { "status": 503, "times": 3 } });
        assert_eq!(listen.get("/api/status").await["chaos"], on);
        // The words in the bar are there when the panel is closed, and after a reload.
        tab.click("#chaos-close").await;
        tab.open_live(&listen.url("")).await;
        tab.shows("#open-chaos", "2 duplicates, 100 ms delay, reorder").await;
        tab.click("#open-chaos").await;
        tab.click("#chaos-off").await;
        tab.until("document.querySelector('#chaos-off').disabled").await;
        let off = json!({ "duplicate": 0, "delay_ms": 0, "reorder": false, "drop_answer": false, "cut_body": false, "answer": null });
        assert_eq!(listen.get("/api/status").await["chaos"], off);
        // A switch that a script turns moves in the page.
        let mut script = off.clone();
        script["delay_ms"] = 250.into();
        assert_eq!(listen.call("PUT", "/api/chaos", Some(script)).await.status, 200);
        tab.until("document.querySelector('#chaos [name=delay_ms]').value === '250'").await;
        // The page's form takes every value that the command takes: another switch can still be turned.
        tab.click("#chaos [name=reorder]").await;
        tab.shows("#open-chaos", "250 ms delay, reorder").await;
        let mut largest = off;
        largest["delay_ms"] = 600_000.into();
        largest["answer"] = json!({ "status": 599, "times": 5000 });
        assert_eq!(listen.call("PUT", "/api/chaos", Some(largest)).await.status, 200);
        tab.until("document.querySelector('#chaos [name=delay_ms]').value === '600000'").await;
        tab.click("#chaos [name=reorder]").await;
        tab.shows("#open-chaos", "delay, reorder, answer 599").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_is_cleared_only_after_a_question() {
    in_tab("the_history_is_cleared", |tab| async move {
        let listen = Listen::alone();
        listen.deliver("item.add", "k1", items("2D2R-OP3C")).await;
        listen.send(&signed(&secret(), "not json")).await;
        tab.open_live(&listen.url("")).await;
        tab.shows("#count", "2 recorded").await;
        tab.click("#clear").await;
        // The safe answer has the focus.
        assert_eq!(tab.eval("document.activeElement.value").await, "cancel");
        tab.press("\u{e007}").await;
        tab.until("!document.querySelector('#confirm').open").await;
        assert_eq!(listen.count().await, 2);
        tab.click("#clear").await;
        tab.click("#confirm [value=clear]").await;
        tab.shows("#list-state", "No deliveries yet").await;
        assert_eq!(listen.count().await, 0);
    })
    .await;
}
