#!/usr/bin/env python3
"""Creates a party and gives it a second key, with a stock JOSE library (PyPI's joserfc) alone.

    sign_with_joserfc.py http://127.0.0.1:8080 FOLDER

Writes the two receipts into the folder.
"""

import base64
import hashlib
import json
import sys
import urllib.request
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

from joserfc import jws
from joserfc.jwk import OKPKey


def party_of(x):
    """The ID code that follows from a first key: base32 of a hash, and an ISO 7064 check character."""
    key = base64.urlsafe_b64decode(x + "=")
    code = base64.b32encode(hashlib.sha256(b"chancery party 1\0" + key).digest()[:15]).decode()
    product = 36
    for character in code:
        product = ((product + int(character, 36)) % 36 or 36) * 2 % 37
    return code + "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(37 - product) % 36]


def sign(ledger, action, keys):
    """A transition: General JSON Serialization (RFC 7515, 7.2.1), one signature for each key."""
    payload = {
        "ledger": ledger,
        "id": str(uuid.uuid4()),
        "not_after": (datetime.now(timezone.utc) + timedelta(hours=1)).isoformat(),
        "actions": [action],
    }
    members = [
        {"protected": {"alg": "EdDSA", "typ": "chancery-transition+json", "kid": kid}}
        for kid in keys
    ]
    key_of = lambda member: keys[member.headers()["kid"]]
    return jws.serialize_json(members, json.dumps(payload), key_of, algorithms=["EdDSA"])


def submit(url, transition):
    """Hands a transition in and waits for its receipt."""
    request = urllib.request.Request(
        f"{url}/v1/transitions",
        data=json.dumps(transition).encode(),
        headers={"Content-Type": "application/jose+json", "Prefer": "wait=10"},
    )
    with urllib.request.urlopen(request) as response:
        assert response.status in (200, 201), f"no receipt: {response.status}"
        return response.read()


def main():
    url, folder = sys.argv[1], Path(sys.argv[2])
    with urllib.request.urlopen(f"{url}/v1/ledger") as response:
        ledger = json.load(response)["ledger"]

    first = OKPKey.generate_key("Ed25519")
    first_x = first.as_dict(private=False)["x"]
    party = party_of(first_x)
    create = {"register": "identity", "action": "create", "kind": "person", "key": first_x}
    receipt = submit(url, sign(ledger, create, {f"{party}#{first_x}": first}))
    (folder / "joserfc-create.json").write_bytes(receipt)

    second = OKPKey.generate_key("Ed25519")
    second_x = second.as_dict(private=False)["x"]
    add_key = {
        "register": "identity", "action": "add-key", "party": party, "key": second_x,
        "purposes": ["assertion"],
    }
    keys = {f"{party}#{first_x}": first, f"{party}#{second_x}": second}
    receipt = submit(url, sign(ledger, add_key, keys))
    (folder / "joserfc-add-key.json").write_bytes(receipt)
    print(party)


if __name__ == "__main__":
    main()
