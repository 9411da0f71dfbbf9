"""Keys, the parties whose first keys they are, and what they sign: transitions and access tokens."""

import base64
import hashlib
import json
import time
from datetime import datetime, timedelta, timezone

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

CHECK_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def encoded(data):
    """base64url without padding (RFC 4648, 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(value):
    return json.dumps(value, separators=(",", ":")).encode()


def in_seconds(seconds):
    """The time so many seconds from now, RFC 3339."""
    then = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    return then.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Key:
    """An Ed25519 key, which is the first key of a party."""

    def __init__(self, secret):
        self.secret = secret
        public = secret.public_key().public_bytes_raw()
        self.public = encoded(public)
        self.party = party_of(public)
        self.kid = f"{self.party}#{self.public}"

    @classmethod
    def named(cls, name):
        """The key of this name: the same in every run."""
        return cls(Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest()))

    @classmethod
    def of_demo(cls, folder, name):
        """A key of the demo, which lies encrypted in its folder."""
        passphrase = (folder / "passphrase").read_text(encoding="ascii").strip().encode()
        pem = (folder / f"{name}.pem").read_bytes()
        begin = pem.index(b"-----BEGIN")
        return cls(serialization.load_pem_private_key(pem[begin:], passphrase))

    def token(self, ledger, origin, seconds=240, **changes):
        """An access token by which the party reads at this origin."""
        now = int(time.time())
        header = {"alg": "EdDSA", "typ": "chancery-access+jwt", "kid": self.kid}
        claims = {"iss": self.party, "aud": [ledger, origin], "iat": now, "exp": now + seconds}
        signed = f"{encoded(compact(header))}.{encoded(compact(claims | changes))}"
        return f"{signed}.{encoded(self.secret.sign(signed.encode()))}"

    def signature(self, payload):
        """The signature of a transition with this payload, which is in base64url already."""
        header = {"alg": "EdDSA", "typ": "chancery-transition+json", "kid": self.kid}
        protected = encoded(compact(header))
        signature = self.secret.sign(f"{protected}.{payload}".encode())
        return {"protected": protected, "signature": encoded(signature)}


def party_of(public):
    """The ID code that follows from a first key: base32 of a hash and a check character (ISO 7064)."""
    digest = hashlib.sha256(b"chancery party 1\0" + public).digest()
    code = base64.b32encode(digest[:15]).decode()
    rest = 36
    for character in code:
        rest = (rest + CHECK_CHARACTERS.index(character)) % 36 or 36
        rest = rest * 2 % 37
    return code + CHECK_CHARACTERS[(37 - rest) % 36]


def signed(payload, signers):
    """A payload as a transition: a JWS in General JSON Serialization."""
    text = encoded(payload if isinstance(payload, bytes) else compact(payload))
    return {"payload": text, "signatures": [key.signature(text) for key in signers]}
