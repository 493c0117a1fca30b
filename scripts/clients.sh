#!/usr/bin/env bash
# The TypeScript client in clients/ts: its tools, its generated code, its build and its tests.
#
# Usage: scripts/clients.sh [STEP]
#   node      check that Node and npm are there
#   generate  write clients/ts/src/generated anew from idl/*.json
#   test      the default: check that the generated code is current, build, and run every test, those against the
#             embedded chain too (they run target/debug/aixblock: `make build` first)
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
client=$root/clients/ts
export npm_config_update_notifier=false npm_config_fund=false npm_config_audit=false npm_config_loglevel=error

check_node() {
    # shellcheck disable=SC2015
    command -v node >/dev/null && command -v npm >/dev/null ||
        fail "node and npm are not on PATH; the TypeScript client in clients/ts needs Node $node_minimum or newer with npm." \
            "Install it (https://nodejs.org, or your system's package if it is new enough), then run again."
    local version
    version=$(node --version)
    at_least "$node_minimum" "${version#v}" || fail "node ${version#v} is too old: $node_minimum or newer is needed." \
        "Install a newer one (https://nodejs.org), put it on PATH, then run again."
}

# npm ci, where the lock file or Node changed since the last one.
install_packages() {
    local stamp=$client/node_modules/.aixblock-stamp state
    state=$(node --version && sha256sum <"$client/package-lock.json")
    [ "$(cat "$stamp" 2>/dev/null)" = "$state" ] && return
    retry "npm ci in clients/ts" npm --prefix "$client" ci --silent
    printf '%s\n' "$state" >"$stamp"
}

check_node
case ${1:-test} in
node) ;;
generate)
    install_packages
    npm --prefix "$client" run --silent generate
    ;;
test)
    install_packages
    npm --prefix "$client" run --silent check
    npm --prefix "$client" run --silent format:check
    npm --prefix "$client" run --silent test:all
    ;;
*) fail "usage: scripts/clients.sh [node|generate|test]" ;;
esac
