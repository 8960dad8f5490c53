//! No two modules import each other: the code has one direction, as `docs/architecture.md` says.
//!
//! The source is read as text. Two graphs are checked: the rooms of each crate (`crate::a` used in room `b`), and the files
//! of each folder (`super::a` used in file `b`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// From a module to the modules that it imports.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// Files that name everything: the crate's own list of modules, and the lists of names for generated code and for users.
const LISTS: [&str; 3] = ["lib", "__private", "macros"];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// The code of a file, without comments and without its tests.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// The files of a module, which is a file or a folder.
fn files(module: &Path) -> Vec<PathBuf> {
    if module.is_dir() {
        return entries(module).iter().flat_map(|entry| files(entry)).collect();
    }
    let is_rust = module.extension().is_some_and(|extension| extension == "rs");
    if is_rust { vec![module.to_owned()] } else { Vec::new() }
}

fn name(module: &Path) -> String {
    module.file_stem().unwrap().to_string_lossy().into_owned()
}

/// The names that follow `prefix` in `code`: one, or those in braces.
fn named(code: &str, prefix: &str) -> BTreeSet<String> {
    let is_path = |before: &str| before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices(prefix).filter(|(at, _)| !is_path(&code[..*at])) {
        let rest = &code[at + prefix.len()..];
        let list = rest
            .strip_prefix('{')
            .and_then(|rest| rest.split('}').next())
            .unwrap_or_else(|| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default());
        names.extend(list.split(',').map(|name| name.trim().split("::").next().unwrap_or_default().to_owned()));
    }
    names
}

/// The modules of the names that `lib.rs` re-exports: `Rejection` is in `rejection`.
fn re_exports(lib: &str) -> BTreeMap<String, String> {
    let mut homes = BTreeMap::new();
    for (at, _) in lib.match_indices("::") {
        let home: String = lib[..at].chars().rev().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let home: String = home.chars().rev().collect();
        for name in named(&lib[at..], "::").into_iter().filter(|name| name.starts_with(char::is_uppercase)) {
            homes.entry(name).or_insert_with(|| home.clone());
        }
    }
    homes
}

/// A path of imports that ends where it began.
fn circle(graph: &Graph) -> Option<Vec<String>> {
    fn visit(graph: &Graph, path: &mut Vec<String>, done: &mut BTreeSet<String>) -> Option<Vec<String>> {
        let here = path.last().expect("a start").clone();
        for next in graph.get(&here).into_iter().flatten() {
            if let Some(start) = path.iter().position(|name| name == next) {
                return Some(path[start..].iter().chain([next]).cloned().collect());
            }
            if !done.contains(next) {
                path.push(next.clone());
                if let Some(found) = visit(graph, path, done) {
                    return Some(found);
                }
                path.pop();
            }
        }
        done.insert(here);
        None
    }
    let mut done = BTreeSet::new();
    graph.keys().find_map(|start| visit(graph, &mut vec![start.clone()], &mut done))
}

/// The rooms of a crate, by `crate::…`.
fn rooms(source: &Path) -> Graph {
    let rooms: BTreeMap<String, PathBuf> = entries(source).into_iter().map(|room| (name(&room), room)).collect();
    let homes = re_exports(&code(&source.join("lib.rs")));
    let mut graph = Graph::new();
    for (room, path) in rooms.iter().filter(|(room, _)| !LISTS.contains(&room.as_str())) {
        for file in files(path) {
            let used = named(&code(&file), "crate::");
            let used = used.into_iter().map(|name| homes.get(&name).cloned().unwrap_or(name));
            let used = used.filter(|used| used != room && rooms.contains_key(used) && !LISTS.contains(&used.as_str()));
            graph.entry(room.clone()).or_default().extend(used);
        }
    }
    graph
}

/// The modules of a folder, by `super::…` as deep as it takes.
fn siblings(folder: &Path) -> Graph {
    let modules: BTreeMap<String, PathBuf> = entries(folder)
        .into_iter()
        .map(|module| (name(&module), module))
        .filter(|(name, _)| name != "mod" && name != "lib")
        .collect();
    let mut graph = Graph::new();
    for (module, path) in &modules {
        for file in files(path) {
            let depth = file.strip_prefix(folder).unwrap().components().count() - 1;
            let supers = depth + usize::from(name(&file) != "mod");
            let used = named(&code(&file), &"super::".repeat(supers));
            let used = used.into_iter().filter(|used| used != module && modules.contains_key(used));
            graph.entry(module.clone()).or_default().extend(used);
        }
    }
    graph
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let inner: Vec<_> = entries(folder).into_iter().filter(|entry| entry.is_dir()).collect();
    inner.iter().flat_map(|inner| folders(inner)).chain(inner.clone()).collect()
}

#[test]
fn no_two_modules_import_each_other() {
    for krate in ["aghanim-hooks", "aghanim-hooks-macros"] {
        let source = workspace().join(krate).join("src");
        let graph = rooms(&source);
        assert!(graph.len() > 4, "{krate}: the rooms are found");
        assert_eq!(circle(&graph), None, "{krate}: rooms");
        for folder in folders(&source) {
            assert_eq!(circle(&siblings(&folder)), None, "{}", folder.display());
        }
    }
}

#[test]
fn a_circle_is_found() {
    let graph = |edges: &[(&str, &str)]| {
        let mut graph = Graph::new();
        for (from, to) in edges {
            graph.entry((*from).to_owned()).or_default().insert((*to).to_owned());
        }
        graph
    };
    assert_eq!(circle(&graph(&[("a", "b"), ("b", "c"), ("a", "c")])), None);
    let found = circle(&graph(&[("a", "b"), ("b", "c"), ("c", "b")])).unwrap();
    assert_eq!(found, ["b", "c", "b"]);
    let imports = named("use crate::{answer, pattern::covers};\nlet x = crate::time::now();", "crate::");
    assert_eq!(imports.into_iter().collect::<Vec<_>>(), ["answer", "pattern", "time"]);
}
