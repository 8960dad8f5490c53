//! The compiler's message if a feature is off. Only this package has the features off.

#[test]
fn a_store_without_its_feature() {
    trybuild::TestCases::new().compile_fail("ui/sqlite.rs");
}

#[test]
fn the_message_names_the_feature() {
    let message = std::fs::read_to_string("ui/sqlite.stderr").expect("a blessed message");
    assert!(message.contains("feature = \"sqlite\""), "{message}");
    assert_eq!(message.lines().filter(|line| line.starts_with("error")).count(), 1, "{message}");
}
