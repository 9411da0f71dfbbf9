//! Execution: the rules of the registers applied to a draft of the state, pure and repeatable.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};

use crate::code::{self, Rejection};
use crate::error::Error;
use crate::genesis::Genesis;
use crate::hash::Hash;
use crate::key::KeyId;
use crate::seal::Pool;
use crate::time::Time;
use crate::transition::Admitted;

/// The rules that a ledger runs: its registers.
pub trait Application: Send + Sync + 'static {
    /// One thing that a transition asks for.
    type Action: Send + Sync + 'static;

    /// Reads an action from its JSON, strictly.
    fn parse(&self, action: &str) -> Result<Self::Action, Rejection>;

    /// Puts down what stands in the state before the first transition.
    fn found(&self, draft: &mut Draft<'_>);

    /// Applies one action. What a rejected action has put into the draft is dropped.
    fn apply(&self, draft: &mut Draft<'_>, action: &Self::Action) -> Result<(), Rejection>;

    /// The pool that seals the block at a height, by the state before that block, or by an earlier
    /// one as far as it foretells it; `None` while it is the genesis's.
    fn pool(&self, state: &dyn State, height: u64) -> Result<Option<Pool>, Error>;
}

/// The one thing that a view asks of the rules.
pub(crate) trait NamesPool: Send + Sync {
    /// See [`Application::pool`].
    fn named_pool(&self, state: &dyn State, height: u64) -> Result<Option<Pool>, Error>;
}

impl<A: Application> NamesPool for A {
    fn named_pool(&self, state: &dyn State, height: u64) -> Result<Option<Pool>, Error> {
        self.pool(state, height)
    }
}

/// Something with an id that a register keeps.
pub trait Object: Serialize + DeserializeOwned {
    /// The register, as it stands in paths: `parcels`.
    const REGISTER: &'static str;
    /// The kind within the register: `container`.
    const KIND: &'static str;

    /// The id: no slash, at most 100 bytes, unique within the kind for ever.
    fn id(&self) -> String;
}

/// Where an object stands in the state: SHA-256 of `register/kind/id`.
pub fn state_key(register: &str, kind: &str, id: &str) -> Hash {
    Hash::of(&[register.as_bytes(), b"/", kind.as_bytes(), b"/", id.as_bytes()])
}

/// An object as the state holds it, in DAG-CBOR (deterministic, RFC 8949 4.2.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored<T> {
    /// The object.
    pub value: T,
    /// 1 when it is new, and one more with every transition that changes it.
    pub version: u64,
    /// The log position of the transition that made this version.
    pub position: u64,
}

impl<T: DeserializeOwned> Stored<T> {
    /// Reads what [`Draft::put`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, NotAnObject> {
        serde_ipld_dagcbor::from_slice(bytes).map_err(|_| NotAnObject)
    }
}

/// Bytes in the state that are no object of the kind asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are not an object of this kind")]
pub struct NotAnObject;

/// The position of what the genesis puts down, before any transition.
pub const GENESIS_POSITION: u64 = u64::MAX >> 11;

/// What a rule may know besides the state.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The ledger's genesis.
    pub genesis: &'a Genesis,
    /// The height of the block.
    pub height: u64,
    /// The time of the block: the only time there is.
    pub time: Time,
    /// The position that the transition has in the log.
    pub position: u64,
    /// The transition's id.
    pub id: Hash,
    /// Whose signatures were verified. Whether a key is its party's is for the rules to judge.
    pub signers: &'a [KeyId],
}

/// Reading the state as of one root.
pub trait State {
    /// The bytes at a key.
    fn read(&self, key: &Hash) -> Result<Option<Arc<[u8]>>, Error>;
}

/// One object before and after a transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The register.
    pub register: &'static str,
    /// The kind within the register.
    pub kind: &'static str,
    /// The object's id.
    pub id: String,
    /// Where it stands in the state.
    pub key: Hash,
    /// The version that the change makes.
    pub version: u64,
    /// What stood there before.
    pub before: Option<Arc<[u8]>>,
    /// What stands there now.
    pub after: Arc<[u8]>,
}

