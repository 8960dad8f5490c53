//! `SECURITY.md` names a test for each claim; here is the check that those tests exist.

use std::fs;
use std::path::Path;

#[test]
fn every_test_that_is_named_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let (mut claims, mut named) = (0, 0);
    let section = text.split("## Claims").nth(1).unwrap().split("\n## ").next().unwrap();
    for row in section.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| Claim |")) {
        claims += 1;
        let mut links = row.split('[').skip(1).map(|link| link.split_once("](").expect("a link")).peekable();
        assert!(links.peek().is_some(), "no test: {row}");
        for (name, rest) in links {
            let path = rest.split(')').next().unwrap();
            let source = fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
            if name == "secret.rs" {
                assert!(source.contains("fn wiped_on_drop("), "{row}");
                continue;
            }
            named += 1;
            let at = source.find(&format!("fn {name}(")).unwrap_or_else(|| panic!("`{name}` is not in {path}"));
            if path.starts_with("benches/timing/") {
                assert!(source.contains("ctbench_main!(") && source.matches(name).count() >= 2, "{row}");
                continue;
            }
            let before = &source[..at];
            let attribute = &before[before.trim_end().rfind("#[").unwrap()..];
            assert!(attribute.contains("test"), "`{name}` in {path} is not a test");
        }
    }
    assert!(claims >= 30 && named >= 35, "{claims} claims name {named} tests");
    assert!(text.contains("every_test_that_is_named_exists"));
}
