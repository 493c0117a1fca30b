//! Numeric profiles: how a process must be set up so that libtorch computes the same bits everywhere (docs/numerics.md).
//!
//! libtorch and MKL read their settings from the environment when they load, so the environment must be right before the
//! process starts: a launcher sets it for its children, and a worker refuses to run without it.

use protocol::manifest::NumericProfile;
use std::num::NonZeroU16;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::OnceLock;

/// The numeric contract of this build: hosts and builds with the same text compute the same bits. Part of every manifest.
pub const TRAINER_VERSION: &str = "3+torch-2.13.0";

/// One thread.
pub const ONE_THREAD: NonZeroU16 = NonZeroU16::MIN;

/// The operators of `canonical-avx2-v2` and their classes.
pub const OPERATORS: &str = include_str!("../golden/canonical-avx2-v2.operators");

const THREADS: &str = "OMP_NUM_THREADS";

/// What a profile needs in the environment, without the number of threads.
const fn settings(profile: NumericProfile) -> &'static [(&'static str, &'static str)] {
    match profile {
        NumericProfile::CanonAvx2 => &[("ATEN_CPU_CAPABILITY", "avx2"), ("MKL_CBWR", "COMPATIBLE"), (THREADS, "1")],
        NumericProfile::CanonicalAvx2V2 => &[("ATEN_CPU_CAPABILITY", "avx2")],
    }
}

/// Environment of a process that computes under `profile` with `threads` threads; `canon-avx2` always has one.
#[must_use]
pub fn environment(profile: NumericProfile, threads: NonZeroU16) -> Vec<(&'static str, String)> {
    let fixed = settings(profile).iter().map(|&(variable, value)| (variable, value.to_owned()));
    let mut variables: Vec<_> = fixed.collect();
    if profile == NumericProfile::CanonicalAvx2V2 {
        variables.push((THREADS, threads.to_string()));
    }
    variables
}

/// Variables that a child may inherit. Everything else, and so any key or token, stays behind.
const INHERITED: [&str; 10] = [
    "PATH",
    "HOME",
    "TMPDIR",
    "LANG",
    "TERM",
    "TZ",
    "LD_LIBRARY_PATH",
    "RUST_LOG",
    "RUST_BACKTRACE",
    "AIXBLOCK_KERNELS",
];
/// What the variables begin with that say how stores are read; they reach a child too.
const OF_STORES: [&str; 3] = ["AIXBLOCK_STORE_", "AIXBLOCK_DATA_", "AWS_"];

/// Why this process cannot compute canonical bits.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// A variable of the environment is not set as the profile asks.
    #[error(
        "{variable} is {found:?}, the numeric profile {} needs {expected:?} set before the process starts: start workers with `aixblock-trainer launch`, or set it",
        profile.name()
    )]
    Environment {
        /// The profile.
        profile: NumericProfile,
        /// The variable.
        variable: &'static str,
        /// What the profile needs.
        expected: &'static str,
        /// What is set.
        found: Option<String>,
    },
    /// The number of threads is no number.
    #[error("OMP_NUM_THREADS is {0:?}: set it to a number of threads from 1 to 65535, or leave it out for one")]
    Threads(String),
    /// The processor lacks instructions.
    #[error(
        "this processor has no AVX2 and FMA, which the numeric profile {} needs: use an x86-64 processor from 2013 or later (Intel Haswell, AMD Zen)",
        .0.name()
    )]
    NoAvx2(NumericProfile),
    /// Kernels stay in libtorch's dispatcher until the process ends.
    #[error("this process computes under {} already: use another process for {}", entered.name(), asked.name())]
    Entered {
        /// The profile that was entered before.
        entered: NumericProfile,
        /// The profile asked for now.
        asked: NumericProfile,
    },
    /// libtorch refused the setting.
    #[error(transparent)]
    Bridge(#[from] crate::bridge::BridgeError),
}

fn first_difference(profile: NumericProfile) -> Option<ProfileError> {
    settings(profile).iter().find_map(|&(variable, expected)| {
        let found = std::env::var(variable).ok();
        (found.as_deref() != Some(expected)).then_some(ProfileError::Environment { profile, variable, expected, found })
    })
}

/// Threads that the environment asks for; one where it does not say.
fn threads() -> Result<NonZeroU16, ProfileError> {
    match std::env::var(THREADS) {
        Ok(text) => text.trim().parse().map_err(|_| ProfileError::Threads(text)),
        Err(_) => Ok(ONE_THREAD),
    }
}

/// Checks the environment and the processor, and sets up libtorch. Call it before the first tensor.
pub fn enter(profile: NumericProfile) -> Result<(), ProfileError> {
    static ENTERED: OnceLock<NumericProfile> = OnceLock::new();
    if let Some(difference) = first_difference(profile) {
        return Err(difference);
    }
    if !(std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma")) {
        return Err(ProfileError::NoAvx2(profile));
    }
    let threads = threads()?;
    let entered = *ENTERED.get_or_init(|| profile);
    if entered != profile {
        return Err(ProfileError::Entered { entered, asked: profile });
    }
    crate::bridge::apply_canonical_profile(threads)?;
    if profile == NumericProfile::CanonicalAvx2V2 {
        crate::bridge::register_kernels(OPERATORS)?;
    }
    Ok(())
}

/// How glibc takes memory: in huge pages where the system has them, and what was used once is kept for the next step, for a step
/// allocates and frees its activations anew. With small pages, the faults and the walks through the page table were 13 % of a
/// step of a transformer of 3 million parameters; with pages that went back to the system, clearing them again was 3 %.
const ALLOCATOR: (&str, &str) = (
    "GLIBC_TUNABLES",
    // the largest threshold that glibc takes; blocks above it are mapped one by one
    "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=33554432:glibc.malloc.trim_threshold=1099511627776",
);

/// Gives `command` the profile's environment and the few variables that a process needs, and nothing else.
pub fn clean_environment(command: &mut Command, profile: NumericProfile, threads: NonZeroU16) {
    command.env_clear();
    for variable in INHERITED {
        if let Some(value) = std::env::var_os(variable) {
            command.env(variable, value);
        }
    }
    let of_stores =
        |name: &std::ffi::OsStr| OF_STORES.iter().any(|start| name.as_encoded_bytes().starts_with(start.as_bytes()));
    command.envs(std::env::vars_os().filter(|(name, _)| of_stores(name)));
    command.env(ALLOCATOR.0, std::env::var(ALLOCATOR.0).unwrap_or_else(|_| ALLOCATOR.1.to_owned()));
    command.envs(environment(profile, threads));
}

/// Starts this program anew in the profile's environment, where it does not run in it yet. Returns only where nothing had to
/// be done, or with the error that kept the new start from happening.
pub fn reexec_if_needed(profile: NumericProfile, threads: NonZeroU16) -> std::io::Result<()> {
    let wanted = environment(profile, threads);
    if wanted.iter().all(|(variable, value)| std::env::var(variable).is_ok_and(|found| found == *value)) {
        return Ok(());
    }
    let mut command = Command::new(std::env::current_exe()?);
    clean_environment(&mut command, profile, threads);
    Err(command.args(std::env::args_os().skip(1)).exec())
}
