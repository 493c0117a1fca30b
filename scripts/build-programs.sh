#!/usr/bin/env bash
# Builds the on-chain programs to target/deploy/*.so, with cargo build-sbf where it is installed and the
# upstream toolchain of scripts/sbf-toolchain.sh otherwise (AIXBLOCK_SBF chooses). Quick where nothing changed.
#
# Usage: scripts/build-programs.sh [CARGO ARGUMENT...]
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$root"
programs=(market rewards grants oracles rental proofs)
deploy=$root/target/deploy
mkdir -p "$deploy"

# flags for one toolchain must not reach the other
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_TARGET CARGO_TARGET_DIR RUSTC RUSTDOC RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER

build_platform() {
    local program
    for program in "${programs[@]}"; do
        cargo build-sbf --manifest-path "programs/$program/Cargo.toml" --sbf-out-dir "$deploy" -- --locked --ignore-rust-version "$@"
    done
}

build_upstream() {
    local target_dir=$root/target/sbf toolchain=$cache/sbf program built
    "$root/scripts/sbf-toolchain.sh" check "$toolchain" ||
        fail "the SBF toolchain is not installed in $toolchain." "Run: make setup"
    # The compiler is a released one used as a nightly: its library sources are compiled for a target that it does not know.
    export RUSTC_BOOTSTRAP=1 RUSTC_BOOTSTRAP_SYNTHETIC_TARGET=1 RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc
    export PATH="$toolchain/bin:/usr/bin:$PATH"
    # The target file calls its system "zkvm", the smallest std in the library sources. The extra cfgs make crates see Solana;
    # csky only supplies std's MIN_ALIGN for an architecture that std does not list. Panics abort without a message. The linker
    # would put what it links into target/deploy by itself, libraries too.
    local flags=(
        -C linker=sbpf-linker -C link-arg=--arch=v3 -C link-arg=--deploy=false -C link-arg=--llvm-args=-bpf-stack-size=4096
        -C target-cpu=v3 -C target-feature=+allows-misaligned-mem-access -C relocation-model=static
        -Zunstable-options -Cpanic=immediate-abort
        '--cfg=target_os="solana"' '--cfg=target_arch="csky"' '--cfg=target_feature="static-syscalls"' -Aexplicit_builtin_cfgs_in_flags
    )
    export CARGO_TARGET_SBPF_SOLANA_RUSTFLAGS=${flags[*]}
    # A folder of its own, so that two compilers do not invalidate each other's work. (This cannot build a program that depends
    # on another's crate: cargo links that one too, without an entrypoint, and so without an allocator.)
    /usr/bin/cargo build --release --locked --target "$root/scripts/sbpf-solana.json" --target-dir "$target_dir" \
        -Zjson-target-spec -Zbuild-std=core,alloc,std -Zbuild-std-features=optimize_for_size "${programs[@]/#/--package=}" "$@"
    for program in "${programs[@]}"; do
        built=$target_dir/sbpf-solana/release/lib$program.so
        # unchanged bytes keep their time stamp, and what embeds them is not rebuilt
        cmp -s "$built" "$deploy/$program.so" && continue
        install -m 644 "$built" "$deploy/.$program.so"
        mv "$deploy/.$program.so" "$deploy/$program.so"
    done
}

start=$SECONDS
toolchain=$(sbf_toolchain)
case $toolchain in
platform) build_platform "$@" ;;
upstream) build_upstream "$@" ;;
*) fail "AIXBLOCK_SBF=$toolchain: it can be platform or upstream." ;;
esac
for program in "${programs[@]}"; do
    printf '[programs] %s\n' "target/deploy/$program.so: $(wc -c <"$deploy/$program.so") bytes"
done
# what the figures in docs/measured may be compared with
printf '%s\n' "$toolchain" >"$deploy/toolchain"
printf '[programs] built with the %s toolchain in %d s\n' "$toolchain" $((SECONDS - start))
