#!/bin/sh
# In front of rustc for this project's crates, when scripts/fuzz.sh builds (RUSTC_WORKSPACE_WRAPPER): lets libFuzzer see
# which branches run and what is compared. The flags are cargo-fuzz's; a released compiler takes them. What runs inside the
# compiler or before it is left alone.
case " $* " in
*" --crate-type proc-macro "* | *" --crate-name build_script_"*) exec "$@" ;;
esac
exec "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares
