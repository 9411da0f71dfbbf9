//! Who may read what of a private register: every address against everyone who might ask.
//!
//! The register is that of marriages. Where this software has none, there is nothing to ask for.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chancery_ledger::hash::Hash;
use chancery_ledger::key::SecretKey;
use chancery_registries::Visibility;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::kept;
use crate::server::{Answer, send};
use crate::tokens::reads_as;
use crate::town::{Town, create, in_seconds, key, set_card, signed};

const MARRIAGE: &str = "c20ad4d76fe97759aa27a0c99bff6710";
const NO_MARRIAGE: &str = "45c48cce2e2d7fbdea1afc51c7c6ad26";
const SECRET: &str = "4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce";

/// Who asks: a stranger without a token, and everyone else with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Stranger,
    ThirdParty,
    OtherInstitution,
    Witness,
    Ana,
    Bo,
    Registrar,
    Court,
    Root,
}

use Who::{Ana, Bo, Court, OtherInstitution, Registrar, Root, Stranger, ThirdParty, Witness};

const ALL: [Who; 9] =
    [Stranger, ThirdParty, OtherInstitution, Witness, Ana, Bo, Registrar, Court, Root];
const OVERSEE: [Who; 3] = [Registrar, Court, Root];
const SPOUSES: [Who; 5] = [Ana, Bo, Registrar, Court, Root];
const SIGNERS: [Who; 6] = [Witness, Ana, Bo, Registrar, Court, Root];

/// A town in which Ana has married Bo and, in the same transition, changed her card.
struct Office {
    town: Town,
    keys: BTreeMap<Who, SecretKey>,
    /// The wedding: the transition's id, what it looks like in the log, and its block.
    wedding: String,
    payload: String,
    height: u64,
    /// The ids of the civil status of Ana and of Bo, in the order in which they changed.
    statuses: Vec<String>,
    /// The opening of the register, which concerns those alone who oversee it.
    opening: String,
    /// A public transition behind all others.
    last: String,
}

/// An address, and those whom it shows what it has.
struct Row {
    template: &'static str,
    path: String,
    accept: &'static str,
    shown_to: Vec<Who>,
    how: How,
}

/// How it is seen that something is shown.
enum How {
    /// By a 200 instead of the one refusal.
    Answer,
    /// By a 200 instead of a refusal of whole entries.
    Whole,
    /// By this text in the answer, which all get.
    Says(String),
}

