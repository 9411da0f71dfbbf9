//! `chancery import ocf`: the shares of a company, from an Open Cap Format package.
//!
//! Each object is a transition of its own, in the order of the events. What stands already is left as it
//! is, so that an import which was stopped is run again.

pub(crate) mod package;
mod plan;
mod reading;

use std::collections::BTreeMap;
use std::path::PathBuf;

use chancery_client::{Action, AsOf, Client, Hash, PartyId, Signer, Transition};
use chancery_registries::equity::{Issuer, Security, StockClass, scoped};
use chancery_registries::identity::{self, CreateParty, Party, PartyKind};
use chancery_registries::text::LocalId;
use clap::Args;
use serde::Serialize;

use crate::failure::Failure;
use crate::report::{Report, progress};
use crate::session::Session;
use package::{Object, Package, Refused, Schema};
use plan::{Done, Plan, Step};

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
    left_out: Vec<LeftOut>,
    dry_run: bool,
}

#[derive(Debug, Serialize)]
struct LeftOut {
    object_type: String,
    count: usize,
    why: &'static str,
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
        let Plan { steps, refused, left_out } =
            plan::plan(&package, issuer.party(), registrar.party(), &party);
        let mut summary = Summary {
            issuer: issuer.party(),
            applied: 0,
            there_already: 0,
            parties: 0,
            refused: package.refused.iter().cloned().chain(refused).collect(),
            left_out: left_out
                .into_iter()
                .map(|((object_type, why), count)| LeftOut { object_type, count, why })
                .collect(),
            dry_run: self.dry_run,
        };
        if self.dry_run {
            summary.applied = steps.len();
            return summary.report();
        }
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

/// Who signs, and where.
struct Office<'a> {
    session: &'a Session,
    client: &'a Client,
    ledger: Hash,
    family: Signer,
    family_name: &'a str,
    registrar: Signer,
    issuer: Signer,
}

/// What became of a step.
enum Taken {
    Applied,
    Before,
    Refused(String),
}

