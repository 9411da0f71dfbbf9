#!/usr/bin/env python3
"""Checks evidence of a Chancery ledger against its genesis, with nothing of Chancery's own.

    verify_receipt.py EVIDENCE.json --anchor GENESIS.json

Evidence is a receipt or a status proof. Prints what it shows; exits 1 with the reason if it shows
nothing. docs/formats.md is the specification.
"""

import argparse
import base64
import hashlib
import json
import struct
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Refused(Exception):
    """The evidence shows nothing, for this reason."""


def require(holds, reason):
    if not holds:
        raise Refused(reason)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def unbase64url(text):
    require(isinstance(text, str) and "=" not in text, "base64url is text without padding")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    require(base64.urlsafe_b64encode(data).rstrip(b"=").decode() == text, "not base64url")
    return data


def unhex(text):
    require(isinstance(text, str) and len(text) == 64 and text == text.lower(), "not a hash")
    return bytes.fromhex(text)


def exactly(value, *members):
    require(isinstance(value, dict) and set(value) == set(members), f"not exactly {members}")
    return [value[member] for member in members]


def verify_signature(key, signature, message, reason):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise Refused(reason) from None


class Genesis:
    """What a verifier must hold: its hash names the ledger, its pool seals blocks."""

    def __init__(self, data):
        self.ledger = sha256(data)
        pool = json.loads(data)["consensus"]["pool"]["validators"]
        self.powers = {unbase64url(member["key"]): member["power"] for member in pool}
        self.pool = sha256(
            b"chancery pool 1\0",
            *(key + struct.pack(">I", power) for key, power in self.powers.items()),
        )


HEADER = struct.Struct(">I32sQ32sQ32sQ32s32s32s")
FIELDS = ("version ledger height previous time_ms body_root log_size log_root state_root pool").split()


def sealed_header(header, seal, genesis):
    """The header's fields, once the genesis's pool is seen to have sealed it."""
    data = unbase64url(header)
    require(len(data) == HEADER.size, "header: wrong length")
    fields = dict(zip(FIELDS, HEADER.unpack(data)))
    require(fields["version"] == 1, "header: unknown version")
    require(fields["ledger"] == genesis.ledger, "header: of another ledger")
    require(fields["pool"] == genesis.pool, "seal: by another pool")

    (certificate,) = exactly(seal, "pool")
    round_, signatures = exactly(certificate, "round", "signatures")
    message = b"".join([
        b"chancery precommit 1\0", fields["ledger"], struct.pack(">QI", fields["height"], round_),
        sha256(data),
    ])
    signed = set()
    for vote in signatures:
        key, signature = map(unbase64url, exactly(vote, "validator", "signature"))
        require(key in genesis.powers, "seal: signed by a stranger")
        require(key not in signed, "seal: a signature stands twice")
        verify_signature(key, signature, message, "seal: a signature does not verify")
        signed.add(key)
    power = sum(genesis.powers[key] for key in signed)
    require(power * 3 > sum(genesis.powers.values()) * 2, "seal: too few have signed")
    return fields


def log_root(leaf, position, size, path):
    """Where an inclusion path leads: RFC 9162, 2.1.3.2."""
    require(0 <= position < size, "inclusion: outside the log")
    node, last, root = position, size - 1, leaf
    for sibling in path:
        require(last > 0, "inclusion: the path is too long")
        if node % 2 == 1 or node == last:
            root = sha256(b"\x01", sibling, root)
            while node % 2 == 0 and node != 0:
                node, last = node // 2, last // 2
        else:
            root = sha256(b"\x01", root, sibling)
        node, last = node // 2, last // 2
    require(last == 0, "inclusion: the path is too short")
    return root


def verify_receipt(receipt, genesis):
    entry, inclusion, header, seal = exactly(receipt, "entry", "inclusion", "header", "seal")
    fields = sealed_header(header, seal, genesis)
    position, size, path = exactly(inclusion, "position", "log_size", "path")
    require(size == fields["log_size"], "inclusion: for a log of another size")
    entry = unbase64url(entry)
    root = log_root(sha256(b"\x00", entry), position, size, [unhex(sibling) for sibling in path])
    require(root == fields["log_root"], "inclusion: does not lead to the root")
    outcome, _, transition = entry.partition(b"\n")
    signers = verify_transition(json.loads(transition), genesis)
    return {"height": fields["height"], "position": position, "outcome": outcome.decode(), "signers": signers}


def verify_transition(transition, genesis):
    """The kids whose signatures a transition carries: RFC 7515, 5.2."""
    payload, signatures = exactly(transition, "payload", "signatures")
    stated = json.loads(unbase64url(payload))
    require(stated["ledger"] == genesis.ledger.hex(), "transition: for another ledger")
    signers = []
    for part in signatures:
        protected, signature = exactly(part, "protected", "signature")
        header = json.loads(unbase64url(protected))
        require(header["typ"] == "chancery-transition+json", "transition: another type")
        key = unbase64url(header["kid"].partition("#")[2])
        message = f"{protected}.{payload}".encode()
        verify_signature(key, unbase64url(signature), message, "transition: a signature does not verify")
        signers.append(header["kid"])
    return signers


def bit(key, depth):
    return key[depth // 8] >> (7 - depth % 8) & 1


def verify_status(status, genesis):
    object_, value, proof, header, seal = exactly(status, "object", "value", "proof", "header", "seal")
    fields = sealed_header(header, seal, genesis)
    siblings, other = exactly(proof, "siblings", "leaf")
    require(len(siblings) <= 256 and object_.count("/") >= 2, "state: malformed")
    key = sha256(object_.encode())
    if value is not None:
        require(other is None, "state: names another's leaf for an object that is there")
        node = sha256(b"\x10", key, sha256(unbase64url(value)))
    elif other is None:
        node = bytes(32)
    else:
        other_key, value_hash = map(unhex, exactly(other, "key", "value_hash"))
        shares = all(bit(key, depth) == bit(other_key, depth) for depth in range(len(siblings)))
        require(other_key != key and shares, "state: the other leaf does not stand in the way")
        node = sha256(b"\x10", other_key, value_hash)
    for depth in reversed(range(len(siblings))):
        sibling = unhex(siblings[depth])
        pair = (sibling, node) if bit(key, depth) else (node, sibling)
        node = sha256(b"\x11", *pair)
    require(node == fields["state_root"], "state: does not lead to the root")
    return {"height": fields["height"], "object": object_, "stands": value is not None}


def verify(evidence, genesis):
    """What evidence shows; Refused if it shows nothing."""
    try:
        return (verify_receipt if "entry" in evidence else verify_status)(evidence, genesis)
    except (ValueError, TypeError, KeyError, AttributeError, struct.error) as error:
        raise Refused(f"malformed: {error}") from error


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("evidence")
    parser.add_argument("--anchor", required=True)
    arguments = parser.parse_args()
    with open(arguments.anchor, "rb") as anchor, open(arguments.evidence, encoding="utf-8") as evidence:
        genesis, evidence = Genesis(anchor.read()), json.load(evidence)
    try:
        print(json.dumps(verify(evidence, genesis), indent=2))
    except Refused as reason:
        sys.exit(f"refused: {reason}")


if __name__ == "__main__":
    main()
