"""What is printed: a label, a card, names in the letters of others, and the report of an audit. Each is read off its
picture, or out of its PDF, by readers of others, and checked with the network off."""

import json
import os
import re
import shutil
import subprocess
from contextlib import contextmanager

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from read_certificate import read_attachments, read_certificate, read_sheets
from verify_receipt import unbase64url

FONTS = [
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc#0",
    "/usr/share/fonts/truetype/lohit-devanagari/Lohit-Devanagari.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
]
# Harbours: Chinese, Japanese, Korean, Hindi, Arabic, Hebrew, Greek and Russian.
SCOPE = "高雄港 みなと 항구 बंदरगाह ميناء נמל λιμάνι порт"
S10, SSCC = "RR000100012TW", "106141412345678908"


class Register:
    """A ledger of its own, with the command line as those use it who have keys on it."""

    def __init__(self, folder, chancery, chanceryd):
        self.folder, self.chancery, self.chanceryd = folder, chancery, chanceryd
        self.data = folder / "data"
        self.anchor = self.data / "genesis.json"
        self.url = None

    def tries(self, *arguments):
        """Runs a command."""
        environment = os.environ | {
            "CHANCERY_KEYS": str(self.folder / "keys"), "CHANCERY_PASSPHRASE": "correct horse",
            "CHANCERY_URL": self.url or "http://127.0.0.1:9",
        }
        environment.pop("CHANCERY_FONTS", None)
        return subprocess.run([self.chancery, *arguments], env=environment, cwd=self.folder,
                              capture_output=True, text=True, check=False)

    def does(self, *arguments):
        """Runs a command that must succeed: its document."""
        done = self.tries(*arguments, "--json")
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return json.loads(done.stdout) if done.stdout.strip() else None

    @contextmanager
    def running(self):
        log = open(self.folder / "log", "a", encoding="utf-8")
        serving = subprocess.Popen([self.chanceryd, "serve", "--data", self.data, "--port", "0"],
                                   stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            for line in serving.stdout:
                if found := re.search(r"listening on (http://\S+)", line):
                    self.url = found[1]
                    break
            yield
        finally:
            serving.terminate()
            serving.wait(timeout=30)
            self.url = None


def founded(folder, chancery, chanceryd):
    """A ledger with a root whose key is at hand."""
    register = Register(folder, chancery, chanceryd)
    for name in ("root", "carrier", "ana", "bo"):
        register.does("key", "new", name)
    root = register.does("key", "show", "root")["key"]
    subprocess.run([chanceryd, "init", "--data", register.data, "--name", "Paper", f"--root-key={root}"],
                   check=True, stdout=subprocess.DEVNULL)
    return register


def check_paper(check, passed, folder, chancery, chanceryd):
    """All of it, on a ledger of its own."""
    register = founded(folder, chancery, chanceryd)
    with register.running():
        register.does("identity", "create", "carrier", "--kind", "organisation")
        for name in ("ana", "bo"):
            register.does("identity", "create", name, "--kind", "person")
        register.does("authority", "accredit", "carrier-1", "--by", "root", "--institution", "carrier",
                      "--role", "carrier", "--register", "parcels", "--scope", SCOPE)
        (folder / "record.json").write_text('{"contents":"a book"}', encoding="utf-8")
        for number in (S10, SSCC):
            register.does("parcel", "register", number, "--carrier", "carrier", "--sender", "ana",
                          "--recipient", "bo", "--record", "@record.json", "--place", "The counter")
        check_label(check, register, S10, "RR 000 100 012 TW", S10)
        check_label(check, register, SSCC, "(00) 1 0614 1412 3456 7890 8", f"(00){SSCC}")
        check_card(check, register)
        check_letters(check, register)
        passed("labels, cards and letters")
        check_report(check, register, register.url, clean=True)
    blocks = register.data / "blocks"
    damaged = bytearray(blocks.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    shutil.copytree(register.data, folder / "damaged")
    (folder / "damaged" / "blocks").write_bytes(damaged)
    check_report(check, register, str(folder / "damaged"), clean=False)
    passed("reports of audits")


def shows(register, codes, thing):
    """Whether the codes show a thing to a verifier without a network."""
    file = register.folder / "codes.txt"
    file.write_text("\n".join(codes), encoding="utf-8")
    verified = register.tries("verify", file, "--anchor", register.anchor, "--json")
    return verified.returncode == 0 and json.loads(verified.stdout)["shown"]["stands"]["object"] == thing


def printed(register, thing, *options):
    sheet = register.folder / "sheet.pdf"
    register.does("certificate", thing, "--out", sheet, "--anchor", register.anchor, *options)
    return sheet


def check_label(check, register, number, plain, bars):
    thing = f"parcels/parcel/{number}"
    (size_mm, words, codes), *more = read_sheets(printed(register, thing, "--form", "label"))
    check(f"label of {number}: A6, on one sheet", size_mm == (105.0, 148.0) and not more, size_mm)
    check(f"label of {number}: in plain", plain in words, words)
    linear = [text for format, text in codes if "128" in format]
    check(f"label of {number}: as bars", linear == [bars], codes)
    check(f"label of {number}: verified", shows(register, [text for format, text in codes if "QR" in format], thing), codes)


def check_card(check, register):
    ana = register.does("key", "show", "ana")["party"]
    (size_mm, words, front), (_, _, back) = read_sheets(printed(register, f"identity/party/{ana}", "--form", "card"))
    check("card: ID-1", size_mm == (85.6, 54.0), size_mm)
    check("card: says who", ana in words and not front, words)
    check("card: verified", shows(register, [text for _, text in back], f"identity/party/{ana}"), back)


def check_letters(check, register):
    thing = "authorities/accreditation/carrier-1"
    refused = register.tries("certificate", thing, "--out", "none.pdf", "--anchor", register.anchor)
    check("letters: refused by name without a typeface",
          refused.returncode == 1 and "'高' (Han)" in refused.stderr and "fonts-noto-cjk" in refused.stderr, refused.stderr)
    fonts = [it for font in FONTS for it in ("--font", font)]
    missing = register.tries("certificate", thing, "--out", "none.pdf", "--anchor", register.anchor, *fonts[:2])
    check("letters: refused by name without a typeface for Hindi", "Devanagari" in missing.stderr, missing.stderr)
    sheet = printed(register, thing, *fonts)
    words, codes = read_certificate(sheet)
    for word in SCOPE.split():
        # A reader may give what runs from the right in the order in which it is seen.
        check(f"letters: {word}", word in words or word[::-1] in words, words)
    check("letters: verified", shows(register, codes, thing))
    first = sheet.read_bytes()
    height = re.search(r"block (\d+),", words)[1]
    again = printed(register, thing, *fonts, "--as-of", height).read_bytes()
    check("letters: the same bytes as of the same block", again == first)


def check_report(check, register, target, clean):
    """The report of an audit in both forms: a stock library checks the signature of what the sheets carry."""
    name = "clean" if clean else "damaged"
    files = register.folder / f"{name}.json", register.folder / f"{name}.pdf"
    named = [it for file in files for it in ("--report", file)]
    audited = register.tries("audit", target, *named, "--sign-as", "bo", "--anchor", register.anchor)
    check(f"{name}: audited", (audited.returncode == 0) == clean, audited.stderr)
    if not check(f"{name}: both are there", all(file.exists() for file in files)):
        return
    words, _ = read_certificate(files[1])
    report = json.loads(files[0].read_text(encoding="utf-8"))
    carried = read_attachments(files[1])
    check(f"{name}: the sheets carry the report", json.loads(carried["audit.json"]) == report, carried)
    check(f"{name}: signed", signed_by_its_key(report))
    check(f"{name}: not signed if changed", not signed_by_its_key(report | {"payload": report["payload"][:-1]}))
    findings = json.loads(unbase64url(report["payload"]))
    check(f"{name}: says so", findings["clean"] == clean and ("finding" in findings) != clean, findings)
    rate = f"{findings['transitions_per_s']} transitions and"
    check(f"{name}: in words", rate in words and ("everything holds" in words) == clean, words)
    if not clean:
        check("damaged: the place", "Where" in words and findings["place"], findings)
    for file in files:
        verified = register.tries("verify", file, "--json")
        check(f"{name}: {file.suffix} verified", verified.returncode == 0 and json.loads(verified.stdout)["verified"], verified.stderr)
    changed = bytearray(files[1].read_bytes())
    changed[len(changed) // 2] ^= 1
    forged = register.folder / "forged.pdf"
    forged.write_bytes(changed)
    check(f"{name}: changed sheets are refused", register.tries("verify", forged).returncode == 1)


def signed_by_its_key(report):
    """Whether the key that a JWS names has signed it."""
    key = json.loads(unbase64url(report["protected"]))["kid"].partition("#")[2]
    message = f"{report['protected']}.{report['payload']}".encode()
    try:
        Ed25519PublicKey.from_public_bytes(unbase64url(key)).verify(unbase64url(report["signature"]), message)
        return True
    except InvalidSignature:
        return False
