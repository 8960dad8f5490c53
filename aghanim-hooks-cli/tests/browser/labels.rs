//! The page for those who do not see it, or do not use a mouse: names, roles, contrast, focus and what is said aloud.
//!
//! This checks what can be computed. It does not replace a walk with a screen reader.

use serde_json::{Value, json};

use crate::listen::{Listen, items};
use crate::receiver::careful;
use crate::tab::{Tab, in_tab};

/// Roles that a user acts on or goes to. Each must have a name.
const NAMED: [&str; 16] = [
    "button",
    "checkbox",
    "combobox",
    "ComboBoxSelect",
    "dialog",
    "heading",
    "link",
    "listbox",
    "listBoxOption",
    "option",
    "radio",
    "region",
    "searchbox",
    "spinbutton",
    "switch",
    "textbox",
];

/// Nodes of the browser's accessibility tree that have a role but no name.
async fn nameless(tab: &Tab) -> Vec<String> {
    let tree = tab.devtools("Accessibility.getFullAXTree", json!({})).await;
    let nodes = tree["nodes"].as_array().unwrap();
    assert!(nodes.len() > 50, "the tree is whole");
    let shown = nodes.iter().filter(|node| node["ignored"] == false);
    let bad = shown.filter(|node| {
        let role = node["role"]["value"].as_str().unwrap_or_default();
        NAMED.contains(&role) && node["name"]["value"].as_str().unwrap_or_default().trim().is_empty()
    });
    bad.map(ToString::to_string).collect()
}

/// Texts in sight whose contrast is less than WCAG's AA: 4.5 to 1, or 3 to 1 if they are large.
const FAINT: &str = r"(() => {
  const parse = (colour) => { const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number); return { r, g, b, a }; };
  const over = (top, under) => ({ r: top.r * top.a + under.r * (1 - top.a), g: top.g * top.a + under.g * (1 - top.a), b: top.b * top.a + under.b * (1 - top.a), a: 1 });
  const light = ({ r, g, b }) => { const part = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; }; return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b); };
  const ground = (element) => { if (!element) return { r: 255, g: 255, b: 255, a: 1 }; const own = parse(getComputedStyle(element).backgroundColor); return own.a === 1 ? own : over(own, ground(element.parentElement)); };
  const dialog = document.querySelector('dialog[open]');
  const bad = [];
  const walker = document.createTreeWalker(dialog ?? document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || element.closest(':disabled, .unseen, .skip, option')) continue;
    const style = getComputedStyle(element);
    const back = ground(element);
    let opacity = 1;
    for (let up = element; up; up = up.parentElement) opacity *= Number(getComputedStyle(up).opacity);
    const front = parse(style.color);
    const [a, b] = [light(over({ ...front, a: front.a * opacity }, back)), light(back)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) bad.push(`${ratio.toFixed(2)}: ${node.data.trim().slice(0, 40)}`);
  }
  return bad;
})()";

async fn readable(tab: &Tab, state: &str) {
    assert_eq!(nameless(tab).await, Vec::<String>::new(), "{state}: without a name");
    for dark in [false, true] {
        tab.dark(dark).await;
        assert_eq!(tab.eval(FAINT).await, json!([]), "{state}, dark {dark}: too little contrast");
    }
    tab.dark(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_has_a_name_and_enough_contrast() {
    in_tab("everything_has_a_name", |tab| async move {
        let receiver = careful().await;
        let listen = Listen::before(receiver.address());
        tab.open_live(&listen.url("")).await;
        tab.shows("#list-state", "No deliveries yet").await;
        readable(&tab, "empty").await;

        listen.deliver("item.add", "k1", items("2D2R-OP3C")).await;
        let mut strange = items("nobody");
        strange["surprise"] = true.into();
        listen.deliver("item.add", "k2", strange).await;
        tab.press("j").await;
        tab.shows("#detail", "not in the catalogue").await;
        readable(&tab, "a delivery").await;

        for (key, name) in [("t", "trigger"), ("e", "edit"), ("x", "export"), ("?", "help")] {
            tab.press(key).await;
            tab.until(&format!("document.querySelector('#{name}').open")).await;
            readable(&tab, name).await;
            tab.press("\u{e00c}").await;
            tab.until("!document.querySelector('dialog[open]')").await;
        }
        tab.press("c").await;
        tab.press("2\t").await;
        tab.shows("#open-chaos", "2 duplicates").await;
        tab.click("[data-action=resign]").await;
        tab.until("document.querySelector('#verdict .links button') !== null").await;
        readable(&tab, "chaos and a verdict").await;
        tab.click("#more-filters summary").await;
        readable(&tab, "filters").await;

        tab.view(360, 740).await;
        readable(&tab, "narrow").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_focus_is_always_seen_and_never_caught() {
    in_tab("the_focus_is_always_seen", |tab| async move {
        let listen = Listen::alone();
        listen.deliver("item.add", "k1", items("2D2R-OP3C")).await;
        let id = listen.newest().await["id"].clone();
        tab.open_live(&listen.url(&format!("?id={id}"))).await;
        tab.shows("#detail-title", "item.add").await;
        let focus = "(() => { const at = document.activeElement; const style = getComputedStyle(at); const box = at.getBoundingClientRect();
            return at === document.body ? null : { what: at.id || at.name || at.dataset.action || at.className || at.innerText.slice(0, 20), seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && box.width > 0 && box.bottom > 0 && box.top < innerHeight }; })()";
        let mut places = Vec::new();
        for _ in 0..60 {
            tab.press("\u{e004}").await;
            let at = tab.eval(focus).await;
            if at == Value::Null {
                break;
            }
            assert_eq!(at["seen"], true, "{at}");
            places.push(at["what"].as_str().unwrap().to_owned());
        }
        for place in ["skip", "open-trigger", "open-chaos", "theme", "open-help", "q", "list", "resend", "resign", "edit", "fixture", "export"] {
            assert!(places.iter().any(|found| found == place), "{place} is not reached: {places:?}");
        }
        assert!(places.len() < 60, "the focus leaves the page again: {places:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_says_which_delivery_is_chosen_and_messages_are_said_aloud() {
    in_tab("the_list_says", |tab| async move {
        let listen = Listen::alone();
        for key in ["k1", "k2", "k3"] {
            listen.deliver("item.add", key, items("2D2R-OP3C")).await;
        }
        tab.open_live(&listen.url("")).await;
        tab.press("jj").await;
        tab.until("document.querySelectorAll('#list [aria-selected=true]').length === 1").await;
        tab.until("document.querySelector('#list').getAttribute('aria-activedescendant') === document.querySelector('#list [aria-selected=true]').id").await;
        let chosen = tab.eval("(({ role, ariaPosInSet, ariaSetSize, textContent }) => [role, ariaPosInSet, ariaSetSize, textContent])(document.querySelector('#list [aria-selected=true]'))").await;
        assert_eq!((&chosen[0], &chosen[1], &chosen[2]), (&"option".into(), &"2".into(), &"3".into()));
        // Shapes are for the eye. The words say the same.
        assert!(chosen[3].as_str().unwrap().contains("item.add") && chosen[3].as_str().unwrap().contains("200"), "{chosen}");
        for (place, role) in [("#toast", "status"), ("#connection", "status"), ("#verdict", "status"), ("#list-state", "status"), ("#banner", "status"), ("#alarm", "alert")] {
            assert_eq!(tab.eval(&format!("document.querySelector('{place}').role")).await, role, "{place}");
        }
        assert_eq!(tab.eval("document.documentElement.lang").await, "en");
    })
    .await;
}
