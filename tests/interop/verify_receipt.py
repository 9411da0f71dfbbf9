#!/usr/bin/env python3
"""Checks evidence of a Chancery ledger against its genesis, with nothing of Chancery's own.

    verify_receipt.py EVIDENCE.json --anchor GENESIS.json [--handover HANDOVER.json ...]

Evidence is a receipt or a status proof, a handover one such proof or a list of them. Prints what it
shows; exits 1 with the reason if it shows nothing. docs/formats.md is the specification.
"""

import argparse
import base64
import hashlib
import json
import struct
import sys
from datetime import datetime, timedelta, timezone
from functools import wraps

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Refused(Exception):
    """The evidence shows nothing, for this reason."""


def require(holds, reason):
    if not holds:
        raise Refused(reason)


def refusing(function):
    """What is malformed in whatever way is refused."""

    @wraps(function)
    def refuse(*arguments):
        try:
            return function(*arguments)
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError, struct.error) as error:
            raise Refused(f"malformed: {error}") from error

    return refuse


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


def number(data):
    return int.from_bytes(data, "big")


def pool_of(members):
    """A pool: the powers of its keys, and what headers name it by."""
    powers = {key: power for key, power in members}
    sound = 1 <= len(powers) == len(members) <= 128 and all(0 < power < 1 << 32 for power in powers.values())
    require(sound, "value: not a pool that can be")
    parts = (key + struct.pack(">I", power) for key, power in members)
    return powers, sha256(b"chancery pool 1\0", *parts)


class Genesis:
    """What a verifier must hold. Its hash names the ledger; it says who or what seals blocks.

    `terms` are the pools that are known, each with its first height: that of the genesis, and those
    that `follow` was led to. On a ledger of work there are none, and `work` has its rules.
    """

    def __init__(self, data):
        self.ledger = sha256(data)
        stated = json.loads(data)
        since_1970 = datetime.fromisoformat(stated["created"]) - datetime(1970, 1, 1, tzinfo=timezone.utc)
        self.created_ms = since_1970 // timedelta(milliseconds=1)
        self.work = stated["consensus"].get("work")
        if self.work is None:
            members = stated["consensus"]["pool"]["validators"]
            self.terms = [(0, *pool_of([(unbase64url(it["key"]), it["power"]) for it in members]))]
            _, self.powers, self.pool = self.terms[0]

    def term(self, height):
        return next(term for term in reversed(self.terms) if term[0] <= height)

    @refusing
    def follow(self, handover):
        """Learns of the next pool from a proof that a pool it knows has sealed: docs/formats.md, Handover."""
        height = verify_status(handover, self)["height"]
        require(self.work is None, "seal: no pool follows another on a ledger of work")
        named = handover["object"] == "validators/pool/pool" and handover["value"] is not None
        require(named, "object: not a proof of the pools")
        (pools, _, _) = exactly(dag_cbor(unbase64url(handover["value"])), "value", "version", "position")
        in_force, after = map(term_of, exactly(pools, "in_force", "next"))
        comes = after is not None and after[0] > height
        now, known = in_force if comes or after is None else after, self.term(height)
        require((now[0], now[2]) == (known[0], known[2]), "seal: a handover before this one is missing")
        if not comes:
            return
        if after[0] > self.terms[-1][0]:
            self.terms.append(after)
        else:
            require(any((it[0], it[2]) == (after[0], after[2]) for it in self.terms), "seal: two pools for one height")

    def target_after(self, header):
        """The target of the block after this one: ASERT, from block 0."""
        half_life = self.work["half_life_ms"]
        delay = header["time_ms"] - self.created_ms - self.work["spacing_ms"] * header["height"]
        delay = max(min(delay, half_life << 16), -(half_life << 16))
        exponent = (abs(delay) << 16) // half_life * (1 if delay > 0 else -1)
        doublings, part = exponent >> 16, exponent & 0xFFFF
        cubic = 195766423245049 * part + 971821376 * part**2 + 5127 * part**3 + (1 << 47)
        scaled = int(self.work["first_target"], 16) * (65536 + (cubic >> 48))
        target = (scaled << doublings if doublings >= 0 else scaled >> -doublings) >> 16
        return max(1, min(target, int(self.work["easiest_target"], 16)))


