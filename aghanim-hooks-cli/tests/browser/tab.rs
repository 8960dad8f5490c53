//! A tab of a headless Chromium, driven through `chromedriver`.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::MetadataExt as _;
use std::panic;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use aghanim_hooks_tests::skip;
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

/// The longest time until the page shows something, on a busy machine.
const SOON: Duration = Duration::from_secs(15);

/// A name that the browser resolves to this machine, as after DNS rebinding.
pub(crate) const REBOUND: &str = "rebound.test";

/// Opens a tab and runs a test in it. The browser is closed even if the test panics.
///
/// Does nothing but say so, if Chromium is not installed.
///
/// # Panics
/// Panics if the test does, or if Chromium is missing and `CI` is set.
pub(crate) async fn in_tab<F: Future<Output = ()> + Send + 'static>(name: &str, test: impl FnOnce(Tab) -> F) {
    let (Some(driver), Some(browser)) = (
        installed(&["chromedriver"]),
        installed(&["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]),
    ) else {
        skip(name, "chromium and chromedriver are not both installed");
        return;
    };
    let driver = Driver::start(&driver);
    let client = ClientBuilder::new(HttpConnector::new())
        .capabilities(capabilities(&browser))
        .connect(&driver.url)
        .await
        .unwrap_or_else(|error| panic!("Chromium does not start: {error}"));
    let tab = Tab(client.clone());
    tab.view(1180, 720).await;
    tab.dark(false).await;
    let done = tokio::spawn(test(tab)).await;
    client.close().await.unwrap();
    if let Err(error) = done {
        panic::resume_unwind(error.into_panic());
    }
}

fn installed(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let in_path = |name: &&str| env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    names.iter().find_map(in_path)
}

fn capabilities(browser: &Path) -> fantoccini::wd::Capabilities {
    let mut arguments = vec![
        "--headless=new".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--force-prefers-reduced-motion".to_owned(),
        "--no-first-run".to_owned(),
        format!("--host-resolver-rules=MAP {REBOUND} 127.0.0.1"),
    ];
    // Chromium refuses its sandbox to root, who runs the tests in a container.
    if fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0) {
        arguments.push("--no-sandbox".to_owned());
    }
    let capabilities = json!({
        "goog:chromeOptions": { "args": arguments, "binary": browser },
        "goog:loggingPrefs": { "browser": "ALL" },
    });
    capabilities.as_object().unwrap().clone()
}

/// The process that translates `WebDriver` for the browser. It ends when this is dropped.
struct Driver {
    process: Child,
    url: String,
}

impl Driver {
    fn start(program: &Path) -> Self {
        let mut process =
            Command::new(program).arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let port = lines
            .find_map(|line| {
                line.split_once("started successfully on port ").map(|(_, port)| port.trim_end_matches('.').to_owned())
            })
            .expect("the port of chromedriver");
        thread::spawn(move || lines.for_each(drop));
        Self { process, url: format!("http://127.0.0.1:{port}") }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// A command of chromedriver that `WebDriver` has not.
#[derive(Debug)]
struct Own {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

/// A tab.
#[derive(Clone)]
pub(crate) struct Tab(Client);

impl Tab {
    pub(crate) async fn open(&self, url: &str) {
        // Another address first: one that differs only behind the `#` would not load the page again.
        self.0.goto("about:blank").await.unwrap();
        self.0.goto(url).await.unwrap();
    }

    /// Opens the page, and waits until it is live and the list is loaded.
    pub(crate) async fn open_live(&self, url: &str) {
        self.open(url).await;
        self.until("document.querySelector('#connection')?.dataset.state === 'live'").await;
        self.until("document.querySelector('#count').innerText !== '' && !document.querySelector('#list').ariaBusy")
            .await;
    }

    /// The value of a JavaScript expression.
    pub(crate) async fn eval(&self, expression: &str) -> Value {
        let script = format!("return ({expression})");
        self.0.execute(&script, Vec::new()).await.unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    /// The value that a promise gives.
    pub(crate) async fn wait_for(&self, promise: &str) -> Value {
        let script = format!("const done = arguments[0]; ({promise}).then(done, (error) => done(`${{error}}`))");
        self.0.execute_async(&script, Vec::new()).await.unwrap_or_else(|error| panic!("{promise}: {error}"))
    }

    /// Waits until a JavaScript expression is true.
    ///
    /// # Panics
    /// Panics with the text of the page, if it takes too long.
    pub(crate) async fn until(&self, condition: &str) {
        let start = Instant::now();
        while self.eval(condition).await != Value::Bool(true) {
            if start.elapsed() > SOON {
                let text = self.eval("document.body.innerText").await;
                panic!("never true: {condition}\nthe page:\n{}", text.as_str().unwrap_or_default());
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// Waits until an element has this text in it.
    pub(crate) async fn shows(&self, selector: &str, text: &str) {
        self.until(&format!("!!document.querySelector({})?.innerText.includes({})", json!(selector), json!(text)))
            .await;
    }

    /// Waits until no element has this text in it.
    pub(crate) async fn hides(&self, selector: &str) {
        self.until(&format!("!document.querySelector({})?.checkVisibility()", json!(selector))).await;
    }

    async fn find(&self, selector: &str) -> Element {
        self.0.find(Locator::Css(selector)).await.unwrap_or_else(|error| panic!("{selector}: {error}"))
    }

    pub(crate) async fn click(&self, selector: &str) {
        self.find(selector).await.click().await.unwrap_or_else(|error| panic!("click on {selector}: {error}"));
    }

    /// Replaces the text of a field by typing.
    pub(crate) async fn fill(&self, selector: &str, text: &str) {
        let field = self.find(selector).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Chooses an option of a select.
    pub(crate) async fn select(&self, selector: &str, value: &str) {
        self.find(selector).await.select_by_value(value).await.unwrap();
    }

    /// Presses keys, one after the other, wherever the focus is.
    pub(crate) async fn press(&self, keys: &str) {
        let press = |actions: KeyActions, value| actions.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        let actions = keys.chars().fold(KeyActions::new("keyboard".to_owned()), press);
        self.0.perform_actions(actions).await.unwrap();
    }

    /// A command of the browser's own protocol.
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.0.issue_cmd(Own { path: "goog/cdp/execute", body }).await.unwrap()
    }

    /// Gives the page this size, in CSS pixels.
    pub(crate) async fn view(&self, width: u32, height: u32) {
        let parameters = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", parameters).await;
    }

    /// Sets what the system prefers.
    pub(crate) async fn dark(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// Errors that the browser has logged since the last call: exceptions, and what the page's policy forbade.
    pub(crate) async fn errors(&self) -> Vec<String> {
        let log = self.0.issue_cmd(Own { path: "se/log", body: json!({ "type": "browser" }) }).await.unwrap();
        let severe = log.as_array().unwrap().iter().filter(|entry| entry["level"] == "SEVERE");
        severe.map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) async fn back(&self) {
        self.0.back().await.unwrap();
    }

    pub(crate) async fn address(&self) -> String {
        self.0.current_url().await.unwrap().to_string()
    }

    pub(crate) async fn screenshot(&self) -> Vec<u8> {
        self.0.screenshot().await.unwrap()
    }
}
