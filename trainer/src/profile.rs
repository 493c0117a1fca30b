//! The numeric profile `canon-avx2`: how a process must be set up so that libtorch computes the same bits everywhere.
//!
//! libtorch and MKL read their settings from the environment when they load, so the environment must be right before the
//! process starts: a launcher sets it for its children, and a worker refuses to run without it.

use std::os::unix::process::CommandExt;
use std::process::Command;

/// The numeric contract of this build: hosts and builds with the same text compute the same bits. Part of every manifest.
pub const TRAINER_VERSION: &str = "1+torch-2.13.0";

/// Environment of the profile.
pub const ENVIRONMENT: [(&str, &str); 3] =
    [("ATEN_CPU_CAPABILITY", "avx2"), ("MKL_CBWR", "COMPATIBLE"), ("OMP_NUM_THREADS", "1")];

/// Variables that a child may inherit. Everything else, and so any key or token, stays behind.
const INHERITED: [&str; 9] =
    ["PATH", "HOME", "TMPDIR", "LANG", "TERM", "TZ", "LD_LIBRARY_PATH", "RUST_LOG", "RUST_BACKTRACE"];

/// Why this process cannot compute canonical bits.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// A variable of the environment is not set as the profile asks.
    #[error(
        "{variable} is {found:?}, the numeric profile canon-avx2 needs {expected:?} set before the process starts: start workers with `aixblock-trainer launch`, or set it"
    )]
    Environment {
        /// The variable.
        variable: &'static str,
        /// What the profile needs.
        expected: &'static str,
        /// What is set.
        found: Option<String>,
    },
    /// The processor lacks instructions.
    #[error("this processor has no AVX2 and FMA, which the numeric profile canon-avx2 needs")]
    NoAvx2,
    /// libtorch refused the setting.
    #[error(transparent)]
    Bridge(#[from] crate::bridge::BridgeError),
}

fn first_difference() -> Option<ProfileError> {
    ENVIRONMENT.into_iter().find_map(|(variable, expected)| {
        let found = std::env::var(variable).ok();
        (found.as_deref() != Some(expected)).then_some(ProfileError::Environment { variable, expected, found })
    })
}

/// Checks the environment and the processor, and sets up libtorch. Call it before the first tensor.
pub fn enter() -> Result<(), ProfileError> {
    if let Some(difference) = first_difference() {
        return Err(difference);
    }
    if !(std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma")) {
        return Err(ProfileError::NoAvx2);
    }
    Ok(crate::bridge::apply_canonical_profile()?)
}

/// Gives `command` the profile's environment and the few variables that a process needs, and nothing else.
pub fn clean_environment(command: &mut Command) {
    command.env_clear();
    for variable in INHERITED {
        if let Some(value) = std::env::var_os(variable) {
            command.env(variable, value);
        }
    }
    command.envs(ENVIRONMENT);
}

/// Starts this program anew in the profile's environment, where it does not run in it yet. Returns only where nothing had to
/// be done, or with the error that kept the new start from happening.
pub fn reexec_if_needed() -> std::io::Result<()> {
    if first_difference().is_none() {
        return Ok(());
    }
    let mut command = Command::new(std::env::current_exe()?);
    clean_environment(&mut command);
    Err(command.args(std::env::args_os().skip(1)).exec())
}
