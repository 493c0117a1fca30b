//! libFuzzer on the target that `FUZZ_TARGET` names. Started by `scripts/fuzz.sh`.
#![no_main]

use fuzz::{Target, call::Call, targets};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use std::{env, sync::LazyLock};

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let (wanted, all) = (env::var("FUZZ_TARGET").unwrap_or_default(), targets());
    let names = || all.iter().map(|target| target.name).collect::<Vec<_>>().join(" ");
    *all.iter().find(|target| target.name == wanted).unwrap_or_else(|| panic!("set FUZZ_TARGET to one of: {}", names()))
});

fuzz_target!(|bytes: &[u8]| (TARGET.run)(bytes));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if TARGET.takes_call {
        Call::mutate(data, size, max_size, seed, fuzzer_mutate)
    } else {
        fuzzer_mutate(data, size, max_size)
    }
});
