#!/usr/bin/env bash
# The web's verifier of evidence: its types, and its tests of the same vectors that Rust reads.
set -euo pipefail
cd "$(dirname "$0")/../clients/web/verify"

if ! cmp -s package-lock.json node_modules/.chancery-lock; then
    npm ci --silent --no-audit --no-fund
    cp package-lock.json node_modules/.chancery-lock
fi
npm test --silent | tee >(cat >&2) | awk '
    $1 == "#" && $2 == "pass" { passed = $3 }
    $1 == "#" && $2 == "fail" { failed = $3 }
    END { if (passed == "") exit 1; print passed " passed, " failed " failed"; exit failed > 0 }'
