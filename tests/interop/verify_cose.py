#!/usr/bin/env python3
"""Checks receipts in COSE (RFC 9942) with PyPI's scitt-cose, and what our profile asks for besides.

    verify_cose.py RECEIPT --entry ENTRY --ledger ID --key KEY

scitt-cose checks receipts of inclusion whole. Of those of consistency it checks the signature and the proof,
each by a function of its own, which are put together here. docs/formats.md is the specification.
"""

import argparse
import base64
import hashlib
import sys

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from scitt_cose import CoseError, verify_consistency, verify_receipt, verify_sign1

from verify_receipt import Refused, refusing, require

KID, CWT_CLAIMS, VDS, VDP = 4, 15, 395, 396
ISSUER, SUBJECT = 1, 2
RFC9162_SHA256, CONSISTENCY = 1, -2
# COSE_Key: kty, alg, crv, x, and the values of Ed25519.
KTY, KEY_KID, ALG, CRV, X = 1, 2, 3, -1, -2
OKP, EDDSA, ED25519 = 1, -8, 6


def pem(key):
    return Ed25519PublicKey.from_public_bytes(key).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def thumbprint(key):
    """What a key is called: RFC 9679."""
    return hashlib.sha256(cbor2.dumps({KTY: OKP, CRV: ED25519, X: key}, canonical=True)).digest()


def issuer_of(ledger):
    return f"chancery/{ledger}"


@refusing
def verify_inclusion(receipt, entry, ledger, key):
    """The log's size and root, once the key is seen to have signed that the entry is in it."""
    result = verify_receipt(receipt, leaf_entry_hex=entry.hex(), log_public_key_pem=pem(key))
    require(result.ok, f"scitt-cose: {'; '.join(result.errors)}")
    require(result.issuer == issuer_of(ledger), "the receipt is of another ledger")
    require(result.subject == f"{result.issuer}/log/{result.tree_size}", "the signature is for another size")
    require(result.protected_header_ext == {KID: thumbprint(key)}, "the protected header has something else")
    return result.tree_size, result.leaf_index, bytes.fromhex(result.root)


@refusing
def verify_consistent(receipt, from_root, to_root, ledger, key):
    """The sizes of both logs, once the key is seen to have signed that the later begins with the earlier."""
    understood = frozenset({1, 2, KID, CWT_CLAIMS, VDS})
    try:
        signed = verify_sign1(receipt, public_key_pem=pem(key), detached_payload=to_root, understood_labels=understood)
    except CoseError as error:
        raise Refused(f"scitt-cose: {error}") from error
    require(signed.protected.get(VDS) == RFC9162_SHA256, "another data structure")
    (proof,) = signed.unprotected[VDP][CONSISTENCY]
    from_size, to_size, path = cbor2.loads(proof)
    require(cbor2.dumps([from_size, to_size, path], canonical=True) == proof, "the proof is not in its one encoding")
    consistent = verify_consistency(from_root.hex(), to_root.hex(), from_size, to_size, [it.hex() for it in path])
    require(from_size > 0 and path and consistent, "scitt-cose: the later log does not begin with the earlier one")
    claims = signed.protected[CWT_CLAIMS]
    require(claims[ISSUER] == issuer_of(ledger), "the receipt is of another ledger")
    require(claims[SUBJECT] == f"{claims[ISSUER]}/log/{to_size}", "the signature is for another size")
    require(signed.protected[KID] == thumbprint(key), "the receipt names another key")
    return from_size, to_size


@refusing
def keys_of(key_set):
    """The Ed25519 keys of a COSE_KeySet, by kid."""
    keys = {}
    for key in cbor2.loads(key_set):
        require((key[KTY], key[ALG], key[CRV]) == (OKP, EDDSA, ED25519), "a key of another kind")
        require(key[KEY_KID] == thumbprint(key[X]), "a key under another name")
        keys[key[KEY_KID]] = key[X]
    return keys


