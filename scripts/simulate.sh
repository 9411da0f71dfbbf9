#!/usr/bin/env bash
# simulate.sh SEEDS [further arguments, as --kind work]: runs simulated pools and ledgers of work from seeds in a release build.
set -euo pipefail
cd "$(dirname "$0")/.."
seeds=${1:-2000}
shift || true

cargo build --release --locked --package chancery-api --package chancery-cli --package chancery-tests --bins
exec "${CARGO_TARGET_DIR:-target}/release/simulate" --seeds "$seeds" "$@"
