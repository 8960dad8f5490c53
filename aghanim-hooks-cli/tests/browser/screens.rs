//! Each state of the page: it fits the screen, and it can be looked at.

use std::env;
use std::fs;
use std::path::Path;

use aghanim_hooks_tests::signed;
use serde_json::json;

use crate::listen::{Listen, items};
use crate::receiver::{careful, careless};
use crate::tab::{Tab, in_tab};

/// Keeps a screenshot, if somebody wants to look at it. A picture of the docs is renewed on demand.
async fn look(tab: &Tab, name: &str, in_docs: bool) {
    // The list and the focus are drawn with the next frame.
    tab.wait_for("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))").await;
    let wide = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - innerWidth";
    assert!(tab.eval(wide).await.as_f64().unwrap() <= 0.0, "{name}: the page is wider than the screen");
    let outside = "[...document.querySelectorAll('button, input, select, textarea')].filter((e) => e.checkVisibility() && !e.closest('.unseen, .table, [hidden]')).filter((e) => { const b = e.getBoundingClientRect(); return b.width > 0 && (b.left < -1 || b.right > innerWidth + 1); }).map((e) => e.id || e.innerText)";
    assert_eq!(tab.eval(outside).await, json!([]), "{name}: outside of the screen");
    let picture = tab.screenshot().await;
    if let Some(folder) = env::var_os("AGHANIM_SCREENSHOTS") {
        fs::create_dir_all(&folder).unwrap();
        fs::write(Path::new(&folder).join(format!("{name}.png")), &picture).unwrap();
    }
    if in_docs && env::var_os("AGHANIM_PICTURES").is_some() {
        assert!(picture.len() < 150_000, "{name} is too large for the docs: {} bytes", picture.len());
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/inspector");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{name}.png")), &picture).unwrap();
    }
}

/// Deliveries of all kinds.
async fn history(listen: &Listen) {
    let order =
        json!({ "id": "ord_eRhYXfPqWnc", "amount": 499, "currency": "USD", "items": [], "created_at": 1_714_147_200 });
    listen.deliver("player.verify", "k0", json!({ "player_id": "2D2R-OP3C" })).await;
    listen.deliver("item.add", "idmp_1", items("2D2R-OP3C")).await;
    listen.deliver("item.add", "idmp_1", items("2D2R-OP3C")).await;
    listen.deliver("order.paid", "idmp_2", order).await;
    let stranger = aghanim_hooks::Secret::new("whsec_of_somebody_else").unwrap();
    let body = json!({ "event_type": "item.add", "event_id": "e", "idempotency_key": "idmp_3", "event_data": items("2D2R-OP3C") });
    listen.send(&signed(&stranger, body.to_string())).await;
    listen.deliver("item.add", "idmp_4", items("nobody")).await;
    let mut strange = items("2D2R-OP3C");
    strange["gift_wrap"] = "gold".into();
    strange["items"][0]["quantity"] = 5.into();
    listen.deliver("item.add", "idmp_5", strange).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_in_light_dark_and_narrow() {
    in_tab("deliveries_in_light_dark_and_narrow", |tab| async move {
        let receiver = careful().await;
        let listen = Listen::before(receiver.address());
        history(&listen).await;
        tab.open_live(&listen.url("")).await;
        tab.press("j").await;
        tab.shows("#s-fields", "not in the catalogue").await;
        look(&tab, "light", true).await;
        tab.dark(true).await;
        look(&tab, "dark", true).await;
        tab.dark(false).await;
        // The switch is stronger than the system.
        tab.select("#theme", "dark").await;
        assert_eq!(tab.eval("getComputedStyle(document.body).colorScheme").await, "dark");
        tab.select("#theme", "").await;
        tab.press("\u{e00c}d").await;
        look(&tab, "differences", false).await;
        tab.press("jj").await;
        tab.shows("#detail .facts", "invalid").await;
        look(&tab, "invalid", false).await;
        for (key, name) in [("t", "trigger"), ("e", "edit"), ("x", "export"), ("?", "help")] {
            tab.press(key).await;
            tab.until(&format!("document.querySelector('#{name}').open")).await;
            if name == "export" {
                tab.shows("#export-text", "curl").await;
            }
            look(&tab, name, name == "trigger").await;
            tab.view(360, 740).await;
            look(&tab, &format!("{name}-narrow"), false).await;
            tab.view(1180, 720).await;
            tab.press("\u{e00c}").await;
            tab.until("!document.querySelector('dialog[open]')").await;
        }
        tab.click("#more-filters summary").await;
        for width in [1000, 901, 700, 360] {
            tab.view(width, 740).await;
            look(&tab, &format!("width-{width}"), false).await;
        }
        tab.click("#more-filters summary").await;
        look(&tab, "narrow-list", true).await;
        tab.click("#list [data-id]").await;
        tab.shows("#detail .facts", "200").await;
        look(&tab, "narrow", true).await;
        tab.press("c").await;
        look(&tab, "chaos-narrow", false).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_yet_and_connection_lost() {
    in_tab("nothing_yet_and_connection_lost", |tab| async move {
        let mut listen = Listen::alone();
        tab.open(&format!("http://{}/", listen.page)).await;
        tab.shows("#banner", "locked").await;
        look(&tab, "locked", false).await;
        tab.open_live(&listen.url("")).await;
        tab.shows("#list-state", "No deliveries yet").await;
        look(&tab, "empty", true).await;
        tab.view(360, 740).await;
        look(&tab, "empty-narrow", false).await;
        tab.view(1180, 720).await;

        history(&listen).await;
        tab.shows("#count", "7 recorded").await;
        tab.press("j").await;
        tab.shows("#detail-title", "item.add").await;
        listen.stop();
        tab.shows("#banner", "Connection lost").await;
        tab.shows("#connection", "Connection lost").await;
        // The list can still be read, and an action says what is wrong.
        assert_eq!(tab.eval("document.querySelectorAll('#list [data-id]').length").await, 7);
        tab.click("[data-action=resend]").await;
        tab.shows("#alarm", "Is it still running?").await;
        look(&tab, "lost", true).await;
        tab.click("#banner button").await;
        tab.shows("#banner", "Connection lost").await;
        tab.press("j").await;
        tab.shows("#detail", "could not be loaded").await;
        look(&tab, "error", false).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn verdicts() {
    in_tab("verdicts", |tab| async move {
        for (name, receiver) in [("verdict", careful().await), ("verdict-bad", careless().await)] {
            tab.view(1180, 720).await;
            let listen = Listen::before(receiver.address());
            history(&listen).await;
            tab.open_live(&listen.url("")).await;
            tab.press("c").await;
            tab.press("3\t").await;
            tab.shows("#open-chaos", "3 duplicates").await;
            look(&tab, &format!("{name}-before"), false).await;
            tab.click("#list [data-id]").await;
            tab.shows("#detail .facts", "200").await;
            tab.click("[data-action=resign]").await;
            tab.until("document.querySelector('#verdict').matches('.good, .bad')").await;
            tab.click("#chaos-close").await;
            tab.view(1180, 640).await;
            look(&tab, name, name == "verdict").await;
            tab.dark(true).await;
            look(&tab, &format!("{name}-dark"), false).await;
            tab.dark(false).await;
        }
    })
    .await;
}
