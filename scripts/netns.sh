#!/usr/bin/env bash
# Trains one job on two hosts that are network namespaces of this machine, joined by a cable that delays and loses packets, cuts
# the cable in the middle, and compares the job root with that of an undisturbed run. Needs built binaries, user namespaces and
# /dev/net/tun; where they are not to be had it says so and ends well, with NETNS=require it fails.
#
#   scripts/netns.sh --delay-ms 20 --jitter-ms 5 --loss-percent 2    how bad the cable is (these: 10, 2 and 1)
#   STEPS=400 CUT=100 scripts/netns.sh                               steps of the job, and after which to cut (these: 100 and 30)
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$PWD/target/debug

not_run() {
    echo "two hosts: not run: $1"
    if [[ ${NETNS:-} == require ]]; then exit 1; else exit 0; fi
}

if [[ -z ${IN_NETNS:-} ]]; then
    [[ -x $bin/aixblock-bad-cable ]] || { echo "two hosts: build first (make build)" >&2; exit 1; }
    [[ $(uname -s) == Linux ]] || not_run "network namespaces are Linux's"
    for tool in ip unshare; do
        command -v "$tool" >/dev/null || not_run "there is no $tool (packages iproute2 and util-linux)"
    done
    [[ -r /dev/net/tun && -w /dev/net/tun ]] || not_run "this user may not open /dev/net/tun"
    # a network of its own, so that nothing of the machine's is touched
    own=(unshare --user --map-root-user --net --mount --pid --fork --mount-proc)
    why=$("${own[@]}" ip link set lo up 2>&1) || not_run "this machine lets nobody make namespaces ($why)"
    IN_NETNS=1 exec "${own[@]}" "$0" "$@"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mount -t tmpfs tmpfs /run
mkdir -p /run/netns
ip netns add east
ip netns add west
coproc cable { exec "$bin/aixblock-bad-cable" --left /run/netns/east --right /run/netns/west "$@"; }
# shellcheck disable=SC2154
exec {from_cable}<&"${cable[0]}" {to_cable}>&"${cable[1]}"
read -r ready <&"$from_cable" && [[ $ready == ready ]] || { echo "two hosts: there is no cable" >&2; exit 1; }
ip -n east addr add 10.9.0.1 peer 10.9.0.2 dev cable0
ip -n west addr add 10.9.0.2 peer 10.9.0.1 dev cable0
for host in east west; do
    ip -n "$host" link set lo up
    ip -n "$host" link set cable0 up
done

store=$work/store
manifest=$work/job.toml
"$bin/aixblock-trainer" dataset --kind text --input trainer/jobs/tiny-text.txt --store "$store" >/dev/null
sed -e "s/^steps = .*/steps = ${STEPS:-100}/" trainer/jobs/tiny-text.toml >"$manifest"
hash=$("$bin/aixblock-trainer" manifest --manifest "$manifest" --store "$store" | sed 's/.*"manifest_hash":"\([0-9a-f]*\)".*/\1/')
ip link set lo up
root_of() { sed -n 's/.*"job_root":"\([0-9a-f]*\)".*/\1/p' | tail -1; }
expected=$("$bin/aixblock-trainer" launch --manifest "$manifest" --store "$store" --work-dir "$work/alone" 2>/dev/null | root_of)

profile=$(sed -n 's/^numeric_profile = "\(.*\)"/\1/p' "$manifest")
environment=(ATEN_CPU_CAPABILITY=avx2 OMP_NUM_THREADS=1)
[[ $profile == canon-avx2 ]] && environment+=(MKL_CBWR=COMPATIBLE)
ip netns exec east "$bin/aixblock-trainer" rendezvous --port 29500 >/dev/null 2>&1 &
worker() { # host address
    ip netns exec "$1" env "${environment[@]}" TORCH_CPP_LOG_LEVEL=FATAL MASTER_ADDR=10.9.0.1 MASTER_PORT=29500 WORLD_SIZE=2 \
        BIND_ADDRESS="$2" "$bin/aixblock-worker" --manifest-hash "$hash" --store "$store" --work-dir "$work/$1" \
        --silence-seconds 3 --store-timeout-seconds 10 >"$work/$1.out" 2>"$work/$1.log"
}
worker east 10.9.0.1 & east=$!
worker west 10.9.0.2 & west=$!
done_steps() { cat "$work"/*.out 2>/dev/null | sed -n 's/.*"step","done":\([0-9]*\).*/\1/p' | sort -n | tail -1; }
until [[ $(done_steps) -ge ${CUT:-30} ]]; do kill -0 $east 2>/dev/null || break; sleep 0.1; done
echo "two hosts: $(done_steps) steps done, the cable is cut"
echo cut >&"$to_cable"
# the host with the store goes on alone; the other finds nobody
wait $east || { cat "$work/east.log" >&2; echo "two hosts: the run on the first host failed" >&2; exit 1; }
kill $west 2>/dev/null || true
exec {to_cable}>&-
eval "exec ${cable[1]}>&-"
read -r packets <&"$from_cable" || packets="the cable does not say how many packets, and how many of them lost"
echo "two hosts: $packets"
# only rank 0 tells that a generation starts, and either host may have it at first
generations=$(cat "$work"/*.out | grep -c '"started"' || true)
found=$(root_of <"$work/east.out")
if [[ -n $expected && $found == "$expected" && $generations -gt 1 ]]; then
    echo "two hosts: job root $found after $generations generations, the same as undisturbed"
else
    cat "$work/east.log" >&2
    echo "two hosts: job root ${found:-none} after $generations generations, undisturbed ${expected:-none}" >&2
    exit 1
fi
