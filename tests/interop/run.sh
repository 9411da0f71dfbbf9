#!/usr/bin/env bash
# Runs run.py with the libraries that scripts/interop-setup.sh has installed.
set -euo pipefail
cd "$(dirname "$0")/../.."
scripts/interop-setup.sh
exec "${CARGO_TARGET_DIR:-target}/interop-venv/bin/python" tests/interop/run.py
