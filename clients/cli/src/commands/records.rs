//! `chancery records`: what auditors ask across all registers, as tables, CSV or JSON, with proofs.

mod evidence;
mod table;

use std::path::PathBuf;

use chancery_client::{AsOf, Path};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use self::evidence::Proofs;
use self::table::{Table, plain};
use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;
use crate::words::PartyWord;

/// The most items of a page, and of one whose items carry their proofs.
const PAGE_MAX: usize = 500;
const PROVEN_PAGE_MAX: usize = 50;

/// What auditors ask. With --proofs each row that is shown was checked against the anchor first;
/// that no row is missing, and whether an accreditation was relied on directly, is the server's word,
/// which `chancery audit` can check.
#[derive(Debug, Args)]
pub(crate) struct Records {
    #[command(subcommand)]
    question: Asked,
    /// As comma-separated values (RFC 4180).
    #[arg(long, global = true)]
    csv: bool,
    /// How many rows to show at most.
    #[arg(long, default_value_t = 1000, global = true)]
    limit: usize,
    /// Check each row against the anchor (--anchor) before it is shown, and keep its proofs here.
    #[arg(long, value_name = "FOLDER", global = true)]
    proofs: Option<PathBuf>,
}

/// The questions.
#[derive(Debug, Subcommand)]
enum Asked {
    /// An object as of a height or a time.
    State {
        /// The object, as in parcels/parcel/RR123456785TW.
        object: Path,
        /// As of a height or a time; now when left out.
        #[arg(long, value_name = "HEIGHT|TIME")]
        as_of: Option<AsOf>,
    },
    /// Every version of an object, with the transition behind it.
    History {
        /// The object, as in parcels/parcel/RR123456785TW.
        object: Path,
    },
    /// All objects of a party in a register.
    Held {
        /// The register, as in parcels.
        register: String,
        /// Who, by ID code or key name.
        #[arg(long)]
        party: PartyWord,
        /// As of a height or a time; now when left out.
        #[arg(long, value_name = "HEIGHT|TIME")]
        as_of: Option<AsOf>,
    },
    /// Everything that a party signed.
    Party {
        /// Who, by ID code or key name.
        party: PartyWord,
        #[command(flatten)]
        within: Within,
    },
    /// Everything that was done under an accreditation, suspended or not.
    Accreditation {
        /// The accreditation's id.
        id: String,
        #[command(flatten)]
        within: Within,
    },
    /// Everything that was done by citing an order.
    Order {
        /// The order's id.
        id: String,
        #[command(flatten)]
        within: Within,
    },
    /// What is frozen, by whose order, and until when.
    Frozen {
        /// Of objects of this register; of any when left out.
        #[arg(long)]
        register: Option<String>,
        /// As of a height or a time; now when left out.
        #[arg(long, value_name = "HEIGHT|TIME")]
        as_of: Option<AsOf>,
    },
}

/// Which transitions.
#[derive(Debug, Args)]
struct Within {
    /// Those with an action of this register.
    #[arg(long)]
    register: Option<String>,
    /// Those in blocks at or after this height or time.
    #[arg(long, value_name = "HEIGHT|TIME")]
    from: Option<String>,
    /// Those in blocks at or before this height or time.
    #[arg(long, value_name = "HEIGHT|TIME")]
    until: Option<String>,
}

