#!/usr/bin/env bash
# Trains one job on two hosts that are network namespaces of this machine, joined by a cable with delay and loss, cuts the cable
# in the middle, and compares the job root with that of an undisturbed run. Needs root, and built binaries.
#
#   scripts/netns.sh          with what this machine offers; says what is missing
#   NETEM="delay 20ms 5ms loss 2%" scripts/netns.sh
set -euo pipefail
cd "$(dirname "$0")/.."
NETEM=${NETEM:-delay 10ms 2ms loss 1%}
bin=$PWD/target/debug

if [[ -z ${IN_NETNS:-} ]]; then
    [[ -x $bin/aixblock-worker ]] || { echo "netns: build first (make build)" >&2; exit 1; }
    # a network of its own, so that nothing of the machine's is touched
    IN_NETNS=1 exec unshare --user --map-root-user --net --mount --pid --fork --mount-proc "$0" "$@"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mount -t tmpfs tmpfs /run
mkdir -p /run/netns
ip netns add east
ip netns add west
ip link add e0 netns east type veth peer name w0 netns west
ip -n east addr add 10.9.0.1/24 dev e0
ip -n west addr add 10.9.0.2/24 dev w0
for host in east west; do ip -n "$host" link set lo up; done
ip -n east link set e0 up
ip -n west link set w0 up
# shellcheck disable=SC2086
if ip netns exec east tc qdisc add dev e0 root netem $NETEM 2>/dev/null &&
    ip netns exec west tc qdisc add dev w0 root netem $NETEM 2>/dev/null; then
    echo "netns: the cable has $NETEM in each direction"
else
    echo "netns: this kernel has no netem (CONFIG_NET_SCH_NETEM): no delay and no loss, the cable is only cut"
fi

store=$work/store
manifest=$work/job.toml
"$bin/aixblock-trainer" dataset --kind text --input trainer/jobs/tiny-text.txt --store "$store" >/dev/null
sed -e 's/^steps = .*/steps = 400/' trainer/jobs/tiny-text.toml >"$manifest"
hash=$("$bin/aixblock-trainer" manifest --manifest "$manifest" --store "$store" | sed 's/.*"manifest_hash":"\([0-9a-f]*\)".*/\1/')
ip link set lo up
root_of() { sed -n 's/.*"job_root":"\([0-9a-f]*\)".*/\1/p' | tail -1; }
expected=$("$bin/aixblock-trainer" launch --manifest "$manifest" --store "$store" --work-dir "$work/alone" 2>/dev/null | root_of)

profile=$(sed -n 's/^numeric_profile = "\(.*\)"/\1/p' "$manifest")
environment=(ATEN_CPU_CAPABILITY=avx2 OMP_NUM_THREADS=1)
[[ $profile == canon-avx2 ]] && environment+=(MKL_CBWR=COMPATIBLE)
ip netns exec east "$bin/aixblock-trainer" rendezvous --port 29500 2>/dev/null &
worker() { # host address
    ip netns exec "$1" env "${environment[@]}" TORCH_CPP_LOG_LEVEL=FATAL MASTER_ADDR=10.9.0.1 MASTER_PORT=29500 WORLD_SIZE=2 \
        BIND_ADDRESS="$2" "$bin/aixblock-worker" --manifest-hash "$hash" --store "$store" --work-dir "$work/$1" \
        --silence-seconds 2 --store-timeout-seconds 10 >"$work/$1.out" 2>"$work/$1.log"
}
worker east 10.9.0.1 & east=$!
worker west 10.9.0.2 & west=$!
done_steps() { cat "$work"/*.out 2>/dev/null | sed -n 's/.*"step","done":\([0-9]*\).*/\1/p' | sort -n | tail -1; }
until [[ $(done_steps) -ge 100 ]]; do kill -0 $east 2>/dev/null || break; sleep 0.1; done
echo "netns: cutting the cable after step $(done_steps)"
ip -n west link set w0 down
# the host with the store goes on alone; the other finds nobody
wait $east || { cat "$work/east.log" >&2; echo "netns: the run on the first host failed" >&2; exit 1; }
kill $west 2>/dev/null || true
grep -h '"started"' "$work"/east.out | sed 's/^/netns: /'
found=$(root_of <"$work/east.out")
if [[ -n $expected && $found == "$expected" ]]; then
    echo "netns: job root $found, the same as undisturbed"
else
    echo "netns: job root ${found:-none}, undisturbed $expected" >&2
    exit 1
fi
