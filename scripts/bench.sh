#!/usr/bin/env bash
# Measures the platform beside PyTorch (bench/), which it installs into the cache for this purpose alone: 5 GB.
#
# Usage: scripts/bench.sh [--rounds N] [--quick]
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

peer=$cache/pytorch-$libtorch_version
if [ ! -e "$peer/installed" ]; then
    say "installing PyTorch $libtorch_version, the peer, into $peer (5 GB) ..."
    rm -rf "$peer"
    python3 -m venv "$peer" || fail "python3 cannot make a virtual environment." "On Debian: apt install python3-venv"
    retry "installing PyTorch" "$peer/bin/pip" install --quiet --no-cache-dir --requirement "$root/bench/requirements.txt"
    touch "$peer/installed"
fi
exec "$peer/bin/python" "$root/bench/run.py" "$@"
