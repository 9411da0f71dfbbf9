//! `chancery export ocf`: an issuer's shares as an Open Cap Format package, built from what the register's
//! proofs state.
//!
//! The format asks for what the register keeps off the ledger: prices, reasons, names. Each such
//! member says so, in a comment or in its place.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chancery_client::{AsOf, Client, PartyId, Time, now};
use chancery_registries::equity::numbers::Ratio;
use chancery_registries::equity::{
    Authorised, CHUNK, ClassType, Ending, Event, Issuer, Security, SecurityIndex, StockClass,
    scoped,
};
use chancery_registries::identity::{Party, PartyKind};
use chancery_registries::text::{Date, LocalId};
use clap::Args;
use md5::{Digest, Md5};
use serde_json::{Value, json};

use crate::commands::import::ocf::package::{Object, Schema};
use crate::failure::Failure;
use crate::report::{Report, pretty};
use crate::session::Session;
use crate::words::PartyWord;

/// Write an issuer's shares as an Open Cap Format package.
#[derive(Debug, Args)]
pub(crate) struct ExportOcf {
    /// The issuer, by ID code or key name.
    issuer: PartyWord,
    /// The folder, which is made where it is not there.
    folder: PathBuf,
    /// As of a height or a time; now when left out.
    #[arg(long, value_name = "HEIGHT|TIME")]
    as_of: Option<AsOf>,
    /// Check every object against the Open Cap Format's schema in this folder before it is written.
    #[arg(long, value_name = "FOLDER")]
    schema: Option<PathBuf>,
}

const OFF_LEDGER: &str = "Prices and considerations are kept off the ledger.";
const VERSION: &str = "1.2.1-alpha+main";

impl ExportOcf {
    /// Does it. Each object is read from a proof, which is checked where there is an anchor.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let client = session.client()?;
        let as_of = match self.as_of {
            Some(as_of) => as_of,
            // One block for all that is read, so that its parts fit together.
            None => {
                let height = client.ledger().await?.rest["tip"]["height"].as_u64();
                height.map_or(AsOf::Now, AsOf::Height)
            }
        };
        let issuer = session.party(&self.issuer)?;
        let register = read(client, issuer, as_of).await?;
        let files = register.files();
        if let Some(folder) = &self.schema {
            check(&files, folder)?;
        }
        std::fs::create_dir_all(&self.folder)
            .map_err(|error| Failure::file(&self.folder, error))?;
        let mut listed = BTreeMap::new();
        for (list, name, document) in &files {
            let text = pretty(document) + "\n";
            let md5 = Md5::digest(text.as_bytes());
            let md5: String = md5.iter().map(|byte| format!("{byte:02x}")).collect();
            write(&self.folder.join(name), &text)?;
            listed.insert(*list, json!([{ "filepath": format!("./{name}"), "md5": md5 }]));
        }
        let manifest = register.manifest(&listed);
        write(&self.folder.join("Manifest.ocf.json"), &(pretty(&manifest) + "\n"))?;
        let counts = json!({
            "issuer": issuer, "folder": self.folder.display().to_string(),
            "classes": register.classes.len(), "securities": register.securities.len(),
            "stakeholders": register.holders.len(),
        });
        let text = format!(
            "written to {}: {} classes, {} securities, {} stakeholders",
            self.folder.display(),
            register.classes.len(),
            register.securities.len(),
            register.holders.len()
        );
        Ok(Report::new(text, counts))
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| Failure::file(path, error))
}

/// Every object is what its schema says.
fn check(files: &[(&str, &str, Value)], folder: &Path) -> Result<(), Failure> {
    let schema = Schema::find(Some(folder), folder)?;
    for (_, name, document) in files {
        for value in document["items"].as_array().into_iter().flatten() {
            let object = Object { file: (*name).to_owned(), value: value.clone() };
            schema.accepts(&object).map_err(|why| {
                Failure::Claim(format!("{} {}: {why}", object.object_type(), object.id()))
            })?;
        }
    }
    Ok(())
}

/// What the register has of an issuer.
struct Shares {
    issuer: Issuer,
    classes: Vec<StockClass>,
    /// In the order in which they began.
    securities: Vec<Security>,
    holders: BTreeMap<PartyId, PartyKind>,
}

