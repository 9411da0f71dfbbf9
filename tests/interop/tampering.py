"""Evidence that was tampered with: each variant by name. Nobody may believe one of them."""

import copy
import json

from verify_receipt import FIELDS, HEADER, unbase64url
from base64 import urlsafe_b64encode


def base64url(data):
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def flipped(data, place=0):
    changed = bytearray(data)
    changed[place] ^= 1
    return bytes(changed)


def flipped_hash(text):
    return flipped(bytes.fromhex(text), 31).hex()


def changed(evidence, change):
    """A copy in which `change` has put something else."""
    copied = copy.deepcopy(evidence)
    change(copied)
    return copied


def set_header_field(evidence, name, value):
    fields = dict(zip(FIELDS, HEADER.unpack(unbase64url(evidence["header"]))))
    fields[name] = value(fields[name])
    evidence["header"] = base64url(HEADER.pack(*(fields[field] for field in FIELDS)))


def of_sealed_header(evidence):
    """What can be done to the header and the seal of any evidence."""
    for name in FIELDS:
        other = lambda old: old + 1 if isinstance(old, int) else flipped(old)
        yield f"header: another {name}", changed(evidence, lambda it: set_header_field(it, name, other))

    def vote(evidence):
        return evidence["seal"]["pool"]["signatures"][0]

    def flip_signature(it):
        vote(it)["signature"] = base64url(flipped(unbase64url(vote(it)["signature"])))

    def strange_key(it):
        vote(it)["validator"] = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"

    yield "header: cut short", changed(evidence, lambda it: it.update(header=it["header"][:-4]))
    yield "header: longer", changed(evidence, lambda it: it.update(header=it["header"] + "AAAA"))
    yield "seal: a flipped signature", changed(evidence, flip_signature)
    yield "seal: a stranger's key", changed(evidence, strange_key)
    yield "seal: another round", changed(evidence, lambda it: it["seal"]["pool"].update(round=1))
    yield "seal: no signature", changed(evidence, lambda it: it["seal"]["pool"].update(signatures=[]))
    yield "seal: one signature twice", changed(
        evidence, lambda it: it["seal"]["pool"]["signatures"].append(vote(it)))
    yield "seal: that of block 0", changed(evidence, lambda it: it.update(seal="genesis"))
    yield "no seal", changed(evidence, lambda it: it.pop("seal"))
    yield "one member more", changed(evidence, lambda it: it.update(note="trust me"))


def of_receipt(receipt, other):
    """Variants of a receipt; `other` is that of another transition, in another block."""
    yield from of_sealed_header(receipt)

    def entry(change):
        return changed(receipt, lambda it: it.update(entry=base64url(change(unbase64url(it["entry"])))))

    def inclusion(change):
        return changed(receipt, lambda it: change(it["inclusion"]))

    def transition(change):
        def rewrite(data):
            outcome, _, rest = data.partition(b"\n")
            parsed = json.loads(rest)
            change(parsed)
            return outcome + b"\n" + json.dumps(parsed, separators=(",", ":")).encode()
        return entry(rewrite)

    def other_outcome(data):
        outcome, _, rest = data.partition(b"\n")
        return (b"key-unknown" if outcome == b"applied" else b"applied") + b"\n" + rest

    path = receipt["inclusion"]["path"]
    yield "entry: another outcome", entry(other_outcome)
    yield "entry: a flipped bit", entry(lambda data: flipped(data, len(data) // 2))
    yield "entry: a byte more", entry(lambda data: data + b" ")
    yield "entry: the other's", changed(receipt, lambda it: it.update(entry=other["entry"]))
    yield "entry: no signature", transition(lambda it: it.update(signatures=[]))
    yield "header and seal: the other's", changed(
        receipt, lambda it: it.update(header=other["header"], seal=other["seal"]))
    yield "seal: the other's", changed(receipt, lambda it: it.update(seal=other["seal"]))
    yield "inclusion: the other's", changed(receipt, lambda it: it.update(inclusion=other["inclusion"]))
    yield "inclusion: another position", inclusion(lambda it: it.update(position=it["position"] ^ 1))
    yield "inclusion: a position outside", inclusion(lambda it: it.update(position=it["log_size"]))
    yield "inclusion: another size", inclusion(lambda it: it.update(log_size=it["log_size"] + 1))
    yield "inclusion: one hash more", inclusion(lambda it: it["path"].append("00" * 32))
    if path:
        yield "inclusion: a flipped hash", inclusion(
            lambda it: it.update(path=[flipped_hash(it["path"][0])] + it["path"][1:]))
        yield "inclusion: one hash less", inclusion(lambda it: it["path"].pop())
    if len(path) > 1 and path[0] != path[1]:
        yield "inclusion: in another order", inclusion(lambda it: it["path"].reverse())


def of_status(status, other):
    """Variants of a status proof; `other` is about another object that is there."""
    yield from of_sealed_header(status)

    def proof(change):
        return changed(status, lambda it: change(it["proof"]))

    siblings = status["proof"]["siblings"]
    strange_leaf = {"key": "ab" * 32, "value_hash": "cd" * 32}
    yield "object: another", changed(status, lambda it: it.update(object=other["object"]))
    yield "object: a part less", changed(status, lambda it: it.update(object="identity/party"))
    yield "value: the other's", changed(status, lambda it: it.update(value=other["value"]))
    yield "proof: the other's", changed(status, lambda it: it.update(proof=other["proof"]))
    yield "proof: another's leaf", proof(lambda it: it.update(leaf=strange_leaf))
    yield "proof: one hash more", proof(lambda it: it["siblings"].append("00" * 32))
    yield "proof: deeper than a key", proof(lambda it: it["siblings"].extend(["00" * 32] * 300))
    if siblings:
        yield "proof: a flipped hash", proof(
            lambda it: it.update(siblings=[flipped_hash(siblings[0])] + siblings[1:]))
        yield "proof: one hash less", proof(lambda it: it["siblings"].pop())
    if status["value"] is None:
        yield "value: of what is absent", changed(status, lambda it: it.update(value=base64url(b"\xa0")))
        if status["proof"]["leaf"]:
            yield "proof: nothing where another's leaf is", proof(lambda it: it.update(leaf=None))
    else:
        flip = lambda it: it.update(value=base64url(flipped(unbase64url(it["value"]), -1)))
        yield "value: a flipped bit", changed(status, flip)
        yield "value: absent", changed(status, lambda it: it.update(value=None))
