#!/usr/bin/env bash
# Runs every fuzz target (fuzz/src) under libFuzzer, several at once, and fails where one finds something.
#
# FUZZ_SECONDS        seconds for each target; or
# FUZZ_TOTAL_SECONDS  seconds for all of them together (60 where neither is set)
# FUZZ_TARGET         only this target
#
# Seeds are what the program tests wrote into target/fuzz/seeds (tests/tests/program_seeds.rs); what libFuzzer learns stays in
# target/fuzz/corpus, and what it finds in fuzz/artifacts. To run a finding again:
#   FUZZ_TARGET=market_calls target/fuzz/build/debug/fuzzer fuzz/artifacts/market_calls/crash-...
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$root"
seeds=$root/target/fuzz/seeds corpus=$root/target/fuzz/corpus logs=$root/target/fuzz/logs found=$root/fuzz/artifacts

start=$SECONDS
# In a folder of its own: cargo keeps one build of a cdylib, instrumented or not, so in the usual folder each kind of build
# would undo the other.
RUSTC_WORKSPACE_WRAPPER=$root/fuzz/instrument.sh \
    cargo build --locked --package fuzz --features libfuzzer --bin fuzzer --target-dir "$root/target/fuzz/build"
built=$((SECONDS - start))
fuzzer=$root/target/fuzz/build/debug/fuzzer

# the name of a target that does not exist is answered with the names of all
read -ra targets <<<"${FUZZ_TARGET:-$(FUZZ_TARGET='' "$fuzzer" 2>&1 | sed -n 's/^set FUZZ_TARGET to one of: //p')}"
((${#targets[@]})) || fail "The fuzzer $fuzzer named no targets: see fuzz/src/main.rs."
at_once=$(nproc)
rounds=$(((${#targets[@]} + at_once - 1) / at_once))
seconds=${FUZZ_SECONDS:-$((${FUZZ_TOTAL_SECONDS:-60} / rounds))}
((seconds > 0)) || seconds=1

fuzz_one() {
    local target=$1 log=$logs/$1.log
    mkdir -p "$corpus/$target" "$found/$target" "$seeds/$target"
    # standard output is closed: programs log each instruction to it
    if FUZZ_TARGET=$target "$fuzzer" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -close_fd_mask=1 \
        -print_final_stats=1 -artifact_prefix="$found/$target/" "$corpus/$target" "$seeds/$target" >"$log" 2>&1; then
        printf '[fuzz] %-20s %9s runs, %s\n' "$target" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
            "$(grep -o 'cov: [0-9]* ft: [0-9]*' "$log" | tail -1 | sed 's/cov: \([0-9]*\) ft: .*/\1 places in the code/')"
    else
        printf '[fuzz] %s found something; run it again as scripts/fuzz.sh says:\n' "$target"
        grep -v '^INFO\|^#\|^stat::' "$log" | tail -40
        return 1
    fi
}

rm -rf "$logs"
mkdir -p "$logs"
printf '[fuzz] built in %d s; %d targets for %d s each, %d at once\n' "$built" "${#targets[@]}" "$seconds" "$at_once"
for target in "${targets[@]}"; do
    while (($(jobs -rp | wc -l) >= at_once)); do wait -n || true; done
    { fuzz_one "$target" || touch "$logs/$target.failed"; } &
done
wait
failed=("$logs"/*.failed)
[[ ! -e ${failed[0]} ]]