/// An object by whose authority a transition was applied: an accreditation, say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ground {
    /// The object's register.
    pub register: &'static str,
    /// Its kind within the register.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// Whether a rule asked for it, or only for one that rests on it.
    pub direct: bool,
}

/// What a transition did to the state, and by what authority.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// What it changed, in key order.
    pub changes: Vec<Change>,
    /// What its rules found it entitled by, each object once, in order.
    pub grounds: Vec<Ground>,
}

/// A copy of the state on which one transition is tried out.
///
/// Should reading the state fail, the draft notes it, goes on as if nothing stood there, and the
/// executor throws the whole attempt away: rules never see a failing disk.
pub struct Draft<'a> {
    context: Context<'a>,
    state: &'a dyn State,
    read: RefCell<BTreeMap<Hash, Option<Arc<[u8]>>>>,
    changes: BTreeMap<Hash, Change>,
    relied_on: Cell<u64>,
    grounds: RefCell<BTreeMap<(&'static str, &'static str, String), bool>>,
    fault: RefCell<Option<Error>>,
    consulted: Option<RefCell<BTreeSet<String>>>,
}

impl<'a> Draft<'a> {
    /// A draft in which nothing has changed yet.
    pub fn new(context: Context<'a>, state: &'a dyn State) -> Self {
        Self {
            context,
            state,
            read: RefCell::default(),
            changes: BTreeMap::new(),
            relied_on: Cell::new(0),
            grounds: RefCell::default(),
            fault: RefCell::new(None),
            consulted: None,
        }
    }

    /// A draft that only answers questions, and remembers what it was asked for.
    pub(crate) fn to_ask(context: Context<'a>, state: &'a dyn State) -> Self {
        Self { consulted: Some(RefCell::default()), ..Self::new(context, state) }
    }

    /// The objects that were asked for, each as `register/kind/id`, there or not.
    pub(crate) fn answered(self) -> Result<BTreeSet<String>, Error> {
        match self.fault.into_inner() {
            Some(error) => Err(error),
            None => Ok(self.consulted.map(RefCell::into_inner).unwrap_or_default()),
        }
    }

