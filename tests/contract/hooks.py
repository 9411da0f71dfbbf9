"""What schemathesis is told besides the interface description: what there is, who asks, and how the bodies
are written that are not plain JSON. It also counts.

Nothing here makes a check weaker. What schemathesis cannot know of a media type is said in its own terms:

- `application/jose+json` carries what people sign. Its values are made from the schema of the payload and
  signed here, by the parties that they name, so that requests get as far as the rules of the registers. The
  other type of the same address, `application/json`, stays as described: a JWS made of anything.
- `application/x-ndjson` and `text/event-stream` have one value of the schema in each line or event. The
  description can say that only in words, so the schema of one is put into a list or an event here.
- `/v1/events` ends only when the reader's token does: it is asked for with one that ends at once.
"""

import atexit
import copy
import itertools
import json
import os
import re
import threading
import time
import uuid
import zlib
from collections import Counter
from pathlib import Path

import schemathesis

import town as town_of
from keys import compact, in_seconds, signed

FOLDER, URL = Path(os.environ["CONTRACT_FOLDER"]), os.environ["CONTRACT_URL"]
KNOWN = json.loads((FOLDER / "known.json").read_text())
TOWN = town_of.Town(town_of.Ledger(URL), FOLDER / "demo")
BY_PARTY = {key.party: key for key in TOWN.keys.values()}
ROLES = [None, None, "ana", "bo", "witness", "civil-registrar", "court", "auditor", "stranger", "root",
         "demo-regulator", "expired", "elsewhere"]
TURNS = itertools.cycle(ROLES)
EVENTS = "/v1/events"
# What stands for `application/jose+json` until it is sent: schemathesis writes whatever ends in `+json` itself.
SIGNED = "application/vnd.chancery.signed"

PARTY = re.compile(r"[A-Z2-7]{24}[0-9A-Z]")
PUBLIC_KEY = re.compile(r"[A-Za-z0-9_-]{43}")
HASH = re.compile(r"[0-9a-f]{64}")


# What there is.

def ids_for(path):
    """Ids that lead somewhere at this address."""
    for start in ["/v1/transitions/{id}", "/v1/blocks/{height}", "/v1/log/tile/{path}", "/problems/{code}"]:
        if path.startswith(start):
            return {
                "/v1/transitions/{id}": KNOWN["transitions"], "/v1/blocks/{height}": KNOWN["heights"],
                "/v1/log/tile/{path}": ["0/000", "entries/000", "0/000.p/9"], "/problems/{code}": KNOWN["codes"],
            }[start]
    audited = {"accreditations": KNOWN["accreditations"], "orders": KNOWN["orders"], "parties": KNOWN["parties"]}
    if path.startswith("/v1/audit/"):
        return audited.get(path.split("/")[3], [])
    # The longest first: `/v1/parcels/container/{id}` is not below `/v1/parcels/{id}`.
    for kind in sorted(KNOWN["ids"], key=len, reverse=True):
        if path.startswith(kind):
            return KNOWN["ids"][kind]
    return []


def values_for(path, parameter):
    """Good values of a parameter at this address."""
    if parameter["in"] == "path":
        return ids_for(path)
    if parameter["name"] == "cursor":
        return KNOWN["cursors"].get(path) or KNOWN["cursors"].get("/v1/transitions", []) * path.endswith("/deeds")
    return KNOWN["values"].get(parameter["name"], []) if parameter["in"] == "query" else []


@schemathesis.hook
def before_load_schema(ctx, raw_schema):
    """Gives parameters examples that exist on this ledger, and bodies the form of what they carry."""
    for path, item in raw_schema["paths"].items():
        for operation in item.values():
            for parameter in operation.get("parameters", []):
                values = values_for(path, parameter)[:3]
                if values:
                    parameter.pop("example", None)
                    parameter["examples"] = {str(number): {"value": value} for number, value in enumerate(values)}
            for response in operation["responses"].values():
                carry_items(response.get("content", {}))
    submit = raw_schema["paths"]["/v1/transitions"]["post"]["requestBody"]["content"]
    payload = TOWN.ledger.payload([set_card("a first card")])
    submit[SIGNED] = {"schema": {"$ref": "#/components/schemas/Payload"}, "examples": {"0": {"value": payload}}}
    del submit["application/jose+json"]


def set_card(card):
    return {"register": "identity", "action": "set-card", "party": TOWN.party("ana"), "card": town_of.digest(card)}


def carry_items(content):
    if media := content.get("application/x-ndjson"):
        media["schema"] = {"type": "array", "items": media["schema"]}
    if media := content.get("text/event-stream"):
        data = {"type": "string", "contentMediaType": "application/json", "contentSchema": copy.copy(media["schema"])}
        media["schema"] = {"type": "object", "required": ["event", "data"], "properties": {
            "event": {"type": "string"}, "data": data,
        }}


