#!/usr/bin/env bash
# Measures what docs/performance.md claims of evidence: checking it in Rust and in a browser, making it at a
# million transitions, and the audit beside the rate of bare signature verification in the same run.
#
#   CHANCERY_BENCH_TRANSITIONS  how many are audited; a million unless it is set
#   CHROMIUM                    the browser; chromium unless it is set
set -euo pipefail
cd "$(dirname "$0")/.."

figures=$(mktemp)
trap 'rm -f "$figures"' EXIT
failed=()
claim() {
    local name=$1
    shift
    echo "== $name"
    "$@" 2>&1 | tee -a "$figures" || failed+=("$name")
}

in_the_browser() {
    (
        cd clients/web/verify
        if ! cmp -s package-lock.json node_modules/.chancery-lock; then
            npm ci --silent --no-audit --no-fund
            cp package-lock.json node_modules/.chancery-lock
        fi
        npm run --silent build
        node bench/browser.mjs
    )
}

# Built before anything is timed.
cargo bench --locked --no-run --package chancery-client --bench evidence
claim "evidence and its audit" cargo bench --locked --package chancery-client --bench evidence
claim "evidence in the browser" in_the_browser

echo "== figures"
grep -E ' ms|bytes|/s|ratio|^(holds|FAILS)' "$figures"
if [ ${#failed[@]} -gt 0 ]; then
    printf 'bench-evidence: not as claimed: %s\n' "${failed[@]}"
    exit 1
fi
echo "bench-evidence: as claimed"