def term_of(term):
    if term is None:
        return None
    first, members = exactly(term, "from", "validators")
    members = [exactly(member, "name", "key", "power") for member in members]
    return (first, *pool_of([(key, power) for _, key, power in members]))


def dag_cbor(data):
    """What stored objects are written in, as far as that of the pools needs it."""

    def item(at):
        major, short = data[at] >> 5, data[at] & 31
        if data[at] == 0xF6:
            return None, at + 1
        size = 1 << short - 24 if 24 <= short <= 27 else 0
        count = number(data[at + 1:at + 1 + size]) if size else short
        at += 1 + size
        if major == 0:
            return count, at
        if major in (2, 3):
            require(at + count <= len(data), "value: it ends too early")
            part = data[at:at + count]
            return part if major == 2 else part.decode(), at + count
        require(major in (4, 5), "value: an item that no pool holds")
        items = []
        for _ in range(count * (major - 3)):
            part, at = item(at)
            items.append(part)
        return items if major == 4 else dict(zip(items[::2], items[1::2])), at

    value, end = item(0)
    require(end == len(data), "value: something follows its end")
    return value


HEADER = struct.Struct(">I32sQ32sQ32sQ32s32s32s")
FIELDS = ("version ledger height previous time_ms body_root log_size log_root state_root pool").split()


def sealed_header(header, seal, genesis):
    """The header's fields, once it is seen to be sealed, with its hash as `name` and its work."""
    data = unbase64url(header)
    require(len(data) == HEADER.size, "header: wrong length")
    fields = dict(zip(FIELDS, HEADER.unpack(data)), name=sha256(data), work=0)
    require(fields["version"] == 1, "header: unknown version")
    require(fields["time_ms"] <= 253402300799999, "header: a time past the year 9999")
    require(fields["ledger"] == genesis.ledger, "header: of another ledger")
    if genesis.work is None:
        (certificate,) = exactly(seal, "pool")
        check_votes(fields, certificate, genesis)
    else:
        (work,) = exactly(seal, "work")
        fields["work"] = check_work(fields, work, genesis)
    return fields


def check_votes(fields, certificate, genesis):
    _, powers, pool = genesis.term(fields["height"])
    require(fields["pool"] == pool, "seal: by another pool")
    round_, signatures = exactly(certificate, "round", "signatures")
    message = b"".join([
        b"chancery precommit 1\0", fields["ledger"], struct.pack(">QI", fields["height"], round_), fields["name"],
    ])
    signed = set()
    for vote in signatures:
        key, signature = map(unbase64url, exactly(vote, "validator", "signature"))
        require(key in powers, "seal: signed by a stranger")
        require(key not in signed, "seal: a signature stands twice")
        verify_signature(key, signature, message, "seal: a signature does not verify")
        signed.add(key)
    power = sum(powers[key] for key in signed)
    require(power * 3 > sum(powers.values()) * 2, "seal: too few have signed")


def check_work(fields, work, genesis):
    """How many hashes the seal of a block stands for."""
    target, nonce = exactly(work, "target", "nonce")
    target = number(unhex(target))
    plain = isinstance(nonce, str) and nonce.isdigit() and str(int(nonce)) == nonce and int(nonce) < 1 << 64
    require(plain and target > 0, "form: not a target and a nonce")
    require(fields["pool"] == target_hash(target), "seal: the header names another target")
    require(target <= int(genesis.work["easiest_target"], 16), "seal: easier than the genesis allows")
    work_hash = sha256(b"chancery work 1\0", fields["name"], struct.pack(">Q", int(nonce)))
    require(number(work_hash) <= target, "seal: the work hash is higher than the target")
    return (1 << 256) // (target + 1)


def target_hash(target):
    return sha256(b"chancery target 1\0", target.to_bytes(32, "big"))


