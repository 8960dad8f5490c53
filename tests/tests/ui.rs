//! The compiler's messages for a user's mistakes. See `ui/README.md`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Exceptions from the rules of `ui/README.md`: the rule, the fixture, and the reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("one error", "fail/014_variadic", "the feature gate of the compiler says so too, whatever we say"),
    ("points at a token", "fail/014_variadic", "for the same reason"),
    ("at most 12 lines", "fail/014_variadic", "for the same reason"),
    ("at most 12 lines", "fail/020_refutable", "it is all the compiler's"),
    ("at most 12 lines", "fail/026_not_send", "the value and the `.await` are worth their lines"),
    ("at most 12 lines", "fail/106_constant_missing", "it is all the compiler's, and names the right constant"),
    ("points at a token", "fail/041_equals", "the compiler refuses the attribute before we see it"),
];

#[test]
fn messages() {
    copy_registrations();
    // It runs when it is dropped, and leaves a package with a binary for each fixture.
    trybuild::TestCases::new().compile_fail("ui/*/*.rs");
    one_error_in_json_too();
}

/// `webhooks![…; subscribed in "…"]` reads a file in the folder of its package, which is trybuild's.
fn copy_registrations() {
    let folder = trybuild().join(env!("CARGO_PKG_NAME")).join("ui/subscribed");
    fs::create_dir_all(&folder).unwrap();
    for entry in fs::read_dir("ui/subscribed").unwrap() {
        let entry = entry.unwrap();
        if entry.path().extension().is_some_and(|extension| extension == "json") {
            fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
        }
    }
}

fn trybuild() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("tests/trybuild")
}

