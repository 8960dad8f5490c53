//! `list`, `show`, `pull` and `diff`.

use std::path::Path;

use aghanim_hooks::events::{AnyOrder, CouponRedeemed, ItemAdd, ItemRemove, Player, PlayerVerify};
use aghanim_hooks::{Handlers, webhook, webhooks};
use serde_json::{Value, json};
use snapbox::Data;
use tempfile::TempDir;

use super::api::Api;
use super::{run, stderr, stdout, text, webhooks};

/// The file that `pull` writes for the two webhooks of the test server. It is compiled below.
const PULLED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/management/pulled.json");

#[webhook("player.verify")]
async fn verify(event: PlayerVerify) -> Player {
    Player::builder().player_id(event.player_id).name("Ada").build()
}

#[webhook("item.add")]
async fn grant(_event: ItemAdd) {}

#[webhook("item.remove")]
async fn take(_event: ItemRemove) {}

#[webhook("order.*")]
async fn orders(_event: AnyOrder) {}

#[webhook("coupon.redeemed")]
async fn coupons(_event: CouponRedeemed) {}

/// The macro reads the file that `pull` wrote: with a handler more or less, this does not compile.
fn handlers() -> Handlers<()> {
    webhooks![verify, grant, take, orders, coupons; exactly subscribed in "tests/management/pulled.json"]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_that_is_pulled_is_the_one_that_the_macro_reads() {
    let api = Api::with_two().await;
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("aghanim-webhooks.json");
    let output = run(webhooks(&api, &["pull", "--file", text(&file)])).await.code(0);
    assert!(stdout(&output).contains("was written: webhooks 2, subscribed events 5"), "{}", stdout(&output));
    let written = std::fs::read_to_string(&file).unwrap();
    // `SNAPSHOTS=overwrite` renews it.
    snapbox::Assert::new().action_env("SNAPSHOTS").eq(&written, Data::read_from(Path::new(PULLED), None).raw());
    assert_eq!(handlers().events().count(), 5);
    for part in ["whsec", "secret", "tok_of_a_later_version"] {
        assert!(!written.contains(part), "the file is checked in, and has {part}\n{written}");
    }
    assert!(written.contains("\"region\""), "a field that is not documented is kept\n{written}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pulling_again_keeps_the_files_time_and_keys_of_your_own() {
    let api = Api::with_two().await;
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("aghanim-webhooks.json");
    std::fs::write(&file, "{\"version\": 1, \"team\": \"shop\", \"webhooks\": []}").unwrap();
    run(webhooks(&api, &["pull", "--file", text(&file)])).await.code(0);
    let before = (std::fs::read_to_string(&file).unwrap(), std::fs::metadata(&file).unwrap().modified().unwrap());
    assert!(before.0.contains("\"team\": \"shop\""), "{}", before.0);
    let output = run(webhooks(&api, &["pull", "--file", text(&file), "--json"])).await.code(0);
    assert_eq!(serde_json::from_str::<Value>(&stdout(&output)).unwrap()["written"], false);
    assert_eq!(
        (std::fs::read_to_string(&file).unwrap(), std::fs::metadata(&file).unwrap().modified().unwrap()),
        before
    );

    let only = ["pull", "--file", text(&file), "--only", "https://stats.example/hooks", "--dry-run"];
    let output = run(webhooks(&api, &only)).await.code(0);
    assert!(
        stdout(&output).contains("coupon.redeemed") && !stdout(&output).contains("item.add"),
        "{}",
        stdout(&output)
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before.0, "a dry run writes nothing");

    std::fs::write(&file, "{\"version\": 2, \"webhooks\": []}").unwrap();
    let output = run(webhooks(&api, &["pull", "--file", text(&file)])).await.code(2);
    assert!(stderr(&output).contains("has version 2, and this release reads version 1"), "{}", stderr(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_read_even_if_the_server_gives_less_than_was_asked_for() {
    let api = Api::start().await;
    for number in 0..7 {
        api.add(&format!("https://game.example/{number}"), &["item.add"]);
    }
    api.registry().page = Some(3);
    let output = run(webhooks(&api, &["list", "--json"])).await.code(0);
    let ids: Vec<_> =
        stdout(&output).lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].clone()).collect();
    assert_eq!(ids, ["wh_1", "wh_2", "wh_3", "wh_4", "wh_5", "wh_6", "wh_7"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_shown_with_unknown_fields_and_without_secrets() {
    let api = Api::with_two().await;
    api.set("wh_1", "description", json!("a\u{1b}[2Jb"));
    let secret = api.secret("wh_1");
    let output = run(webhooks(&api, &["list"])).await.code(0);
    assert!(stdout(&output).starts_with("wh_1  enabled   POST https://game.example/webhook  player.verify"));
    for arguments in [&["show", "wh_1"][..], &["show", "wh_1", "--json"], &["list", "--json"]] {
        let output = run(webhooks(&api, arguments)).await.code(0);
        let shown = stdout(&output);
        assert!(shown.contains("region") && shown.contains("zones"), "{shown}");
        assert!(!shown.contains(&secret) && !shown.contains('\u{1b}'), "{shown}");
        assert!(!shown.contains("tok_of"), "{shown}");
    }
    assert_eq!(api.count("POST"), 0, "nothing is revealed without being asked for");
    let output = run(webhooks(&api, &["show", "wh_1", "--reveal", "--json"])).await.code(0);
    assert_eq!(serde_json::from_str::<Value>(&stdout(&output)).unwrap()["secret"], secret.as_str());
    let output = run(webhooks(&api, &["show", "wh_9"])).await.code(3);
    assert!(stderr(&output).contains("there is no webhook `wh_9` for this API key"), "{}", stderr(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_goes_into_a_new_file_that_only_its_owner_can_read() {
    let api = Api::with_two().await;
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("secret");
    let output = run(webhooks(&api, &["show", "wh_1", "--secret-file", text(&file)])).await.code(0);
    assert!(!stdout(&output).contains(&api.secret("wh_1")));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), api.secret("wh_1") + "\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let output = run(webhooks(&api, &["show", "wh_2", "--secret-file", text(&file)])).await.code(2);
    assert!(stderr(&output).contains("is there already"), "{}", stderr(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_difference_has_words_that_say_what_to_do() {
    let api = Api::with_two().await;
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("aghanim-webhooks.json");
    let diff = ["diff", "--file", text(&file)];
    let output = run(webhooks(&api, &diff)).await.code(2);
    assert!(stderr(&output).contains("run `aghanim-hooks webhooks pull`"), "{}", stderr(&output));

    run(webhooks(&api, &["pull", "--file", text(&file)])).await.code(0);
    let output = run(webhooks(&api, &diff)).await.code(0);
    assert_eq!(stdout(&output), "no difference: Aghanim and the file\n");

    // A team adds an event in the dashboard, and forgets the handler.
    api.set("wh_1", "events", json!(["player.verify", "item.add", "item.remove", "order.*", "store.get"]));
    api.set("wh_2", "enabled", json!(false));
    api.set("wh_2", "region", json!("moved by itself"));
    let named = format!("{},fraud.reported", handlers().events().collect::<Vec<_>>().join(","));
    let output = run(webhooks(&api, &[&diff[..], &["--handlers", &named]].concat())).await.code(1);
    assert_eq!(
        stdout(&output),
        "differs Aghanim and file: wh_1: subscribed, and not in the file: store.get: run `aghanim-hooks webhooks pull`, or \
         `webhooks update` if the file is right\n\
         differs Aghanim and file: wh_2: `enabled` is false at Aghanim, and true in the file: run `aghanim-hooks webhooks \
         pull`, or `webhooks update` if the file is right\n\
         differs Aghanim and handlers: wh_1: `store.get` is subscribed, and has no handler: add `#[webhook(\"store.get\")]`, \
         or run `aghanim-hooks webhooks update wh_1 --remove-event store.get`\n\
         differs Aghanim and handlers: `fraud.reported` has a handler, and is not subscribed: run `aghanim-hooks webhooks \
         update ID --add-event fraud.reported`, or remove the handler\n"
    );
    let output = run(webhooks(&api, &[&diff[..], &["--json"]].concat())).await.code(1);
    assert_eq!(stdout(&output).lines().count(), 2);
    let output = run(webhooks(&api, &[&diff[..], &["--handlers", "verify"]].concat())).await.code(2);
    assert!(stderr(&output).contains("is not the name of an event"), "{}", stderr(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn handlers_can_come_from_a_program_and_one_webhook_can_be_compared_alone() {
    let api = Api::with_two().await;
    let directory = TempDir::new().unwrap();
    let printed = directory.path().join("handlers.json");
    std::fs::write(&printed, serde_json::to_string(&["coupon.redeemed"]).unwrap()).unwrap();
    let diff = ["diff", "--only", "wh_2", "--handlers", text(&printed)];
    let output = run(webhooks(&api, &diff).current_dir(directory.path())).await.code(0);
    assert_eq!(stdout(&output), "no difference: Aghanim and the handlers\n");
    let diff = webhooks(&api, &["diff", "--only", "wh_2", "--handlers", "-"]).current_dir(directory.path());
    let output = run(diff.stdin("player.verify\ncoupon.*\n")).await.code(1);
    assert!(stdout(&output).contains("`player.verify` has a handler, and is not subscribed"), "{}", stdout(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_without_an_id_in_the_file_is_found_by_its_url() {
    let api = Api::with_two().await;
    let directory = TempDir::new().unwrap();
    let by_hand = json!({
        "version": 1,
        "webhooks": [
            {"url": "https://stats.example/hooks", "events": ["coupon.redeemed"]},
            {"url": "https://elsewhere.example/hooks", "events": ["item.add"]},
        ],
    });
    std::fs::write(directory.path().join("aghanim-webhooks.json"), by_hand.to_string()).unwrap();
    for name in ["wh_2", "https://stats.example/hooks"] {
        let diff = webhooks(&api, &["diff", "--only", name]).current_dir(directory.path());
        let output = run(diff).await.code(0);
        assert_eq!(stdout(&output), "no difference: Aghanim and the file\n");
    }
}