def confirmed(fields, confirmations, genesis):
    """What work stands behind a header: its own and that of those that follow; nothing where a pool seals."""
    require(isinstance(confirmations, list), "form: confirmations are a list")
    if genesis.work is None:
        require(not confirmations, "confirmations: of a block that a pool has sealed")
        return {}
    require(len(confirmations) <= 128, "confirmations: more than 128")
    before, work = fields, fields["work"]
    for confirmation in confirmations:
        after = sealed_header(*exactly(confirmation, "header", "seal"), genesis)
        follows = after["previous"] == before["name"] and after["height"] == before["height"] + 1
        require(follows and after["time_ms"] > before["time_ms"], "confirmations: does not follow")
        target = target_hash(genesis.target_after(before))
        require(after["pool"] == target, "confirmations: another target than the one that follows")
        before, work = after, work + after["work"]
    depth = genesis.work["final_depth"]
    return {"work": {"confirmations": len(confirmations), "final_depth": depth, "work": str(work)}}


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


def apart(evidence):
    """The headers that follow, which evidence may have, and the rest of it."""
    return evidence.get("confirmations", []), {name: evidence[name] for name in evidence if name != "confirmations"}


def body_root(leaf, path):
    """Where the way within a block leads: each hash says on which side it stands."""
    require(len(path) <= 32, "block: the path is too long")
    root = leaf
    for step in path:
        (side,) = step
        require(side in ("left", "right"), "block: on neither side")
        beside = unhex(step[side])
        root = sha256(b"\x01", *((beside, root) if side == "left" else (root, beside)))
    return root


def verify_receipt(receipt, genesis):
    """A receipt by the log, or by its block, which shows no position."""
    confirmations, receipt = apart(receipt)
    by = "in_block" if "in_block" in receipt else "inclusion"
    entry, way, header, seal = exactly(receipt, "entry", by, "header", "seal")
    fields = sealed_header(header, seal, genesis)
    work = confirmed(fields, confirmations, genesis)
    entry = unbase64url(entry)
    leaf = sha256(b"\x00", entry)
    shown = {"height": fields["height"]}
    if by == "in_block":
        require(body_root(leaf, way) == fields["body_root"], "block: does not lead to the root")
    else:
        shown["position"], size, path = exactly(way, "position", "log_size", "path")
        require(size == fields["log_size"], "inclusion: for a log of another size")
        root = log_root(leaf, shown["position"], size, [unhex(sibling) for sibling in path])
        require(root == fields["log_root"], "inclusion: does not lead to the root")
    outcome, _, transition = entry.partition(b"\n")
    signers = verify_transition(json.loads(transition), genesis)
    return {**shown, "outcome": outcome.decode(), "signers": signers, **work}


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
    confirmations, status = apart(status)
    object_, value, proof, header, seal = exactly(status, "object", "value", "proof", "header", "seal")
    fields = sealed_header(header, seal, genesis)
    work = confirmed(fields, confirmations, genesis)
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
    return {"height": fields["height"], "object": object_, "stands": value is not None, **work}


@refusing
def verify(evidence, genesis):
    """What evidence shows; Refused if it shows nothing."""
    return (verify_receipt if "entry" in evidence else verify_status)(evidence, genesis)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("evidence")
    parser.add_argument("--anchor", required=True)
    parser.add_argument("--handover", action="append", default=[])
    arguments = parser.parse_args()
    with open(arguments.anchor, "rb") as anchor, open(arguments.evidence, encoding="utf-8") as evidence:
        genesis, evidence = Genesis(anchor.read()), json.load(evidence)
    try:
        for file in arguments.handover:
            with open(file, encoding="utf-8") as text:
                handovers = json.load(text)
            for handover in handovers if isinstance(handovers, list) else [handovers]:
                genesis.follow(handover)
        print(json.dumps(verify(evidence, genesis), indent=2))
    except Refused as reason:
        sys.exit(f"refused: {reason}")


if __name__ == "__main__":
    main()
