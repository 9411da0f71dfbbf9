#!/usr/bin/env bash
# Holds a running node to its interface description: schemathesis asks every address as everyone who may
# ask, with inputs that fit and that do not, and then come inputs that no HTTP client sends. Fails on a 5xx,
# on a status, media type, header or form of an answer that the description does not have, on an address
# that never answered well, on an error in the node's log, and on fewer than 20,000 requests. The figures
# come last. Options are those of tests/contract/run.py.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --release --locked --package chancery-api --package chancery-cli

environment=${CARGO_TARGET_DIR:-target}/contract-venv
wanted=tests/contract/requirements.txt
if ! cmp -s "$wanted" "$environment/requirements.txt"; then
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet --require-hashes --requirement "$wanted"
    # Last, so that an installation that was cut off is done again.
    cp "$wanted" "$environment/requirements.txt"
fi
exec "$environment/bin/python" tests/contract/run.py "$@"
