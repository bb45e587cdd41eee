#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| corsac_tests::fuzz::run("expression", input));
