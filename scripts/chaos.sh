#!/usr/bin/env bash
# chaos.sh MINUTES [further arguments]: everything that happens to nodes, to release builds of them.
set -euo pipefail
cd "$(dirname "$0")/.."
minutes=${1:-5}
shift || true

cargo build --release --locked --package chancery-api --package chancery-cli --package chancery-tests --bins
exec "${CARGO_TARGET_DIR:-target}/release/chaos" --minutes "$minutes" "$@"
