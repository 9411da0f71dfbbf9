//! What the register has of an issuer, each object from a proof.

use std::collections::BTreeMap;

use chancery_client::{AsOf, Client, PartyId};
use chancery_registries::equity::{
    CHUNK, Filing, Indexed, Instrument, Issuer, IssuerIndex, Security, SecurityIndex, StockClass,
    StockPlan, Vesting, VestingTerms, scoped,
};
use chancery_registries::identity::{Party, PartyKind};
use chancery_registries::shape::Described;
use chancery_registries::text::LocalId;
use serde::de::DeserializeOwned;

use crate::failure::Failure;

/// What the register has of an issuer.
pub(super) struct Company {
    pub(super) issuer: Issuer,
    pub(super) classes: Vec<StockClass>,
    pub(super) plans: Vec<StockPlan>,
    pub(super) terms: Vec<VestingTerms>,
    /// How securities and instruments vest, where that is set.
    pub(super) vesting: BTreeMap<LocalId, Vesting>,
    /// In the order in which they began.
    pub(super) securities: Vec<Security>,
    /// In the order in which they began.
    pub(super) instruments: Vec<Instrument>,
    /// In the order in which they came.
    pub(super) filings: Vec<Filing>,
    pub(super) holders: BTreeMap<PartyId, PartyKind>,
}

/// Reads objects as of one block.
struct Reading<'a> {
    client: &'a Client,
    issuer: PartyId,
    as_of: AsOf,
}

/// Reads all of an issuer.
pub(super) async fn read(
    client: &Client,
    issuer: PartyId,
    as_of: AsOf,
) -> Result<Company, Failure> {
    let reading = Reading { client, issuer, as_of };
    let found: Issuer = reading.object(issuer.to_string()).await?;
    let (mut classes, mut plans, mut securities) = (Vec::new(), Vec::new(), Vec::new());
    for class in &found.classes {
        let class: StockClass = reading.local(class).await?;
        for part in 0..class.ever.div_ceil(CHUNK) {
            let id = SecurityIndex::id_of(&issuer, &class.class, part);
            let index: SecurityIndex = reading.object(id).await?;
            for security in &index.securities {
                securities.push(reading.local::<Security>(security).await?);
            }
        }
        classes.push(class);
    }
    securities.sort_by_key(|security: &Security| security.issued);
    for plan in &found.plans {
        plans.push(reading.local(plan).await?);
    }
    let mut terms = Vec::new();
    for id in &found.vesting_terms {
        terms.push(reading.local(id).await?);
    }
    let instruments: Vec<Instrument> =
        reading.indexed(Indexed::Instruments, found.instruments).await?;
    let filings = reading.indexed(Indexed::Filings, found.filings).await?;
    let mut vesting = BTreeMap::new();
    let shares = securities.iter().map(|security| &security.security);
    for id in shares.chain(instruments.iter().map(|instrument| &instrument.security)) {
        let set: Option<Vesting> = client.stored(&scoped(&issuer, id), as_of).await?;
        vesting.extend(set.map(|set| (id.clone(), set)));
    }
    let mut holders = BTreeMap::new();
    let shares = securities.iter().map(|security| security.holder);
    for holder in shares.chain(instruments.iter().map(|instrument| instrument.holder)) {
        if let std::collections::btree_map::Entry::Vacant(new) = holders.entry(holder) {
            let party: Option<Party> = client.stored(&holder.to_string(), as_of).await?;
            new.insert(party.map_or(PartyKind::Organisation, |party| party.kind));
        }
    }
    let issuer = found;
    Ok(Company {
        issuer,
        classes,
        plans,
        terms,
        vesting,
        securities,
        instruments,
        filings,
        holders,
    })
}

impl Reading<'_> {
    async fn object<T: Described + DeserializeOwned>(&self, id: String) -> Result<T, Failure> {
        let found: Option<T> = self.client.stored(&id, self.as_of).await?;
        found
            .ok_or_else(|| Failure::Claim(format!("{}/{}/{id} is not there", T::REGISTER, T::KIND)))
    }

    async fn local<T: Described + DeserializeOwned>(&self, id: &LocalId) -> Result<T, Failure> {
        self.object(scoped(&self.issuer, id)).await
    }

    async fn indexed<T: Described + DeserializeOwned>(
        &self,
        of: Indexed,
        count: u64,
    ) -> Result<Vec<T>, Failure> {
        let mut found = Vec::new();
        for part in 0..count.div_ceil(CHUNK) {
            let id = IssuerIndex::id_of(&self.issuer, of, part);
            let index: IssuerIndex = self.object(id).await?;
            for id in &index.ids {
                found.push(self.local(id).await?);
            }
        }
        Ok(found)
    }
}
