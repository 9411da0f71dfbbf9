"""Commitments of records, as docs/formats.md has them, without our code."""

import base64
import hashlib
import json


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def counted(text):
    encoded = text.encode()
    return len(encoded).to_bytes(4, "big") + encoded


def text_of(value):
    # RFC 8785 for the values that a field may have: no number with a fraction, objects with one member.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def leaf(field):
    salt = base64.urlsafe_b64decode(field["salt"] + "==")
    return sha256(b"\0chancery field 1\0", salt, counted(field["name"]), counted(text_of(field["value"])))


def root(leaves):
    if len(leaves) == 1:
        return leaves[0]
    left = 1
    while left * 2 < len(leaves):
        left *= 2
    return sha256(b"\1", root(leaves[:left]), root(leaves[left:]))


def commitment(record):
    fields = record["fields"]
    number = len(fields).to_bytes(4, "big")
    return sha256(b"chancery record 1\0", counted(record["schema"]), number, root([*map(leaf, fields)])).hex()
