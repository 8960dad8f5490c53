#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| aghanim_hooks_tests::properties::batch(data));