/// The compiler prints two errors of the same text once, but an editor, which reads JSON, shows both. They come from a
/// trait that is required twice, so the fixtures with such an error are looked at.
fn one_error_in_json_too() {
    let trybuild = trybuild();
    let package = trybuild.join(env!("CARGO_PKG_NAME"));
    let manifest = fs::read_to_string(package.join("Cargo.toml")).expect("trybuild's package");
    let mut bins = BTreeMap::new();
    for bin in manifest.split("[[bin]]").skip(1) {
        let value = |key: &str| bin.split_once(&format!("{key} = \"")).and_then(|(_, rest)| rest.split('"').next());
        let (Some(bin), Some(path)) = (value("name"), value("path")) else { panic!("a binary of trybuild's: {bin}") };
        let stderr = fs::read_to_string(Path::new(path).with_extension("stderr")).unwrap_or_default();
        if stderr.contains("error[E0277]") {
            let fixture = path.split_once("/ui/").expect("a fixture").1.trim_end_matches(".rs");
            bins.insert(
                bin.to_owned(),
                (fixture.to_owned(), stderr.lines().filter(|line| line.starts_with("error")).count()),
            );
        }
    }
    assert!(bins.len() >= 25, "only {} of trybuild's binaries were found", bins.len());
    let output = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--keep-going", "--message-format=json", "--target", &host()])
        .args(["--manifest-path".as_ref(), package.join("Cargo.toml").as_os_str()])
        .args(["--target-dir".as_ref(), trybuild.as_os_str()])
        .args(bins.keys().flat_map(|bin| ["--bin", bin]))
        .output()
        .expect("cargo runs");
    let mut found = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let message: serde_json::Value = serde_json::from_str(line).expect("cargo writes JSON");
        let spans = message["message"]["spans"].as_array().is_some_and(|spans| !spans.is_empty());
        if message["message"]["level"] == "error" && spans {
            *found.entry(message["target"]["name"].as_str().expect("a target").to_owned()).or_insert(0) += 1;
        }
    }
    for (bin, (fixture, expected)) in &bins {
        let found = found.get(bin).copied().unwrap_or_default();
        assert_eq!(found, *expected, "errors in JSON of {fixture}\n{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// The machine's target, which trybuild compiles for.
fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let version = String::from_utf8(output.stdout).expect("text");
    version.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host").to_owned()
}

#[test]
fn every_message_keeps_the_rules() {
    let mut broken = Vec::new();
    let mut excused = vec![false; EXCEPTIONS.len()];
    for fixture in fixtures("rs") {
        let name = name(&fixture);
        let message = fs::read_to_string(fixture.with_extension("stderr"))
            .unwrap_or_else(|error| panic!("{name}: no blessed message: {error}"));
        for (rule, what) in mistakes(&message, expected_errors(&name)) {
            match EXCEPTIONS.iter().position(|(of, fixture, _)| *of == rule && *fixture == name) {
                Some(exception) => excused[exception] = true,
                None => broken.push(format!("{name}: {rule}: {what}")),
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    let needless: Vec<_> = EXCEPTIONS.iter().zip(excused).filter(|(_, excused)| !excused).collect();
    assert!(needless.is_empty(), "no longer needed: {needless:?}");
}

#[test]
fn every_message_has_its_mistake() {
    for stderr in fixtures("stderr") {
        assert!(stderr.with_extension("rs").exists(), "{} is of no fixture", stderr.display());
    }
}

#[test]
fn the_readme_lists_every_mistake() {
    let readme = fs::read_to_string("ui/README.md").unwrap();
    let fixtures: Vec<_> =
        fixtures("rs").iter().map(|path| name(path)).filter(|name| name.starts_with("fail/")).collect();
    assert!(fixtures.len() >= 45);
    for (i, name) in fixtures.iter().enumerate() {
        assert!(name.starts_with(&format!("fail/{:03}_", i + 1)), "{name} is out of order");
        assert!(readme.contains(&format!("]({name}.rs) |")), "ui/README.md does not list {name}");
    }
    assert_eq!(readme.matches("](fail/").count(), fixtures.len(), "ui/README.md lists what there is not");
}

#[test]
fn a_broken_rule_is_found() {
    let line = " --> ui/fail/a.rs:1:1\n  |\n1 | #[webhook(\"a\")]\n  |           ^^^ here\n";
    let rules = |message: &str, errors| mistakes(message, errors).into_iter().map(|(rule, _)| rule).collect::<Vec<_>>();
    assert_eq!(rules(&format!("error: a\n{line}"), 1), [""; 0]);
    assert_eq!(rules(&format!("error: a\n{line}\nerror[E0277]: b\n{line}"), 1), ["one error"]);
    assert_eq!(rules(&format!("error: a\n{line}\nwarning: b\n{line}"), 1), ["one error"]);
    assert_eq!(rules(&format!("error: a\n{line}{}", "  |\n".repeat(9)), 1), ["at most 12 lines"]);
    for name in ["aghanim_hooks::__private::list", "__event", "__AghanimHooksState"] {
        assert_eq!(rules(&format!("error: {name}\n{line}"), 1), ["no generated names"], "{name}");
    }
    assert_eq!(
        rules(&format!("error: a\n{line}  = help: the following other types implement"), 1),
        ["no lists of types"]
    );
    let whole = line.replace("          ^^^ here", "^^^^^^^^^^^^^^^ here");
    assert_eq!(rules(&format!("error: a\n{whole}"), 1), ["points at a token"]);
    let lines = " --> ui/fail/a.rs:1:1\n  |\n1 | / async fn a() {\n2 | | }\n  | |_^\n";
    assert_eq!(rules(&format!("error: a\n{lines}"), 1), ["points at a token"]);
}

/// The rules that a message breaks, and how.
fn mistakes(message: &str, errors: usize) -> Vec<(&'static str, String)> {
    let mut mistakes = Vec::new();
    let lines: Vec<_> = message.trim_end().lines().collect();
    let count = lines.iter().filter(|line| line.starts_with("error") || line.starts_with("warning")).count();
    if count != errors {
        mistakes.push(("one error", format!("{count} instead of {errors}")));
    }
    if lines.len() > 12 * errors {
        mistakes.push(("at most 12 lines", lines.len().to_string()));
    }
    if let Some(line) = lines.iter().find(|line| has_generated_name(line)) {
        mistakes.push(("no generated names", (*line).to_owned()));
    }
    if message.contains("the following other types") {
        mistakes.push(("no lists of types", String::new()));
    }
    if let Some(underlined) = whole_items(&lines) {
        mistakes.push(("points at a token", underlined));
    }
    mistakes
}

/// A name with two underscores in front, as all that is generated has; `|___^` is the compiler's own.
fn has_generated_name(line: &str) -> bool {
    line.match_indices("__").any(|(at, _)| line[at + 2..].starts_with(|next: char| next.is_alphabetic()))
}

/// The code that an error underlines, if that is several lines, a whole attribute, or a function from its `fn` to its brace.
fn whole_items(lines: &[&str]) -> Option<String> {
    lines.windows(2).find_map(|pair| {
        let [source, marks] = pair else { unreachable!("windows of two") };
        let (_, marks) = marks.split_once("| ")?;
        if marks.trim_start().starts_with("|_") {
            return Some(format!("{source} (and lines before it)"));
        }
        if !marks.trim_start().starts_with('^') {
            return None;
        }
        let (_, source) = source.split_once("| ")?;
        let start = marks.find('^')?;
        let underlined: String =
            source.chars().skip(start).take(marks[start..].chars().take_while(|mark| *mark == '^').count()).collect();
        let whole = underlined.starts_with("#[") || underlined.contains("fn ") || underlined.ends_with('{');
        whole.then_some(underlined)
    })
}

/// One for a mistake; as many as the first letters of the name say where there are several.
fn expected_errors(name: &str) -> usize {
    name.strip_prefix("several/").map_or(1, |name| name.split('_').next().unwrap().parse().unwrap())
}

fn name(fixture: &Path) -> String {
    fixture.with_extension("").strip_prefix("ui").unwrap().to_str().unwrap().to_owned()
}

fn fixtures(extension: &str) -> Vec<PathBuf> {
    let mut found: Vec<_> = ["ui/fail", "ui/several", "ui/subscribed"]
        .into_iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    found.sort();
    found
}
