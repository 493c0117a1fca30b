//! libFuzzer on the target that `FUZZ_TARGET` names. Started by `scripts/fuzz.sh`.
#![no_main]

use fuzz::{Target, call::Call, targets};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use std::{env, process::exit, sync::LazyLock};

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let (wanted, all) = (env::var("FUZZ_TARGET").unwrap_or_default(), targets());
    *all.iter().find(|target| target.name == wanted).unwrap_or_else(|| {
        let names: Vec<_> = all.iter().map(|target| target.name).collect();
        eprintln!("set FUZZ_TARGET to one of: {}", names.join(" "));
        exit(2)
    })
});

fuzz_target!(
    // before libFuzzer takes an exit for a finding, and writes a file about it into the current folder
    init: {
        LazyLock::force(&TARGET);
    },
    |bytes: &[u8]| (TARGET.run)(bytes)
);

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if TARGET.takes_call {
        Call::mutate(data, size, max_size, seed, fuzzer_mutate)
    } else {
        fuzzer_mutate(data, size, max_size)
    }
});
