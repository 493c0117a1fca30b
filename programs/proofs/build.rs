//! Lets the linker of the upstream toolchain take a program that is compiled for size (`opt-level = "s"` in the workspace's
//! release profile): rustc tells it `-Os`, which LLVM 23 refuses in favour of `-O2` and the attribute that every function
//! already carries. The last of the two counts.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // that toolchain gives the target two names
    if env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|names| names.split(',').any(|name| name == "bpf")) {
        println!("cargo:rustc-cdylib-link-arg=-O2");
    }
}