async fn read(client: &Client, issuer: PartyId, as_of: AsOf) -> Result<Shares, Failure> {
    let absent = |what: String| Failure::Claim(format!("{what} is not there"));
    let found: Option<Issuer> = client.stored(&issuer.to_string(), as_of).await?;
    let found = found.ok_or_else(|| absent(format!("an issuer {issuer}")))?;
    let (mut classes, mut securities, mut holders) = (Vec::new(), Vec::new(), BTreeMap::new());
    for class in &found.classes {
        let id = scoped(&issuer, class);
        let class: Option<StockClass> = client.stored(&id, as_of).await?;
        let class = class.ok_or_else(|| absent(id))?;
        for part in 0..class.ever.div_ceil(CHUNK) {
            let id = SecurityIndex::id_of(&issuer, &class.class, part);
            let index: Option<SecurityIndex> = client.stored(&id, as_of).await?;
            for security in index.ok_or_else(|| absent(id))?.securities {
                let id = scoped(&issuer, &security);
                let security: Option<Security> = client.stored(&id, as_of).await?;
                securities.push(security.ok_or_else(|| absent(id))?);
            }
        }
        classes.push(class);
    }
    securities.sort_by_key(|security: &Security| security.issued);
    for security in &securities {
        if let std::collections::btree_map::Entry::Vacant(new) = holders.entry(security.holder) {
            let party: Option<Party> = client.stored(&security.holder.to_string(), as_of).await?;
            new.insert(party.map_or(PartyKind::Organisation, |party| party.kind));
        }
    }
    Ok(Shares { issuer: found, classes, securities, holders })
}

/// An event with the time by which it is put in order.
type Dated = (Time, Value);

impl Shares {
    /// The files: the manifest's list, the name, and what is in it.
    fn files(&self) -> Vec<(&'static str, &'static str, Value)> {
        let file = |list, name, kind: &str, items: Vec<Value>| {
            (list, name, json!({ "file_type": kind, "items": items }))
        };
        let stakeholders = self.holders.iter().map(|(party, kind)| stakeholder(party, *kind));
        let classes = self.classes.iter().map(stock_class);
        vec![
            file(
                "stakeholders_files",
                "Stakeholders.ocf.json",
                "OCF_STAKEHOLDERS_FILE",
                stakeholders.collect(),
            ),
            file(
                "stock_classes_files",
                "StockClasses.ocf.json",
                "OCF_STOCK_CLASSES_FILE",
                classes.collect(),
            ),
            file(
                "transactions_files",
                "Transactions.ocf.json",
                "OCF_TRANSACTIONS_FILE",
                self.events(),
            ),
        ]
    }

    fn manifest(&self, listed: &BTreeMap<&str, Value>) -> Value {
        let Issuer { issuer, name, country, formed, authorised, .. } = &self.issuer;
        let list = |name: &str| listed.get(name).cloned().unwrap_or_else(|| json!([]));
        let generated = now();
        json!({
            "ocf_version": VERSION, "file_type": "OCF_MANIFEST_FILE",
            "as_of": Date::of(generated), "generated_at": generated,
            "issuer": {
                "object_type": "ISSUER", "id": issuer, "legal_name": name,
                "country_of_formation": country, "formation_date": formed,
                "initial_shares_authorized": shares_authorised(*authorised),
            },
            "stock_plans_files": list("stock_plans_files"),
            "stock_legend_templates_files": list("stock_legend_templates_files"),
            "stock_classes_files": list("stock_classes_files"),
            "vesting_terms_files": list("vesting_terms_files"),
            "valuations_files": list("valuations_files"),
            "transactions_files": list("transactions_files"),
            "stakeholders_files": list("stakeholders_files"),
        })
    }

    /// Every event, the earliest first; on one time, what ends a security after what began it.
    fn events(&self) -> Vec<Value> {
        let mut events: Vec<Dated> = Vec::new();
        for class in &self.classes {
            events.extend(adjustments(class));
            events.extend(splits(class));
        }
        for security in &self.securities {
            events.push((security.issued, issuance(security)));
        }
        // Several securities that became one ended together.
        let mut told = BTreeSet::new();
        for security in &self.securities {
            let Some(ending) = &security.ended else { continue };
            let together: Vec<&LocalId> = self
                .securities
                .iter()
                .filter(|other| ending.event == Event::Reissuance && ended_with(other, ending))
                .map(|other| &other.security)
                .collect();
            if together.len() > 1 && !told.insert((ending.transition, ending.into.clone())) {
                continue;
            }
            events.push((ending.at, end(security, ending, &together)));
        }
        events.sort_by_key(|(at, _)| *at);
        events.into_iter().map(|(_, event)| event).collect()
    }
}

fn ended_with(security: &Security, ending: &Ending) -> bool {
    let ended = security.ended.as_ref();
    ended.is_some_and(|it| it.transition == ending.transition && it.into == ending.into)
}

fn day(date: Option<Date>, at: Time) -> Date {
    date.unwrap_or_else(|| Date::of(at))
}

fn shares_authorised(authorised: Authorised) -> String {
    match authorised {
        Authorised::Unlimited => "UNLIMITED".to_owned(),
        Authorised::NotApplicable => "NOT APPLICABLE".to_owned(),
        Authorised::Shares(number) => number.to_string(),
    }
}

fn ratio(ratio: Ratio) -> Value {
    json!({
        "numerator": ratio.numerator().to_string(),
        "denominator": ratio.denominator().to_string(),
    })
}

fn no_price() -> Value {
    json!({ "amount": "0", "currency": "XXX" })
}

fn stakeholder(party: &PartyId, kind: PartyKind) -> Value {
    let kind = if kind == PartyKind::Person { "INDIVIDUAL" } else { "INSTITUTION" };
    json!({
        "object_type": "STAKEHOLDER", "id": party, "stakeholder_type": kind,
        "name": { "legal_name": party },
        "comments": ["Names are kept off the ledger: this is the ID code."],
    })
}

