use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use aghanim_hooks::idempotency::MemoryStore;
use aghanim_hooks::signature::Secrets;
use aghanim_hooks::{Secret, Webhooks, webhook, webhooks};
use aghanim_hooks_tests::{Server, signed};
use axum::{Router, routing::post};
use tokio::time::{sleep, timeout};

use super::endpoint::{Endpoint, body, keyed, request, secret};

#[tokio::test]
async fn a_pause_takes_purchases_and_leaves_the_rest() {
    let endpoint = Endpoint::start(|hooks| hooks.idempotency(MemoryStore::new())).await;
    endpoint.control.pause("item.*", Duration::from_secs(42)).unwrap();
    let paused = endpoint.send(&keyed("p", "k")).await;
    assert_eq!((paused.status, paused.header("retry-after")), (503, Some("42")));
    assert_eq!(endpoint.send(&request("player.verify", "p")).await.status, 200);
    let stranger = signed(&secret("two"), body("item.add", "p", None));
    assert_eq!(endpoint.send(&stranger).await.status, 403, "a stranger learns of the pause");
    assert!(endpoint.control.resume("item.*"));
    assert_eq!(endpoint.send(&keyed("p", "k")).await.status, 200);
}

#[tokio::test]
async fn a_misspelt_pause_is_refused() {
    let endpoint = Endpoint::start(|hooks| hooks).await;
    let error = endpoint.control.pause("item.ad", Duration::from_secs(1)).unwrap_err();
    assert_eq!(error.to_string(), "no handler takes `item.ad`; did you mean `item.add`?");
    assert!(endpoint.control.paused().is_empty());
    endpoint.control.pause("analytics.hub.login", Duration::from_secs(1)).unwrap();
    endpoint.control.pause("*", Duration::from_secs(1)).unwrap();
}

#[tokio::test]
async fn what_is_being_handled_when_a_pause_comes_is_finished() {
    let endpoint = Endpoint::start(|hooks| hooks).await;
    let slow = request("item.add", "slow");
    let (answer, ()) = tokio::join!(endpoint.send(&slow), async {
        sleep(Duration::from_millis(100)).await;
        endpoint.control.pause("*", Duration::from_secs(1)).unwrap();
    });
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn more_than_allowed_at_once_come_again() {
    let endpoint = Endpoint::start(|hooks| hooks.concurrency("item.*", 2)).await;
    let slow = request("item.add", "slow");
    let late = async {
        sleep(Duration::from_millis(100)).await;
        (endpoint.send(&request("item.add", "p")).await, endpoint.send(&request("player.verify", "p")).await)
    };
    let (one, two, (item, player)) = tokio::join!(endpoint.send(&slow), endpoint.send(&slow), late);
    assert_eq!([one.status, two.status, item.status, player.status], [200, 200, 503, 200]);
    assert_eq!(item.header("retry-after"), Some("1"));
    assert_eq!(endpoint.send(&request("item.add", "p")).await.status, 200, "the places were not freed");
}

#[test]
fn a_limit_of_what_nobody_handles_is_a_mistake() {
    #[webhook("item.add")]
    async fn grant(_event: aghanim_hooks::events::ItemAdd) {}

    let hooks: Webhooks = Webhooks::new(secret("one"), webhooks![grant]).concurrency("item.ad", 2);
    let error = hooks.check().unwrap_err().to_string();
    assert_eq!(error, "`concurrency(\"item.ad\", …)`: no handler takes `item.ad`; did you mean `item.add`?");
}

/// The secrets change many times while requests are signed with the one that is always valid.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_is_lost_while_secrets_change() {
    let stays = secret("stays");
    let endpoint = Arc::new(Endpoint::with(stays.clone(), |hooks| hooks).await);
    let stop = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (endpoint, stop, stays) = (Arc::clone(&endpoint), Arc::clone(&stop), stays.clone());
            tokio::spawn(async move {
                let mut sent = 0;
                while !stop.load(Ordering::Relaxed) {
                    let answer = endpoint.send(&signed(&stays, body("item.add", "p", None))).await;
                    assert_eq!(answer.status, 200, "after {sent}");
                    sent += 1;
                }
                sent
            })
        })
        .collect();
    for change in 0..200 {
        let other = secret(&format!("other{change}"));
        let secrets =
            if change % 2 == 0 { Secrets::new(other).or(stays.clone()) } else { Secrets::new(stays.clone()).or(other) };
        endpoint.control.replace_secrets(secrets);
        sleep(Duration::from_millis(2)).await;
    }
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        assert!(client.await.unwrap() > 10);
    }
}

