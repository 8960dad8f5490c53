//! The lists of `deny.toml`, for machines without `cargo deny`: licences, banned crates, and where crates come from.

use std::process::Command;

use serde_json::Value;

/// The strings of a list in `deny.toml`.
fn list(name: &str) -> Vec<String> {
    let text = include_str!("../../../deny.toml");
    let (_, list) = text.split_once(&format!("\n{name} = [")).unwrap_or_else(|| panic!("no list `{name}`"));
    let list = &list[..list.find(']').unwrap()];
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// True if an expression of SPDX can be satisfied. It has no nesting beyond one pair of parentheses.
fn is_allowed(licence: &str, allowed: &[String]) -> bool {
    let any_of = |part: &str| {
        let part = part.trim().trim_matches(['(', ')']).replace(" OR ", "/");
        part.split('/').any(|choice| allowed.iter().any(|allowed| allowed == choice.trim()))
    };
    licence.split(" AND ").all(any_of)
}

/// True if `deny.toml` allows this licence for this crate alone.
fn is_excepted(name: &str, licence: &str) -> bool {
    include_str!("../../../deny.toml").contains(&format!("{{ crate = \"{name}\", allow = [\"{licence}\"] }}"))
}

#[test]
fn every_dependency_has_an_allowed_licence_and_source() {
    let host = Command::new("rustc").arg("-vV").output().unwrap();
    let host = String::from_utf8(host.stdout).unwrap();
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1", "--filter-platform", host])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let (allowed, banned) = (list("allow"), list("deny"));
    assert!(allowed.len() >= 3 && banned.len() >= 3, "{allowed:?} {banned:?}");
    let text = |package: &Value, key: &str| package[key].as_str().unwrap_or_default().to_owned();
    let used: Vec<_> = metadata["resolve"]["nodes"].as_array().unwrap().iter().map(|node| &node["id"]).collect();
    let packages = metadata["packages"].as_array().unwrap().iter().filter(|package| used.contains(&&package["id"]));
    let mut count = 0;
    for package in packages {
        let (name, licence, source) = (text(package, "name"), text(package, "license"), text(package, "source"));
        let excepted = is_excepted(&name, &licence);
        assert!(is_allowed(&licence, &allowed) || excepted, "{name}: the licence `{licence}` is not in deny.toml");
        assert!(!banned.contains(&name), "{name} is banned in deny.toml");

        let published = source.starts_with("registry+") && source.ends_with("/crates.io-index");
        assert!(published || source.is_empty(), "{name} comes from {source}");
        count += 1;
    }
    assert!(count > 100, "{count} packages");
}

#[test]
fn licences_are_read_as_they_are_written() {
    let allowed = ["MIT".to_owned(), "Unicode-3.0".to_owned()];
    for (licence, expected) in [
        ("MIT", true),
        ("MIT OR Apache-2.0", true),
        ("Apache-2.0/MIT", true),
        ("Apache-2.0 / MIT", true),
        ("GPL-3.0", false),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("", false),
    ] {
        assert_eq!(is_allowed(licence, &allowed), expected, "{licence}");
    }
}
