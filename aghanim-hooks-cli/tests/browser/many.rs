//! 10,000 deliveries, and a body of 1 MiB.

use std::sync::Arc;
use std::time::Instant;

use aghanim_hooks_tests::{Request, signed};
use serde_json::{Value, json};

use crate::listen::{Listen, items, secret};
use crate::tab::in_tab;

/// The most elements that the page may have, however much it shows.
const ELEMENTS: u64 = 4000;

const COUNT: u64 = 10_000;

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_deliveries_are_a_few_rows() {
    in_tab("ten_thousand_deliveries", |tab| async move {
        let listen = Arc::new(Listen::alone());
        let start = Instant::now();
        // Unsigned and empty: what counts here is their number.
        let senders: Vec<_> = (0..8).map(|_| {
            let listen = Arc::clone(&listen);
            tokio::spawn(async move {
                for _ in 0..COUNT / 8 {
                    listen.send(&Request::post("{}")).await;
                }
            })
        }).collect();
        for sender in senders {
            sender.await.unwrap();
        }
        println!("{COUNT} deliveries were sent in {:?}", start.elapsed());
        assert_eq!(listen.count().await, COUNT);

        tab.open_live(&listen.url("")).await;
        tab.shows("#count", "10,000 recorded").await;
        let rows = "document.querySelectorAll('#list [data-id]').length";
        // To the last row, page after page, as fast as they come.
        let begin = tab.eval("performance.now()").await;
        tab.wait_for("new Promise((done) => { const list = document.querySelector('#list'); const step = () => { list.scrollTop = list.scrollHeight; if (list.scrollHeight >= 10000 * 60) done(); else setTimeout(step, 20); }; step(); })").await;
        let end = tab.eval("performance.now()").await;
        println!("scrolled through all rows in {:.0} ms", end.as_f64().unwrap() - begin.as_f64().unwrap());
        tab.until("[...document.querySelectorAll('#list [data-id]')].some((row) => row.ariaPosInSet === '10000')").await;
        let at_the_end = tab.eval(rows).await.as_u64().unwrap();
        assert!(at_the_end < 60, "{at_the_end} rows are elements");

        // A new delivery does not move what one reads. The button leads to it.
        let top = tab.eval("document.querySelector('#list').scrollTop").await.as_f64().unwrap();
        tab.eval("window.row = document.querySelector('#list [data-id]:nth-last-child(3)')").await;
        listen.deliver("order.paid", "new", json!({ "id": "ord_new" })).await;
        tab.shows("#newer", "1 new delivery").await;
        assert_eq!(tab.eval("window.row.isConnected").await, true, "a click on a row in sight would be lost");
        let moved = tab.eval("document.querySelector('#list').scrollTop").await.as_f64().unwrap() - top;
        assert!((moved - 60.0).abs() < 1.0, "the rows in sight moved by {moved}");
        tab.click("#newer").await;
        tab.until("document.querySelector('#list .event').innerText === 'order.paid'").await;

        // The time of a step with the keyboard, by the browser's own clock.
        let frames = "new Promise((done) => { const times = []; const step = () => { const start = performance.now(); document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true })); requestAnimationFrame(() => requestAnimationFrame(() => { times.push(performance.now() - start); if (times.length < 50) step(); else done(times.sort((a, b) => a - b)[25]); })); }; step(); })";
        println!("a step with `j` takes {} ms (median, with two frames)", tab.wait_for(frames).await);
        let elements = tab.eval("document.querySelectorAll('*').length").await.as_u64().unwrap();
        assert!(elements < ELEMENTS, "{elements} elements");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_a_mebibyte_is_shown_in_parts_and_whole_when_asked() {
    in_tab("a_body_of_a_mebibyte", |tab| async move {
        let listen = Listen::alone();
        let mut data = items("2D2R-OP3C");
        data["reason"] = "x".repeat(400_000).into();
        data["surprises"] = Value::Array((0..20_000).map(|n| json!({ "number": n })).collect());
        let body = json!({ "event_id": "e", "event_type": "item.add", "idempotency_key": "k", "event_data": data }).to_string();
        let body = format!("{body}{}", " ".repeat((1 << 20) - body.len()));
        assert_eq!(listen.send(&signed(&secret(), &body)).await.status, 200);
        tab.open_live(&listen.url("")).await;
        let begin = tab.eval("performance.now()").await;
        tab.press("j").await;
        tab.shows("#detail-sub", "1.0 MiB").await;
        tab.wait_for("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))").await;
        let end = tab.eval("performance.now()").await;
        println!("a body of 1 MiB was shown in {:.0} ms", end.as_f64().unwrap() - begin.as_f64().unwrap());
        let elements = tab.eval("document.querySelectorAll('*').length").await.as_u64().unwrap();
        assert!(elements < ELEMENTS, "{elements} elements");

        let begin = tab.eval("performance.now()").await;
        tab.eval("[...document.querySelectorAll('#s-request button')].find((button) => button.innerText.startsWith('Show all')).click()").await;
        tab.until("document.querySelector('#s-request pre').textContent.length > 1000000").await;
        let end = tab.eval("performance.now()").await;
        println!("all of it was shown in {:.0} ms", end.as_f64().unwrap() - begin.as_f64().unwrap());
        let elements = tab.eval("document.querySelectorAll('*').length").await.as_u64().unwrap();
        assert!(elements < ELEMENTS, "{elements} elements");
        // A list that is too long for the fields is shown on demand, too.
        let rows = "document.querySelectorAll('#s-fields tbody tr').length";
        assert_eq!(tab.eval(rows).await, 100);
        tab.shows("#s-fields", "further fields are only in the body").await;
        tab.eval("document.querySelector('#s-fields .table > button').click()").await;
        assert!(tab.eval(rows).await.as_u64().unwrap() > 900);
    })
    .await;
}
