"""A town beside the demo's: people and offices who put something into every register, so that every
address has something to show, and to different askers different things."""

import hashlib
import json
import sys
import urllib.error
import urllib.request
import uuid
from datetime import date
from pathlib import Path

from keys import Key, compact, in_seconds, signed

PERSONS = ["ana", "bo", "cy", "witness", "second-witness", "artist", "stranger"]
OFFICES = {
    "civil-registrar": ("civil-registrar", ["marriages", "identity"]),
    "court": ("court", ["marriages", "artworks", "land", "parcels"]),
    "auditor": ("auditor", ["parcels", "land"]),
    "attester": ("attester", ["identity"]),
    "expert": ("art-expert", ["artworks"]),
    "university": ("university", ["diplomas"]),
    "issuer": ("issuer", ["equity"]),
    "company-registrar": ("company-registrar", ["equity"]),
    "land-registrar": ("land-registrar", ["land"]),
    "surveyor": ("surveyor", ["land"]),
}
MARRIAGE = "c20ad4d76fe97759aa27a0c99bff6710"
# The demo's people whose keys are used besides: root accredits, the others have parcels.
OF_DEMO = ["root", "carrier", "regulator"]


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


class Ledger:
    """A ledger on a server."""

    def __init__(self, url):
        self.url = url
        self.id = self.get("/v1/ledger")["ledger"]

    def get(self, path, token=None):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with urllib.request.urlopen(urllib.request.Request(self.url + path, headers=headers)) as answer:
            return json.load(answer)

    def payload(self, actions):
        return {
            "ledger": self.id, "id": str(uuid.uuid4()), "not_after": in_seconds(3600), "actions": actions,
        }

    def submit(self, actions, signers):
        """Hands in a transition, which must take effect."""
        body = compact(signed(self.payload(actions), signers))
        headers = {"Content-Type": "application/jose+json", "Prefer": "wait=20"}
        request = urllib.request.Request(f"{self.url}/v1/transitions", data=body, headers=headers)
        try:
            with urllib.request.urlopen(request) as answer:
                answer.read()
        except urllib.error.HTTPError as refusal:
            raise SystemExit(f"refused: {actions}\n{refusal.read().decode()}") from None


