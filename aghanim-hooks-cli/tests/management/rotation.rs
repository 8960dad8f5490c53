//! `rotate`, beside an endpoint that reads the file.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

use aghanim_hooks::events::{Player, PlayerVerify};
use aghanim_hooks::signature::Secrets;
use aghanim_hooks::testing::TestClient;
use aghanim_hooks::{Secret, Webhooks, webhook, webhooks};
use aghanim_hooks_tests::Server;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde_json::json;
use tempfile::TempDir;

use super::api::{Api, Fault};
use super::{run, stderr, stdout, text, webhooks};

#[webhook("player.verify")]
async fn verify(event: PlayerVerify) -> Player {
    Player::builder().player_id(event.player_id).name("Ada").build()
}

/// An API with a webhook, and the file with its secret.
struct Rotation {
    api: Api,
    old: String,
    file: PathBuf,
    _directory: TempDir,
}

impl Rotation {
    async fn new() -> Self {
        let api = Api::with_two().await;
        let directory = TempDir::new().unwrap();
        let file = directory.path().join("secrets");
        let old = api.secret("wh_1");
        std::fs::write(&file, format!("{old}\n")).unwrap();
        Self { api, old, file, _directory: directory }
    }

    fn rotate(&self, more: &[&str]) -> snapbox::cmd::Command {
        webhooks(&self.api, &[&["rotate", "wh_1", "--secret-file", text(&self.file)], more].concat())
    }

    fn lines(&self) -> Vec<String> {
        std::fs::read_to_string(&self.file).unwrap().lines().map(str::to_owned).collect()
    }

    fn new_secret(&self) -> String {
        let new = self.api.secret("wh_1");
        assert_ne!(new, self.old);
        new
    }
}

/// An endpoint that reads the file often, and its page of metrics.
struct Endpoint {
    app: Router,
    metrics: Server,
}

impl Endpoint {
    async fn start(file: &Path) -> Self {
        let hooks: Webhooks = Webhooks::new(Secrets::from_file(file).unwrap(), webhooks![verify]);
        let control = hooks.control();
        let path = Arc::new(file.to_owned());
        let reading = control.clone();
        tokio::spawn(async move {
            reading.refresh_secrets(Duration::from_millis(20), async || Secrets::from_file(&*path)).await;
        });
        let page = get(async move || {
            let lines = control.secrets().into_iter().map(|secret| {
                let used = secret.last_used.map_or(0, |at| at.duration_since(UNIX_EPOCH).unwrap().as_secs());
                format!("aghanim_hooks_secret_last_used_seconds{{slot=\"{}\"}} {used}\n", secret.index)
            });
            lines.collect::<String>()
        });
        let metrics = Server::start(Router::new().route("/metrics", page)).await.unwrap();
        Self { app: Router::new().route("/webhook", post(hooks)), metrics }
    }

    fn page(&self) -> String {
        format!("http://{}/metrics", self.metrics.address())
    }

