//! Other pages, other names, and text that tries to be more than text.

use aghanim_hooks_tests::{Request, Server, signed};
use axum::Router;
use axum::response::Html;
use axum::routing::get;
use serde_json::json;

use crate::listen::{Listen, items, secret};
use crate::tab::{REBOUND, in_tab};

/// A page of another origin that tries everything a page can try. `TARGET` is the page of the command.
const ATTACK: &str = r"<!doctype html><title>hostile</title><body><script>
const target = 'TARGET', token = 'TOKEN';
const body = JSON.stringify({ event: 'item.add', data: {}, sandbox: false });
const chaos = JSON.stringify({ duplicate: 20, delay_ms: 0, reorder: true, drop_answer: true, cut_body: false, answer: null });
const auth = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
const reads = async (path, options) => { const answer = await fetch(target + path, options); return answer.type === 'opaque' ? 'opaque' : `read ${answer.status}`; };
const attempt = (promise) => promise.catch(() => 'refused');
const loads = (element, attributes) => new Promise((done) => {
  const made = document.createElement(element);
  made.onload = () => done('loaded');
  made.onerror = () => done('refused');
  document.body.append(Object.assign(made, attributes));
});
const stream = () => new Promise((done) => {
  const source = new EventSource(`${target}/api/stream?token=${token}`);
  source.onopen = () => done('opened');
  source.onerror = () => { source.close(); done('refused'); };
});
const form = (path, text) => new Promise((done) => {
  const frame = Object.assign(document.createElement('iframe'), { name: `f${Math.random()}` });
  const form = Object.assign(document.createElement('form'), { action: target + path, method: 'post', enctype: 'text/plain', target: frame.name });
  form.append(Object.assign(document.createElement('input'), { name: text.slice(0, -1), value: text.slice(-1) }));
  document.body.append(frame, form);
  frame.onload = () => done('sent');
  form.submit();
});
const framed = () => new Promise((done) => {
  const frame = Object.assign(document.createElement('iframe'), { src: `${target}/#token=${token}` });
  frame.onload = () => setTimeout(() => { let inside; try { inside = frame.contentDocument && frame.contentDocument.title; } catch { inside = null; } done(inside ? 'seen' : 'refused'); }, 200);
  document.body.append(frame);
});
const opened = () => new Promise((done) => {
  const other = open(`${target}/`);
  setTimeout(() => { let seen; try { seen = other.document.title; } catch { seen = null; } try { other.close(); } catch {} done(seen ? 'seen' : 'refused'); }, 400);
});
window.attacks = (async () => ({
  status: await attempt(reads('/api/status')),
  status_with_token: await attempt(reads('/api/status', { headers: auth })),
  deliveries_with_cookies: await attempt(reads('/api/deliveries', { credentials: 'include' })),
  trigger_simple: await attempt(reads('/api/trigger', { method: 'POST', mode: 'no-cors', body })),
  trigger_with_token: await attempt(reads('/api/trigger', { method: 'POST', headers: auth, body })),
  chaos_with_token: await attempt(reads('/api/chaos', { method: 'PUT', headers: auth, body: chaos })),
  clear_simple: await attempt(reads('/api/clear', { method: 'POST', mode: 'no-cors', body: '{}' })),
  beacon: navigator.sendBeacon(`${target}/api/clear`, new Blob(['{}'], { type: 'text/plain' })) ? 'sent' : 'refused',
  stream: await stream(),
  form_trigger: await form('/api/trigger', body),
  form_clear: await form('/api/clear', '{}'),
  image: await loads('img', { src: `${target}/api/status` }),
  script: await loads('script', { src: `${target}/api/deliveries` }),
  frame: await framed(),
  window: await opened(),
}))();
</script>";

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_origin_reads_nothing_and_changes_nothing() {
    in_tab("a_page_of_another_origin", |tab| async move {
        let listen = Listen::alone();
        listen.deliver("item.add", "k1", items("2D2R-OP3C")).await;
        let before = listen.get("/api/status").await;
        // Even one that has learned the token.
        let page = ATTACK.replace("TARGET", &format!("http://{}", listen.page)).replace("TOKEN", &listen.token);
        let hostile = Server::start(Router::new().route("/", get(|| async { Html(page) }))).await.unwrap();
        tab.open(&format!("http://{}/", hostile.address())).await;
        let attacks = tab.wait_for("window.attacks").await;
        let attacks = attacks.as_object().unwrap_or_else(|| panic!("{attacks}"));
        assert_eq!(attacks.len(), 15);
        for (attack, result) in attacks {
            // An opaque answer and a form's answer are not readable. What they did is looked at below.
            let harmless = match attack.as_str() {
                "trigger_simple" | "clear_simple" => result == "opaque" || result == "refused",
                "form_trigger" | "form_clear" | "beacon" => true,
                _ => result == "refused",
            };
            assert!(harmless, "{attack}: {result}");
        }
        assert_eq!(listen.get("/api/status").await, before, "nothing was sent, cleared or switched");
        assert_eq!(listen.count().await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_name_for_this_machine_is_refused() {
    in_tab("another_name", |tab| async move {
        let listen = Listen::alone();
        // The browser believes that the name is the page's own origin.
        tab.open(&format!("http://{REBOUND}:{}/", listen.page.port())).await;
        assert_eq!(tab.eval("document.title").await, "");
        assert!(tab.eval("document.querySelector('#list') === null").await.as_bool().unwrap());
        let token = &listen.token;
        let status = format!("fetch('/api/status', {{ headers: {{ Authorization: 'Bearer {token}' }} }}).then((answer) => answer.status)");
        assert_eq!(tab.wait_for(&status).await, 403);
        let trigger = format!("fetch('/api/clear', {{ method: 'POST', body: '{{}}', headers: {{ 'Content-Type': 'application/json', Authorization: 'Bearer {token}' }} }}).then((answer) => answer.status)");
        assert_eq!(tab.wait_for(&trigger).await, 403);
        // The receiver's port has no page and no API.
        let answer = listen.send(&Request::post("").method("GET").path("/api/status").header("Authorization", format!("Bearer {token}"))).await;
        assert!(!String::from_utf8_lossy(&answer.body).contains("deliveries_url"), "{}", answer.text());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_the_token_says_where_to_find_it() {
    in_tab("a_page_without_the_token", |tab| async move {
        let listen = Listen::alone();
        tab.open(&format!("http://{}/", listen.page)).await;
        tab.shows("#banner", "This page is locked").await;
        tab.shows("#list-state", "no valid token").await;
        tab.open(&format!("http://{}/#token={}", listen.page, "0".repeat(32))).await;
        tab.shows("#banner", "This page is locked").await;
        // The right address in the same tab unlocks it, though the browser then does not load the page again.
        tab.eval(&format!("location.hash = 'token={}'", listen.token)).await;
        tab.hides("#banner").await;
        tab.shows("#connection", "Live").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_and_script_are_shown_as_text() {
    in_tab("markup_and_script", |tab| async move {
        let listen = Listen::alone();
        let attacks = ["<img src=x onerror=window.pwned=1>", "<script>window.pwned=1</script>", "</pre></textarea></option><svg onload=window.pwned=1>", "javascript:window.pwned=1", "\" autofocus onfocus=window.pwned=1 x=\""];
        for attack in attacks {
            // In the event's name, its key, field names, values, headers and path; and as a body that is no event.
            let body = json!({ "event_id": attack, "event_type": attack, "idempotency_key": attack, "trigger": attack, "event_data": { attack: attack, "player_id": attack } });
            listen.send(&signed(&secret(), body.to_string()).header("X-Evil", attack)).await;
            let known = json!({ "event_id": attack, "event_type": "item.add", "idempotency_key": attack, "event_data": { "player_id": attack, "items": [], attack: attack } });
            listen.send(&signed(&secret(), known.to_string())).await;
            listen.send(&signed(&secret(), attack)).await;
        }
        tab.open_live(&listen.url("")).await;
        let count = listen.count().await;
        tab.shows("#count", &format!("{count} recorded")).await;
        let elements = "document.querySelectorAll('img, script:not([src=\"/inspector.js\"]), svg, iframe, [onerror], [onload], [onfocus]').length";
        for n in 0..count {
            tab.press("j").await;
            tab.until(&format!("document.querySelector('#list [aria-selected=true]')?.ariaPosInSet === '{}'", n + 1)).await;
            tab.until("document.querySelector('#detail-sub')?.innerText.startsWith('#' + document.querySelector('#list [aria-selected=true]').dataset.id + ' ')").await;
            for key in ["e", "x"] {
                tab.press(key).await;
                tab.until("!!document.querySelector('dialog[open]')").await;
                if key == "x" { tab.until("document.querySelector('#export-text').innerText !== 'Loading…'").await }
                assert_eq!(tab.eval(elements).await, 0);
                tab.press("\u{e00c}").await;
                tab.until("!document.querySelector('dialog[open]')").await;
            }
            assert_eq!(tab.eval(elements).await, 0);
        }
        assert_eq!(tab.eval("window.pwned === undefined").await, true);
        let shown = tab.eval("[...document.querySelectorAll('#list .event')].map((event) => event.textContent)").await;
        assert!(shown.as_array().unwrap().iter().any(|name| name == attacks[0]), "{shown}");
        // A filter link with markup in its key.
        tab.open_live(&listen.url("?q=%3Cimg%20src%3Dx%20onerror%3Dwindow.pwned%3D1%3E&id=%3Cscript%3E")).await;
        tab.shows("#count", "match").await;
        assert_eq!(tab.eval("window.pwned === undefined").await, true);
        assert_eq!(tab.eval(elements).await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_is_nowhere_in_the_page_or_its_api() {
    in_tab("the_secret_is_nowhere", |tab| async move {
        let listen = Listen::alone();
        listen.deliver("item.add", "k1", items("2D2R-OP3C")).await;
        let id = listen.newest().await["id"].clone();
        tab.open_live(&listen.url(&format!("?id={id}"))).await;
        tab.shows("#detail-title", "item.add").await;
        let page = tab
            .eval("document.documentElement.outerHTML + JSON.stringify({ ...localStorage, ...sessionStorage })")
            .await;
        assert!(!page.as_str().unwrap().contains(crate::listen::SECRET));
        for path in [
            "/api/status",
            "/api/events",
            "/api/deliveries",
            &format!("/api/deliveries/{id}"),
            &format!("/api/deliveries/{id}/export?as=curl"),
            &format!("/api/deliveries/{id}/export?as=har"),
            &format!("/api/deliveries/{id}/export?as=rust-test"),
        ] {
            assert!(!listen.get(path).await.to_string().contains(crate::listen::SECRET), "{path}");
        }
    })
    .await;
}
