#!/usr/bin/env bash
# crash.sh ROUNDS [further arguments]: kills a release build of the node under load, again and again.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-200}
shift || true

cargo build --release --locked --package chancery-api --package chancery-cli --package chancery-tests --bins
exec "${CARGO_TARGET_DIR:-target}/release/crash" --rounds "$rounds" "$@"
