"""Witnesses and logs of others (PyPI's aics-tlog and aics-witness, by the texts of C2SP): their log is cosigned by our
witness, ours by theirs, and their verifier reads both."""

import json
import os
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

from aics_tlog import (Checkpoint, MerkleTree, WitnessPolicy, format_vkey, parse_note, parse_vkey, sign_checkpoint,
                       verify_checkpoint, vkey_from_ed25519)
from aics_witness import FeederError, WitnessClient, WitnessConflict, WitnessRejected
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from paper import founded

ORIGIN = "log.example/theirs"
PATIENCE_S = 60


class TheirLog:
    """A log of theirs, with what it signs."""

    def __init__(self, entries, key):
        self.tree, self.key = MerkleTree(), key
        self.tree.extend(entries)

    def note(self, size):
        checkpoint = Checkpoint(ORIGIN, size, self.tree.root(size))
        return sign_checkpoint(checkpoint, self.key, ORIGIN).to_bytes()


@contextmanager
def until_it_listens(command, pattern, environment, **options):
    """A process, and what it said of its address."""
    process = subprocess.Popen(command, text=True, env=environment, **options)
    stream = process.stdout or process.stderr
    said = ""
    try:
        for line in stream:
            said += line
            if re.search(pattern, line):
                break
        yield said
    finally:
        process.terminate()
        process.wait(timeout=30)


def check_witnesses(check, passed, folder, chancery, chanceryd, python_folder):
    """Theirs and ours, beside each other."""
    register = founded(folder, chancery, chanceryd)
    with register.running():
        log_key = json.loads(get(f"{register.url}/v1/ledger"))["checkpoint_key"]
    key = Ed25519PrivateKey.generate()
    their_key = vkey_from_ed25519(ORIGIN, key.public_key().public_bytes_raw())
    with ours(register, [(ORIGIN, format_vkey(their_key)), (log_key.partition("+")[0], log_key)]) as (our_url, our_key):
        check_their_log(check, our_url, our_key, key, their_key)
        passed("a log of others before our witness")
        with theirs(folder, log_key, python_folder) as (their_url, witness_key):
            witnesses = [{"url": our_url, "key": our_key}, {"url": their_url, "key": witness_key}]
            config = {"witnesses": witnesses, "quorum": 2, "every_ms": 100}
            (register.data / "witnesses.json").write_text(json.dumps(config), encoding="utf-8")
            with register.running():
                check_our_log(check, register, log_key, [our_key, witness_key])
        figures = get(f"{our_url}/metrics").decode()
        for line in (f'chancery_witness_cosigned_size{{log="{ORIGIN}"}} 20',
                     f'chancery_witness_suspects_total{{log="{ORIGIN}"}} 1',
                     f'chancery_witness_cosigned_size{{log="{log_key.partition("+")[0]}"}} 2'):
            check(f"metrics: {line}", line in figures, figures)
    passed("our log before witnesses of others and ours")


def get(url):
    with urllib.request.urlopen(url, timeout=20) as response:
        return response.read()


@contextmanager
def ours(register, logs):
    """Our witness, by its configuration file: its address and its key."""
    register.does("key", "new", "w")
    (register.folder / "cosigned" / "logs").mkdir(parents=True)
    config = {"name": "witness.example/ours", "folder": "cosigned", "key": "w", "listen": "127.0.0.1:0",
              "logs": [{"origin": origin, "keys": [key]} for origin, key in logs]}
    file = register.folder / "witness.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    environment = os.environ | {"CHANCERY_KEYS": str(register.folder / "keys"), "CHANCERY_PASSPHRASE": "correct horse"}
    command = [register.chancery, "witness", "--config", file]
    with until_it_listens(command, "listening on", environment, stdout=subprocess.PIPE) as said:
        yield re.search(r"listening on (\S+)", said)[1], re.search(r"key (\S+)", said)[1]


@contextmanager
def theirs(folder, log_key, python_folder):
    """A witness of others that watches our log: its address and its key."""
    command, config = python_folder / "aics-witness", folder / "theirs" / "witness.json"
    config.parent.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    name = ["init", "--config", config, "--name", "witness.example/theirs", "--listen", address]
    made = subprocess.run([command, *name], capture_output=True, text=True, check=True)
    key = re.search(r"witness\.example/theirs\+\S+", made.stdout + made.stderr)[0]
    watch = ["add-log", "--config", config, "--origin", log_key.partition("+")[0], "--vkey", log_key]
    subprocess.run([command, *watch], capture_output=True, check=True)
    serve = [command, "serve", "--config", config]
    with until_it_listens(serve, "listening|serving", os.environ, stderr=subprocess.STDOUT, stdout=subprocess.PIPE):
        yield f"http://{address}", key


def check_their_log(check, url, our_key, key, their_key):
    """Their client hands their log in at our witness, and believes what it answers."""
    entries = [f"entry {number}".encode() for number in range(20)]
    log, client = TheirLog(entries, key), WitnessClient(url, our_key)
    for size in (3, 3, 17, 20):
        note = log.note(size) + client.submit(log.note(size), log.tree.consistency_proof).encode()
        shown = verify_checkpoint(parse_note(note), their_key, policy=WitnessPolicy(1, (parse_vkey(our_key),), 300))
        check(f"their log of {size}: cosigned by ours", shown.ok and shown.size == size, shown)

    def refusal(note, proof):
        try:
            client.submit(note, proof)
            return None
        except FeederError as error:
            return error

    older = refusal(log.note(17), log.tree.consistency_proof)
    check("their log: not backwards", isinstance(older, WitnessConflict) and older.known_size == 20, older)
    fork = TheirLog(entries[:9] + [b"something else"] * 20, key)
    forked = refusal(fork.note(25), fork.tree.consistency_proof)
    check("their log: not another history", isinstance(forked, WitnessRejected) and forked.status == 422, forked)
    stranger = TheirLog(entries * 2, Ed25519PrivateKey.generate())
    unsigned = refusal(stranger.note(30), stranger.tree.consistency_proof)
    check("their log: not another's signature", isinstance(unsigned, WitnessRejected) and unsigned.status == 403, unsigned)


def check_our_log(check, register, log_key, witnesses):
    """What our node serves is cosigned by both, and their verifier counts both."""
    policy = WitnessPolicy(2, tuple(parse_vkey(key) for key in witnesses), 300)
    for size, name in ((1, "ana"), (2, "bo")):
        register.does("identity", "create", name, "--kind", "person")
        shown = awaited(register, log_key, policy, size)
        check(f"our log of {size}: cosigned by both", shown and set(shown.witnesses) == {"witness.example/ours", "witness.example/theirs"}, shown)


def awaited(register, log_key, policy, size):
    """The cosigned checkpoint once it is of so many entries."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            note = get(f"{register.url}/v1/log/cosigned/checkpoint")
        except urllib.error.HTTPError as error:
            assert error.code == 404, error
        else:
            shown = verify_checkpoint(parse_note(note), parse_vkey(log_key), policy=policy)
            if shown.size == size:
                return shown if shown.ok else None
        time.sleep(0.05)
    return None