def variants(receipt, kind):
    """What can be done to a receipt, each by name. Nobody may believe one of them."""
    protected, unprotected, payload, signature = cbor2.loads(receipt).value

    def made(tag=18, protected=protected, unprotected=unprotected, payload=payload, signature=signature):
        return cbor2.dumps(cbor2.CBORTag(tag, [protected, unprotected, payload, signature]))

    def flipped(data, place=-1):
        changed = bytearray(data)
        changed[place] ^= 1
        return bytes(changed)

    def header(change):
        headers = {label: dict(value) if label == CWT_CLAIMS else value for label, value in cbor2.loads(protected).items()}
        change(headers)
        return made(protected=cbor2.dumps(headers, canonical=True))

    def proof(change):
        (blob,) = unprotected[VDP][kind]
        first, second, path = cbor2.loads(blob)
        changed = change([first, second, list(path)])
        return made(unprotected={VDP: {kind: [cbor2.dumps(changed)]}})

    assert made() == receipt, "the variants are made as the receipt is"
    yield "signature: a flipped bit", made(signature=flipped(signature))
    yield "signature: cut short", made(signature=signature[:-1])
    yield "signature: none", made(signature=b"")
    yield "payload: another root, attached", made(payload=bytes(32))
    yield "tag: another", made(tag=17)
    yield "no tag", receipt[1:]
    yield "a byte more", receipt + b"\0"
    yield "a byte less", receipt[:-1]
    yield "header: another kid", header(lambda it: it.update({KID: flipped(it[KID])}))
    yield "header: another issuer", header(lambda it: it[CWT_CLAIMS].update({ISSUER: "chancery/" + "0" * 64}))
    yield "header: another subject", header(lambda it: it[CWT_CLAIMS].update({SUBJECT: "everything"}))
    yield "header: no claims", header(lambda it: it.pop(CWT_CLAIMS))
    yield "header: another algorithm", header(lambda it: it.update({1: -7}))
    yield "header: another data structure", header(lambda it: it.update({VDS: 2}))
    yield "header: no data structure", header(lambda it: it.pop(VDS))
    yield "header: something critical", header(lambda it: it.update({2: [99], 99: 1}))
    yield "header: none", made(protected=b"")
    yield "proofs: none", made(unprotected={})
    yield "proofs: none of this kind", made(unprotected={VDP: {kind: []}})
    yield "proofs: of another kind", made(unprotected={VDP: {-3 - kind: unprotected[VDP][kind]}})
    yield "proof: the first number one more", proof(lambda it: [it[0] + 1, it[1], it[2]])
    yield "proof: the second number one more", proof(lambda it: [it[0], it[1] + 1, it[2]])
    yield "proof: a hash more", proof(lambda it: [it[0], it[1], [*it[2], bytes(32)]])
    yield "proof: negative", proof(lambda it: [-1, it[1], it[2]])
    yield "proof: a number more", proof(lambda it: [*it, 0])
    path = cbor2.loads(unprotected[VDP][kind][0])[2]
    if path:
        yield "proof: a flipped hash", proof(lambda it: [it[0], it[1], [flipped(it[2][0]), *it[2][1:]]])
        yield "proof: a hash less", proof(lambda it: [it[0], it[1], it[2][:-1]])
        yield "proof: a hash cut short", proof(lambda it: [it[0], it[1], [*it[2][:-1], it[2][-1][:-1]]])
    if len(path) > 1 and path[0] != path[1]:
        yield "proof: in another order", proof(lambda it: [it[0], it[1], it[2][::-1]])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("receipt")
    parser.add_argument("--entry", required=True, help="a file with the log's entry")
    parser.add_argument("--ledger", required=True)
    parser.add_argument("--key", required=True, help="in base64url")
    arguments = parser.parse_args()
    with open(arguments.receipt, "rb") as receipt, open(arguments.entry, "rb") as entry:
        receipt, entry = receipt.read(), entry.read()
    key = base64.urlsafe_b64decode(arguments.key + "=")
    try:
        size, position, root = verify_inclusion(receipt, entry, arguments.ledger, key)
    except Refused as reason:
        sys.exit(f"refused: {reason}")
    print(f"entry {position} of {size}, root {root.hex()}")


if __name__ == "__main__":
    main()