class Town:
    """The people, their keys, and what they have done."""

    def __init__(self, ledger, demo):
        self.ledger = ledger
        self.keys = {name: Key.named(name) for name in [*PERSONS, *OFFICES]}
        self.keys |= {f"demo-{name}": Key.of_demo(demo, name) for name in OF_DEMO}
        self.keys["root"] = self.keys.pop("demo-root")

    def party(self, name):
        return self.keys[name].party

    def does(self, signers, register, action, **fields):
        """One action, signed by those who are named."""
        action = {"register": register, "action": action} | fields
        self.ledger.submit([action], [self.keys[name] for name in signers])

    def settle(self):
        for name in [*PERSONS, *OFFICES]:
            kind = "person" if name in PERSONS else "organisation"
            self.does([name], "identity", "create", kind=kind, key=self.keys[name].public)
        for name, (role, registers) in OFFICES.items():
            attests = {"attests": ["kyc"]} if role == "attester" else {}
            self.does(["root"], "authorities", "accredit", accreditation=f"town-{name}",
                      by=self.party("root"), institution=self.party(name), role=role,
                      registers=registers, scope="All of the town", **attests)
        for part in [self.families, self.marriages, self.artworks, self.diplomas, self.equity,
                     self.land, self.orders, self.parcels, self.validators]:
            part()

    def families(self):
        self.does(["attester"], "identity", "attest", attestation="a-1", by=self.party("attester"),
                  subject=self.party("ana"), type="kyc", claim=digest("known"))
        self.does(["civil-registrar"], "identity", "state-kinship", by=self.party("civil-registrar"),
                  of=self.party("ana"), relation="parent-of", to=self.party("cy"))

    def marriages(self):
        self.does(["root"], "marriages", "open", secret=digest("a secret of the register"))
        spouses = [{"party": self.party("ana"), "born_by": "1990-12-31"},
                   {"party": self.party("bo"), "born_by": "1988-06-01"}]
        witnesses = ["witness", "second-witness"]
        self.does(["civil-registrar", "ana", "bo", *witnesses], "marriages", "register",
                  marriage=MARRIAGE, registrar=self.party("civil-registrar"),
                  celebrated=in_seconds(0)[:10], place="Town hall", spouses=spouses,
                  witnesses=[self.party(name) for name in witnesses], record=digest("a record"))

    def artworks(self):
        condition = {"statement": "Nothing is seen to be wrong", "report": digest("a report")}
        description = {
            "object_type": "painting", "title": "The News Boys", "maker": "A Master",
            "date_or_period": "c. 1850", "materials_and_techniques": "oil on canvas",
            "measurements": "29.75 x 25.75 in", "subject": "Two boys",
        }
        for work, edition in [("w-1", "unique"), ("w-2", "1/3")]:
            self.does(["ana", "expert", "artist"], "artworks", "register", work=work,
                      owner=self.party("ana"), custodian=self.party("ana"),
                      examiner=self.party("expert"), artist=self.party("artist"),
                      rights_holder=self.party("artist"), description=description,
                      record=digest("a record"), fingerprint=digest(work), edition=edition,
                      place="The house", condition=condition)
        finding = {"attribution": {"qualifier": "workshop-of", "maker": "A Master"}}
        self.does(["expert"], "artworks", "opine", work="w-1", number=1, expert=self.party("expert"),
                  finding=finding, grounds="The brushwork", report=digest("an opinion"))
        step = {"follows": "start", "kind": "acquisition", "method": "purchase", "to": "A Collector",
                "since": "1946~", "certainty": "stated", "text": "purchased by A Collector, c. 1946"}
        self.does(["ana"], "artworks", "state-claims", work="w-1", by=self.party("ana"), first=1,
                  source=digest("a catalogue"), claims=[step])
        self.does(["artist", "bo"], "artworks", "license", licence="l-1", fingerprint=digest("w-1"),
                  licensor=self.party("artist"), licensee=self.party("bo"), exclusive=False,
                  scopes=["reproduction"], territories=["FR"], until=in_seconds(30 * 86_400),
                  terms=digest("terms"))
        parties = [self.party("ana"), self.party("bo")]
        self.does(["ana", "bo"], "artworks", "notarise", notarisation="n-1", kind="contract",
                  title="Loan agreement", document=digest("a document"), parties=parties, work="w-1")

    def diplomas(self):
        university = self.party("university")
        self.does(["university"], "diplomas", "register-programme", institution=university,
                  programme="bsc", title="Physics", level="EQF 6", opened=date.today().isoformat())
        self.does(["university"], "diplomas", "issue", institution=university, serial="D-1",
                  kind="award", holder=self.party("ana"), awarded=in_seconds(0)[:10],
                  programme="bsc", record=digest("a diploma"))

    def equity(self):
        issuer = {"issuer": self.party("issuer")}
        does = lambda signers, action, **fields: self.does(signers, "equity", action, **issuer, **fields)
        does(["issuer"], "register-issuer", name="ACME Industries", country="US", formed="2010-01-01",
             authorised="1200")
        does(["issuer"], "create-class", name="Common", class_type="common", authorised="1000",
             votes_per_share="1", seniority="1", **{"class": "common"})
        does(["issuer", "ana"], "issue", security="a-1", holder=self.party("ana"), quantity="100",
             **{"class": "common"})
        does(["issuer"], "create-plan", plan="pool", name="Pool", classes=["common"], reserved="100",
             on_cancellation="return-to-pool")
        does(["issuer", "ana"], "issue-instrument", kind="rsu", security="g-1", plan="pool",
             holder=self.party("ana"), amount="80")
        does(["issuer"], "declare-dividend", dividend="d-1", record_time=in_seconds(0),
             total={"amount": "100", "currency": "USD"}, **{"class": "common"})
        does(["issuer"], "file", filing="f-1", what="TX_VESTING_START", about="g-1",
             record=digest("a filing"))

    def land(self):
        registrar = {"by": self.party("land-registrar"), "reference": "Instrument 1"}
        metre = 1000
        for unit, x in [("L-1", 0), ("L-2", 200)]:
            outline = [[[x * metre, 0, 100 * metre, 0, 0, 50 * metre, -100 * metre, 0]]]
            self.does(["surveyor"], "land", "survey", unit=unit, by=self.party("surveyor"),
                      crs="EPSG:2193", step="millimetre", outline=outline, plan="DP 1")
        owners = [{"party": self.party("ana"), "share": "1/2"}, {"party": self.party("bo"), "share": "1/2"}]
        self.does(["land-registrar", "surveyor"], "land", "register", title="T-1",
                  surveyor=self.party("surveyor"), tenure="Freehold", units=["L-1"], owners=owners,
                  **registrar)
        self.does(["land-registrar", "ana", "bo", "cy"], "land", "mortgage", title="T-1",
                  interest="m-1", lenders=[self.party("cy")], rank=1, **registrar)

    def orders(self):
        by = {"by": self.party("court"), "scope": "All of it", "reference": "Case 1"}
        targets = [("marriages", "marriage", MARRIAGE), ("artworks", "work", "w-1"), ("land", "title", "T-1")]
        for number, (register, kind, thing) in enumerate(targets, 1):
            target = {"register": register, "kind": kind, "id": thing}
            self.does(["court"], "authorities", "freeze", order=f"o-{number}", target=target,
                      until=in_seconds(30 * 86_400), **by)
        target = {"register": "land", "kind": "title", "id": "T-1"}
        self.does(["court"], "authorities", "direct", order="o-9", target=target,
                  instruction="As the judgment says", until=in_seconds(30 * 86_400), **by)
        owners = [{"party": self.party("ana"), "share": "1/2"}, {"party": self.party("bo"), "share": "1/2"}]
        self.does(["land-registrar", "cy"], "land", "forced-sale", title="T-1", order="o-9",
                  by=self.party("land-registrar"), reference="Instrument 2", **{"from": owners},
                  to=[{"party": self.party("cy"), "share": "1/1"}])

    def parcels(self):
        held = self.ledger.get(f"/v1/parcels?party={self.party('demo-carrier')}&limit=1")
        parcel = held["items"][0]["object"].rpartition("/")[2]
        event = {"type": "object-event", "action": "observe", "event_time": in_seconds(-1),
                 "offset": "+08:00", "biz_step": "receiving", "disposition": "in_progress",
                 "read_point": "urn:epc:id:sgln:0614141.00777.0", "document": digest("an event")}
        self.does(["demo-carrier"], "parcels", "state-event", parcel=parcel,
                  by=self.party("demo-carrier"), event=event)

    def validators(self):
        self.does(["root"], "validators", "allot", party=self.party("bo"), stake=7)
        candidate = Key.named("a candidate")
        self.keys["candidate"] = candidate
        self.does(["bo", "candidate"], "validators", "stand", name="Bo's", key=candidate.public,
                  party=self.party("bo"))
        self.does(["bo"], "validators", "delegate", party=self.party("bo"), to=candidate.public)
        appointed = [{"name": "Bo's", "key": candidate.public, "power": 1}]
        # Far ahead: until then the node seals by itself.
        self.does(["root"], "validators", "appoint", validators=appointed, **{"from": 90_000})


def main():
    url, demo = sys.argv[1], Path(sys.argv[2])
    town = Town(Ledger(url), demo)
    town.settle()


if __name__ == "__main__":
    main()