    /// What is known besides the state.
    pub fn context(&self) -> &Context<'a> {
        &self.context
    }

    /// The time of the block.
    pub fn time(&self) -> Time {
        self.context.time
    }

    /// An object as it stands in the draft.
    pub fn get<T: Object>(&self, id: &str) -> Option<T> {
        match Stored::<T>::decode(&self.object_bytes::<T>(id)?) {
            Ok(stored) => Some(stored.value),
            Err(error) => self.fail(Error::NotAnObject {
                object: format!("{}/{}/{id}", T::REGISTER, T::KIND),
                source: error,
            }),
        }
    }

    /// Whether an object with this id was ever put down.
    pub fn exists<T: Object>(&self, id: &str) -> bool {
        self.object_bytes::<T>(id).is_some()
    }

    /// Puts an object down. Its version grows once however often the transition changes it.
    pub fn put<T: Object>(&mut self, object: &T) {
        let id = object.id();
        let key = state_key(T::REGISTER, T::KIND, &id);
        let before = self.before(&key);
        let version = match &before {
            None => 1,
            Some(bytes) => match Stored::<IgnoredAny>::decode(bytes) {
                Ok(stored) => stored.version + 1,
                Err(source) => {
                    let object = format!("{}/{}/{id}", T::REGISTER, T::KIND);
                    return self.fail(Error::NotAnObject { object, source }).unwrap_or_default();
                }
            },
        };
        let stored = Stored { value: object, version, position: self.context.position };
        match serde_ipld_dagcbor::to_vec(&stored) {
            Ok(after) => {
                let (register, kind) = (T::REGISTER, T::KIND);
                let after = after.into();
                let change = Change { register, kind, id, key, version, before, after };
                self.changes.insert(key, change);
            }
            Err(error) => {
                self.fail::<()>(Error::Unencodable(error.to_string()));
            }
        }
    }

    /// The signers whose signature a rule has relied on, as bits in the order of the signatures.
    pub fn rely_on(&self, signer: usize) {
        self.relied_on.set(self.relied_on.get() | 1 << signer);
    }

    /// That the transition is entitled by an object, which a rule asked for or which one that a rule
    /// asked for rests on. It is noted for whoever asks later, and decides nothing.
    pub fn acts_under<T: Object>(&self, id: &str, direct: bool) {
        let object = (T::REGISTER, T::KIND, id.to_owned());
        let mut grounds = self.grounds.borrow_mut();
        let known = grounds.entry(object).or_default();
        *known = *known || direct;
    }

    fn object_bytes<T: Object>(&self, id: &str) -> Option<Arc<[u8]>> {
        if let Some(consulted) = &self.consulted {
            consulted.borrow_mut().insert(format!("{}/{}/{id}", T::REGISTER, T::KIND));
        }
        let key = state_key(T::REGISTER, T::KIND, id);
        match self.changes.get(&key) {
            Some(change) => Some(change.after.clone()),
            None => self.before(&key),
        }
    }

    fn before(&self, key: &Hash) -> Option<Arc<[u8]>> {
        if let Some(known) = self.read.borrow().get(key) {
            return known.clone();
        }
        match self.state.read(key) {
            Ok(bytes) => {
                self.read.borrow_mut().insert(*key, bytes.clone());
                bytes
            }
            Err(error) => self.fail(error),
        }
    }

    fn fail<T>(&self, error: Error) -> Option<T> {
        self.fault.borrow_mut().get_or_insert(error);
        None
    }

    /// The changes in key order, or what kept the state from being read.
    pub fn finish(self) -> Result<Vec<Change>, Error> {
        Ok(self.effects()?.changes)
    }

    /// The changes and the grounds, or what kept the state from being read.
    pub fn effects(self) -> Result<Effects, Error> {
        if let Some(error) = self.fault.into_inner() {
            return Err(error);
        }
        let ground = |((register, kind, id), direct)| Ground { register, kind, id, direct };
        let grounds = self.grounds.into_inner().into_iter().map(ground).collect();
        Ok(Effects { changes: self.changes.into_values().collect(), grounds })
    }
}

/// Applies every action of a transition, all or none. The outer error is the world's, the inner
/// one the rules'.
pub(crate) fn execute<A: Application>(
    application: &A,
    transition: &Admitted<A::Action>,
    context: Context<'_>,
    state: &dyn State,
) -> Result<Result<Effects, Rejection>, Error> {
    let mut draft = Draft::new(context, state);
    let verdict = apply_all(application, &mut draft, &transition.actions);
    let effects = draft.effects()?;
    Ok(verdict.map(|()| effects))
}

/// Applies actions to a draft, in order. A rejection leaves the draft of no use: drop it.
pub fn apply_all<A: Application>(
    application: &A,
    draft: &mut Draft<'_>,
    actions: &[A::Action],
) -> Result<(), Rejection> {
    for (index, action) in actions.iter().enumerate() {
        application
            .apply(draft, action)
            .map_err(|rejection| rejection.at(format!("/payload/actions/{index}")))?;
    }
    every_signature_was_needed(draft)
}

/// A signature that no rule asked for would bind its party to nothing: refuse it.
fn every_signature_was_needed(draft: &Draft<'_>) -> Result<(), Rejection> {
    let relied_on = draft.relied_on.get();
    for (index, signer) in draft.context.signers.iter().enumerate() {
        if relied_on & 1 << index == 0 {
            let detail = format!("no action asks for the signature of {}", signer.party);
            return Err(code::SIGNER_NOT_REQUIRED
                .because(detail)
                .at(format!("/signatures/{index}")));
        }
    }
    Ok(())
}
