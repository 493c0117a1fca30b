//! The binaries that a user runs, as this build made them.
use std::path::{Path, PathBuf};

/// The workspace's folder.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace is there")
}

/// The file of a binary in the folder of the running test's build.
#[must_use]
pub fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("this test has a file");
    let path = test.ancestors().nth(2).expect("target/debug/deps").join(name);
    assert!(path.is_file(), "{} is not there: run `make build` first", path.display());
    path
}
