#!/usr/bin/env bash
# Installs what a build needs, into a cache outside the checkout. Running it again is quick and safe: finished steps are kept.
#
# Usage: scripts/setup.sh [STEP...]    steps, in this order and all by default:
#   system    compilers and headers, by apt
#   libtorch  the CPU libtorch that the trainer links
#   sbf       what turns the programs into SBF bytecode
#   nextest   the test runner
#   datasets  the data files that the demo and tests train on
#
# Variables:
#   AIXBLOCK_CACHE  where it all goes; $XDG_CACHE_HOME/aixblock or ~/.cache/aixblock by default
#   LIBTORCH        a libtorch of your own, used instead of downloading one
#   AIXBLOCK_SBF    `platform` (cargo build-sbf) or `upstream`; by default platform where it is installed
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

step=
trap '[ $? -eq 0 ] || printf "[setup] stopped%s\n" "${step:+ in step: $step}" >&2' EXIT

# step TITLE PRESENT INSTALL: runs INSTALL unless PRESENT succeeds.
step() {
    step=$1
    if "$2"; then
        say "$1 ... present"
        return
    fi
    local start=$SECONDS
    say "$1 ..."
    "$3"
    say "$1 ... done in $((SECONDS - start)) s"
}

# --- system packages

# the first on PATH may be a virtual environment without pip
python_with_pip() {
    local python
    for python in python3 /usr/bin/python3; do
        if "$python" -m pip --version >/dev/null 2>&1; then
            printf '%s' "$python"
            return
        fi
    done
}

missing_packages() {
    command -v cc >/dev/null && command -v g++ >/dev/null && command -v make >/dev/null || echo build-essential
    command -v pkg-config >/dev/null || echo pkg-config
    pkg-config --exists openssl 2>/dev/null || echo libssl-dev
    command -v python3 >/dev/null || echo python3
    [ -n "$(python_with_pip)" ] || echo python3-pip
    command -v curl >/dev/null || echo curl
    [ -e /etc/ssl/certs/ca-certificates.crt ] || [ -d /etc/pki/tls/certs ] || echo ca-certificates
}

system_present() { [ -z "$(missing_packages)" ]; }

system_install() {
    local missing
    mapfile -t missing < <(missing_packages)
    say "missing: ${missing[*]}"
    apt_install "${missing[@]}"
    system_present || fail "still missing after the installation: $(missing_packages | tr '\n' ' ')"
}

check_rust() {
    # shellcheck disable=SC2015
    command -v cargo >/dev/null && command -v rustc >/dev/null ||
        fail "cargo is not on PATH." "Install Rust $rust_minimum or newer with rustup (https://rustup.rs), then run again."
    local version
    version=$(rustc --version | cut -d ' ' -f 2)
    at_least "$rust_minimum" "$version" || fail "rustc $version is too old: $rust_minimum or newer is needed." "Run: rustup update"
}

# --- libtorch

own_libtorch=$cache/libtorch-$libtorch_version

libtorch_present() { [ -e "${LIBTORCH:-$own_libtorch}/lib/libtorch_cpu.so" ]; }

libtorch_install() {
    [ "${LIBTORCH:-$own_libtorch}" = "$own_libtorch" ] ||
        fail "LIBTORCH=$LIBTORCH has no lib/libtorch_cpu.so." "Correct it, or unset it to have libtorch $libtorch_version downloaded."
    [ "$(uname -sm)" = "Linux x86_64" ] ||
        fail "no libtorch is packaged here for $(uname -sm): only Linux on x86_64 is supported." \
            "Unpack libtorch $libtorch_version (CPU) for your system and set LIBTORCH to its folder."
    local glibc
    glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d ' ' -f 2 || true)
    at_least 2.28 "${glibc:-0}" || fail "libtorch needs glibc 2.28 or newer; this system has ${glibc:-another C library}."
    retry "downloading libtorch (540 MB)" "$(python_with_pip)" -B "$root/scripts/libtorch.py" "$own_libtorch"
}

# --- SBF toolchain

sbf_install() {
    is_tested_system || fail "the upstream SBF toolchain comes from Debian 12's packages on x86-64; this is $(system_name)." \
        "Install Solana's platform tools, so that \`cargo build-sbf\` works, then run again."
    "$root/scripts/sbf-toolchain.sh" install "$cache/sbf"
}

sbf_present() { "$root/scripts/sbf-toolchain.sh" check "$cache/sbf"; }

sbf() {
    case $(sbf_toolchain) in
    platform)
        step="cargo build-sbf"
        cargo build-sbf --version >/dev/null || fail "cargo build-sbf does not run." "Repair it, or set AIXBLOCK_SBF=upstream."
        say "SBF toolchain: cargo build-sbf ... present"
        ;;
    upstream) step "SBF toolchain (sbpf-linker $sbpf_linker_version)" sbf_present sbf_install ;;
    *) fail "AIXBLOCK_SBF=$AIXBLOCK_SBF: it can be platform or upstream." ;;
    esac
}

# --- cargo-nextest

nextest_present() { cargo nextest --version >/dev/null 2>&1; }

# unoptimised: it is built in a third of the time and does its little work as well
nextest_install() {
    retry "building cargo-nextest" env CARGO_PROFILE_DEV_DEBUG=0 cargo install --quiet --locked --debug cargo-nextest \
        --version "$nextest_version" --no-default-features --features default-no-update --root "$cache/cargo-tools"
}

# --- data sets

datasets_present() { [ -e "$cache/datasets/digits.csv.gz" ]; }

datasets_install() { retry "downloading the data sets (10 MB)" "$(python_with_pip)" -B "$root/scripts/datasets.py" "$cache/datasets"; }

run() {
    case $1 in
    system)
        step "system packages" system_present system_install
        check_rust
        ;;
    libtorch)
        local title="libtorch $libtorch_version"
        [ "${LIBTORCH:-$own_libtorch}" = "$own_libtorch" ] || title="libtorch from LIBTORCH=$LIBTORCH"
        step "$title" libtorch_present libtorch_install
        ;;
    sbf) sbf ;;
    nextest) step "cargo-nextest" nextest_present nextest_install ;;
    datasets) step "data sets" datasets_present datasets_install ;;
    *) fail "no step is called $1." "The steps: system libtorch sbf nextest datasets" ;;
    esac
    step=
}

case ${1:-} in
-h | --help)
    sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
    exit
    ;;
esac

is_tested_system || say "note: tested on Debian 12 on x86-64 only; this is $(system_name)"
mkdir -p "$cache" || fail "cannot create the cache folder $cache." "Set AIXBLOCK_CACHE to a folder that you can write."
exec 9>"$cache/.lock"
if ! flock -n 9; then
    say "waiting for another set-up that uses $cache"
    flock 9
fi

[ $# -gt 0 ] || set -- system libtorch sbf nextest datasets
for name in "$@"; do run "$name"; done
