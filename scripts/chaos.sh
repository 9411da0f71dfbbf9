#!/usr/bin/env bash
# chaos.sh MINUTES [further arguments]: everything that happens to nodes, to release builds of them: on ports of this
# machine, where a cut is told to both ends, and for as long again in network namespaces, where it is told to nobody, if
# they may be made here.
set -euo pipefail
cd "$(dirname "$0")/.."
minutes=${1:-5}
shift || true

cargo build --release --locked --package chancery-api --package chancery-cli --package chancery-tests --bins
chaos=${CARGO_TARGET_DIR:-target}/release/chaos
failed=0
"$chaos" --minutes "$minutes" "$@" || failed=1
try=chancery-try-$$
if ip netns add "$try" 2>/dev/null; then
    ip netns del "$try"
    echo "== in network namespaces"
    "$chaos" --minutes "$minutes" --namespaces "$@" || failed=1
else
    echo "== network namespaces may not be made here: left out"
fi
exit "$failed"
