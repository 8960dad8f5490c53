//! Each key is pressed.

use crate::listen::{Listen, items};
use crate::tab::{Tab, in_tab};

const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const DOWN: &str = "\u{e015}";
const HOME: &str = "\u{e011}";
const END: &str = "\u{e010}";

/// A page with five deliveries, and the newest one's id.
async fn five(tab: &Tab) -> (Listen, i64) {
    let listen = Listen::alone();
    for n in 1..=5 {
        listen.deliver("item.add", &format!("k{n}"), items("2D2R-OP3C")).await;
    }
    tab.open_live(&listen.url("")).await;
    tab.shows("#count", "5 recorded").await;
    let newest = listen.newest().await["id"].as_i64().unwrap();
    (listen, newest)
}

async fn chosen(tab: &Tab, id: i64) {
    tab.until(&format!("document.querySelector('#list [aria-selected=true]')?.dataset.id === '{id}'")).await;
    tab.shows("#detail-sub", &format!("#{id} ")).await;
}

async fn dialog(tab: &Tab, name: &str) {
    tab.until(&format!("document.querySelector('#{name}').open")).await;
    tab.press(ESCAPE).await;
    tab.until("!document.querySelector('dialog[open]')").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_key_does_what_the_help_says() {
    in_tab("every_key", |tab| async move {
        let (listen, newest) = five(&tab).await;
        tab.press("j").await;
        chosen(&tab, newest).await;
        tab.press("jj").await;
        chosen(&tab, newest - 2).await;
        tab.press("k").await;
        chosen(&tab, newest - 1).await;
        assert!(tab.address().await.contains(&format!("id={}", newest - 1)));

        tab.press(ESCAPE).await;
        assert_eq!(tab.eval("document.activeElement.id").await, "list");
        tab.press(END).await;
        chosen(&tab, newest - 4).await;
        tab.press(HOME).await;
        chosen(&tab, newest).await;
        tab.press(DOWN).await;
        chosen(&tab, newest - 1).await;
        tab.press(ENTER).await;
        tab.until("document.activeElement.id === 'detail-title'").await;

        tab.press("d").await;
        tab.until("document.activeElement.parentElement?.id === 's-difference'").await;
        tab.press("e").await;
        dialog(&tab, "edit").await;
        tab.press("x").await;
        dialog(&tab, "export").await;
        tab.press("t").await;
        dialog(&tab, "trigger").await;
        tab.press("?").await;
        dialog(&tab, "help").await;
        assert_eq!(listen.count().await, 5, "nothing was sent so far");

        tab.press("c").await;
        tab.until("document.activeElement.name === 'duplicate'").await;
        tab.press(ESCAPE).await;
        tab.hides("#chaos").await;
        assert_eq!(tab.eval("document.activeElement.id").await, "open-chaos");
        tab.press("s").await;
        tab.shows("#alarm", "--record").await;

        tab.press("r").await;
        chosen(&tab, newest + 1).await;
        tab.press("R").await;
        chosen(&tab, newest + 2).await;
        let (exact, fresh) = (listen.delivery(newest + 1).await, listen.delivery(newest + 2).await);
        let timestamp = |detail: &serde_json::Value| {
            let headers = detail["headers"].as_array().unwrap().clone();
            headers
                .into_iter()
                .find(|header| header[0].as_str().unwrap().eq_ignore_ascii_case("x-aghanim-signature-timestamp"))
                .unwrap()
        };
        assert_eq!(timestamp(&exact), timestamp(&listen.delivery(newest - 1).await));
        assert_eq!(fresh["signature"]["verdict"], "valid");

        // While one types, keys are letters.
        tab.press("/").await;
        assert_eq!(tab.eval("document.activeElement.name").await, "q");
        tab.press("rejk").await;
        assert_eq!(tab.eval("document.activeElement.value").await, "rejk");
        assert_eq!(listen.count().await, 7);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_turned_off_for_dictation_and_stay_off() {
    in_tab("keys_are_turned_off", |tab| async move {
        let (listen, _) = five(&tab).await;
        tab.press("j?").await;
        tab.click("#use-keys").await;
        tab.press(ESCAPE).await;
        tab.open_live(&listen.url("")).await;
        tab.press("rtc").await;
        assert_eq!(
            tab.eval("!!document.querySelector('dialog[open]') || !document.querySelector('#chaos').hidden").await,
            false
        );
        assert_eq!(listen.count().await, 5);
        // The buttons still work.
        tab.click("#open-help").await;
        tab.click("#use-keys").await;
        dialog(&tab, "help").await;
        tab.press("t").await;
        dialog(&tab, "trigger").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_narrow_screen_back_leads_to_the_list() {
    in_tab("on_a_narrow_screen", |tab| async move {
        tab.view(360, 740).await;
        let (_listen, newest) = five(&tab).await;
        tab.hides(".detail-pane").await;
        tab.click("#list [data-id]").await;
        tab.until("document.activeElement.id === 'detail-title'").await;
        tab.hides(".list-pane").await;
        tab.click("#back").await;
        tab.hides(".detail-pane").await;
        tab.click("#list [data-id]").await;
        tab.shows("#detail-sub", &format!("#{newest} ")).await;
        tab.back().await;
        tab.hides(".detail-pane").await;
        tab.click("#list [data-id]").await;
        tab.hides(".list-pane").await;
        let address = tab.address().await;
        tab.press(ESCAPE).await;
        tab.hides(".detail-pane").await;
        // Opened by its address, a delivery has no list to go back to in the history. The button still leads there.
        tab.open_live(&address).await;
        tab.hides(".list-pane").await;
        tab.click("#back").await;
        tab.hides(".detail-pane").await;
    })
    .await;
}