impl Office {
    async fn opened() -> Option<Self> {
        chancery_registries::register("marriages")?;
        let town = Town::settled().await;
        let seeds = [(ThirdParty, 41), (Witness, 42), (Registrar, 43), (Court, 44)];
        let mut keys: BTreeMap<Who, SecretKey> =
            seeds.into_iter().map(|(who, seed)| (who, key(seed))).collect();
        for (who, key) in &keys {
            let kind = if matches!(who, Registrar | Court) { "organisation" } else { "person" };
            accepted(&town, vec![create(key, kind)], &[key]).await;
        }
        let second = key(45);
        accepted(&town, vec![create(&second, "person")], &[&second]).await;
        // The post is accredited for parcels, and for a role that would do here.
        let grants = [
            ("registrar-1", &keys[&Registrar], "civil-registrar", "marriages"),
            ("court-1", &keys[&Court], "court", "marriages"),
            ("court-2", &town.post, "court", "parcels"),
        ];
        for (id, institution, role, register) in grants {
            let grant = json!({
                "register": "authorities", "action": "accredit", "accreditation": id,
                "by": town.root.party(), "institution": institution.party(), "role": role,
                "registers": [register], "scope": "All of the town.",
            });
            accepted(&town, vec![grant], &[&town.root]).await;
        }
        let open = json!({"register": "marriages", "action": "open", "secret": SECRET});
        let (opening, _) = accepted(&town, vec![open], &[&town.root]).await;
        let registrar = &keys[&Registrar];
        let day = in_seconds(0)[..10].to_owned();
        let wedding = json!({
            "register": "marriages", "action": "register", "marriage": MARRIAGE,
            "registrar": registrar.party(), "celebrated": day, "place": "Town hall",
            "spouses": [
                {"party": town.ana.party(), "born_by": "1990-12-31"},
                {"party": town.bo.party(), "born_by": "1988-06-01"},
            ],
            "witnesses": [keys[&Witness].party(), second.party()],
            "record": Hash::of(&[b"the record"]),
        });
        let signers = [registrar, &town.ana, &town.bo, &keys[&Witness], &second];
        let actions = vec![wedding, set_card(&town.ana, "married")];
        let (wedding, payload) = accepted(&town, actions, &signers).await;
        let freeze = json!({
            "register": "authorities", "action": "freeze", "order": "O-1",
            "by": keys[&Court].party(), "scope": "until it is heard", "reference": "FAM 1",
            "target": {"register": "marriages", "kind": "marriage", "id": MARRIAGE},
            "until": in_seconds(3600),
        });
        accepted(&town, vec![freeze], &[&keys[&Court]]).await;
        let (last, _) = accepted(&town, vec![set_card(&town.bo, "later")], &[&town.bo]).await;
        let answer = town.server.get(&format!("/v1/transitions/{wedding}")).await.json();
        let changes = answer["changes"].as_array().unwrap().iter();
        let id = |change: &Value| {
            let object = change["object"].as_str().unwrap();
            object.strip_prefix("marriages/civil-status/").map(str::to_owned)
        };
        let statuses: Vec<String> = changes.filter_map(id).collect();
        assert_eq!(statuses.len(), 2, "{answer:#}");
        let height = answer["height"].as_u64().unwrap();
        keys.insert(OtherInstitution, key(4));
        keys.extend([(Ana, key(2)), (Bo, key(3)), (Root, key(1))]);
        Some(Self { town, keys, wedding, payload, height, statuses, opening, last })
    }

    /// The request of somebody.
    fn request(&self, who: Who, path: &str, accept: &str) -> reqwest::RequestBuilder {
        let request = self.town.server.request("GET", path).header("accept", accept);
        match self.keys.get(&who) {
            None => request,
            Some(key) => request.bearer_auth(reads_as(&self.town, key)),
        }
    }

    async fn asks(&self, who: Who, path: &str, accept: &str) -> Answer {
        send(self.request(who, path, accept)).await
    }

    /// Whose a civil status is, as the register itself says.
    async fn whose(&self, status: &str) -> Who {
        let path = format!("/v1/marriages/civil-status/{status}");
        let person = self.asks(Registrar, &path, JSON).await.json()["object"]["person"].clone();
        if person == json!(self.town.ana.party()) { Ana } else { Bo }
    }

    /// What nobody learns who is not shown it.
    fn secrets(&self) -> Vec<&str> {
        let ids = [&self.wedding, &self.payload, &self.opening].map(String::as_str);
        let statuses = self.statuses.iter().map(String::as_str);
        ids.into_iter().chain([MARRIAGE, SECRET]).chain(statuses).collect()
    }

    async fn table(&self) -> Vec<Row> {
        let mut rows = self.of_objects().await;
        rows.extend(self.of_the_log());
        rows
    }

