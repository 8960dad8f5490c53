use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) const COUNTS: [usize; 3] = [10, 50, 200];

/// Handlers in one file.
const PER_FILE: usize = 10;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    Axum,
    Annotated,
}

pub(crate) fn crate_name(flavour: Flavour, count: usize) -> String {
    let flavour = if flavour == Flavour::Axum { "axum" } else { "annotated" };
    format!("{flavour}-{count}")
}

/// One workspace, so that the dependencies are built once, in the versions that this project is locked to.
pub(crate) fn workspace(root: &Path) {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the project's root");
    write(&root.join("Cargo.toml"), "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n");
    fs::copy(project.join("Cargo.lock"), root.join("Cargo.lock")).expect("a lock file");
    fs::copy(project.join("rust-toolchain.toml"), root.join("rust-toolchain.toml")).expect("a toolchain file");
    for count in COUNTS {
        for flavour in [Flavour::Axum, Flavour::Annotated] {
            let own = match flavour {
                Flavour::Axum => String::new(),
                Flavour::Annotated => {
                    format!("aghanim-hooks = {{ path = '{}' }}\n", project.join("aghanim-hooks").display())
                }
            };
            let manifest = format!(
                r#"[package]
name = "{}"
version = "0.0.0"
edition = "2024"

[dependencies]
{own}axum = {{ version = "0.8", default-features = false, features = ["http1", "json", "tokio"] }}
serde = {{ version = "1", features = ["derive"] }}
tokio = {{ version = "1", features = ["macros", "net", "rt-multi-thread"] }}
"#,
                crate_name(flavour, count)
            );
            let directory = directory(root, flavour, count);
            write(&directory.join("Cargo.toml"), &manifest);
            write(&directory.join("src/main.rs"), &main(flavour, count));
            for file in 0..count / PER_FILE {
                write(&directory.join(format!("src/part{file}.rs")), &part(flavour, file, 0));
            }
        }
    }
}

/// Another text in a handler's body, as someone at work on it would leave.
pub(crate) fn change(root: &Path, flavour: Flavour, count: usize, round: usize) {
    write(&directory(root, flavour, count).join("src/part0.rs"), &part(flavour, 0, round + 1));
}

fn directory(root: &Path, flavour: Flavour, count: usize) -> PathBuf {
    root.join("crates").join(crate_name(flavour, count))
}

fn main(flavour: Flavour, count: usize) -> String {
    let files = count / PER_FILE;
    let mut text = String::new();
    for file in 0..files {
        writeln!(text, "mod part{file};").expect("a string takes all");
    }
    let each = |item: fn(usize, usize) -> String| -> String { (0..count).map(|i| item(i / PER_FILE, i)).collect() };
    let app = match flavour {
        Flavour::Axum => format!(
            "axum::Router::new(){}",
            each(|file, i| format!("\n        .route(\"/game/event{i}\", axum::routing::post(part{file}::handle{i}))"))
        ),
        Flavour::Annotated => format!(
            "{{\n        let secret = aghanim_hooks::Secret::new(\"whsec_4f1c9d0a77b2e8d6\").unwrap();\n        \
             let hooks = aghanim_hooks::Webhooks::new(secret, aghanim_hooks::webhooks![{}]);\n        \
             axum::Router::new().route(\"/webhook\", axum::routing::post(hooks))\n    }}",
            each(|file, i| format!("\n            part{file}::handle{i},"))
        ),
    };
    write!(
        text,
        r#"
#[derive(Clone, Default)]
pub struct Game {{
    pub granted: std::sync::Arc<std::sync::atomic::AtomicI64>,
}}

#[tokio::main]
async fn main() {{
    let app = {app}.with_state(Game::default());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}}
"#
    )
    .expect("a string takes all");
    text
}

fn part(flavour: Flavour, file: usize, version: usize) -> String {
    let mut text =
        String::from("use axum::extract::State;\nuse serde::{Deserialize, Serialize};\n\nuse crate::Game;\n");
    text.push_str(match flavour {
        Flavour::Axum => "use axum::{Json, http::StatusCode};\n",
        Flavour::Annotated => "use aghanim_hooks::{Rejection, WebhookEvent, webhook};\n",
    });
    for i in file * PER_FILE..(file + 1) * PER_FILE {
        let (derive, attribute, event, reply, error, wrap) = match flavour {
            Flavour::Axum => (
                "Deserialize",
                String::new(),
                format!("Json(event): Json<Payload{i}>"),
                format!("Json<Reply{i}>"),
                "StatusCode::NOT_FOUND".to_owned(),
                (format!("Json(Reply{i} {{ greeting }})"), "StatusCode"),
            ),
            Flavour::Annotated => (
                "Deserialize, WebhookEvent",
                format!("#[event(\"game.event{i}\", reply = Reply{i})]\n"),
                format!("event: Payload{i}"),
                format!("Reply{i}"),
                "Rejection::deny(\"not_found\", \"no such player\")".to_owned(),
                (format!("Reply{i} {{ greeting }}"), "Rejection"),
            ),
        };
        let handler = if flavour == Flavour::Axum { String::new() } else { format!("#[webhook(\"game.event{i}\")]\n") };
        let (ok, error_type) = wrap;
        write!(
            text,
            r#"
#[derive({derive})]
{attribute}pub struct Payload{i} {{
    pub player_id: String,
    pub amount: i64,
    #[serde(default)]
    pub note: Option<String>,
    #[serde(default)]
    pub tags: Vec<String>,
}}

#[derive(Serialize)]
pub struct Reply{i} {{
    greeting: String,
}}

{handler}pub async fn handle{i}(State(game): State<Game>, {event}) -> Result<{reply}, {error_type}> {{
    if event.player_id.is_empty() {{
        return Err({error});
    }}
    let sum = game.granted.fetch_add(event.amount, std::sync::atomic::Ordering::Relaxed);
    let greeting = format!("{version} {{}} {{sum}} {{:?}} {{}}", event.player_id, event.note, event.tags.len());
    Ok({ok})
}}
"#
        )
        .expect("a string takes all");
    }
    text
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a directory")).expect("a place for the crates");
    fs::write(path, text).expect("a place for the crates");
}