    /// The status of an event that is signed with this secret.
    async fn status(&self, secret: &str) -> StatusCode {
        let client = TestClient::new(self.app.clone(), Secret::new(secret).unwrap());
        client.send_json("player.verify", &json!({"player_id": "p1"})).answer().await.status
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_secret_is_dropped_when_it_is_idle_and_not_before() {
    let rotation = Rotation::new().await;
    let endpoint = Endpoint::start(&rotation.file).await;
    let page = endpoint.page();
    let rotate = rotation.rotate(&["--yes", "--idle", "2s", "--poll", "100ms", "--metrics", &page]);
    let rotating = tokio::spawn(run(rotate));
    let started = Instant::now();
    while rotation.lines().len() < 2 {
        assert!(started.elapsed() < Duration::from_secs(20), "there are no two secrets");
        assert_eq!(endpoint.status(&rotation.old).await, 200);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let new = rotation.new_secret();
    assert_eq!(rotation.lines(), [&*new, &*rotation.old]);
    tokio::time::sleep(Duration::from_millis(200)).await;
    // Aghanim may go on with the old secret for a while, or not at all: both are accepted.
    let mut last = Instant::now();
    for _ in 0..16 {
        assert_eq!(
            (endpoint.status(&new).await, endpoint.status(&rotation.old).await),
            (StatusCode::OK, StatusCode::OK)
        );
        last = Instant::now();
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(!rotating.is_finished(), "the old secret is in use");
    let output = rotating.await.unwrap().code(0);
    // The metric is in whole seconds.
    assert!(last.elapsed() > Duration::from_millis(950), "{:?}", last.elapsed());
    assert_eq!(rotation.lines(), [&*new]);
    assert!(stdout(&output).ends_with("has the new secret alone\n"), "{}", stdout(&output));
    assert!(!stdout(&output).contains("whsec") && !stderr(&output).contains("whsec"), "{}", stdout(&output));
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(
        (endpoint.status(&new).await, endpoint.status(&rotation.old).await),
        (StatusCode::OK, StatusCode::FORBIDDEN)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_has_not_read_the_file_is_not_idle() {
    let rotation = Rotation::new().await;
    let page = get(async || "aghanim_hooks_secret_last_used_seconds{slot=\"0\"} 1764000000\n");
    let server = Server::start(Router::new().route("/metrics", page)).await.unwrap();
    let page = format!("http://{}/metrics", server.address());
    let rotate = rotation.rotate(&["--yes", "--idle", "200ms", "--poll", "50ms", "--metrics", &page]);
    let output = run(rotate.timeout(Duration::from_secs(3))).await;
    assert!(output.get_output().status.code() != Some(0));
    assert!(stdout(&output).contains("it shows one secret, so it has not read the file yet"), "{}", stdout(&output));
    assert_eq!(rotation.lines().len(), 2);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn without_metrics_time_counts_and_the_endpoint_is_told_each_time() {
    let rotation = Rotation::new().await;
    let told = rotation.file.with_extension("told");
    let reload = format!("wc -l < '{}' >> '{}'", rotation.file.display(), told.display());
    let output = run(rotation.rotate(&["--yes", "--idle", "300ms", "--reload", &reload, "--json"])).await.code(0);
    let told = std::fs::read_to_string(told).unwrap();
    assert_eq!(told.split_whitespace().collect::<Vec<_>>(), ["2", "1"]);
    let lines: Vec<serde_json::Value> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let steps: Vec<_> = lines.iter().map(|line| line["step"].as_str().unwrap()).collect();
    assert_eq!(steps, ["file", "new", "both", "wait", "waiting", "done"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_that_was_stopped_is_carried_on() {
    let rotation = Rotation::new().await;
    run(rotation.rotate(&["--yes", "--no-wait"])).await.code(0);
    let new = rotation.new_secret();
    assert_eq!(rotation.lines(), [&*new, &*rotation.old]);
    let output = run(rotation.rotate(&["--yes"])).await.code(2);
    assert!(stderr(&output).contains("end it with --resume"), "{}", stderr(&output));
    run(rotation.rotate(&["--yes", "--resume", "--idle", "200ms"])).await.code(0);
    assert_eq!(rotation.lines(), [&*new]);
    let output = run(rotation.rotate(&["--yes", "--resume"])).await.code(0);
    assert!(stdout(&output).contains("nothing to carry on with"), "{}", stdout(&output));

    // It was stopped between the new secret and the file.
    std::fs::write(&rotation.file, format!("{}\n", rotation.old)).unwrap();
    let output = run(rotation.rotate(&["--yes"])).await.code(2);
    assert!(stderr(&output).contains("carry on with --resume"), "{}", stderr(&output));
    run(rotation.rotate(&["--yes", "--resume", "--no-wait"])).await.code(0);
    assert_eq!(rotation.lines(), [&*new, &*rotation.old]);
    assert_eq!(rotation.api.count("POST /wh_1/expire_secret"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_changed_before_it_is_sure_that_the_new_secret_can_be_kept() {
    let rotation = Rotation::new().await;
    run(rotation.rotate(&["--dry-run"])).await.code(0);
    let output = run(rotation.rotate(&[])).await.code(2);
    assert!(stderr(&output).contains("add --yes"), "{}", stderr(&output));
    let nowhere = ["rotate", "wh_1", "--secret-file", "/nowhere/secrets", "--yes"];
    let output = run(webhooks(&rotation.api, &nowhere)).await.code(2);
    assert!(stderr(&output).contains("can't write /nowhere/secrets"), "{}", stderr(&output));
    run(webhooks(&rotation.api, &["rotate", "wh_1", "--yes"])).await.code(2);
    assert_eq!(rotation.api.count("POST /wh_1/expire_secret"), 0);
    assert_eq!(rotation.lines(), [&*rotation.old]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_secret_whose_answer_is_lost_is_found_and_not_made_twice() {
    let rotation = Rotation::new().await;
    rotation.api.fails("POST /wh_1/expire_secret", Fault::DoneAndCutOff);
    run(rotation.rotate(&["--yes", "--no-wait"])).await.code(0);
    assert_eq!(rotation.lines(), [&*rotation.new_secret(), &*rotation.old]);
    assert_eq!(rotation.api.count("POST /wh_1/expire_secret"), 1);

    let rotation = Rotation::new().await;
    rotation.api.fails("POST /wh_1/expire_secret", Fault::CutOff);
    let output = run(rotation.rotate(&["--yes", "--no-wait"])).await.code(3);
    assert!(stderr(&output).contains("there is no new secret, so nothing was changed"), "{}", stderr(&output));
    assert_eq!(rotation.lines(), [&*rotation.old]);

    rotation.api.registry().stubborn = true;
    let output = run(rotation.rotate(&["--yes", "--no-wait"])).await.code(2);
    assert!(stderr(&output).contains("the same secret as before"), "{}", stderr(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_secret_can_be_printed_for_a_place_that_is_not_a_file() {
    let rotation = Rotation::new().await;
    let output = run(webhooks(&rotation.api, &["rotate", "wh_1", "--print-secret", "--yes"])).await.code(0);
    assert_eq!(stdout(&output), rotation.new_secret() + "\n");
    assert_eq!(rotation.lines(), [&*rotation.old]);
}