    /// Objects of the private register, and lists of them.
    async fn of_objects(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut row = |template: &'static str, id: &str, shown_to: &[Who]| {
            let (path, shown_to) = (template.replace("{id}", id), shown_to.to_vec());
            rows.push(Row { template, path, accept: JSON, shown_to, how: How::Answer });
        };
        for template in MARRIAGES {
            row(template, MARRIAGE, &SPOUSES);
        }
        for status in &self.statuses {
            let person = self.whose(status).await;
            for template in STATUSES {
                row(template, status, &[&OVERSEE[..], &[person]].concat());
            }
        }
        let (template, path) = (MARRIAGES[2], MARRIAGES[2].replace("{id}", MARRIAGE));
        let (accept, shown_to) = ("application/cbor", SPOUSES.to_vec());
        rows.push(Row { template, path, accept, shown_to, how: How::Answer });
        for (person, key) in [(Ana, &self.town.ana), (Bo, &self.town.bo)] {
            let shown_to = [&OVERSEE[..], &[person]].concat();
            let path = format!("/v1/marriages?party={}", key.party());
            let template = "/v1/marriages";
            rows.push(Row { template, path, accept: JSON, shown_to, how: How::Answer });
        }
        rows
    }

    /// What shows transitions.
    fn of_the_log(&self) -> Vec<Row> {
        let Self { wedding, height, opening, .. } = self;
        let ana = self.town.ana.party();
        let says = |template, path: String, text: &str, shown_to: &[Who]| Row {
            template,
            path,
            accept: JSON,
            shown_to: shown_to.to_vec(),
            how: How::Says(text.to_owned()),
        };
        let found = |query: &str, shown_to: &[Who]| {
            let path = format!("/v1/transitions?limit=500{query}");
            says("/v1/transitions", path, wedding, shown_to)
        };
        let block = |accept, how, shown_to: &[Who]| Row {
            template: "/v1/blocks/{height}",
            path: format!("/v1/blocks/{height}"),
            accept,
            shown_to: shown_to.to_vec(),
            how,
        };
        let party = |end: &str| format!("/v1/identity/{ana}{end}");
        vec![
            found("", &SIGNERS),
            found("&order=oldest", &SIGNERS),
            found("&register=marriages", &SIGNERS),
            found("&register=identity", &SIGNERS),
            found(&format!("&party={ana}"), &SIGNERS),
            found(&format!("&signer={ana}"), &SIGNERS),
            found(&format!("&subject=marriages/marriage/{MARRIAGE}"), &SIGNERS),
            found(&format!("&subject=identity/party/{ana}"), &SIGNERS),
            found(&format!("&from={height}&until={height}"), &SIGNERS),
            says("/v1/transitions", "/v1/transitions?limit=500".into(), opening, &OVERSEE),
            block(JSON, How::Says(wedding.clone()), &SIGNERS),
            block("application/octet-stream", How::Whole, &SIGNERS),
            block(PARTIAL, How::Says(self.payload.clone()), &SIGNERS),
            says("/v1/identity/{id}", party(""), wedding, &SIGNERS),
            says("/v1/identity/{id}/history", party("/history"), wedding, &SIGNERS),
            says("/v1/identity/{id}/proof", party("/proof"), wedding, &[]),
            says("/v1/identity/{id}/did", party("/did"), wedding, &[]),
            says("/v1/identity/{id}/qr.svg", party("/qr.svg"), wedding, &[]),
            says("/v1/identity/{id}/qr.png", party("/qr.png"), wedding, &[]),
            says("/v1/identity", format!("/v1/identity?party={ana}"), wedding, &[]),
            says(
                "/v1/audit/parties/{id}/deeds",
                format!("/v1/audit/parties/{ana}/deeds?limit=500"),
                wedding,
                &SIGNERS,
            ),
            says(
                "/v1/audit/accreditations/{id}/deeds",
                "/v1/audit/accreditations/registrar-1/deeds?limit=500".into(),
                wedding,
                &SIGNERS,
            ),
            says("/v1/audit/frozen", "/v1/audit/frozen".into(), MARRIAGE, &OVERSEE),
            says("/v1/blocks", "/v1/blocks?limit=500".into(), wedding, &[]),
            says("/v1/ledger", "/v1/ledger".into(), wedding, &[]),
            Row {
                template: "/v1/log/tile/{path}",
                path: format!("/v1/log/tile/entries/000.p/{height}"),
                accept: "*/*",
                shown_to: OVERSEE.to_vec(),
                how: How::Whole,
            },
            says("/v1/log/tile/{path}", format!("/v1/log/tile/0/000.p/{height}"), wedding, &[]),
            Row {
                template: "/v1/log/cosigned/tile/{path}",
                path: format!("/v1/log/cosigned/tile/entries/000.p/{height}"),
                accept: "*/*",
                shown_to: OVERSEE.to_vec(),
                how: How::Whole,
            },
            says("/v1/log/checkpoint", "/v1/log/checkpoint".into(), wedding, &[]),
            says(
                "/v1/log/proofs/inclusion",
                "/v1/log/proofs/inclusion?position=1".into(),
                wedding,
                &[],
            ),
            says(
                "/v1/log/proofs/consistency",
                "/v1/log/proofs/consistency?from=1".into(),
                wedding,
                &[],
            ),
        ]
    }
}

