#!/usr/bin/env bash
# The upstream toolchain for SBF: what turns an Anchor program into bytecode where Solana's platform tools are not installed.
#
#   compiler and library sources  Debian 12's rustc-web, cargo-web and rust-web-src (1.96 or newer)
#   LLVM 23                       Debian sid's libllvm23 with the libraries it needs, glibc among them, unpacked in a folder.
#                                 LLVM 22 is not enough: its BPF backend has no 128-bit returns and no stack arguments
#   linker                        sbpf-linker from cargo's registry, built against that LLVM
#
# Usage: scripts/sbf-toolchain.sh check|install FOLDER
# `check` succeeds when all of it is there. `install` adds what is missing; scripts/setup.sh holds the lock meanwhile.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

libraries=usr/lib/x86_64-linux-gnu

has_compiler() {
    [ -x /usr/bin/rustc ] && [ -x /usr/bin/cargo ] || return 1
    at_least "$debian_rust_minimum" "$(/usr/bin/rustc --version | cut -d ' ' -f 2)" &&
        [ -e "$(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust/library/std/Cargo.toml" ]
}

has_llvm() { [ -e "$out/llvm/$libraries/libLLVM.so" ]; }

has_linker() {
    [ -x "$out/bin/sbpf-linker" ] && grep -qF "sbpf-linker $sbpf_linker_version " "$out/cargo/.crates.toml" 2>/dev/null
}

install_compiler() {
    say "  Debian's rustc-web, cargo-web, rust-web-src"
    apt_install rustc-web cargo-web rust-web-src
    has_compiler || fail "Debian's rustc-web is $(/usr/bin/rustc --version 2>&1 | cut -d ' ' -f 2); $debian_rust_minimum or newer is needed." \
        "Enable Debian 12's security and updates suites and run apt-get update, or install Solana's platform tools (cargo build-sbf)."
}

# The mirror that this machine's apt already uses for Debian itself.
debian_mirror() {
    local mirror
    mirror=$(
        cat /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list /etc/apt/sources.list.d/*.sources \
            /etc/apt/sources.list.d/*.list 2>/dev/null |
            sed -nE 's/^deb +(\[[^]]*\] +)?([^ ]+).*/\2/p; s/^URIs: *([^ ]+).*/\1/p' | sed 's#/*$##' | grep -m 1 '/debian$' || true
    )
    printf '%s' "${mirror:-http://deb.debian.org/debian}"
}

# apt with lists, status and cache of its own: nothing is installed on the system, whatever suite it follows.
install_llvm() {
    local apt=$out/apt.stage stage=$out/llvm.stage deb mirror
    mirror=$(debian_mirror)
    say "  LLVM 23 from Debian sid ($mirror, 45 MB)"
    rm -rf "$apt" "$stage"
    mkdir -p "$apt"/{empty,state/lists/partial,cache/archives/partial} "$stage"
    : >"$apt/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >"$apt/sources.list"
    cat >"$apt/apt.conf" <<CONF
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "$apt/empty";
Dir::Etc::preferences "$apt/none";
Dir::Etc::preferencesparts "$apt/empty";
Dir::State "$apt/state";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
CONF
    retry "reading Debian sid's package list from $mirror" env APT_CONFIG="$apt/apt.conf" apt-get update -qq
    retry "downloading libllvm23 from $mirror" env APT_CONFIG="$apt/apt.conf" \
        apt-get install -y -qq --download-only --no-install-recommends libllvm23
    for deb in "$apt"/cache/archives/*.deb; do dpkg -x "$deb" "$stage"; done
    local versioned=("$stage/$libraries"/libLLVM.so.23.*)
    ln -sf "$(basename "${versioned[0]}")" "$stage/$libraries/libLLVM.so"
    rm -rf "$out/llvm"
    mv "$stage" "$out/llvm"
    rm -rf "$apt"
}

install_linker() {
    say "  sbpf-linker $sbpf_linker_version (builds for some minutes)"
    local llvm=$out/llvm/$libraries
    retry "building sbpf-linker" env -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS \
        CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS="-L $llvm -C link-arg=-Wl,--allow-shlib-undefined" \
        cargo install --quiet --locked sbpf-linker --version "$sbpf_linker_version" \
        --no-default-features --features bpf-linker/llvm-23 --target x86_64-unknown-linux-gnu --root "$out/cargo"
    mkdir -p "$out/bin"
    # that LLVM needs a newer glibc than the system's: the linker runs under the loader that came with it
    cat >"$out/bin/sbpf-linker.stage" <<WRAPPER
#!/bin/sh
exec "$out/llvm/usr/lib64/ld-linux-x86-64.so.2" --library-path "$llvm" "$out/cargo/bin/sbpf-linker" "\$@"
WRAPPER
    chmod +x "$out/bin/sbpf-linker.stage"
    "$out/bin/sbpf-linker.stage" --version >/dev/null ||
        fail "the sbpf-linker just built does not run." "Delete $out and run again; if that does not help, please report it."
    mv "$out/bin/sbpf-linker.stage" "$out/bin/sbpf-linker"
}

[ $# -eq 2 ] || fail "usage: scripts/sbf-toolchain.sh check|install FOLDER"
out=$2
case $1 in
check) has_compiler && has_llvm && has_linker ;;
install)
    mkdir -p "$out"
    out=$(cd "$out" && pwd)
    has_compiler || install_compiler
    has_llvm || install_llvm
    has_linker || install_linker
    ;;
*) fail "usage: scripts/sbf-toolchain.sh check|install FOLDER" ;;
esac
