//! The whole way of a newcomer, without the docs.

use crate::listen::Listen;
use crate::receiver::{careful, careless};
use crate::tab::in_tab;

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_sees_a_refusal_corrects_it_and_reads_the_verdict() {
    in_tab("a_newcomer", |tab| async move {
        let receiver = careful().await;
        let listen = Listen::before(receiver.address());

        // The empty page says what to do, and has the button for it.
        tab.open_live(&listen.url("")).await;
        tab.shows("#list-state", "No deliveries yet").await;
        tab.shows("#list-state", &format!("http://{}", listen.deliveries)).await;
        tab.click("#list-state .primary").await;

        // `item.add` is the first choice. This player is unknown to the receiver.
        tab.until("document.querySelector('#trigger').open").await;
        assert_eq!(tab.eval("document.querySelector('#trigger [name=event]').value").await, "item.add");
        tab.fill("#trigger [data-name=player_id]", "nobody").await;
        tab.click("#trigger [value=send]").await;
        tab.shows("#detail", "no such player").await;
        tab.shows("#detail .facts", "400").await;
        tab.shows("#detail .facts", "valid").await;
        let refused = listen.newest().await;
        assert_eq!((&refused["status"], &refused["event"]), (&400.into(), &"item.add".into()));

        // The receiver has stored its refusal under the key, so the page gives the edited delivery a new one.
        tab.click("[data-action=edit]").await;
        tab.until("document.querySelector('#edit [name=fresh]').checked").await;
        let edited = "document.querySelector('#edit textarea')";
        tab.eval(&format!("{edited}.value = {edited}.value.replace('\"nobody\"', '\"2D2R-OP3C\"')")).await;
        tab.click("#edit [value=send]").await;
        tab.shows("#detail .facts", "200").await;
        let accepted = listen.newest().await;
        assert_eq!(accepted["status"], 200);
        assert_ne!(accepted["key"], refused["key"]);
        assert_eq!(accepted["signature"]["verdict"], "valid");
        // The difference names the field that was edited.
        tab.shows("#s-difference", "event_data.player_id").await;

        // Duplicates, and the verdict.
        tab.click("#open-chaos").await;
        tab.fill("#chaos [name=duplicate]", "3\t").await;
        tab.shows("#open-chaos", "3 duplicates").await;
        assert_eq!(listen.get("/api/status").await["chaos"]["duplicate"], 3);
        tab.click("#chaos-close").await;
        tab.click("[data-action=resign]").await;
        tab.until("document.querySelector('#verdict').classList.contains('good')").await;
        let verdict = listen.get("/api/status").await["verdict"].clone();
        assert_eq!(verdict["state"], "idempotent");
        // docs/inspector.md tells these numbers: of three copies, the one without a key is not judged.
        let detail = verdict["detail"].as_str().unwrap();
        assert!(detail.contains("Sent again 2 times") && detail.contains("shows no number"), "{detail}");
        assert_eq!(verdict["deliveries"].as_array().unwrap().len(), 3);
        assert_eq!(listen.newest().await["chaos"][0], "without key, not judged");
        tab.shows("#verdict", verdict["title"].as_str().unwrap()).await;
        assert_eq!(tab.errors().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_grants_twice_gets_another_verdict() {
    in_tab("a_receiver_that_grants_twice", |tab| async move {
        let receiver = careless().await;
        let listen = Listen::before(receiver.address());
        tab.open_live(&listen.url("")).await;
        tab.press("c").await;
        tab.press("2\t").await;
        tab.shows("#open-chaos", "2 duplicates").await;
        tab.click("#open-trigger").await;
        tab.until("document.querySelector('#trigger').open").await;
        tab.click("#trigger [value=send]").await;
        tab.until("document.querySelector('#verdict').classList.contains('bad')").await;
        let verdict = listen.get("/api/status").await["verdict"].clone();
        assert!(["differs", "not_idempotent"].contains(&verdict["state"].as_str().unwrap()), "{verdict}");
        // Each delivery of the verdict is one click away.
        let id = verdict["deliveries"][1].as_i64().unwrap();
        tab.click("#verdict .links button:nth-of-type(2)").await;
        tab.shows("#detail-sub", &format!("#{id}")).await;
    })
    .await;
}