#[tokio::test]
async fn an_idle_secret_is_visible_until_it_is_removed() {
    let (old, new) = (secret("old"), secret("new"));
    let endpoint = Endpoint::with(old.clone(), |hooks| hooks).await;
    let send = async |signer: &Secret| endpoint.send(&signed(signer, body("item.add", "p", None))).await.status;
    assert_eq!([send(&old).await, send(&new).await], [200, 403]);
    endpoint.control.replace_secrets(Secrets::new(new.clone()).or(old.clone()));
    let uses = || endpoint.control.secrets().into_iter().map(|secret| secret.last_used.is_some()).collect::<Vec<_>>();
    assert_eq!(uses(), [false, true]);
    assert_eq!([send(&old).await, send(&new).await], [200, 200]);
    assert_eq!(uses(), [true, true]);
    endpoint.control.replace_secrets(new.clone());
    assert_eq!([send(&old).await, send(&new).await], [403, 200]);
}

#[tokio::test]
async fn a_file_is_read_again_and_a_bad_one_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("secrets");
    let (old, new) = ("whsec_old_4f1c9d0a77b2e8d6", "whsec_new_4f1c9d0a77b2e8d6");
    std::fs::write(&path, old).unwrap();
    let endpoint = Endpoint::with(Secrets::from_file(&path).unwrap(), |hooks| hooks).await;
    let control = endpoint.control.clone();
    let (file, reads) = (path.clone(), Arc::new(AtomicU64::new(0)));
    let counted = Arc::clone(&reads);
    let refreshing = tokio::spawn(async move {
        control
            .refresh_secrets(Duration::from_millis(20), async || {
                counted.fetch_add(1, Ordering::Relaxed);
                Secrets::from_file(&file)
            })
            .await;
    });
    let read_again = async || {
        let before = reads.load(Ordering::Relaxed);
        while reads.load(Ordering::Relaxed) < before + 2 {
            sleep(Duration::from_millis(5)).await;
        }
    };
    let send =
        async |text| endpoint.send(&signed(&Secret::new(text).unwrap(), body("item.add", "p", None))).await.status;
    assert_eq!([send(old).await, send(new).await], [200, 403]);
    for bad in ["", "too short\n", "whsec_new_4f1c9d0a77b2e8d6 \n"] {
        std::fs::write(&path, bad).unwrap();
        read_again().await;
        assert_eq!([send(old).await, send(new).await], [200, 403], "{bad:?} was taken");
    }
    std::fs::write(&path, format!("{new}\n{old}\n")).unwrap();
    read_again().await;
    assert_eq!([send(old).await, send(new).await], [200, 200]);
    std::fs::remove_file(&path).unwrap();
    read_again().await;
    assert_eq!(send(old).await, 200, "a missing file took the secrets away");
    refreshing.abort();
}

#[tokio::test]
async fn a_drain_refuses_what_is_new_and_finishes_what_is_not() {
    let endpoint = Endpoint::start(|hooks| hooks.idempotency(MemoryStore::new())).await;
    let slow = keyed("slow", "k");
    let (answer, refused) = tokio::join!(endpoint.send(&slow), async {
        sleep(Duration::from_millis(100)).await;
        endpoint.control.drain();
        endpoint.send(&keyed("p", "l")).await
    });
    assert_eq!((answer.status, refused.status, refused.header("retry-after")), (200, 503, Some("1")));
    assert_eq!(endpoint.get("/ready").await.status, 503);
    assert_eq!(endpoint.get("/live").await.status, 200);
}

static FINISHED: AtomicU64 = AtomicU64::new(0);

#[webhook("item.add")]
async fn takes_its_time(_event: aghanim_hooks::events::ItemAdd) {
    sleep(Duration::from_millis(400)).await;
    FINISHED.fetch_add(1, Ordering::Relaxed);
}

/// Without `Tx`, a handler goes on when its client hangs up: the end of the process waits for it.
#[tokio::test]
async fn a_drain_waits_for_work_whose_client_has_gone() {
    let hooks: Webhooks = Webhooks::new(secret("one"), webhooks![takes_its_time]).idempotency(MemoryStore::new());
    let control = hooks.control();
    let server = Server::start(Router::new().route("/webhook", post(hooks))).await.unwrap();
    let request = keyed("p", "k");
    assert!(timeout(Duration::from_millis(150), request.send(server.address())).await.is_err());
    control.drain();
    assert_eq!(FINISHED.load(Ordering::Relaxed), 0);
    timeout(Duration::from_secs(10), control.drained()).await.expect("it is drained");
    assert_eq!(FINISHED.load(Ordering::Relaxed), 1);
}

/// Changing a clone makes an endpoint of its own, which is steered by its own handle.
#[tokio::test]
async fn a_changed_clone_has_its_own_secrets() {
    let hooks: Webhooks = Webhooks::new(secret("one"), webhooks![takes_its_time]);
    let changed = hooks.clone().or_secret(secret("two"));
    assert_eq!((hooks.secrets().len(), changed.secrets().len()), (1, 2));
    hooks.control().pause("item.add", Duration::from_secs(1)).unwrap();
    assert!(changed.control().paused().is_empty());
}