const JSON: &str = "application/json";
const PARTIAL: &str = "application/vnd.chancery.partial-block";
const MARRIAGES: [&str; 6] = [
    "/v1/marriages/{id}",
    "/v1/marriages/{id}/history",
    "/v1/marriages/{id}/proof",
    "/v1/marriages/{id}/qr.svg",
    "/v1/marriages/{id}/qr.png",
    "/v1/marriages/{id}/standing",
];
const STATUSES: [&str; 6] = [
    "/v1/marriages/civil-status/{id}",
    "/v1/marriages/civil-status/{id}/history",
    "/v1/marriages/civil-status/{id}/proof",
    "/v1/marriages/civil-status/{id}/qr.svg",
    "/v1/marriages/civil-status/{id}/qr.png",
    "/v1/marriages/civil-status/{id}/capacity",
];

/// Signs and submits; the transition's id, and its payload as it stands in the log.
async fn accepted(town: &Town, actions: Vec<Value>, signers: &[&SecretKey]) -> (String, String) {
    let mut payload = town.payload(Value::Null);
    payload["actions"] = json!(actions);
    let answer = town.server.submit(signed(&payload, signers)).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    (id, BASE64URL_NOPAD.encode(&serde_json::to_vec(&payload).unwrap()))
}

/// The answer shows something to those whom the table names, and nothing at all to others.
async fn check(office: &Office, row: &Row, who: Who) {
    let answer = office.asks(who, &row.path, row.accept).await;
    let (shown, text) = (row.shown_to.contains(&who), answer.text());
    let what = format!("{who:?} at {} ({}): {} {text}", row.path, row.accept, answer.status);
    match &row.how {
        How::Answer if !shown => assert_eq!(answer.code(), "register-private", "{what}"),
        How::Whole if !shown => assert_eq!(answer.code(), "entries-withheld", "{what}"),
        How::Answer | How::Whole => assert_eq!(answer.status, 200, "{what}"),
        How::Says(marker) => {
            assert_eq!(answer.status, 200, "{what}");
            assert_eq!(text.contains(marker), shown, "{what}");
        }
    }
    if shown || SIGNERS.contains(&who) {
        return;
    }
    // What the asker has sent is no secret from them.
    for secret in office.secrets().into_iter().filter(|secret| !row.path.contains(secret)) {
        assert!(!text.contains(secret), "{secret} in the answer to {what}");
    }
}

#[tokio::test]
async fn everyone_reads_what_the_table_says_and_nothing_else() {
    let Some(office) = Office::opened().await else {
        eprintln!("skipped: this software has no register of marriages");
        return;
    };
    for row in office.table().await {
        for who in ALL {
            check(&office, &row, who).await;
        }
    }
}

/// Addresses of which nothing depends on a register, and those that other tests here ask.
const ELSEWHERE: &[&str] = &[
    "/v1/events",
    "/v1/transitions/{id}",
    "/v1/transitions/{id}/receipt",
    "/v1/ledger/genesis",
    "/v1/transitions/{id}/events",
    "/v1/network",
    "/v1/network/events",
    "/v1/log/pools",
    "/v1/log/handovers",
    // The town has no witnesses; a checkpoint is the same for everyone.
    "/v1/log/cosigned/checkpoint",
    "/v1/parcel-numbers",
    // The same handler as that of accreditations.
    "/v1/audit/orders/{id}/deeds",
];

/// Whether an address of parties stands in the table for this one: the same handlers answer for
/// every kind of every public register.
fn is_stood_for(path: &str) -> bool {
    let mut parts = path.trim_start_matches("/v1/").split('/');
    let Some(register) = parts.next().and_then(chancery_registries::register) else { return false };
    let is_of_party = register.name == "identity"
        && parts.next().is_none_or(|name| name == "{id}" || register.kind(name).is_none());
    register.visibility == Visibility::Public && !is_of_party
}