fn stock_class(class: &StockClass) -> Value {
    let (class_type, prefix) = match class.class_type {
        ClassType::Common => ("COMMON", "CS-"),
        ClassType::Preferred => ("PREFERRED", "PS-"),
    };
    let rights = class.conversion_rights.iter().map(|right| {
        json!({
            "type": "STOCK_CLASS_CONVERSION_RIGHT", "converts_to_stock_class_id": right.into,
            "conversion_mechanism": {
                "type": "RATIO_CONVERSION", "ratio": ratio(right.ratio),
                "conversion_price": no_price(), "rounding_type": "NORMAL",
            },
        })
    });
    let mut object = json!({
        "object_type": "STOCK_CLASS", "id": class.class, "name": class.name,
        "class_type": class_type, "default_id_prefix": prefix,
        "initial_shares_authorized": shares_authorised(class.initially_authorised),
        "votes_per_share": class.votes_per_share, "seniority": class.seniority,
        "conversion_rights": rights.collect::<Vec<_>>(), "comments": [OFF_LEDGER],
    });
    if let Some(par_value) = &class.par_value {
        object["par_value"] = json!(par_value);
    }
    object
}

fn adjustments(class: &StockClass) -> impl Iterator<Item = Dated> {
    class.adjustments.iter().enumerate().map(|(index, made)| {
        let event = json!({
            "object_type": "TX_STOCK_CLASS_AUTHORIZED_SHARES_ADJUSTMENT",
            "id": format!("authorised-{}-{}", class.class, index + 1),
            "date": day(made.date, made.at), "stock_class_id": class.class,
            "new_shares_authorized": shares_authorised(made.authorised),
        });
        (made.at, event)
    })
}

fn splits(class: &StockClass) -> impl Iterator<Item = Dated> {
    class.splits.iter().map(|split| {
        let event = json!({
            "object_type": "TX_STOCK_CLASS_SPLIT", "id": split.split,
            "date": day(split.date, split.at), "stock_class_id": class.class,
            "split_ratio": ratio(split.ratio),
        });
        (split.at, event)
    })
}

fn issuance(security: &Security) -> Value {
    let certificate = security.certificate.as_ref().map(ToString::to_string);
    json!({
        "object_type": "TX_STOCK_ISSUANCE", "id": format!("issuance-{}", security.security),
        "date": day(security.origin.date, security.issued), "security_id": security.security,
        "custom_id": certificate.unwrap_or_else(|| security.security.to_string()),
        "stakeholder_id": security.holder, "stock_class_id": security.class,
        "quantity": security.quantity, "share_price": no_price(),
        "security_law_exemptions": [], "stock_legend_ids": [], "comments": [OFF_LEDGER],
    })
}

/// How a security ended; `together` are those that one event made one of.
fn end(security: &Security, ending: &Ending, together: &[&LocalId]) -> Value {
    let mut event = json!({
        "id": format!("end-{}", security.security), "date": day(ending.date, ending.at),
        "security_id": security.security,
    });
    let reason = || json!(format!("as stated in transition {}", ending.transition));
    let kind = match ending.event {
        Event::Transfer => {
            event["quantity"] = json!(ending.quantity);
            event["resulting_security_ids"] = json!(ending.into);
            "TX_STOCK_TRANSFER"
        }
        Event::Cancellation => {
            event["quantity"] = json!(ending.quantity);
            event["reason_text"] = reason();
            "TX_STOCK_CANCELLATION"
        }
        Event::Repurchase => {
            event["quantity"] = json!(ending.quantity);
            event["price"] = no_price();
            event["comments"] = json!([OFF_LEDGER]);
            "TX_STOCK_REPURCHASE"
        }
        // Nothing ends by an issuance: it is there for completeness of the match alone.
        Event::Retraction | Event::Issuance => {
            event["reason_text"] = reason();
            "TX_STOCK_RETRACTION"
        }
        Event::Conversion => {
            event["quantity_converted"] = json!(ending.quantity);
            event["resulting_security_ids"] = json!(ending.into);
            "TX_STOCK_CONVERSION"
        }
        Event::Reissuance if together.len() > 1 => {
            event = json!({
                "id": event["id"], "date": event["date"], "security_ids": together,
                "resulting_security_id": ending.into.first(),
            });
            "TX_STOCK_CONSOLIDATION"
        }
        Event::Reissuance => {
            event["resulting_security_ids"] = json!(ending.into);
            "TX_STOCK_REISSUANCE"
        }
        Event::Split => {
            event["resulting_security_ids"] = json!(ending.into);
            event["split_transaction_id"] = json!(ending.split);
            "TX_STOCK_REISSUANCE"
        }
    };
    event["object_type"] = json!(kind);
    if let Some(balance) = &ending.balance {
        event["balance_security_id"] = json!(balance);
    }
    event
}
