//! The office that signs for an issuer and its stakeholders, and sends what a package comes to.

use std::collections::BTreeSet;

use chancery_client::{Action, AsOf, Client, Hash, PartyId, Signer, Transition};
use chancery_registries::equity::{
    self, Adjustment, Authorised, CHUNK, Filing, Indexed, Instrument, Issuer, IssuerIndex,
    Security, SplitInstruments, StockClass, StockPlan, Vesting, VestingTerms, scoped,
};
use chancery_registries::identity::{self, CreateParty, Party, PartyKind};
use chancery_registries::text::{Date, Distinct, LocalId};

use super::key_name;
use super::package::{Object, Package, Refused};
use super::plan::{self, Done, Step};
use super::reading::{local, plain};
use crate::failure::Failure;
use crate::session::Session;

/// Who signs, and where.
pub(super) struct Office<'a> {
    pub(super) session: &'a Session,
    pub(super) client: &'a Client,
    pub(super) ledger: Hash,
    pub(super) family: Signer,
    pub(super) family_name: &'a str,
    pub(super) registrar: Signer,
    pub(super) issuer: Signer,
}

/// What became of a step.
pub(super) enum Taken {
    Applied,
    Before,
    Refused(String),
}

impl Office<'_> {
    /// Creates the issuer and the stakeholders that are not there yet; gives how many.
    pub(super) async fn brings_parties(&self, package: &Package) -> Result<usize, Failure> {
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
            if let Err(why) = self.sends(vec![create], &[&signer]).await? {
                return Err(Failure::Claim(format!("{id} cannot be created: {why}")));
            }
            brought += 1;
        }
        Ok(brought)
    }

    /// Takes a step, unless it was taken before. Where the register has what the step asks for and only its
    /// object is not filed, the object is filed.
    pub(super) async fn takes(&self, step: &Step) -> Result<Taken, Failure> {
        let is_filed = match &step.files {
            Some(filing) => self.is_filed(filing).await?,
            None => false,
        };
        if is_filed || (step.files.is_none() && self.was_taken(&step.done).await?) {
            return Ok(Taken::Before);
        }
        let files_alone = step.files.is_some() && self.was_taken(&step.done).await?;
        let wanted =
            |action: &&equity::Action| !files_alone || matches!(action, equity::Action::File(_));
        let actions: Vec<Action> =
            step.actions.iter().filter(wanted).cloned().map(Action::Equity).collect();
        let stakeholders: Vec<Signer> =
            step.signers.iter().map(|id| self.family.derived(&key_name(id))).collect();
        let others = if files_alone { &[] } else { stakeholders.as_slice() };
        let issuer = step.by_issuer.then_some(&self.issuer);
        let registrar = step.by_registrar.then_some(&self.registrar);
        let signers: Vec<&Signer> = issuer.into_iter().chain(registrar).chain(others).collect();
        match self.sends(actions, &signers).await? {
            Ok(()) => Ok(Taken::Applied),
            Err(why) => Ok(Taken::Refused(why)),
        }
    }

    async fn is_filed(&self, filing: &LocalId) -> Result<bool, Failure> {
        let id = scoped(&self.issuer.party(), filing);
        Ok(self.client.stored::<Filing>(&id, AsOf::Now).await?.is_some())
    }

    async fn was_taken(&self, done: &Done) -> Result<bool, Failure> {
        Ok(match done {
            Done::Issuer => self.stands().await?.is_some(),
            Done::IssuerAuthorised { authorised, date } => self
                .stands()
                .await?
                .is_some_and(|issuer| was_made(&issuer.adjustments, *authorised, *date)),
            Done::Class(class) => self.class(class).await?.is_some(),
            Done::Right { class, into, ratio } => self.class(class).await?.is_some_and(|class| {
                let rights = &class.conversion_rights;
                rights.iter().any(|right| {
                    right.into == *into && ratio.is_none_or(|ratio| ratio == right.ratio)
                })
            }),
            Done::ClassAuthorised { class, authorised, date } => self
                .class(class)
                .await?
                .is_some_and(|class| was_made(&class.adjustments, *authorised, *date)),
            Done::Split { class, split } => self
                .class(class)
                .await?
                .is_some_and(|class| class.splits.iter().any(|made| made.split == *split)),
            Done::Plan(plan) => self.plan(plan).await?.is_some(),
            Done::Pool { plan, reserved, date } => self.plan(plan).await?.is_some_and(|plan| {
                let mut made = plan.adjustments.iter();
                made.any(|made| made.reserved == *reserved && made.date == *date)
            }),
            Done::Returned(security) => self.has_returned(security).await?,
            Done::InstrumentIssued(security) => self.instrument(security).await?.is_some(),
            Done::InstrumentEnded(security) => {
                self.instrument(security).await?.is_some_and(|it| it.ended.is_some())
            }
            Done::Exercised { security, times } => {
                self.instrument(security).await?.is_some_and(|it| it.exercises.len() >= *times)
            }
            Done::Terms(terms) => {
                let id = scoped(&self.issuer.party(), terms);
                self.client.stored::<VestingTerms>(&id, AsOf::Now).await?.is_some()
            }
            Done::Vesting { security, record } => {
                let id = scoped(&self.issuer.party(), security);
                let vesting: Option<Vesting> = self.client.stored(&id, AsOf::Now).await?;
                vesting.is_some_and(|vesting| {
                    let met = vesting.met.iter().map(|met| met.record);
                    let sooner = vesting.accelerations.iter().map(|one| one.record);
                    met.chain(sooner).any(|known| known == Some(*record))
                })
            }
            Done::Filed(filing) => self.is_filed(filing).await?,
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

    async fn plan(&self, plan: &LocalId) -> Result<Option<StockPlan>, Failure> {
        Ok(self.client.stored(&scoped(&self.issuer.party(), plan), AsOf::Now).await?)
    }

    async fn instrument(&self, security: &LocalId) -> Result<Option<Instrument>, Failure> {
        Ok(self.client.stored(&scoped(&self.issuer.party(), security), AsOf::Now).await?)
    }

    async fn has_returned(&self, security: &LocalId) -> Result<bool, Failure> {
        let ended = match self.instrument(security).await? {
            Some(instrument) => instrument.ended,
            None => self.security(security).await?.and_then(|security| security.ended),
        };
        Ok(ended.is_some_and(|ending| ending.returned.is_some()))
    }

    async fn security(&self, security: &LocalId) -> Result<Option<Security>, Failure> {
        Ok(self.client.stored(&scoped(&self.issuer.party(), security), AsOf::Now).await?)
    }

    /// Applies the splits of a class to what may become shares of it, where they were not yet; gives why one
    /// was refused. The format has no event for it: there, a split of a class is one of all that is for it.
    pub(super) async fn splits_instruments(&self, class: &LocalId) -> Result<Vec<String>, Failure> {
        let (Some(issuer), Some(class)) = (self.stands().await?, self.class(class).await?) else {
            return Ok(Vec::new());
        };
        let mut refused = Vec::new();
        for part in 0..issuer.instruments.div_ceil(CHUNK) {
            let id = IssuerIndex::id_of(&issuer.issuer, Indexed::Instruments, part);
            let index: Option<IssuerIndex> = self.client.stored(&id, AsOf::Now).await?;
            for security in index.into_iter().flat_map(|index| index.ids) {
                let due = self.instrument(&security).await?.is_some_and(|it| {
                    let live = it.ended.is_none() && it.class.as_ref() == Some(&class.class);
                    live && !it.splits_pending(&class).is_empty()
                });
                if !due {
                    continue;
                }
                let splits = equity::Action::SplitInstruments(SplitInstruments {
                    issuer: issuer.issuer,
                    instruments: Distinct::one(security.clone()),
                });
                let sent = self.sends(vec![Action::Equity(splits)], &[&self.issuer]).await?;
                refused.extend(sent.err().map(|why| format!("for {security}: {why}")));
            }
        }
        Ok(refused)
    }

    /// Sends actions that take effect together; gives why they were refused.
    async fn sends(
        &self,
        actions: Vec<Action>,
        signers: &[&Signer],
    ) -> Result<Result<(), String>, Failure> {
        let mut transition = Transition::on(self.ledger);
        for action in actions {
            transition = transition.act(action);
        }
        let mut signing = transition.prepare()?;
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

    /// Securities and instruments that do not stand as the package has them.
    pub(super) async fn differences(
        &self,
        package: &Package,
        refused: &[Refused],
    ) -> Result<Vec<Refused>, Failure> {
        let mut wrong = Vec::new();
        let known: BTreeSet<&str> = refused.iter().map(|it| it.id.as_str()).collect();
        for issuance in package.objects.iter().filter(|it| !known.contains(it.id())) {
            let security = local(issuance.text("security_id"));
            let agrees = match issuance.object_type() {
                "TX_STOCK_ISSUANCE" => {
                    let stands = self.security(&security).await?;
                    stands.map(|it| self.agrees(issuance, &it))
                }
                of if of.ends_with("_ISSUANCE") => {
                    let stands = self.instrument(&security).await?;
                    stands.map(|it| self.instrument_agrees(issuance, &it))
                }
                _ => continue,
            };
            match agrees {
                Some(true) => {}
                None => wrong.push(
                    issuance.refused("no event of the package left this security in the register"),
                ),
                Some(false) => wrong.push(
                    issuance.refused("the security stands with another holder, class or quantity"),
                ),
            }
        }
        Ok(wrong)
    }

    fn agrees(&self, issuance: &Object, stands: &Security) -> bool {
        stands.holder == self.holder(issuance)
            && stands.class == local(issuance.text("stock_class_id"))
            && stands.quantity.to_string() == plain(issuance.text("quantity"))
    }

    fn instrument_agrees(&self, issuance: &Object, stands: &Instrument) -> bool {
        let amount = issuance.value["investment_amount"]["amount"].as_str();
        let amount = plain(amount.unwrap_or_else(|| issuance.text("quantity")));
        stands.holder == self.holder(issuance)
            && stands.amount.map(|amount| amount.to_string()).unwrap_or_default() == amount
    }

    fn holder(&self, issuance: &Object) -> PartyId {
        self.family.derived(&key_name(issuance.text("stakeholder_id"))).party()
    }
}

fn was_made(made: &[Adjustment], authorised: Authorised, date: Option<Date>) -> bool {
    made.iter().any(|made| made.authorised == authorised && made.date == date)
}
