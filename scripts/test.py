#!/usr/bin/env python3
"""Runs every check and every suite. The last line counts the tests of all suites.

A check that fails (format, licences, lints, the build) ends the run at once. A suite that fails
lets the others run, so that one run shows all that is wrong.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))

# What a suite may print about itself, and how many tests each line stands for.
NEXTEST = re.compile(r"^\s*Summary \[.*\] +\d+(?:/\d+)? tests? run: (?P<counts>.*)$")
LIBTEST = re.compile(r"^test result: \w+\. (?P<counts>.*)$")
PLAIN = re.compile(r"^(?:\w+: )?(?P<counts>\d+ passed, \d+ failed(?:, \d+ skipped)?)$")
FAILED_KINDS = {"failed", "exec failed", "timed out"}


class Tally:
    """The tests of all suites so far."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def count(self, line):
        """Counts what one line of a runner says; true if it said something."""
        found = NEXTEST.match(line) or LIBTEST.match(line) or PLAIN.match(line)
        if not found:
            return False
        for number, kind in re.findall(r"(\d+) ([a-z ]+?)(?= \(|[,;]|$)", found["counts"]):
            if kind == "passed":
                self.passed += int(number)
            elif kind in FAILED_KINDS:
                self.failed += int(number)
            elif kind in ("skipped", "ignored"):
                self.skipped += int(number)
        return True


def say(text):
    print(f"\n== {text}", flush=True)


def check(name, *command):
    """Runs a check; one that fails ends the run."""
    say(name)
    began = time.monotonic()
    status = subprocess.run(command, cwd=ROOT).returncode
    if status != 0:
        print(f"\n{name} failed", file=sys.stderr)
        sys.exit(status)
    print(f"-- {name}: {time.monotonic() - began:.0f} s", flush=True)


def suite(tally, name, *command, environment=None):
    """Runs a suite and counts its tests. One that fails without counting is one failed test."""
    say(name)
    began, before, counted = time.monotonic(), tally.failed, False
    environment = {**os.environ, **(environment or {})}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, errors="replace",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    for line in process.stdout:
        print(line, end="", flush=True)
        counted |= tally.count(re.sub(r"\x1b\[[0-9;]*m", "", line.rstrip("\n")))
    status = process.wait()
    if (status != 0 and tally.failed == before) or not counted:
        tally.failed += 1
        print(f"{name}: ended with status {status} and counted no failure: taken as one")
    print(f"-- {name}: {time.monotonic() - began:.0f} s", flush=True)


def has_nextest():
    return shutil.which("cargo-nextest") is not None


def main():
    check("format", "cargo", "fmt", "--all", "--check")
    check("licences and sources", "scripts/deny.sh", "--without-advisories")
    check("lints", "cargo", "clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings")
    # One profile for all that is run: the end-to-end suites use these same binaries.
    check("binaries", "cargo", "build", "--locked", "--workspace", "--bins")

    tally = Tally()
    if has_nextest():
        suite(tally, "tests", "cargo", "nextest", "run", "--locked", "--workspace",
              "--no-fail-fast", "--config-file", ".ci/nextest.toml")
    else:
        suite(tally, "tests", "cargo", "test", "--locked", "--workspace",
              "--lib", "--bins", "--tests", "--no-fail-fast")
    suite(tally, "on PostgreSQL", "scripts/test-postgres.sh", "--quick")
    suite(tally, "examples in the documentation",
          "cargo", "test", "--locked", "--workspace", "--doc", "--no-fail-fast")
    suite(tally, "the web's verifier", "scripts/web-verify.sh")
    suite(tally, "implementations of others", "tests/interop/run.sh")
    suite(tally, "crashes", TARGET / "debug" / "crash", "--rounds", "5", "--restart-limit-ms", "5000")

    say("all suites")
    skipped = f", {tally.skipped} skipped" if tally.skipped else ""
    print(f"{tally.passed} passed, {tally.failed} failed{skipped}", flush=True)
    sys.exit(1 if tally.failed else 0)


if __name__ == "__main__":
    main()
