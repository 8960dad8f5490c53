//! Finds the name of the runtime crate in the `Cargo.toml` of the package that is being compiled.
//!
//! Only what is certain is used: a rename that is written in one of cargo's usual forms. Everything else is left to
//! `::aghanim_hooks`, and to `crate = …`. `docs/decisions.md` says why no parser of TOML is used.

use std::path::PathBuf;
use std::{env, fs};

const PACKAGE: &str = "aghanim-hooks";

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Dependency {
    /// `hooks = { package = "aghanim-hooks", … }`
    Renamed(String),
    /// Under its own name, or not known.
    Plain,
    /// The manifest does not mention it.
    Missing,
}

pub(crate) fn find() -> Dependency {
    let Some(package) = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from) else { return Dependency::Plain };
    // Other build systems have no manifest.
    let Ok(manifest) = fs::read_to_string(package.join("Cargo.toml")) else { return Dependency::Plain };
    let workspace = || {
        let above = package.ancestors().skip(1).filter_map(|folder| fs::read_to_string(folder.join("Cargo.toml")).ok());
        above.into_iter().find(|manifest| manifest.contains("[workspace"))
    };
    look_up(&manifest, workspace)
}

fn look_up(manifest: &str, workspace: impl FnOnce() -> Option<String>) -> Dependency {
    let dependencies: Vec<_> = dependencies(manifest).collect();
    if dependencies.iter().any(|(name, _)| *name == PACKAGE) {
        return Dependency::Plain;
    }
    if let Some((name, _)) = dependencies.iter().find(|(_, package)| *package == Some(PACKAGE)) {
        return Dependency::Renamed((*name).to_owned());
    }
    if manifest.contains(PACKAGE) {
        return Dependency::Plain;
    }
    let workspace = workspace().unwrap_or_default();
    let renamed = self::dependencies(&workspace).find(|(_, package)| *package == Some(PACKAGE));
    match renamed {
        Some((name, _)) if dependencies.iter().any(|(inherited, _)| *inherited == name) => {
            Dependency::Renamed(name.to_owned())
        }
        _ => Dependency::Missing,
    }
}

/// The lines of a manifest that name a dependency, and its `package` if it has one in that line.
fn dependencies(manifest: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let mut section = "";
    manifest.lines().filter_map(move |line| {
        let line = line.trim();
        if line.starts_with('[') {
            section = line.split(']').next()?.trim_start_matches('[').trim();
            return dependency_of(section).map(|name| (name, None));
        }
        let (key, value) = line.split_once('=')?;
        let (key, value) = (key.trim(), value.trim());
        if section.ends_with("dependencies") {
            return Some(match key.split_once('.') {
                Some((name, "package")) => (unquoted(name), text(value)),
                Some((name, _)) => (unquoted(name), None),
                None => (unquoted(key), package_in(value)),
            });
        }
        (key == "package").then_some((dependency_of(section)?, text(value)))
    })
}

/// `hooks` for the section `dependencies.hooks`.
fn dependency_of(section: &str) -> Option<&str> {
    let (kind, name) = section.rsplit_once('.')?;
    (kind.ends_with("dependencies") && !name.ends_with("dependencies")).then(|| unquoted(name))
}

/// `aghanim-hooks` for `{ package = "aghanim-hooks", … }`.
fn package_in(table: &str) -> Option<&str> {
    table.strip_prefix('{')?.split([',', '}']).find_map(|entry| {
        let (key, value) = entry.split_once('=')?;
        if key.trim() == "package" { text(value.trim()) } else { None }
    })
}

/// The text in quotes at the beginning of a value.
fn text(value: &str) -> Option<&str> {
    let quote = value.chars().next().filter(|quote| ['"', '\''].contains(quote))?;
    value[1..].split(quote).next()
}

fn unquoted(key: &str) -> &str {
    key.trim().trim_matches(['"', '\''])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(manifest: &str) -> Dependency {
        look_up(manifest, || None)
    }

    #[test]
    fn a_rename_in_each_form() {
        for manifest in [
            "[dependencies]\nserde = \"1\"\nhooks = { version = \"0.1\", package = \"aghanim-hooks\" } # ours",
            "[dependencies.hooks]\nversion = \"0.1\"\npackage = 'aghanim-hooks'",
            "[target.'cfg(unix)'.dependencies]\nhooks.package = \"aghanim-hooks\"\nhooks.version = \"0.1\"",
            "[dev-dependencies]\n\"hooks\" = {package=\"aghanim-hooks\",path=\"..\"}",
        ] {
            assert_eq!(found(manifest), Dependency::Renamed("hooks".to_owned()), "{manifest}");
        }
    }

    #[test]
    fn its_own_name() {
        for manifest in [
            "[dependencies]\naghanim-hooks = \"0.1\"",
            "[dependencies]\naghanim-hooks.workspace = true",
            "[dependencies.aghanim-hooks]\nversion = \"0.1\"",
            "[dependencies]\naghanim-hooks = \"0.1\"\nold = { version = \"0.0.1\", package = \"aghanim-hooks\" }",
            "[package]\nname = \"aghanim-hooks\"",
        ] {
            assert_eq!(found(manifest), Dependency::Plain, "{manifest}");
        }
    }

    #[test]
    fn a_rename_in_the_workspace() {
        let workspace = "[workspace.dependencies]\nhooks = { version = \"0.1\", package = \"aghanim-hooks\" }";
        let inherited = "[dependencies]\nhooks = { workspace = true }";
        let renamed = Dependency::Renamed("hooks".to_owned());
        assert_eq!(look_up(inherited, || Some(workspace.to_owned())), renamed);
        assert_eq!(look_up("[dependencies]\nhooks.workspace = true", || Some(workspace.to_owned())), renamed);
        assert_eq!(look_up("[dependencies]\nserde = \"1\"", || Some(workspace.to_owned())), Dependency::Missing);
    }

    #[test]
    fn a_package_that_has_it_from_another() {
        assert_eq!(found("[package]\nname = \"game\"\n[dependencies]\nstudio = \"1\""), Dependency::Missing);
    }
}
