#!/usr/bin/env bash
# Checks deny.toml. Installs cargo-deny below the target folder when it is missing: about a minute.
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.20.2
tools=${CARGO_TARGET_DIR:-target}/tools
PATH="$tools/bin:$PATH"
if ! command -v cargo-deny >/dev/null; then
    echo "deny: installing cargo-deny $version"
    CARGO_TARGET_DIR="$tools/build" cargo install --quiet --locked --debug \
        --root "$tools" --version "=$version" cargo-deny
    rm -rf "$tools/build"
fi

cargo deny --locked --log-level error check bans licenses sources
# The database of advisories is a repository of its own. Where it cannot be had, that is said and
# the build goes on.
if [ "${1:-}" != "--without-advisories" ]; then
    if ! cargo deny --locked --log-level off fetch db; then
        echo "deny: the advisory database cannot be reached; advisories were not checked"
        exit 0
    fi
    cargo deny --locked --log-level error check --disable-fetch advisories
fi