#[tokio::test]
async fn the_table_has_every_address() {
    let Some(office) = Office::opened().await else { return };
    let description = office.town.server.get("/openapi.json").await.json();
    let asked: BTreeSet<&str> = office.table().await.iter().map(|row| row.template).collect();
    let paths = description["paths"].as_object().unwrap().iter();
    let read = paths.filter(|(_, item)| item.get("get").is_some()).map(|(path, _)| path.as_str());
    let missing: Vec<&str> = read
        .filter(|path| path.starts_with("/v1/") && !is_stood_for(path))
        .filter(|path| !asked.contains(path) && !ELSEWHERE.contains(path))
        .filter(|path| !kept::ADDRESSES.contains(path))
        .collect();
    assert!(missing.is_empty(), "nobody asks {missing:?}");
}

#[tokio::test]
async fn a_refusal_does_not_tell_what_is_there() {
    let Some(office) = Office::opened().await else { return };
    let status = &office.statuses[0];
    let no_status = Hash::of(&[b"nobody's"]).to_string();
    for who in [Stranger, ThirdParty, OtherInstitution, Witness] {
        for (templates, there, absent) in
            [(MARRIAGES, MARRIAGE, NO_MARRIAGE), (STATUSES, status, no_status.as_str())]
        {
            for template in templates {
                let of = |id: &str| template.replace("{id}", id);
                let there = office.asks(who, &of(there), JSON).await;
                for id in [absent, "no-id-at-all", &office.town.ana.party().to_string()] {
                    let absent = office.asks(who, &of(id), JSON).await;
                    assert_eq!(absent.status, 403, "{who:?} {template} {}", absent.text());
                    assert_eq!(absent.body, there.body, "{who:?} {template}");
                }
            }
        }
    }
    let absent = format!("/v1/marriages/{NO_MARRIAGE}");
    assert_eq!(office.asks(Registrar, &absent, JSON).await.code(), "no-such-object");
}

#[tokio::test]
async fn the_id_of_a_transition_opens_it_and_its_receipt() {
    let Some(office) = Office::opened().await else { return };
    for end in ["", "/receipt"] {
        let path = format!("/v1/transitions/{}{end}", office.wedding);
        for who in ALL {
            for accept in [JSON, "application/cbor, */*;q=0.1", "application/cose, */*;q=0.1"] {
                let answer = office.asks(who, &path, accept).await;
                assert_eq!(answer.status, 200, "{who:?} {path}: {}", answer.text());
                let kept = answer.header("cache-control");
                assert_eq!(kept, Some("private, no-store"), "{who:?} {path} {accept}");
            }
        }
    }
}

#[tokio::test]
async fn streams_tell_each_what_they_may_know() {
    let Some(office) = Office::opened().await else { return };
    for who in ALL {
        let mut stream = office.request(who, "/v1/events?after=0", "*/*").send().await.unwrap();
        let mut text = String::new();
        while !text.contains(&office.last) {
            let chunk = tokio::time::timeout(Duration::from_secs(10), stream.chunk()).await;
            text += std::str::from_utf8(&chunk.unwrap().unwrap().unwrap()).unwrap();
        }
        let signers = SIGNERS.contains(&who);
        assert_eq!(text.contains(&office.wedding), signers, "{who:?}: {text}");
        assert_eq!(text.contains(MARRIAGE), signers, "{who:?}: {text}");
        assert_eq!(text.contains("event: withheld"), !signers, "{who:?}: {text}");
        assert_eq!(text.contains(&office.opening), OVERSEE.contains(&who), "{who:?}: {text}");
        assert!(!text.contains(SECRET), "{who:?}: {text}");
    }
}

#[tokio::test]
async fn a_party_that_is_no_longer_accredited_reads_no_more() {
    let Some(office) = Office::opened().await else { return };
    let path = format!("/v1/marriages/{MARRIAGE}");
    assert_eq!(office.asks(Court, &path, JSON).await.status, 200);
    let end = json!({
        "register": "authorities", "action": "suspend", "accreditation": "court-1",
        "by": office.town.root.party(), "reason": "an inquiry",
    });
    accepted(&office.town, vec![end], &[&office.town.root]).await;
    assert_eq!(office.asks(Court, &path, JSON).await.code(), "register-private");
}
