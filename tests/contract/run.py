#!/usr/bin/env python3
"""Holds a real node to its interface description: schemathesis, then what no HTTP client sends.

Starts a node with the demo and a town in every register, lets schemathesis ask every address that the
description has, as everyone who may ask, and sends odd inputs. Prints the figures last, and exits non-zero
if one answer was a 5xx, undocumented, or not of its schema, if an address never answered well, if the node
logged an error, or if there were fewer requests than asked for. `scripts/contract.sh` runs it.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import odd_inputs
from known import Known
from town import Ledger, Town

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BINARIES = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / os.environ.get("PROFILE_DIR", "release")

# What has nothing to show on this ledger, and why.
NOTHING_THERE = {
    "/v1/validators/equivocation/": "a validator would have to vote twice",
    "/v1/network/events": "the ledger would have to be one of work",
    "/v1/log/cosigned/": "the log would have to have witnesses",
    "/v1/equity/vesting": "nothing vests in the town yet",
    "/v1/log/.*tile/": "a path in one parameter: odd_inputs.py asks for tiles as they are",
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=40, help="the most examples of an operation and phase")
    parser.add_argument("--at-least", type=int, default=20_000, help="how many requests there must be")
    parser.add_argument("--seed", type=int, default=20_261_124)
    parser.add_argument("--minutes", type=int, default=60, help="how long schemathesis may take")
    parser.add_argument("--only", help="a regular expression of addresses, while developing")
    return parser.parse_args()


def chancery(*command):
    done = subprocess.run([BINARIES / "chancery", *command], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@contextmanager
def node(folder):
    """A node of a new ledger on a free port: its address. It must log no error and stop in good order."""
    data, log = folder / "data", folder / "log"
    root_key = chancery("demo", "prepare", folder / "demo").splitlines()[0]
    init = [BINARIES / "chanceryd", "init", "--data", data, "--name", "Contract", f"--root-key={root_key}"]
    subprocess.run(init, check=True, stdout=subprocess.DEVNULL)
    with open(log, "w", encoding="utf-8") as errors:
        serving = subprocess.Popen(
            [BINARIES / "chanceryd", "serve", "--data", data, "--port", "0"],
            stdout=subprocess.PIPE, stderr=errors, text=True,
            env={name: value for name, value in os.environ.items() if name != "RUST_LOG"},
        )
    try:
        for line in serving.stdout:
            if found := re.search(r"listening on (http://\S+)", line):
                yield found[1]
                break
        else:
            sys.exit(f"the node did not start:\n{log.read_text()}")
    finally:
        serving.terminate()
        status = serving.wait(timeout=60)
    if status != 0:
        sys.exit(f"the node stopped with {status}:\n{log.read_text()[-4000:]}")


def schemathesis(url, folder, options):
    """Runs it; whether it was content."""
    command = [
        Path(sys.executable).with_name("schemathesis"), "--config-file", folder / "schemathesis.toml", "run",
        f"{url}/openapi.json", "--url", url, "--max-examples", str(options.examples), "--seed", str(options.seed),
    ]
    if options.only:
        command += ["--include-path-regex", options.only]
    environment = os.environ | {
        "SCHEMATHESIS_HOOKS": str(HERE / "hooks.py"), "PYTHONPATH": str(HERE), "CONTRACT_FOLDER": str(folder),
        "CONTRACT_URL": url,
    }
    try:
        done = subprocess.run(command, cwd=folder, env=environment, check=False, timeout=options.minutes * 60)
    except subprocess.TimeoutExpired:
        print(f"schemathesis was not done after {options.minutes} minutes", flush=True)
        return False
    return done.returncode == 0


def logged_errors(log):
    """Lines of the node's log that say that it failed, or that a thread of it panicked."""
    lines = log.read_text(errors="replace").splitlines()
    return [line for line in lines if re.search("ERROR|panicked", line)]


def main():
    options, began = arguments(), time.monotonic()
    # Whoever ends this ends the node with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="contract-"))
    with node(folder) as url:
        chancery("demo", "run", folder / "demo", "--url", url)
        town = Town(Ledger(url), folder / "demo")
        town.settle()
        known = Known(town.ledger, town.keys["root"])
        (folder / "known.json").write_text(json.dumps(known.as_json()), encoding="utf-8")
        settings = (HERE / "schemathesis.toml").read_text(encoding="utf-8")
        (folder / "schemathesis.toml").write_text(f"{settings}\n{known.dictionaries()}", encoding="utf-8")
        content = schemathesis(url, folder, options)
        figures = json.loads((folder / "figures.json").read_text())
        print("== odd inputs", flush=True)
        odd_statuses, wrong = odd_inputs.try_all(url, town.party("ana"))
    wrong += [f"logged: {line}" for line in logged_errors(folder / "log")]
    if not content:
        wrong.append("schemathesis has something to say, see above")
    if not options.only:
        wrong += [f"never answered well: {operation}" for operation in figures["unreached"]
                  if not any(re.search(part, operation) for part in NOTHING_THERE)]
    requests = sum(figures["statuses"].values()) + sum(odd_statuses.values())
    if requests < options.at_least:
        wrong.append(f"{requests} requests, and not {options.at_least}")
    for text in wrong:
        print(f"WRONG {text}")
    print(f"contract: {date.today()}, seed {options.seed}, {(time.monotonic() - began) / 60:.1f} minutes")
    print(f"contract: {figures['operations']} operations, asked as {by_count(figures['roles'])}")
    print(f"contract: schemathesis {by_count(figures['statuses'])}; odd inputs {by_count(odd_statuses)}")
    print(f"contract: {requests} requests, {len(wrong)} wrong")
    if not wrong:
        shutil.rmtree(folder)
    else:
        print(f"contract: the node's folder and log are kept in {folder}", file=sys.stderr)
    sys.exit(1 if wrong else 0)


def by_count(counts):
    return ", ".join(f"{name}: {count}" for name, count in sorted(counts.items()))


if __name__ == "__main__":
    main()
