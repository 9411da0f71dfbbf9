#!/usr/bin/env python3
"""The time of others: an authority by `openssl ts`, a calendar by PyPI's opentimestamps, and what these two
libraries make of the files that we keep of their answers.
"""

import hashlib
import os
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentimestamps.core.notary import BitcoinBlockHeaderAttestation, PendingAttestation
from opentimestamps.core.op import OpAppend, OpPrepend, OpSHA256
from opentimestamps.core.serialize import BytesDeserializationContext, BytesSerializationContext
from opentimestamps.core.timestamp import DetachedTimestampFile, Timestamp, cat_sha256d, make_merkle_tree

HEIGHT = 850_000
CONFIGURATION = """
[req]
distinguished_name = name
prompt = no
[name]
CN = none
[tsa]
default_tsa = authority
[authority]
serial = serial
signer_digest = sha256
default_policy = 1.3.6.1.4.1.32473.1
other_policies = 1.3.6.1.4.1.32473.2
digests = sha256
"""


class Authority:
    """A time-stamping authority in a folder of its own."""

    def __init__(self, folder):
        folder.mkdir()
        self.folder, self.certificate = folder, folder / "ca.pem"
        (folder / "openssl.cnf").write_text(CONFIGURATION)
        (folder / "serial").write_text("01\n")
        (folder / "purpose").write_text("extendedKeyUsage=critical,timeStamping\n")
        new = ["req", "-config", "openssl.cnf", "-nodes", "-newkey", "rsa:2048"]
        self.openssl(*new, "-x509", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Root",
                     "-addext", "basicConstraints=critical,CA:TRUE")
        self.openssl(*new, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Authority")
        self.openssl("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                     "-extfile", "purpose", "-out", "tsa.pem")

    def openssl(self, *arguments):
        return subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def answer(self, _, path, body):
        """The token that is asked for."""
        (self.folder / "query").write_bytes(body)
        self.openssl("ts", "-reply", "-config", "openssl.cnf", "-queryfile", "query", "-signer", "tsa.pem",
                     "-inkey", "tsa.key", "-out", "reply")
        return 200, (self.folder / "reply").read_bytes()

    def verifies(self, data, token):
        command = ["openssl", "ts", "-verify", "-data", data, "-in", token, "-CAfile", self.certificate]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


class Calendar:
    """A calendar, whose answers are made by the library of those who made the format."""

    def __init__(self):
        self.promised, self.has_come = set(), False

    def answer(self, server, path, body):
        """A promise, or what has come of it."""
        if path == "/digest":
            stamp = Timestamp(body)
            leaf = stamp.ops.add(OpAppend(os.urandom(16))).ops.add(OpSHA256())
            tip = make_merkle_tree([Timestamp(os.urandom(32)), leaf, *(Timestamp(os.urandom(32)) for _ in range(5))])
            tip.attestations.add(PendingAttestation(server))
            self.promised.add(tip.msg)
            return 200, serialized(stamp)
        commitment = bytes.fromhex(path.removeprefix("/timestamp/"))
        if not self.has_come or commitment not in self.promised:
            return 404, b"Pending confirmation in Bitcoin blockchain"
        stamp = Timestamp(commitment)
        transaction = stamp.ops.add(OpPrepend(b"\x01" * 42)).ops.add(OpAppend(b"\x02" * 8))
        identifier = transaction.ops.add(OpSHA256()).ops.add(OpSHA256())
        block = cat_sha256d(Timestamp(os.urandom(32)), identifier)
        block.attestations.add(BitcoinBlockHeaderAttestation(HEIGHT))
        return 200, serialized(stamp)


def serialized(stamp):
    context = BytesSerializationContext()
    stamp.serialize(context)
    return context.getbytes()


def attested(proof, data):
    """What attests a file by its proof, as the library reads it: the messages of each kind."""
    stamp = DetachedTimestampFile.deserialize(BytesDeserializationContext(proof.read_bytes()))
    if stamp.file_digest != hashlib.sha256(data.read_bytes()).digest():
        return None
    found = list(stamp.timestamp.all_attestations())
    return {
        "pending": [it.uri for _, it in found if isinstance(it, PendingAttestation)],
        "bitcoin": [(it.height, message[::-1].hex()) for message, it in found
                    if isinstance(it, BitcoinBlockHeaderAttestation)],
    }


@contextmanager
def served(answering):
    """Serves an authority or a calendar on a free port: its address."""

    class Handler(BaseHTTPRequestHandler):
        """Hands every request on."""

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            status, answer = answering.answer(address, self.path, body)
            self.send_response(status)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield address
        server.shutdown()
