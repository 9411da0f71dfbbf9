//! `chancery import ocf`: the shares of a company, from an Open Cap Format package.
//!
//! Each object is a transition of its own, in the order of the events. What stands already is left as it
//! is, so that an import which was stopped is run again.

mod office;
pub(crate) mod package;
mod plan;
pub(crate) mod reading;
pub(crate) mod records;

use std::cell::RefCell;
use std::path::PathBuf;

use chancery_client::{Hash, PartyId};
use clap::Args;
use serde::Serialize;

use crate::failure::Failure;
use crate::report::{Report, progress};
use crate::session::Session;
use office::{Office, Taken};
use package::{Package, Refused, Schema};
use plan::{Done, Plan};
use records::Records;

/// Register a company's shares from an Open Cap Format package.
#[derive(Debug, Args)]
pub(crate) struct ImportOcf {
    /// The folder with the package's manifest and files.
    folder: PathBuf,
    /// The folder of the Open Cap Format's schema; one called `schema`, beside the package or above it,
    /// unless said otherwise.
    #[arg(long, value_name = "FOLDER")]
    schema: Option<PathBuf>,
    /// The accredited company registrar, by key name.
    #[arg(long, default_value = "registrar", value_name = "KEY")]
    registrar: String,
    /// The key from which the keys of the issuer and of the stakeholders are made.
    #[arg(long, default_value = "ocf-import", value_name = "KEY")]
    family: String,
    /// The folder in which the package's objects are kept as salted records, one subfolder an issuer: the
    /// ledger has their commitments, and an export gives back what is kept.
    #[arg(long, default_value = "ocf-records", value_name = "FOLDER")]
    records: PathBuf,
    /// Say what would be done; call no server.
    #[arg(long)]
    dry_run: bool,
}

/// What came of an import.
#[derive(Debug, Serialize)]
struct Summary {
    issuer: PartyId,
    applied: usize,
    there_already: usize,
    parties: usize,
    refused: Vec<Refused>,
    only_filed: Vec<Refused>,
    dry_run: bool,
}

impl ImportOcf {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let schema = Schema::find(self.schema.as_deref(), &self.folder)?;
        let package = Package::read(&self.folder, &schema)?;
        let family = session.keys().open_or_create(&self.family)?;
        let registrar = session.keys().open(&self.registrar)?;
        let issuer = family.derived(&key_name(package.issuer.id()));
        let party = |stakeholder: &str| family.derived(&key_name(stakeholder)).party();
        let folder = self.records.join(issuer.party().to_string());
        let records = RefCell::new(Records::read(&folder)?);
        let Plan { steps, refused, only_filed } =
            plan::plan(&package, issuer.party(), registrar.party(), &party, &records);
        let mut summary = Summary {
            issuer: issuer.party(),
            applied: 0,
            there_already: 0,
            parties: 0,
            refused: package.refused.iter().cloned().chain(refused).collect(),
            only_filed,
            dry_run: self.dry_run,
        };
        if self.dry_run {
            summary.applied = steps.len();
            return summary.report();
        }
        records.borrow_mut().save()?;
        let client = session.client()?;
        let office = Office {
            session,
            client,
            ledger: client.ledger_id().await?,
            family,
            registrar,
            issuer,
            family_name: &self.family,
        };
        summary.parties = office.brings_parties(&package).await?;
        for (index, step) in steps.iter().enumerate() {
            match office.takes(step).await? {
                Taken::Applied => summary.applied += 1,
                Taken::Before => summary.there_already += 1,
                Taken::Refused(why) => summary.refused.push(step.object.refused(why)),
            }
            if let Done::Split { class, .. } = &step.done {
                let refused = office.splits_instruments(class).await?.into_iter();
                summary.refused.extend(refused.map(|why| step.object.refused(why)));
            }
            if (index + 1) % 100 == 0 {
                progress(format!("{} of {}", index + 1, steps.len()));
            }
        }
        summary.refused.extend(office.differences(&package, &summary.refused).await?);
        summary.report()
    }
}

/// The name of the key of an issuer or stakeholder, which the key store keeps.
fn key_name(id: &str) -> String {
    format!("ocf-{}", &Hash::of(&[id.as_bytes()]).to_string()[..24])
}

impl Summary {
    fn report(self) -> Result<Report, Failure> {
        let what = if self.dry_run { "would be registered" } else { "registered" };
        let mut text = format!(
            "{} steps of the package {what}, {} there already; {} parties new\nissuer {}",
            self.applied, self.there_already, self.parties, self.issuer
        );
        for (became, objects) in [("only filed", &self.only_filed), ("refused", &self.refused)] {
            for Refused { file, object_type, id, why } in objects {
                text += &format!("\n{became}: {file}, {object_type} {id}: {why}");
            }
        }
        let refused = self.refused.len();
        let report = Report::new(text, self);
        match refused {
            0 => Ok(report),
            some => Err(Failure::Missed {
                what: format!("{some} objects of the package did not come in"),
                figures: Box::new(report),
            }),
        }
    }
}
