#!/usr/bin/env python3
"""Starts a node, signs with stock JOSE libraries, and checks what comes back without our code.

Counts every check; the last line is the sum. Run it by `run.sh`, which finds the libraries.
"""

import base64
import hashlib
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import tampering
import timestamps
import verify_cose
from paper import check_paper
from read_certificate import read_certificate
from sign_with_joserfc import party_of
from verify_checkpoint import consistent, verify_checkpoint
from verify_receipt import HEADER, FIELDS, Genesis, Refused, unbase64url, verify
from verify_record import commitment
from witnesses import check_witnesses

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BINARIES = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / os.environ.get("PROFILE_DIR", "debug")
CHANCERYD = os.environ.get("CHANCERYD", BINARIES / "chanceryd")
CHANCERY = os.environ.get("CHANCERY", BINARIES / "chancery")

results = {True: 0, False: 0}


def check(name, holds, detail=""):
    """Counts one check, and says which it was when it fails."""
    results[bool(holds)] += 1
    if not holds:
        print(f"FAILED {name} {detail}", flush=True)
    return holds


def passed(name):
    print(f"ok {name}", flush=True)


@contextmanager
def node(folder):
    """A node of a new ledger on a free port: its address."""
    data, log = folder / "data", open(folder / "log", "w", encoding="utf-8")
    root_key = base64.urlsafe_b64encode(new_public_key()).rstrip(b"=").decode()
    subprocess.run([CHANCERYD, "init", "--data", data, "--name", "Interop", f"--root-key={root_key}"],
                   check=True, stdout=subprocess.DEVNULL)
    serving = subprocess.Popen([CHANCERYD, "serve", "--data", data, "--port", "0"],
                               stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        for line in serving.stdout:
            if found := re.search(r"listening on (http://\S+)", line):
                yield found[1]
                break
        else:
            sys.exit(f"the node did not start:\n{(folder / 'log').read_text()}")
    finally:
        serving.terminate()
        status = serving.wait(timeout=30)
    check("the node stops in good order", status == 0, status)


def new_public_key():
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    return Ed25519PrivateKey.from_private_bytes(secrets.token_bytes(32)).public_key().public_bytes_raw()


def get(url, accept=None):
    request = urllib.request.Request(url, headers={"Accept": accept} if accept else {})
    with urllib.request.urlopen(request, timeout=20) as response:
        return response.read()


def rust_believes(evidence, folder, anchor):
    """What the command line makes of the same evidence."""
    file = folder / "evidence.json"
    file.write_text(json.dumps(evidence), encoding="utf-8")
    command = [CHANCERY, "verify", file, "--anchor", anchor]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def believed(evidence, genesis):
    try:
        return verify(evidence, genesis)
    except Refused as reason:
        print(f"refused: {reason}")
        return None


def refused(evidence, genesis):
    try:
        verify(evidence, genesis)
    except Refused:
        return True
    return False


def good_and_tampered(name, evidence, variants, genesis, rust):
    """The evidence is believed by both verifiers, and no variant by either."""
    check(f"{name}: believed", believed(evidence, genesis))
    if rust:
        check(f"{name}: believed by chancery verify", rust(evidence))
    for what, variant in variants:
        assert variant != evidence, f"{name}: {what}: nothing was changed"
        check(f"{name}: {what}: refused", refused(variant, genesis))
        if rust:
            check(f"{name}: {what}: refused by chancery verify", not rust(variant))
    passed(name)


def check_vectors():
    """The published vectors, which need no node."""
    vectors = json.loads((HERE.parent / "vectors" / "evidence.json").read_text(encoding="utf-8"))
    genesis = Genesis(vectors["genesis"].encode())
    check("vectors: ledger", genesis.ledger.hex() == vectors["ledger"])
    check("vectors: pool", genesis.pool.hex() == vectors["pool"])
    receipts, statuses = vectors["receipts"], vectors["statuses"]
    for index, receipt in enumerate(receipts):
        other = next(it for it in receipts if it["header"] != receipt["header"])
        variants = tampering.of_receipt(receipt, other)
        good_and_tampered(f"vectors: receipt {index}", receipt, variants, genesis, None)
    for index, status in enumerate(statuses):
        other = next(it for it in statuses if it["value"] and it["object"] != status["object"])
        variants = tampering.of_status(status, other)
        good_and_tampered(f"vectors: status {index}", status, variants, genesis, None)
    for step in vectors["consistency"]:
        roots = [bytes.fromhex(step[name]) for name in ("from_root", "to_root")]
        check("vectors: consistency", consistent(step["proof"], *roots))
        check("vectors: other roots", not consistent(step["proof"], roots[0], bytes(32)))
    check("vectors: checkpoint", verify_checkpoint(vectors["checkpoint"], genesis))


def check_record_vectors():
    """Records, whose commitments stand on the ledger."""
    vectors = json.loads((HERE.parent / "vectors" / "records.json").read_text(encoding="utf-8"))
    for vector in vectors["vectors"]:
        record = vector["record"]
        check("vectors: record", commitment(record) == vector["commitment"])
        for field in record["fields"]:
            salt = field["salt"]
            field["salt"] = ("B" if salt[0] == "A" else "A") + salt[1:]
            check("vectors: another salt", commitment(record) != vector["commitment"])
            field["salt"] = salt
    passed("vectors of records")


def check_evidence_vectors():
    """The vectors that every verifier reads, as far as they are in JSON.

    What a corrupt pool may have sealed is not looked into here: this verifier takes the pool's word
    for what an entry and a value are.
    """
    for name, holds in (("good.json", True), ("work.json", True), ("bad.json", False)):
        file = HERE.parent / "vectors" / "evidence" / name
        vectors = json.loads(file.read_text(encoding="utf-8"))
        anchors = {ledger: Genesis(text.encode()) for ledger, text in vectors["anchors"].items()}
        for case in vectors["cases"]:
            if "json" in case and ": sealed " not in case["name"]:
                genesis = anchors[case["anchor"]]
                what = f"{name}: {case['name']}"
                check(what, refused(case["json"], genesis) != holds)
                if work := case.get("stated", {}).get("work"):
                    check(f"{what}: work", believed(case["json"], genesis)["work"] == work)
        passed(f"vectors of evidence: {name}")


def check_handover_vectors():
    """Handovers from pool to pool, and the evidence of those pools."""
    vectors = json.loads((HERE.parent / "vectors" / "validators" / "handovers.json").read_text(encoding="utf-8"))

    def followed(handovers):
        genesis = Genesis(vectors["genesis"].encode())
        for handover in handovers:
            genesis.follow(handover)
        return genesis

    for case in vectors["good"]:
        pools = [{"from": first, "pool": pool.hex()} for first, _, pool in followed(case["handovers"]).terms]
        check(f"handovers: {case['name']}", pools == case["pools"])
    for case in vectors["bad"]:
        try:
            followed(case["handovers"])
            check(f"handovers: {case['name']}: refused", False)
        except Refused:
            check(f"handovers: {case['name']}: refused", True)
    ahead = followed(next(it for it in vectors["good"] if it["name"] == "one after the other")["handovers"])
    for case in vectors["evidence"]:
        check(f"evidence of block {case['height']} after handovers", believed(case["json"], ahead))
        check(f"evidence of block {case['height']} without", refused(case["json"], followed([])) == (case["height"] >= 4))
    for case in vectors["bad_evidence"]:
        check(f"evidence {case['name']}: refused", refused(case["json"], ahead))
    passed("vectors of handovers")


def check_cose_inclusion(name, receipt, entry, ledger, key, expected):
    """scitt-cose takes the receipt for what it is about, and neither another entry nor a variant."""
    def believes(receipt, entry=entry, key=key, ledger=ledger):
        try:
            return verify_cose.verify_inclusion(receipt, entry, ledger, key)
        except Refused:
            return None

    shown = believes(receipt)
    check(f"{name}: believed by scitt-cose", shown == expected, f"{shown} instead of {expected}")
    check(f"{name}: another entry: refused", not believes(receipt, entry=entry + b" "))
    check(f"{name}: another key: refused", not believes(receipt, key=new_public_key()))
    check(f"{name}: another ledger: refused", not believes(receipt, ledger="0" * 64))
    for what, variant in verify_cose.variants(receipt, kind=-1):
        check(f"{name}: {what}: refused", not believes(variant))


def check_cose_consistency(name, receipt, roots, ledger, key, expected):
    """The same for a receipt of consistency, from one root to the other."""
    def believes(receipt, roots=roots, key=key, ledger=ledger):
        try:
            return verify_cose.verify_consistent(receipt, *roots, ledger, key)
        except Refused:
            return None

    shown = believes(receipt)
    check(f"{name}: believed by scitt-cose", shown == expected, f"{shown} instead of {expected}")
    check(f"{name}: another earlier root: refused", not believes(receipt, roots=(bytes(32), roots[1])))
    check(f"{name}: another later root: refused", not believes(receipt, roots=(roots[0], bytes(32))))
    check(f"{name}: another key: refused", not believes(receipt, key=new_public_key()))
    check(f"{name}: another ledger: refused", not believes(receipt, ledger="0" * 64))
    for what, variant in verify_cose.variants(receipt, kind=-2):
        check(f"{name}: {what}: refused", not believes(variant))


def check_cose_vectors():
    """The published receipts in COSE, of logs of several sizes."""
    vectors = json.loads((HERE.parent / "vectors" / "evidence" / "cose.json").read_text(encoding="utf-8"))
    ledger, key = vectors["ledger"], unbase64url(vectors["key"])
    keys = verify_cose.keys_of(unbase64url(vectors["key_set"]))
    check("vectors: key set", keys == {bytes.fromhex(vectors["kid"]): key})
    for case in vectors["inclusion"]:
        name = f"vectors: receipt in COSE of {case['position']} in {case['log_size']}"
        expected = case["log_size"], case["position"], bytes.fromhex(case["root"])
        entry, receipt = unbase64url(case["entry"]), unbase64url(case["cbor"])
        check_cose_inclusion(name, receipt, entry, ledger, key, expected)
    for case in vectors["consistency"]:
        name = f"vectors: receipt in COSE from {case['from']} to {case['to']}"
        roots = bytes.fromhex(case["from_root"]), bytes.fromhex(case["to_root"])
        expected = case["from"], case["to"]
        check_cose_consistency(name, unbase64url(case["cbor"]), roots, ledger, key, expected)
    passed("vectors of receipts in COSE")


def check_cose(url, folder, genesis, receipts):
    """Receipts in COSE of a running node, under the key that it publishes and the genesis names."""
    keys = verify_cose.keys_of(get(f"{url}/.well-known/scitt-keys"))
    (key,) = keys.values()
    check("COSE: the published key is the validator's", list(genesis.powers) == [key])
    ledger, earlier = genesis.ledger.hex(), None
    for name, receipt in receipts.items():
        header = dict(zip(FIELDS, HEADER.unpack(unbase64url(receipt["header"]))))
        size, root, entry = header["log_size"], header["log_root"], unbase64url(receipt["entry"])
        expected = size, receipt["inclusion"]["position"], root
        path = f"{url}/v1/transitions/{transition_id(entry)}/receipt"
        for accept in ("application/cose", "application/scitt-receipt+cose"):
            check_cose_inclusion(f"{name}: {accept}", get(path, accept), entry, ledger, key, expected)
        if earlier and earlier[0] < size:
            query = f"{url}/v1/log/proofs/consistency?from={earlier[0]}&to={size}"
            received, roots = get(query, "application/cose"), (earlier[1], root)
            check_cose_consistency(f"{name}: consistency", received, roots, ledger, key, (earlier[0], size))
        earlier = size, root
    file = folder / "receipt.cose"
    anchor = folder / "data" / "genesis.json"
    command = [CHANCERY, "receipt", transition_id(entry), "--cose", "--out", file, "--url", url, "--anchor", anchor]
    written = subprocess.run(command, capture_output=True, text=True, check=False)
    check("chancery receipt --cose", written.returncode == 0, written.stderr)
    check_cose_inclusion("chancery receipt --cose", file.read_bytes(), entry, ledger, key, expected)
    passed("receipts in COSE")


def transition_id(entry):
    """A transition's id, from its entry in the log."""
    jws = json.loads(entry.partition(b"\n")[2])
    kids = [json.loads(unbase64url(it["protected"]))["kid"].encode() for it in jws["signatures"]]
    payload = unbase64url(jws["payload"])
    return hashlib.sha256(payload + b"".join(b"\0" + kid for kid in sorted(kids))).hexdigest()


def check_live(url, folder):
    """Transitions of stock libraries on a running node, and the evidence it gives back."""
    anchor = folder / "data" / "genesis.json"
    genesis = Genesis(anchor.read_bytes())
    check("the served genesis is the founded one", get(f"{url}/v1/ledger/genesis") == anchor.read_bytes())
    rust = lambda evidence: rust_believes(evidence, folder, anchor)

    parties = {}
    for library, command in {
        "joserfc": [sys.executable, HERE / "sign_with_joserfc.py"],
        "jose": ["node", HERE / "sign_with_jose.mjs"],
    }.items():
        signing = subprocess.run([*command, url, folder], capture_output=True, text=True, check=False)
        if check(f"{library}: two transitions accepted", signing.returncode == 0, signing.stderr):
            parties[library] = signing.stdout.strip()
            passed(f"{library}: {parties[library]}")

    receipts = {
        f"{library}-{action}": json.loads((folder / f"{library}-{action}.json").read_text())
        for library in parties for action in ("create", "add-key")
    }
    for name, receipt in receipts.items():
        other = next(it for it in receipts.values() if it["header"] != receipt["header"])
        good_and_tampered(name, receipt, tampering.of_receipt(receipt, other), genesis, rust)
        shown = believed(receipt, genesis)
        signers = 1 if name.endswith("create") else 2
        check(f"{name}: applied, with {signers} signers",
              shown and shown["outcome"] == "applied" and len(shown["signers"]) == signers)

    nobody = party_of("A" * 43)
    statuses = {party: json.loads(get(f"{url}/v1/identity/{party}/proof")) for party in [*parties.values(), nobody]}
    for party, status in statuses.items():
        other = next(it for it in statuses.values() if it["value"] and it["object"] != status["object"])
        good_and_tampered(f"status of {party}", status, tampering.of_status(status, other), genesis, rust)
        check(f"status of {party}: about that party", status["object"] == f"identity/party/{party}")
        check(f"status of {party}: there or not", (status["value"] is None) == (party == nobody))

    check_log(url, genesis, receipts)
    check_cose(url, folder, genesis, receipts)
    check_certificate(url, folder, f"identity/party/{parties['jose']}")
    check_timestamps(url, folder)


def check_certificate(url, folder, thing):
    """A thing is printed; the code is read off the picture of the sheet, and verifies without a network."""
    anchor, sheet, codes = folder / "data" / "genesis.json", folder / "sheet.pdf", folder / "codes.txt"
    printing = [CHANCERY, "certificate", thing, "--out", sheet, "--url", url, "--anchor", anchor]
    printed = subprocess.run(printing, capture_output=True, text=True, check=False)
    if not check("certificate: printed", printed.returncode == 0, printed.stderr):
        return
    words, read = read_certificate(sheet)
    check("certificate: a code is read", read and all(code.startswith("CH1:") for code in read), read)
    check("certificate: its words name the thing and the ledger",
          thing in words and Genesis(anchor.read_bytes()).ledger.hex() in words, words)
    codes.write_text("\n".join(read), encoding="utf-8")
    verifying = [CHANCERY, "verify", codes, "--anchor", anchor, "--json"]
    shown = subprocess.run(verifying, capture_output=True, text=True, check=False)
    check("certificate: verified", shown.returncode == 0 and json.loads(shown.stdout)["shown"]["stands"]["object"] == thing, shown.stderr)
    passed("certificate")


def check_timestamps(url, folder):
    """A checkpoint is stamped; openssl takes the token, and opentimestamps the proof, before and after its upgrade."""
    authority, calendar = timestamps.Authority(folder / "authority"), timestamps.Calendar()
    stamps, anchor = folder / "stamps", folder / "data" / "genesis.json"

    def chancery(command, *arguments):
        line = [CHANCERY, "timestamp", command, stamps, *arguments, "--json"]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        check(f"timestamp {command}", done.returncode == 0, done.stderr)
        return json.loads(done.stdout)

    with timestamps.served(authority) as tsa, timestamps.served(calendar) as promising:
        chancery("stamp", "--url", url, "--anchor", anchor, "--tsa", tsa, "--calendar", promising)
        (checkpoint,), (token,), (proof,) = (list(stamps.glob(f"*.{it}")) for it in ("checkpoint", "tsr", "ots"))
        check("timestamp: the checkpoint is signed", verify_checkpoint(checkpoint.read_text(), Genesis(anchor.read_bytes())))
        check("timestamp: taken by openssl", authority.verifies(checkpoint, token))
        check("timestamp: not for another file", not authority.verifies(anchor, token))
        promised = {"pending": [promising], "bitcoin": []}
        check("timestamp: promised, says opentimestamps", timestamps.attested(proof, checkpoint) == promised)
        check("timestamp: not for another file", timestamps.attested(proof, anchor) is None)
        calendar.has_come = True
        chancery("upgrade", "--calendar", promising)
    shown = chancery("verify", "--anchor", anchor, "--tsa-ca", authority.certificate)["checkpoints"][0]
    block = shown["bitcoin"][0]
    ours = {"pending": [], "bitcoin": [(block["height"], block["merkle_root"])]}
    theirs = timestamps.attested(proof, checkpoint)
    check("timestamp: in a block, say both", ours == theirs and block["height"] == timestamps.HEIGHT, f"{ours} {theirs}")
    passed("timestamps")


def check_log(url, genesis, receipts):
    """The checkpoint is signed, and extends the log of every receipt's block."""
    note = get(f"{url}/v1/log/checkpoint").decode()
    size, root = verify_checkpoint(note, genesis)
    check("checkpoint: of the whole log", size == len(receipts))
    for what, variant in {
        "another size": note.replace(f"\n{size}\n", f"\n{size + 1}\n", 1),
        "another log": note.replace("chancery/", "chancery/0", 1),
        "no signature": note.partition("\n\n")[0] + "\n\n",
        "another's signature": note.replace("\u2014 chancery/", "\u2014 example/", 1),
    }.items():
        try:
            verify_checkpoint(variant, genesis)
            check(f"checkpoint: {what}: refused", False)
        except (Refused, ValueError):
            check(f"checkpoint: {what}: refused", True)
    for name, receipt in receipts.items():
        header = dict(zip(FIELDS, HEADER.unpack(unbase64url(receipt["header"]))))
        query = f"from={header['log_size']}&to={size}"
        proof = json.loads(get(f"{url}/v1/log/proofs/consistency?{query}"))
        check(f"{name}: its log is the beginning of the checkpoint's", consistent(proof, header["log_root"], root))
    passed("checkpoint")


def new_folder(within, name):
    folder = within / name
    folder.mkdir()
    return folder


def main():
    check_vectors()
    check_evidence_vectors()
    check_handover_vectors()
    check_record_vectors()
    check_cose_vectors()
    folder = Path(tempfile.mkdtemp(prefix="chancery-interop-"))
    try:
        with node(folder) as url:
            check_live(url, folder)
        check_paper(check, passed, new_folder(folder, "paper"), CHANCERY, CHANCERYD)
        installed = Path(sys.executable).parent
        check_witnesses(check, passed, new_folder(folder, "witnesses"), CHANCERY, CHANCERYD, installed)
        shutil.rmtree(folder)
    except (OSError, urllib.error.URLError, AssertionError, KeyError, ValueError, StopIteration) as error:
        check("the run goes through", False, f"{type(error).__name__}: {error}; see {folder}")
    print(f"interop: {results[True]} passed, {results[False]} failed")
    sys.exit(1 if results[False] else 0)


if __name__ == "__main__":
    main()
