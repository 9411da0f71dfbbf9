#!/usr/bin/env bash
# Runs on PostgreSQL what runs on SQLite otherwise: the projections, the interface, and every story that has a node.
# Each node has a database of its own, on a server that is started for it, or on the one that CHANCERY_TEST_POSTGRES
# names. With --quick only the interface and one story. The runner's summary comes last.
set -euo pipefail
cd "$(dirname "$0")/.."

suites=(http)
if [ "${1:-}" = --quick ]; then
    suites+=(a_parcels_day)
else
    suites+=(projection)
    # Whoever uses a node or a town of the harness has a database.
    for story in $(grep -lE 'chancery_tests::(node|town|chaos)' tests/tests/*.rs); do
        suites+=("$(basename "$story" .rs)")
    done
fi
tests=()
for suite in "${suites[@]}"; do tests+=(--test "$suite"); done

cargo build --locked --workspace --bins
run=(cargo test --locked --workspace --no-fail-fast "${tests[@]}")
if command -v cargo-nextest >/dev/null; then
    run=(cargo nextest run --locked --workspace --no-fail-fast --config-file .ci/nextest.toml "${tests[@]}")
fi
if [ -n "${CHANCERY_TEST_POSTGRES:-}" ]; then
    exec "${run[@]}"
fi
exec scripts/with-postgres.sh "${run[@]}"
