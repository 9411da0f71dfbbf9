"""What there is on a ledger: ids, heights, cursors, by which requests reach more than refusals."""

import json
from collections import defaultdict
from urllib.parse import parse_qs, urlsplit

import town


class Known:
    """Read once, before the requests begin."""

    def __init__(self, ledger, reader):
        self.ledger, self.reader = ledger, reader
        tip = self.get("/v1/ledger")["tip"]
        self.height, self.log_size = tip["height"], tip["log_size"]
        self.transitions, self.objects, self.cursors = [], defaultdict(list), defaultdict(list)
        self.read_log()
        self.parties = list(self.objects["identity", "party"])
        for kind in self.get("/v1/ledger")["registers"]:
            self.read_holdings(kind["name"])
        for path in ["/v1/transitions", "/v1/audit/frozen", f"/v1/audit/parties/{self.parties[0]}/deeds"]:
            self.keep_cursor(path, self.get(f"{path}?limit=1"))
        self.keep_cursor("/v1/blocks", self.get("/v1/blocks?limit=1"))
        self.codes = [code["code"] for code in self.get("/problems")]

    def get(self, path):
        return self.ledger.get(path, self.reader.token(self.ledger.id, self.ledger.url))

    def read_log(self):
        next_page = "/v1/transitions?limit=500&order=oldest"
        while next_page:
            page = self.get(next_page)
            self.transitions += [item["id"] for item in page["items"]]
            next_page = page.get("next")
        for transition in self.transitions:
            for change in self.get(f"/v1/transitions/{transition}")["changes"]:
                register, kind, thing = change["object"].split("/", 2)
                if thing not in self.objects[register, kind]:
                    self.objects[register, kind].append(thing)

    def read_holdings(self, register):
        for party in self.parties:
            page = self.get(f"/v1/{register}?party={party}&limit=1")
            self.keep_cursor(f"/v1/{register}", page)

    def keep_cursor(self, path, page):
        if next_page := page.get("next"):
            cursor = parse_qs(urlsplit(next_page).query)["cursor"][0]
            self.cursors[path].append(int(cursor) if path == "/v1/blocks" else cursor)

    def by_path(self):
        """The ids of each kind, by the address of its objects: `/v1/parcels/container/{id}` and its like."""
        registers = self.get("/v1/ledger")["registers"]
        kinds = [(register["name"], kind) for register in registers for kind in register["kinds"]]
        return {kind["path"]: self.objects[register, kind["name"]] for register, kind in kinds}

    def values(self):
        """Good values of query parameters, which mean nearly the same at every address."""
        subjects = [f"{register}/{kind}/{ids[0]}" for (register, kind), ids in self.objects.items() if ids]
        heights = [0, 1, self.height // 2, self.height]
        return {
            "party": self.parties, "signer": self.parties, "subject": subjects,
            "register": sorted({register for register, _ in self.objects}),
            "relation": ["party", "owner", "custodian", "holder", "spouse", "institution"],
            "as_of": [*heights, town.in_seconds(0), "2026-01-01T00:00:00Z"],
            "from": heights, "until": heights,
            "number": ["RB123456785GB", "340123450000000018", "1Z999AA10123456784"],
            "position": [self.log_size // 3], "size": [self.log_size], "to": [self.log_size],
            "after": [0, self.log_size // 2],
        }

    def as_json(self):
        """All of it, for the process in which the requests are made."""
        return {
            "ids": self.by_path(), "values": self.values(), "transitions": self.transitions,
            "heights": list(range(self.height + 1)), "codes": self.codes,
            "parties": self.parties, "cursors": self.cursors, "orders": self.objects["authorities", "order"],
            "accreditations": self.objects["authorities", "accreditation"],
        }

    def dictionaries(self):
        """The same for schemathesis.toml: from these it draws, beside what it makes up."""
        lists, bound = {}, []
        for path, ids in self.by_path().items():
            lists[path] = ids
            bound.append((f"^{path.replace('{id}', '[^/]+')}(/[a-z.-]+)?$", "path.id", path, 0.8))
        for path, ids in self.lists_of_ids().items():
            lists[path] = ids
            parameter = path[path.index("{") + 1:path.index("}")]
            bound.append((f"^{path.replace('{', '[{]').replace('}', '[}]')}", f"path.{parameter}", path, 0.8))
        for path, cursors in self.cursors.items():
            lists[f"cursor of {path}"] = cursors
            bound.append((f"^{path}$", "query.cursor", f"cursor of {path}", 0.3))
        lines = [f"[dictionaries.{json.dumps(name)}]\nvalues = {json.dumps(values)}\n"
                 for name, values in (lists | self.values()).items() if values]
        lines += [f"[parameters]\n" + "".join(
            f'"query.{name}" = {{ dictionary = "{name}", probability = 0.5 }}\n' for name in self.values()
        )]
        lines += [f"[[operations]]\ninclude-path-regex = {json.dumps(path)}\nparameters = {{ {json.dumps(parameter)} = "
                  f"{{ dictionary = {json.dumps(name)}, probability = {probability} }} }}\n"
                  for path, parameter, name, probability in bound if lists[name]]
        return "\n".join(lines)

    def lists_of_ids(self):
        """Ids below addresses that are not of one kind."""
        return {
            "/v1/transitions/{id}": self.transitions,
            "/v1/blocks/{height}": list(range(self.height + 1)),
            "/problems/{code}": self.codes,
            "/v1/audit/accreditations/{id}": self.objects["authorities", "accreditation"],
            "/v1/audit/orders/{id}": self.objects["authorities", "order"],
            "/v1/audit/parties/{id}": self.parties,
        }