impl Records {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let proofs = self.proofs.as_deref().map(|folder| Proofs::open(session, folder));
        let proofs = proofs.transpose()?;
        let table = self.table(session, proofs.as_ref()).await?;
        Ok(table.report(self.csv, proofs.as_ref().map(Proofs::kept)))
    }

    async fn table(
        &self,
        session: &Session,
        proofs: Option<&Proofs<'_>>,
    ) -> Result<Table, Failure> {
        match &self.question {
            Asked::State { object, as_of } => {
                state(session, object, as_of.unwrap_or_default(), proofs).await
            }
            Asked::History { object } => {
                let path = format!("/v1/{}/history", object.to_url());
                let check = |proofs: &Proofs<'_>, row: &Value| proofs.of_version(object, row);
                let mut rows = self.pages(session, &path, &[], proofs, check).await?;
                rows.iter_mut().for_each(|row| without(row, "proofs"));
                let columns = &["version", "time", "action", "transition", "signers"];
                Ok(Table::new(columns, rows))
            }
            Asked::Held { register, party, as_of } => {
                let party = session.party(party)?;
                let path = format!("/v1/{}", escaped(register));
                let block = as_of.as_ref().and_then(as_text);
                let query = [("party", Some(party.to_string())), ("as_of", block)];
                let check =
                    |proofs: &Proofs<'_>, row: &Value| proofs.of_holding(&party, row, *as_of);
                let rows = self.pages(session, &path, &query, proofs, check).await?;
                let flat = |row: Value| {
                    json!({"relation": row["relation"], "object": row["object"],
                        "since": row["since"]["time"]})
                };
                let rows = rows.into_iter().map(flat).collect();
                Ok(Table::new(&["relation", "object", "since"], rows))
            }
            Asked::Party { party, within } => {
                let party = session.party(party)?.to_string();
                self.deeds(session, "parties", &party, within, proofs).await
            }
            Asked::Accreditation { id, within } => {
                self.deeds(session, "accreditations", id, within, proofs).await
            }
            Asked::Order { id, within } => self.deeds(session, "orders", id, within, proofs).await,
            Asked::Frozen { register, as_of } => {
                let as_of = as_of.as_ref().and_then(as_text);
                let query = [("register", register.clone()), ("as_of", as_of)];
                let rows = self.pages(session, "/v1/audit/frozen", &query, proofs, of_item).await?;
                Ok(Table::new(
                    &["object", "order", "by", "reference", "scope", "made", "until"],
                    rows.into_iter().flat_map(freezes).collect(),
                ))
            }
        }
    }

    async fn deeds(
        &self,
        session: &Session,
        of: &str,
        id: &str,
        within: &Within,
        proofs: Option<&Proofs<'_>>,
    ) -> Result<Table, Failure> {
        let path = format!("/v1/audit/{of}/{}/deeds", escaped(id));
        let Within { register, from, until } = within;
        let query =
            [("register", register.clone()), ("from", from.clone()), ("until", until.clone())];
        let mut rows = self.pages(session, &path, &query, proofs, of_item).await?;
        rows.iter_mut().for_each(|row| without(row, "receipt"));
        let columns = ["position", "time", "id", "outcome", "direct", "actions", "signers"];
        let direct = of != "parties";
        let shown = columns.iter().filter(|name| direct || **name != "direct");
        Ok(Table::new(&shown.copied().collect::<Vec<_>>(), rows))
    }

    /// One page after the other, also behind an empty one, each row checked where it is wanted: a page brings
    /// the proofs of its rows with it.
    async fn pages(
        &self,
        session: &Session,
        path: &str,
        query: &[(&str, Option<String>)],
        proofs: Option<&Proofs<'_>>,
        check: impl Fn(&Proofs<'_>, &Value) -> Result<(), Failure>,
    ) -> Result<Vec<Value>, Failure> {
        let page_max = if proofs.is_some() { PROVEN_PAGE_MAX } else { PAGE_MAX };
        let limit = self.limit.clamp(1, page_max);
        let mut address = format!("{path}?limit={limit}&proofs={}", proofs.is_some());
        for (name, value) in query {
            if let Some(value) = value {
                address += &format!("&{name}={}", escaped(value));
            }
        }
        let mut rows: Vec<Value> = Vec::new();
        loop {
            let mut page = session.client()?.get(&address).await?;
            let Some(items) = page["items"].as_array_mut() else {
                return Err(Failure::Claim(format!("{path}: the answer has no items")));
            };
            for item in items.drain(..).take(self.limit - rows.len()) {
                if let Some(proofs) = proofs {
                    check(proofs, &item)?;
                }
                rows.push(item);
            }
            match page["next"].as_str() {
                // Only ever this server.
                Some(next) if next.starts_with("/v1/") && rows.len() < self.limit => {
                    address = next.to_owned();
                }
                _ => return Ok(rows),
            }
        }
    }
}

async fn state(
    session: &Session,
    object: &Path,
    as_of: AsOf,
    proofs: Option<&Proofs<'_>>,
) -> Result<Table, Failure> {
    let value = match proofs {
        // What is shown is then what the proof states, not what the server says beside it.
        Some(proofs) => proofs.of_object(session, object, as_of).await?,
        None => session.client()?.object(object, as_of).await?,
    };
    let rows = value.as_object().into_iter().flatten();
    let rows = rows.map(|(name, value)| json!({"member": name, "value": plain(value)}));
    Ok(Table::new(&["member", "value"], rows.collect()))
}

/// What a row of an audit carries holds.
fn of_item(proofs: &Proofs<'_>, row: &Value) -> Result<(), Failure> {
    proofs.of_item(row)
}

/// Takes a member out of a row: what was checked and kept is not shown.
fn without(row: &mut Value, member: &str) {
    if let Some(members) = row.as_object_mut() {
        members.remove(member);
    }
}

/// A row for each freeze of an object.
fn freezes(item: Value) -> Vec<Value> {
    let freezes = item["freezes"].as_array().cloned().unwrap_or_default();
    let row = |mut freeze: Value| {
        freeze["object"] = item["object"].clone();
        freeze
    };
    freezes.into_iter().map(row).collect()
}

fn as_text(as_of: &AsOf) -> Option<String> {
    match as_of {
        AsOf::Now => None,
        AsOf::Height(height) => Some(height.to_string()),
        AsOf::Time(time) => Some(time.to_string()),
    }
}

/// Percent-encoded for a path or a query (RFC 3986, 2.3).
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(escape).collect()
}
