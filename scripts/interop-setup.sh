#!/usr/bin/env bash
# What others have written: PyPI's joserfc, scitt-cose, aics-witness and opentimestamps in a virtual environment, npm's
# jose beside its script.
set -euo pipefail
cd "$(dirname "$0")/.."

environment=${CARGO_TARGET_DIR:-target}/interop-venv
wanted=tests/interop/requirements.txt
if ! cmp -s "$wanted" "$environment/requirements.txt"; then
    python3 -m venv "$environment"
    # The witness of others asks for Python 3.12 and works with the 3.11 that Debian 12 has.
    "$environment/bin/pip" install --quiet --ignore-requires-python --requirement "$wanted"
    # Last, so that an installation that was cut off is done again.
    cp "$wanted" "$environment/requirements.txt"
fi

lock=tests/interop/package-lock.json
if ! cmp -s "$lock" tests/interop/node_modules/.chancery-lock; then
    (cd tests/interop && npm ci --silent --no-audit --no-fund)
    cp "$lock" tests/interop/node_modules/.chancery-lock
fi
