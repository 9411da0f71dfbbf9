//! Who may do what with a record: every address of the register and of the keeping against everyone who might ask.

use std::collections::BTreeMap;

use chancery_ledger::key::SecretKey;
use chancery_ledger::record::{Field, Record, Salt, Value as FieldValue};
use serde_json::{Value, json};

use crate::documented::{description, fits};
use crate::server::{Answer, send};
use crate::tokens::reads_as;
use crate::town::{Town, create, in_seconds, key};

/// Every address here, as the description has it.
pub(crate) const ADDRESSES: &[&str] = &[
    "/v1/records",
    "/v1/records/{id}",
    "/v1/records/{id}/history",
    "/v1/records/{id}/proof",
    "/v1/records/{id}/qr.svg",
    "/v1/records/{id}/qr.png",
    "/v1/kept/{id}",
    "/v1/kept/{id}/readings",
    "/v1/kept/{id}/grants",
    "/v1/kept/{id}/requests",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Stranger,
    ThirdParty,
    OtherCourt,
    Grantee,
    Subject,
    Keeper,
    Court,
    Root,
}

use Who::{Court, Grantee, Keeper, OtherCourt, Root, Stranger, Subject, ThirdParty};

const ALL: [Who; 8] = [Stranger, ThirdParty, OtherCourt, Grantee, Subject, Keeper, Court, Root];
const CONCERNED: &[Who] = &[Subject, Keeper, Court, Root];
const SECRET: &str = "one point seven";

struct Archive {
    town: Town,
    keys: BTreeMap<Who, SecretKey>,
    description: Value,
}

fn record(number: u8) -> Record {
    let field = |name: &str, value: &str, salt: u8| Field {
        name: name.parse().unwrap(),
        salt: Salt([salt; 16]),
        value: FieldValue::Text(value.parse().unwrap()),
    };
    let fields = vec![field("degree", "Bachelor", number), field("grade", SECRET, !number)];
    Record::new("transcript-1".parse().unwrap(), fields).unwrap()
}

impl Archive {
    async fn opened() -> Self {
        let town = Town::settled().await;
        let seeds = [(Grantee, 3), (Subject, 2), (Keeper, 4), (Root, 1)];
        let more = [(ThirdParty, 41), (Court, 42), (OtherCourt, 43)];
        let keys: BTreeMap<Who, SecretKey> =
            seeds.into_iter().chain(more).map(|(who, seed)| (who, key(seed))).collect();
        let description = description(&town).await;
        let archive = Self { town, keys, description };
        for (who, _) in more {
            let key = &archive.keys[&who];
            archive.did(create(key, "organisation"), key).await;
        }
        for (id, who, register) in
            [("court-1", Court, "records"), ("court-2", OtherCourt, "diplomas")]
        {
            let grant = json!({
                "register": "authorities", "action": "accredit", "accreditation": id,
                "by": archive.town.root.party(), "institution": archive.keys[&who].party(),
                "role": "court", "registers": [register], "scope": "All of the town.",
            });
            archive.did(grant, &archive.town.root).await;
        }
        archive
    }

    /// An archive in which a record is kept and a field of it granted.
    async fn with_record() -> Self {
        let archive = Self::opened().await;
        archive.anchors(&record(1)).await;
        let path = archive.kept(&record(1), "");
        let kept = archive.sends(Keeper, "PUT", &path, Some(json!(record(1)))).await;
        assert_eq!(kept.status, 201, "{}", kept.text());
        let path = archive.kept(&record(1), "/grants");
        let granted = archive.sends(Subject, "POST", &path, Some(archive.grant(Grantee))).await;
        assert_eq!(granted.status, 204, "{}", granted.text());
        archive
    }

    async fn did(&self, action: Value, by: &SecretKey) {
        let answer = self.town.signs(action, &[by]).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
    }

    async fn anchors(&self, record: &Record) {
        let anchor = json!({
            "register": "records", "action": "anchor", "keeper": self.keys[&Keeper].party(),
            "commitment": record.commitment(), "salt": "45c48cce2e2d7fbdea1afc51c7c6ad26",
            "schema": record.schema(), "subjects": [self.keys[&Subject].party()],
        });
        self.did(anchor, &self.keys[&Keeper]).await;
    }

    fn id(&self, record: &Record) -> String {
        format!("{}.{}", self.keys[&Keeper].party(), record.commitment())
    }

    fn kept(&self, record: &Record, end: &str) -> String {
        format!("/v1/kept/{}{end}", self.id(record))
    }

    fn grant(&self, to: Who) -> Value {
        json!({"party": self.keys[&to].party(), "fields": ["degree"], "until": in_seconds(600)})
    }

