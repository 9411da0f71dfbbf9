//! A ledger with two small registers, crates and permits, to project without the real ones.
#![allow(dead_code, missing_docs)]

use std::sync::Arc;

use chancery_api::projection::Projected;
use chancery_ledger::chain::{Chain, Executed};
use chancery_ledger::code::{self, Code, Rejection};
use chancery_ledger::consensus::Solo;
use chancery_ledger::disk::{Disk, Memory};
use chancery_ledger::error::Error;
use chancery_ledger::execution::{Application, Draft, Object, State, Stored};
use chancery_ledger::genesis::{Consensus, Genesis, RootAuthority, Statement};
use chancery_ledger::key::SecretKey;
use chancery_ledger::party::PartyId;
use chancery_ledger::seal::{Pool, Validator};
use chancery_ledger::time::Time;
use chancery_ledger::transition::{Admission, Payload, Signing};
use chancery_ledger::view::View;
use serde::{Deserialize, Serialize};

/// Crates are kept by whoever was handed them last, and have an owner who never changes.
#[derive(Clone, Default)]
pub struct Depot;

#[derive(Serialize, Deserialize, Clone, Debug)]
#[serde(tag = "action", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Act {
    /// Makes a crate that the first signer keeps.
    Make { id: String, owner: Option<PartyId> },
    /// Hands a crate of the first signer to another.
    Hand { id: String, to: PartyId },
    /// Puts a crate of the first signer down.
    Drop { id: String },
    /// Picks up a crate that nobody keeps.
    Pick { id: String },
    /// Grants a permit that nobody holds.
    Grant { id: String, to: PartyId },
    /// Ends a permit.
    End { id: String },
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct Crate {
    pub id: String,
    pub keeper: Option<PartyId>,
    pub owner: Option<PartyId>,
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct Permit {
    pub id: String,
    pub holder: Option<PartyId>,
}

impl Object for Crate {
    const REGISTER: &'static str = "depot";
    const KIND: &'static str = "crate";

    fn id(&self) -> String {
        self.id.clone()
    }
}

impl Object for Permit {
    const REGISTER: &'static str = "permits";
    const KIND: &'static str = "permit";

    fn id(&self) -> String {
        self.id.clone()
    }
}

static NO: Code = Code::rule("no", "No.", "Ask for something else.");

/// What the genesis puts down.
pub const FOUNDED: &str = "foundation stone";

impl Application for Depot {
    type Action = Act;

    fn parse(&self, action: &str) -> Result<Act, Rejection> {
        serde_json::from_str(action).map_err(|error| code::BAD_ACTION.because(error.to_string()))
    }

    fn found(&self, draft: &mut Draft<'_>) {
        let root = draft.context().genesis.root_party();
        draft.put(&Crate { id: FOUNDED.into(), keeper: Some(root), owner: Some(root) });
    }

    fn pool(&self, _: &dyn State, _: u64) -> Result<Option<Pool>, Error> {
        Ok(None)
    }

    fn apply(&self, draft: &mut Draft<'_>, action: &Act) -> Result<(), Rejection> {
        (0..draft.context().signers.len()).for_each(|index| draft.rely_on(index));
        let me = draft.context().signers[0].party;
        match action {
            Act::Make { id, owner } => {
                held(!draft.exists::<Crate>(id))?;
                draft.put(&Crate { id: id.clone(), keeper: Some(me), owner: *owner });
            }
            Act::Hand { id, to } => keep(draft, id, Some(me), Some(*to))?,
            Act::Drop { id } => keep(draft, id, Some(me), None)?,
            Act::Pick { id } => keep(draft, id, None, Some(me))?,
            Act::Grant { id, to } => {
                held(draft.get::<Permit>(id).is_none_or(|permit| permit.holder.is_none()))?;
                draft.put(&Permit { id: id.clone(), holder: Some(*to) });
            }
            Act::End { id } => {
                held(draft.get::<Permit>(id).is_some_and(|permit| permit.holder.is_some()))?;
                draft.put(&Permit { id: id.clone(), holder: None });
            }
        }
        Ok(())
    }
}

fn held(holds: bool) -> Result<(), Rejection> {
    if holds { Ok(()) } else { Err(NO.because("it is not so")) }
}

fn keep(
    draft: &mut Draft<'_>,
    id: &str,
    from: Option<PartyId>,
    to: Option<PartyId>,
) -> Result<(), Rejection> {
    let found = draft.get::<Crate>(id).ok_or_else(|| NO.because("there is none"))?;
    held(found.keeper == from)?;
    draft.put(&Crate { keeper: to, ..found });
    Ok(())
}

impl Projected for Depot {
    fn action_name(action: &Act) -> (&'static str, &'static str) {
        match action {
            Act::Make { .. } => ("depot", "make"),
            Act::Hand { .. } => ("depot", "hand"),
            Act::Drop { .. } => ("depot", "drop"),
            Act::Pick { .. } => ("depot", "pick"),
            Act::Grant { .. } => ("permits", "grant"),
            Act::End { .. } => ("permits", "end"),
        }
    }

    fn relations(_: &str, kind: &str, stored: &[u8]) -> Vec<(&'static str, String)> {
        let named = match kind {
            "crate" => {
                let Crate { keeper, owner, .. } = Stored::<Crate>::decode(stored).unwrap().value;
                vec![("keeper", keeper), ("owner", owner)]
            }
            _ => vec![("holder", Stored::<Permit>::decode(stored).unwrap().value.holder)],
        };
        let stands = |(relation, party): (_, Option<PartyId>)| Some((relation, party?.to_string()));
        // Saying a thing twice makes it no truer.
        let twice = if kind == "permit" { &named[..] } else { &[] };
        named.iter().chain(twice).copied().filter_map(stands).collect()
    }
}

/// Ten people, by number.
pub fn person(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

pub fn party(number: u8) -> PartyId {
    person(number).party()
}

/// The one who founded the ledger.
pub const ROOT: u8 = 200;

pub fn genesis(name: &str) -> Genesis {
    let validator = Validator { name: "one".into(), key: person(100).public(), power: 1 };
    Genesis::found(&Statement {
        version: 1,
        name: name.into(),
        created: Time::from_ms(1_700_000_000_000).unwrap(),
        root: RootAuthority { threshold: 1, keys: vec![person(ROOT).public()] },
        consensus: Consensus::Pool(Pool { validators: vec![validator] }),
        transition_window_ms: 3_600_000,
    })
    .unwrap()
}

/// A transition to be: who signs, and what is asked for.
pub type Ask = (Vec<u8>, Vec<Act>);

pub struct Ledger {
    pub chain: Chain<Depot>,
    pub blocks: Vec<Arc<Executed<Depot>>>,
    admission: Admission<Depot>,
    asked: u64,
}

impl Ledger {
    pub fn found() -> Self {
        Self::named("test")
    }

    pub fn named(name: &str) -> Self {
        Self::on(Arc::new(Memory::new()), name)
    }

    pub fn on(disk: Arc<dyn Disk>, name: &str) -> Self {
        let genesis = genesis(name);
        let application = Arc::new(Depot);
        let admission = Admission::new(application.clone(), &genesis);
        let chain = Chain::found(disk, &genesis, application.clone()).unwrap().chain;
        let first = chancery_ledger::chain::replay(&chain.view(), &application, 0).unwrap();
        Self { chain, blocks: vec![Arc::new(first)], admission, asked: 0 }
    }

    pub fn view(&self) -> View {
        self.chain.view()
    }

    pub fn height(&self) -> u64 {
        self.view().tip().header.height
    }

    /// One block of what is asked for. What the rules refuse at once is left out; what they refuse
    /// for others in the block is in it.
    pub fn block(&mut self, asks: &[Ask]) -> Arc<Executed<Depot>> {
        let tip = self.view().tip();
        let mut open = self.chain.begin(&tip.hash, tip.header.time.plus_ms(1000)).unwrap();
        for (signers, actions) in asks {
            self.asked += 1;
            let payload = Payload {
                ledger: tip.header.ledger,
                id: self.asked.to_string(),
                not_after: tip.header.time.plus_ms(60_000),
                actions: actions.clone(),
            };
            let signing = Signing::of(&payload).unwrap();
            let signed =
                signers.iter().fold(signing, |signing, signer| signing.sign(&person(*signer)));
            let admitted = self.admission.readmit(&signed.to_bytes()).unwrap();
            self.chain.offer(&mut open, admitted).unwrap();
        }
        let decided = Solo::new(person(100)).decide(&mut self.chain, open).unwrap();
        self.blocks.push(decided.executed.clone());
        decided.executed
    }
}

pub fn make(id: &str) -> Act {
    Act::Make { id: id.into(), owner: None }
}

pub fn hand(id: &str, to: u8) -> Act {
    Act::Hand { id: id.into(), to: party(to) }
}

pub fn put_down(id: &str) -> Act {
    Act::Drop { id: id.into() }
}

pub fn pick(id: &str) -> Act {
    Act::Pick { id: id.into() }
}

pub fn grant(id: &str, to: u8) -> Act {
    Act::Grant { id: id.into(), to: party(to) }
}

pub fn end(id: &str) -> Act {
    Act::End { id: id.into() }
}
