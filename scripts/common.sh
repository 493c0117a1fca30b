# shellcheck shell=bash disable=SC2034,SC2015
# What the scripts share. To be sourced, after `set -euo pipefail`.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${AIXBLOCK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/aixblock}
export AIXBLOCK_CACHE=$cache

# Versions that move together with Cargo.toml, programs/ and requirements-*.txt
libtorch_version=2.13.0
nextest_version=0.9.143
sbpf_linker_version=0.2.6
rust_minimum=1.95
debian_rust_minimum=1.96
node_minimum=20.18

# Tools that set-up builds come after the user's own.
export PATH="$PATH:$cache/cargo-tools/bin"

say() { printf '[setup] %s\n' "$*"; }

fail() {
    printf '[setup] error: %s\n' "$1" >&2
    shift
    [ $# -eq 0 ] || printf '[setup]   %s\n' "$@" >&2
    exit 1
}

# retry WHAT COMMAND...: three tries, then the failure by its name.
retry() {
    local what=$1 pause try
    shift
    for try in 1 2 3; do
        if "$@"; then return 0; fi
        [ "$try" -lt 3 ] || break
        pause=$((try * 5))
        say "$what failed (try $try of 3), again in $pause s"
        sleep "$pause"
    done
    fail "$what failed three times; the last messages are above." \
        "Check the network, proxy and disk space, then run the same command again: finished steps are kept."
}

# at_least MINIMUM VERSION
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

system_name() {
    # shellcheck disable=SC1091
    (. /etc/os-release 2>/dev/null && printf '%s %s' "${ID:-unknown}" "${VERSION_ID:-}" || printf unknown)
    printf ' %s' "$(uname -m)"
}

is_tested_system() { [ "$(system_name)" = "debian 12 x86_64" ]; }

# apt_install PACKAGE...: as root or with a sudo that asks no password; otherwise says what to install.
apt_install() {
    local as_root=()
    command -v apt-get >/dev/null ||
        fail "these are missing, and there is no apt-get here to install them: $*" \
            "Install what your system ($(system_name)) calls them, then run again."
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null && sudo -n true 2>/dev/null ||
            fail "these packages are missing, and installing them needs root: $*" \
                "Run: sudo apt-get install -y $*" "Then run the same command again."
        as_root=(sudo)
    fi
    retry "apt-get update" "${as_root[@]}" apt-get update -qq
    retry "installing $*" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "$@"
}

# Which of the two toolchains builds the programs: `platform` (cargo build-sbf) or `upstream` (scripts/sbf-toolchain.sh).
sbf_toolchain() {
    if [ -n "${AIXBLOCK_SBF:-}" ]; then
        printf '%s' "$AIXBLOCK_SBF"
    elif command -v cargo-build-sbf >/dev/null; then
        printf platform
    else
        printf upstream
    fi
}
