#!/usr/bin/env bash
# Installs what is missing: `setup.sh build` for the binaries, `setup.sh build test` for the suites,
# `setup.sh build browser` for figures of a browser.
# Says nothing when nothing is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=()
needs_command() { command -v "$1" >/dev/null || packages+=("$2"); }

if ! command -v cargo >/dev/null; then
    echo "setup: Rust is missing; install version 1.95 or later with rustup" >&2
    exit 1
fi
for purpose in "$@"; do
    case $purpose in
    build)
        needs_command cc build-essential
        needs_command curl curl
        needs_command pkg-config pkg-config
        pkg-config --exists libpq 2>/dev/null || packages+=(libpq-dev)
        ;;
    test)
        needs_command node nodejs
        needs_command npm npm
        needs_command openssl openssl
        needs_command python3 python3
        python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
        # Letters that are in no typeface of ours: Chinese, Japanese and Korean; Hindi; Arabic.
        [ -e /usr/share/fonts/truetype/wqy/wqy-microhei.ttc ] || packages+=(fonts-wqy-microhei)
        [ -e /usr/share/fonts/truetype/lohit-devanagari/Lohit-Devanagari.ttf ] || packages+=(fonts-lohit-deva)
        [ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || packages+=(fonts-dejavu-core)
        [ -n "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ] || packages+=(postgresql)
        ;;
    browser)
        needs_command node nodejs
        needs_command npm npm
        [ -n "${CHROMIUM:-}" ] || needs_command chromium chromium
        ;;
    *)
        echo "setup: build, test or browser, not $purpose" >&2
        exit 2
        ;;
    esac
done

if [ ${#packages[@]} -gt 0 ]; then
    echo "setup: installing ${packages[*]}"
    if ! command -v apt-get >/dev/null; then
        echo "setup: no apt-get here; install these by the system's own means" >&2
        exit 1
    fi
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq
    # PostgreSQL's package must not start a server of its own: the suites start theirs.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

if [[ " $* " == *" test "* ]]; then
    scripts/interop-setup.sh
fi