impl Office<'_> {
    /// Creates the issuer and the stakeholders that are not there yet; gives how many.
    async fn brings_parties(&self, package: &Package) -> Result<usize, Failure> {
        let stakeholders = package.objects.iter().filter(|it| it.object_type() == "STAKEHOLDER");
        let parties = stakeholders.map(|it| (it.id(), plan::kind_of(it)));
        let mut brought = 0;
        for (id, kind) in
            [(package.issuer.id(), PartyKind::Organisation)].into_iter().chain(parties)
        {
            let name = key_name(id);
            let signer = self.family.derived(&name);
            self.session.keys().keep_derived(&name, signer.id(), self.family_name)?;
            let party = signer.party().to_string();
            if self.client.stored::<Party>(&party, AsOf::Now).await?.is_some() {
                continue;
            }
            let create = CreateParty { kind, key: signer.id().key, card: None };
            let create = Action::Identity(identity::Action::Create(create));
            if let Err(why) = self.sends(create, &[&signer]).await? {
                return Err(Failure::Claim(format!("{id} cannot be created: {why}")));
            }
            brought += 1;
        }
        Ok(brought)
    }

    async fn takes(&self, step: &Step) -> Result<Taken, Failure> {
        if self.was_taken(&step.done).await? {
            return Ok(Taken::Before);
        }
        let stakeholders: Vec<Signer> =
            step.signers.iter().map(|id| self.family.derived(&key_name(id))).collect();
        let issuer = step.by_issuer.then_some(&self.issuer);
        let registrar = step.by_registrar.then_some(&self.registrar);
        let signers: Vec<&Signer> =
            issuer.into_iter().chain(registrar).chain(&stakeholders).collect();
        match self.sends(Action::Equity(step.action.clone()), &signers).await? {
            Ok(()) => Ok(Taken::Applied),
            Err(why) => Ok(Taken::Refused(why)),
        }
    }

    async fn was_taken(&self, done: &Done) -> Result<bool, Failure> {
        Ok(match done {
            Done::Issuer => self.stands().await?.is_some(),
            Done::IssuerAuthorised(authorised) => {
                self.stands().await?.is_some_and(|issuer| issuer.authorised == *authorised)
            }
            Done::Class(class) => self.class(class).await?.is_some(),
            Done::Right { class, into, ratio } => self.class(class).await?.is_some_and(|class| {
                let rights = &class.conversion_rights;
                rights.iter().any(|right| right.into == *into && right.ratio == *ratio)
            }),
            Done::ClassAuthorised { class, authorised, date } => {
                self.class(class).await?.is_some_and(|class| {
                    let mut made = class.adjustments.iter();
                    made.any(|made| made.authorised == *authorised && made.date == *date)
                })
            }
            Done::Split { class, split } => self
                .class(class)
                .await?
                .is_some_and(|class| class.splits.iter().any(|made| made.split == *split)),
            Done::Issued(security) => self.security(security).await?.is_some(),
            Done::Ended(security) => {
                self.security(security).await?.is_some_and(|security| security.ended.is_some())
            }
        })
    }

    async fn stands(&self) -> Result<Option<Issuer>, Failure> {
        Ok(self.client.stored(&self.issuer.party().to_string(), AsOf::Now).await?)
    }

    async fn class(&self, class: &LocalId) -> Result<Option<StockClass>, Failure> {
        Ok(self.client.stored(&scoped(&self.issuer.party(), class), AsOf::Now).await?)
    }

    async fn security(&self, security: &LocalId) -> Result<Option<Security>, Failure> {
        Ok(self.client.stored(&scoped(&self.issuer.party(), security), AsOf::Now).await?)
    }

    /// Sends one action; gives why it was refused.
    async fn sends(
        &self,
        action: Action,
        signers: &[&Signer],
    ) -> Result<Result<(), String>, Failure> {
        let mut signing = Transition::on(self.ledger).act(action).prepare()?;
        for signer in signers {
            signing = signer.sign(signing)?;
        }
        let verdicts = self.client.batch(&[signing]).await?;
        let Some(verdict) = verdicts.into_iter().next() else {
            return Err(Failure::Claim("the server gave no verdict".to_owned()));
        };
        if verdict.is_in_the_log() {
            return Ok(Ok(()));
        }
        let code = verdict.code.unwrap_or(verdict.status);
        Ok(Err(format!("{code}: {}", verdict.detail.unwrap_or_default())))
    }

    /// Securities that do not stand as the package has them.
    async fn differences(
        &self,
        package: &Package,
        refused: &[Refused],
    ) -> Result<Vec<Refused>, Failure> {
        let mut wrong = Vec::new();
        let known: BTreeMap<&str, ()> = refused.iter().map(|it| (it.id.as_str(), ())).collect();
        let issuances = package
            .objects
            .iter()
            .filter(|it| it.object_type() == "TX_STOCK_ISSUANCE" && !known.contains_key(it.id()));
        for issuance in issuances {
            let Ok(security) = issuance.text("security_id").parse() else { continue };
            let stands = self.security(&security).await?;
            let agrees = stands.as_ref().is_some_and(|it| self.agrees(issuance, it));
            if !agrees {
                let why = match stands {
                    None => "no event of the package left this security in the register",
                    Some(_) => "the security stands with another holder, class or quantity",
                };
                wrong.push(issuance.refused(why));
            }
        }
        Ok(wrong)
    }

    fn agrees(&self, issuance: &Object, stands: &Security) -> bool {
        let holder = self.family.derived(&key_name(issuance.text("stakeholder_id"))).party();
        stands.holder == holder
            && stands.class.as_str() == issuance.text("stock_class_id")
            && stands.quantity.to_string() == reading::plain(issuance.text("quantity"))
    }
}

impl Summary {
    fn report(self) -> Result<Report, Failure> {
        let what = if self.dry_run { "would be registered" } else { "registered" };
        let mut text = format!(
            "{} of the package's objects {what}, {} there already; {} parties new\nissuer {}",
            self.applied, self.there_already, self.parties, self.issuer
        );
        for LeftOut { object_type, count, why } in &self.left_out {
            text += &format!("\n{count:5} {object_type}: {why}");
        }
        for Refused { file, object_type, id, why } in &self.refused {
            text += &format!("\nrefused: {file}, {object_type} {id}: {why}");
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
