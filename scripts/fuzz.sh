#!/usr/bin/env bash
# fuzz.sh SECONDS [DECODER...]: searches with libFuzzer for bytes that a decoder does not stand, for so long each; all
# decoders unless some are named. What is found stands in fuzz/artifacts, what was tried in fuzz/corpus.
#
# No nightly toolchain is needed: the compiler's counters are asked for by name, and libFuzzer comes as a crate.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
shift || true

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")/fuzz
# For the named target alone: build scripts and macros run uncounted.
host=$(rustc -vV | sed -n 's/^host: //p')
counters="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4"
counters+=" -Cllvm-args=-sanitizer-coverage-inline-8bit-counters"
counters+=" -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
RUSTFLAGS="$counters -Ccodegen-units=1 --cfg fuzzing" CARGO_TARGET_DIR=$target \
    cargo build --quiet --locked --manifest-path fuzz/Cargo.toml --profile fuzz --target "$host"
fuzzer=$target/$host/fuzz/decoder

names=("$@")
[ ${#names[@]} -gt 0 ] || mapfile -t names < <("$fuzzer")
failed=()
for name in "${names[@]}"; do
    echo "== $name"
    corpus=fuzz/corpus/$name
    artifacts=fuzz/artifacts/$name/
    mkdir -p "$corpus" "$artifacts"
    # Slow and hungry inputs are faults as well: 10 seconds, 512 MiB.
    DECODER=$name CORPUS=$corpus "$fuzzer" "$corpus" -artifact_prefix="$artifacts" -max_total_time="$seconds" \
        -max_len=65536 -timeout=10 -rss_limit_mb=512 -print_final_stats=1 -verbosity=0 || failed+=("$name")
done
echo "fuzz: $((${#names[@]} - ${#failed[@]})) passed, ${#failed[@]} failed${failed[0]:+: ${failed[*]}}"
[ ${#failed[@]} -eq 0 ]
