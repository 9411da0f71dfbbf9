#![no_main]

use chancery_tests::decoders::decoder;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    (decoder("work_evidence").read)(data);
});