    /// Sends; what comes back is documented.
    async fn sends(&self, who: Who, method: &str, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.town.server.request(method, path);
        if let Some(key) = self.keys.get(&who) {
            request = request.bearer_auth(reads_as(&self.town, key));
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = send(request).await;
        self.is_documented(method, path, &answer);
        answer
    }

    fn is_documented(&self, method: &str, path: &str, answer: &Answer) {
        let path = path.split('?').next().unwrap();
        let parts: Vec<&str> = path.split('/').collect();
        let template = match parts[..] {
            ["", "v1", register] => format!("/v1/{register}"),
            ["", "v1", register, _, ref rest @ ..] => {
                let name = |(place, part)| if place == 1 { "{party}" } else { part };
                let rest = rest.iter().copied().enumerate().map(name);
                ["/v1", register, "{id}"].into_iter().chain(rest).collect::<Vec<_>>().join("/")
            }
            _ => panic!("{path}"),
        };
        let operation = &self.description["paths"][&template][method.to_lowercase()];
        let response = &operation["responses"][answer.status.to_string()];
        assert!(response.is_object(), "{method} {template}: {} is not documented", answer.status);
        if answer.status == 200 && answer.header("content-type") == Some("application/json") {
            let schema = &response["content"]["application/json"]["schema"];
            let fit = fits(&self.description, schema, &answer.json());
            fit.unwrap_or_else(|why| panic!("{method} {path}: {why}"));
        }
    }
}

#[tokio::test]
async fn everyone_reads_what_the_table_says_and_nothing_else() {
    let archive = Archive::with_record().await;
    let id = archive.id(&record(1));
    let subject = archive.keys[&Subject].party();
    for template in ADDRESSES {
        let (path, shown_to): (String, Vec<Who>) = match *template {
            "/v1/records" => (format!("/v1/records?party={subject}"), vec![Subject, Court, Root]),
            "/v1/kept/{id}" => (archive.kept(&record(1), ""), [CONCERNED, &[Grantee]].concat()),
            // To others their own, of which there are none.
            "/v1/kept/{id}/requests" => (template.replace("{id}", &id), ALL[1..].to_vec()),
            _ => (template.replace("{id}", &id), CONCERNED.to_vec()),
        };
        for who in ALL {
            let answer = archive.sends(who, "GET", &path, None).await;
            let (text, what) = (answer.text(), format!("{who:?} at {path}"));
            match shown_to.contains(&who) {
                true => assert_eq!(answer.status, 200, "{what}: {text}"),
                false => assert_eq!(answer.code(), "register-private", "{what}: {text}"),
            }
            let whole = *template == "/v1/kept/{id}" && CONCERNED.contains(&who);
            assert_eq!(text.contains(SECRET), whole, "{what}: {text}");
            if who != Stranger {
                assert_eq!(answer.header("cache-control"), Some("private, no-store"), "{what}");
            }
        }
    }
}

#[tokio::test]
async fn everyone_does_what_the_table_says_and_nothing_else() {
    let archive = Archive::with_record().await;
    let path = |end: &str| archive.kept(&record(1), end);
    let party = |who| archive.keys[&who].party();
    let asks = json!({"fields": ["grade"], "why": "an application"});
    type Row<'a> = (&'a str, String, Option<Value>, &'a [Who], u16);
    let table: [Row<'_>; 5] = [
        ("PUT", path(""), Some(json!(record(1))), &[Keeper], 204),
        ("POST", path("/grants"), Some(archive.grant(Grantee)), &[Keeper, Subject], 204),
        ("POST", path("/requests"), Some(asks.clone()), &ALL[1..], 202),
        ("DELETE", path(&format!("/grants/{}", party(Grantee))), None, &[Keeper, Subject], 204),
        // Third party and grantee have asked by now; each row's own is taken back by nobody else.
        (
            "DELETE",
            path(&format!("/requests/{}", party(ThirdParty))),
            None,
            &[Keeper, Subject],
            204,
        ),
    ];
    for (method, path, body, may, status) in table {
        for who in ALL.into_iter().filter(|who| !may.contains(who)) {
            if (method, who) == ("DELETE", ThirdParty) && path.contains("/requests/") {
                continue;
            }
            let refused = archive.sends(who, method, &path, body.clone()).await;
            let overseer = [Court, Root].contains(&who) && method != "PUT";
            let code = if overseer { "record-not-yours" } else { "register-private" };
            assert_eq!(refused.code(), code, "{who:?}: {method} {path}");
        }
        for who in may {
            if method == "DELETE" && path.contains("/grants/") {
                let grants = archive.kept(&record(1), "/grants");
                archive.sends(*who, "POST", &grants, Some(archive.grant(Grantee))).await;
            }
            let done = archive.sends(*who, method, &path, body.clone()).await;
            assert_eq!(done.status, status, "{who:?}: {method} {path}: {}", done.text());
        }
    }
    // Refused, it is still told to who asked, and to nobody else but those whom it concerns.
    let requests = archive.kept(&record(1), "/requests");
    let own = archive.sends(ThirdParty, "GET", &requests, None).await.json();
    assert!(own["items"][0]["refused"].is_string(), "{own:#}");
    let others = archive.sends(OtherCourt, "GET", &requests, None).await.json();
    assert_eq!(others["items"].as_array().unwrap().len(), 1, "{others:#}");
    let own = format!("{requests}/{}", party(ThirdParty));
    assert_eq!(archive.sends(ThirdParty, "DELETE", &own, None).await.status, 204);
    assert_eq!(archive.sends(ThirdParty, "DELETE", &own, None).await.code(), "no-such-request");
}

#[tokio::test]
async fn what_is_not_right_is_refused_and_changes_nothing() {
    let archive = Archive::with_record().await;
    archive.anchors(&record(2)).await;
    let path = archive.kept(&record(2), "");
    let grants = archive.kept(&record(1), "/grants");
    let mut cut = json!(record(2));
    cut["fields"].as_array_mut().unwrap().pop();
    let with = |member: &str, value: Value| {
        let mut grant = archive.grant(Grantee);
        grant[member] = value;
        grant
    };
    let absent = archive.kept(&record(3), "");
    let kept_absent = archive.kept(&record(2), "/grants");
    for (method, path, body, code) in [
        ("PUT", &path, json!(record(1)), "record-does-not-fit"),
        ("PUT", &path, cut, "record-does-not-fit"),
        ("PUT", &path, json!({"schema": "x", "fields": []}), "bad-body"),
        ("PUT", &path, json!("x".repeat(5 * 1024 * 1024)), "body-too-large"),
        ("PUT", &absent, json!(record(3)), "record-not-anchored"),
        ("POST", &grants, with("fields", json!(["shoe size"])), "no-such-field"),
        ("POST", &grants, with("fields", json!(["degree", "degree"])), "no-such-field"),
        ("POST", &grants, with("fields", json!([])), "bad-body"),
        ("POST", &grants, with("until", json!(in_seconds(-1))), "grant-over"),
        ("POST", &grants, with("more", json!(1)), "bad-body"),
        ("POST", &kept_absent, archive.grant(Grantee), "record-not-kept"),
    ] {
        let answer = archive.sends(Keeper, method, path, Some(body)).await;
        assert_eq!(answer.code(), code, "{method} {path}");
    }
    let other_type = archive.town.server.request("PUT", &path).body("{}");
    let other_type = other_type.bearer_auth(reads_as(&archive.town, &archive.keys[&Keeper]));
    assert_eq!(send(other_type).await.code(), "media-type-not-accepted");
    assert_eq!(archive.sends(Keeper, "GET", "/v1/kept/x", None).await.code(), "bad-id");
    assert_eq!(archive.sends(Keeper, "GET", &path, None).await.code(), "record-not-kept");
    assert_eq!(archive.sends(Court, "GET", &absent, None).await.code(), "register-private");
    let listed = archive.sends(Keeper, "GET", &grants, None).await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed:#}");
    assert_eq!(listed["items"][0]["fields"], json!(["degree"]));
}

#[tokio::test]
async fn what_is_asked_and_granted_is_bounded() {
    let archive = Archive::with_record().await;
    let asks = json!({"fields": ["grade"], "why": "curiosity"});
    for number in 0..64 {
        let path = archive.kept(&record(number), "/requests");
        let asked = archive.sends(ThirdParty, "POST", &path, Some(asks.clone())).await;
        assert_eq!(asked.status, 202, "{number}");
    }
    let more = archive.kept(&record(64), "/requests");
    let refused = archive.sends(ThirdParty, "POST", &more, Some(asks.clone())).await;
    assert_eq!(refused.code(), "too-many-open-requests");
    // One of them again is no more than before.
    let again = archive.kept(&record(5), "/requests");
    assert_eq!(archive.sends(ThirdParty, "POST", &again, Some(asks)).await.status, 202);

    let path = archive.kept(&record(1), "/grants");
    let to = |number: u8| {
        let mut grant = archive.grant(Grantee);
        grant["party"] =
            json!(SecretKey::from_seed(&[number, 7].repeat(16).try_into().unwrap()).party());
        grant
    };
    for number in 0..63 {
        assert_eq!(archive.sends(Subject, "POST", &path, Some(to(number))).await.status, 204);
    }
    let one_more = archive.sends(Subject, "POST", &path, Some(to(63))).await;
    assert_eq!(one_more.code(), "too-many-grants");
}
