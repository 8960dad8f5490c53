//! What does not compile, so that it can't lose a purchase: an event without the answer it asks for, a payload that asks
//! for too much, a limit that limits nothing.

#[test]
fn mistakes_about_events_do_not_compile() {
    trybuild::TestCases::new().compile_fail("ui/events/*.rs");
}
