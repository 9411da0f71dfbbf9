#!/usr/bin/env python3
"""Checks a log's checkpoint (C2SP tlog-checkpoint in a signed note) against the genesis.

    verify_checkpoint.py CHECKPOINT --anchor GENESIS.json
"""

import argparse
import base64
import sys

from verify_receipt import Genesis, Refused, require, sha256, verify_signature


def verify_checkpoint(text, genesis):
    """The size and root of the log, once one of the genesis's pool is seen to have signed them."""
    body, separator, signatures = text.partition("\n\n")
    lines = body.split("\n")
    require(separator and len(lines) >= 3, "checkpoint: not a signed note of three lines")
    name = f"chancery/{genesis.ledger.hex()}"
    require(lines[0] == name, "checkpoint: of another log")
    require(lines[1].isdigit() and str(int(lines[1])) == lines[1], "checkpoint: no size")
    root = base64.b64decode(lines[2], validate=True)
    require(len(root) == 32, "checkpoint: no root")
    for line in signatures.splitlines():
        dash, _, rest = line.partition(" ")
        signer, _, signature = rest.partition(" ")
        signature = base64.b64decode(signature, validate=True)
        for key in genesis.powers if (dash, signer) == ("\u2014", name) else ():
            if signature[:4] == sha256(name.encode(), b"\n\x01", key)[:4]:
                reason = "checkpoint: the signature does not verify"
                verify_signature(key, signature[4:], f"{body}\n".encode(), reason)
                return int(lines[1]), root
    raise Refused("checkpoint: nobody of the pool has signed it")


def consistent(proof, from_root, to_root):
    """Whether the later log begins with the earlier one: RFC 9162, 2.1.4.2."""
    size, last_size, path = proof["from"], proof["to"], [bytes.fromhex(it) for it in proof["path"]]
    if size == last_size:
        return not path and from_root == to_root
    if size == 0 or size > last_size:
        return False
    if size & (size - 1) == 0:
        path.insert(0, from_root)
    if not path:
        return False
    node, last = size - 1, last_size - 1
    while node % 2 == 1:
        node, last = node // 2, last // 2
    earlier = later = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node % 2 == 1 or node == last:
            earlier, later = sha256(b"\x01", sibling, earlier), sha256(b"\x01", sibling, later)
            while node % 2 == 0 and node != 0:
                node, last = node // 2, last // 2
        else:
            later = sha256(b"\x01", later, sibling)
        node, last = node // 2, last // 2
    return last == 0 and (earlier, later) == (from_root, to_root)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint")
    parser.add_argument("--anchor", required=True)
    arguments = parser.parse_args()
    with open(arguments.anchor, "rb") as anchor, open(arguments.checkpoint, encoding="utf-8") as text:
        genesis, text = Genesis(anchor.read()), text.read()
    try:
        size, root = verify_checkpoint(text, genesis)
    except (Refused, ValueError) as reason:
        sys.exit(f"refused: {reason}")
    print(f"{size} {root.hex()}")


if __name__ == "__main__":
    main()