@schemathesis.deserializer("application/x-ndjson")
def lines(ctx, response):
    return [json.loads(line) for line in response.content.splitlines()]


# Who asks.

def chosen(case, what):
    """A number that follows from the request alone, so that asking again asks the same."""
    text = f"{what} {case.method} {case.path} {case.path_parameters} {case.query} {case.body}"
    return zlib.crc32(text.encode(errors="replace"))


def token_of(role):
    ledger = TOWN.ledger.id
    if role == "expired":
        return TOWN.keys["ana"].token(ledger, URL, iat=1, exp=2)
    if role == "elsewhere":
        return TOWN.keys["ana"].token(ledger, "https://registry.example")
    return TOWN.keys[role].token(ledger, URL)


@schemathesis.hook
def before_call(ctx, case, kwargs):
    if case.media_type == SIGNED:
        case.headers["Content-Type"] = "application/jose+json"
    role = next(TURNS)
    if case.path == EVENTS and "Authorization" not in case.headers:
        role, token = "ana", TOWN.keys["ana"].token(TOWN.ledger.id, URL, seconds=1)
        case.headers["Authorization"] = f"Bearer {token}"
    elif "Authorization" in case.headers:
        role = "made up"
    elif role and case.operation.definition.raw.get("security"):
        case.headers["Authorization"] = f"Bearer {token_of(role)}"
    else:
        role = None
    FIGURES.asked(role or "nobody")


# What is sent.

@schemathesis.serializer(SIGNED)
def signed_payload(ctx, value):
    """A payload, made to name people who are there, and signed by those of them who are named."""
    if isinstance(value, bytes):
        return value
    pick = chosen(ctx.case, "signers")
    value = with_people(value, pick)
    if isinstance(value, dict):
        if HASH.fullmatch(str(value.get("ledger"))):
            value["ledger"] = TOWN.ledger.id
        if is_time(value.get("not_after")):
            value["not_after"] = in_seconds(3600)
        if isinstance(value.get("id"), str) and 0 < len(value["id"]) <= 64:
            value["id"] = str(uuid.uuid4())
    named = PARTY.findall(json.dumps(value))
    signers = [BY_PARTY[party] for party in dict.fromkeys(named) if party in BY_PARTY]
    return compact(signed(json.dumps(value).encode(), signers[:64] or [TOWN.keys["ana"]]))


def with_people(value, pick):
    """The same value, in which what has the form of a party or key is one of the town."""
    if isinstance(value, dict):
        return {name: with_people(member, pick + len(name)) for name, member in value.items()}
    if isinstance(value, list):
        return [with_people(item, pick + number) for number, item in enumerate(value)]
    people = list(BY_PARTY.values())
    if isinstance(value, str) and PARTY.fullmatch(value):
        return people[pick % len(people)].party
    if isinstance(value, str) and PUBLIC_KEY.fullmatch(value):
        return people[pick % len(people)].public
    return value


def is_time(value):
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT.*", value) is not None


@schemathesis.serializer("application/x-ndjson", "application/ndjson")
def batch(ctx, value):
    """Lines: what was made up, between two transitions that are good."""
    if isinstance(value, bytes):
        return value
    text = value if isinstance(value, str) else json.dumps(value)
    ana = TOWN.keys["ana"]
    good = [compact(signed(TOWN.ledger.payload([set_card(text)]), [ana])).decode() for _ in range(2)]
    return "\n".join([good[0], text, good[1]]).encode(errors="replace")


# What came of it.

class Figures:
    """Counts of all requests, kept in a file for whoever started this."""

    def __init__(self):
        self.lock, self.began = threading.Lock(), time.monotonic()
        self.statuses, self.roles = Counter(), Counter()
        self.operations, self.reached = set(), set()

    def asked(self, role):
        with self.lock:
            self.roles[role] += 1

    def answered(self, case, status):
        with self.lock:
            self.statuses[str(status)] += 1
            self.operations.add(case.operation.label)
            if 200 <= status < 300 and case.method.upper() == case.operation.method.upper():
                self.reached.add(case.operation.label)
            if sum(self.statuses.values()) % 500 == 0:
                self.write()

    def write(self):
        figures = {
            "statuses": self.statuses, "roles": self.roles, "operations": len(self.operations),
            "unreached": sorted(self.operations - self.reached), "seconds": time.monotonic() - self.began,
        }
        (FOLDER / "figures.json").write_text(json.dumps(figures))


FIGURES = Figures()
atexit.register(FIGURES.write)


@schemathesis.hook
def after_call(ctx, case, response):
    FIGURES.answered(case, response.status_code)
