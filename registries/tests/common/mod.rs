//! A town: a ledger in memory with parties that sign, so that tests read like a day in a
//! register's life. Signatures are taken as verified; actions go through their JSON.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::panic)]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chancery_ledger::code::Rejection;
use chancery_ledger::error::Error;
use chancery_ledger::execution::{
    Application, Change, Context, Draft, GENESIS_POSITION, Object, State, Stored, apply_all,
    state_key,
};
use chancery_ledger::genesis::{Consensus, Genesis, RootAuthority, Statement};
use chancery_ledger::hash::Hash;
use chancery_ledger::key::{KeyId, PublicKey, SecretKey};
use chancery_ledger::party::PartyId;
use chancery_ledger::seal::{Pool, Validator};
use chancery_ledger::time::Time;
use chancery_registries::Registers;
use chancery_registries::identity::Party;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

/// A day in milliseconds.
pub const DAY: u64 = 24 * 60 * 60 * 1000;

/// The state of a town.
#[derive(Clone, Default)]
pub struct Memory(pub BTreeMap<Hash, Arc<[u8]>>);

impl State for Memory {
    fn read(&self, key: &Hash) -> Result<Option<Arc<[u8]>>, Error> {
        Ok(self.0.get(key).cloned())
    }
}

/// A party and its first key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    pub id: PartyId,
    pub key: PublicKey,
}

impl Actor {
    /// The signature of the party with its first key.
    pub fn signs(&self) -> KeyId {
        self.signs_with(self.key)
    }

    /// The signature of the party with another key.
    pub fn signs_with(&self, key: PublicKey) -> KeyId {
        KeyId { party: self.id, key }
    }
}

/// The key that goes by a name.
pub fn key(name: &str) -> PublicKey {
    SecretKey::from_seed(Hash::of(&[name.as_bytes()]).as_bytes()).public()
}

/// Whoever has the first key of this name, created or not.
pub fn actor(name: &str) -> Actor {
    let key = key(name);
    Actor { id: PartyId::of_first_key(&key), key }
}

/// A ledger of which two of three keys are the root authority.
pub struct Town {
    pub genesis: Genesis,
    pub state: Memory,
    pub time: Time,
    pub position: u64,
}

thread_local! {
    /// The actions that were accepted, as `register.action`, while somebody watches.
    static WATCHED: RefCell<Option<BTreeSet<String>>> = const { RefCell::new(None) };
}

/// How a transition is refused that nobody signed who had to; an accusation asks for a validator's key.
const SIGNATURE_MISSING: &[&str] = &["signer-missing", "not-a-validator"];

/// Tells these stories, in which every transition that is accepted must be refused without the signatures
/// of any one of its parties and with those of another; gives the actions of a register that were accepted.
pub fn signed_by_exactly_its_signers(register: &str, stories: &[fn()]) -> BTreeSet<String> {
    WATCHED.set(Some(BTreeSet::new()));
    stories.iter().for_each(|story| story());
    let done = WATCHED.take().unwrap_or_default();
    let of_register = |name: &String| Some(name.strip_prefix(register)?.strip_prefix('.')?.into());
    done.iter().filter_map(of_register).collect()
}

fn name_of(action: &Value) -> String {
    let text = |name: &str| action[name].as_str().unwrap_or_default().to_owned();
    format!("{}.{}", text("register"), text("action"))
}

/// The three keys of the root authority by name; the first two sign.
pub const ROOT: [&str; 3] = ["root one", "root two", "root three"];

impl Town {
    /// A town on its first day.
    pub fn new() -> Self {
        let created: Time = "2026-01-01T00:00:00Z".parse().unwrap();
        let genesis = Genesis::found(&Statement {
            version: 1,
            name: "Town".into(),
            created,
            root: RootAuthority { threshold: 2, keys: ROOT.map(key).to_vec() },
            consensus: Consensus::Pool(Pool {
                validators: vec![Validator { name: "one".into(), key: key("pool"), power: 1 }],
            }),
            transition_window_ms: 7 * DAY,
        })
        .unwrap();
        let mut town =
            Self { genesis, state: Memory::default(), time: created, position: GENESIS_POSITION };
        let mut draft = Draft::new(town.context(&[]), &town.state);
        Registers.found(&mut draft);
        let changes = draft.finish().unwrap();
        town.commit(&changes);
        town.position = 0;
        town.passes(1000);
        town
    }

    /// Time goes by.
    pub fn passes(&mut self, ms: u64) {
        self.time = self.time.plus_ms(ms);
    }

    /// The moment this many milliseconds from now, as JSON has it.
    pub fn in_ms(&self, ms: u64) -> String {
        self.time.plus_ms(ms).to_string()
    }

    /// The root authority.
    pub fn root(&self) -> Actor {
        actor(ROOT[0])
    }

    /// The signatures that the root authority needs.
    pub fn root_signs(&self) -> Vec<KeyId> {
        ROOT[..2].iter().map(|name| self.root().signs_with(key(name))).collect()
    }

    /// A new person.
    pub fn person(&mut self, name: &str) -> Actor {
        self.creates("person", name)
    }

    /// A new organisation.
    pub fn organisation(&mut self, name: &str) -> Actor {
        self.creates("organisation", name)
    }

    fn creates(&mut self, kind: &str, name: &str) -> Actor {
        let actor = actor(name);
        let create = json!({
            "register": "identity", "action": "create", "kind": kind, "key": actor.key,
        });
        self.does(create, &[actor.signs()]);
        actor
    }

    /// A new organisation that root has accredited; the accreditation's id is `NAME-ROLE`.
    pub fn institution(&mut self, name: &str, role: &str, register: &str) -> Actor {
        let institution = self.organisation(name);
        self.accredits(&format!("{name}-{role}"), institution, role, register);
        institution
    }

    /// Root accredits a party without an end.
    pub fn accredits(&mut self, id: &str, institution: Actor, role: &str, register: &str) {
        let grant = self.accreditation(id, institution, role, register);
        self.does(grant, &self.root_signs());
    }

    /// The action by which root accredits a party without an end.
    pub fn accreditation(&self, id: &str, party: Actor, role: &str, register: &str) -> Value {
        json!({
            "register": "authorities", "action": "accredit", "accreditation": id,
            "by": self.root().id, "institution": party.id, "role": role,
            "registers": [register], "scope": "the whole town",
        })
    }

    /// Applies one action, which must be accepted.
    #[track_caller]
    pub fn does(&mut self, action: Value, signers: &[KeyId]) -> Vec<Change> {
        match self.try_all(std::slice::from_ref(&action), signers) {
            Ok(changes) => changes,
            Err(rejection) => panic!("{rejection}\n{action:#}"),
        }
    }

    /// Tries one action, which must be refused; gives the code.
    #[track_caller]
    pub fn refuses(&mut self, action: Value, signers: &[KeyId]) -> &'static str {
        match self.try_all(std::slice::from_ref(&action), signers) {
            Ok(_) => panic!("accepted: {action:#}"),
            Err(rejection) => rejection.code.name,
        }
    }

    /// Tries a transition of one or more actions; a second passes when it is applied.
    pub fn try_all(
        &mut self,
        actions: &[Value],
        signers: &[KeyId],
    ) -> Result<Vec<Change>, Rejection> {
        let changes = self.attempt(actions, signers)?;
        WATCHED.with_borrow_mut(|watched| {
            if let Some(done) = watched {
                self.needs_each(actions, signers);
                done.extend(actions.iter().map(name_of));
            }
        });
        self.commit(&changes);
        self.position += 1;
        self.passes(1000);
        Ok(changes)
    }

    /// A transition that is accepted with these signatures is refused without those of any one party, and
    /// with one of another.
    #[track_caller]
    fn needs_each(&self, actions: &[Value], signers: &[KeyId]) {
        let code = |signers: &[KeyId]| self.attempt(actions, signers).map_err(|it| it.code.name);
        let parties: BTreeSet<PartyId> = signers.iter().map(|signer| signer.party).collect();
        for party in &parties {
            let others = signers.iter().filter(|signer| signer.party != *party).copied();
            let code = code(&others.collect::<Vec<_>>()).map(drop);
            let told = code.is_err_and(|code| SIGNATURE_MISSING.contains(&code));
            assert!(told, "without {party}: {code:?}\n{actions:#?}");
        }
        if !parties.contains(&self.root().id) {
            let with_another = [signers, &[self.root().signs()]].concat();
            let code = code(&with_another).map(drop);
            assert_eq!(code, Err("signer-not-required"), "with another\n{actions:#?}");
        }
    }

    fn attempt(&self, actions: &[Value], signers: &[KeyId]) -> Result<Vec<Change>, Rejection> {
        let parse = |action: &Value| Registers.parse(&action.to_string());
        let actions = actions.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        let mut draft = Draft::new(self.context(signers), &self.state);
        let verdict = apply_all(&Registers, &mut draft, &actions);
        let changes = draft.finish().unwrap();
        verdict.map(|()| changes)
    }

    /// The id of the transition that comes next, were it applied.
    pub fn next_id(&self) -> Hash {
        Hash::of(&[b"transition", &self.position.to_be_bytes()])
    }

    /// A draft in which nothing has changed, to ask a register's queries of.
    pub fn asks<R>(&self, question: impl FnOnce(&Draft<'_>) -> R) -> R {
        question(&Draft::new(self.context(&[]), &self.state))
    }

    /// An object with its version and position.
    pub fn stored<T: Object>(&self, id: &str) -> Option<Stored<T>> {
        let bytes = self.state.0.get(&state_key(T::REGISTER, T::KIND, id))?;
        Some(Stored::decode(bytes).unwrap())
    }

    /// An object.
    pub fn get<T: Object>(&self, id: &str) -> Option<T> {
        self.stored(id).map(|stored| stored.value)
    }

    /// A party as it stands now.
    pub fn party(&self, actor: Actor) -> Party {
        self.get::<Party>(&actor.id.to_string()).unwrap().at(self.time)
    }

    fn commit(&mut self, changes: &[Change]) {
        for change in changes {
            assert!(change.id.len() <= 100 && !change.id.contains('/'), "{}", change.id);
            let before = self.state.0.insert(change.key, change.after.clone());
            assert_eq!(before, change.before);
        }
    }

    fn context<'a>(&'a self, signers: &'a [KeyId]) -> Context<'a> {
        Context {
            genesis: &self.genesis,
            height: self.position + 1,
            time: self.time,
            position: self.position,
            id: self.next_id(),
            signers,
        }
    }
}

/// The fewest steps that the random games of a test take together.
pub const STEPS_MIN: u64 = 3000;

/// Plays so many random games of so many steps each, which must be thousands, and gives what they counted, all
/// together: how much a single one has accepted is left to chance, and of all of them it is not. What is
/// counted first is the steps that were accepted; neither those nor the refused ones may be few.
pub fn over_games<A: std::fmt::Debug, const N: usize>(
    games: u32,
    steps: usize,
    file: &'static str,
    step: impl Strategy<Value = A>,
    play: impl Fn(Vec<A>) -> [u64; N],
) -> [u64; N] {
    let counted = std::cell::Cell::new([0; N]);
    let taken = std::cell::Cell::new(0);
    let config = Config { cases: games, source_file: Some(file), ..Config::default() };
    let game = proptest::collection::vec(step, steps);
    let played = TestRunner::new(config).run(&game, |game| {
        taken.set(taken.get() + game.len() as u64);
        let (sum, more) = (counted.get(), play(game));
        counted.set(std::array::from_fn(|index| sum[index] + more[index]));
        Ok(())
    });
    played.unwrap_or_else(|error| panic!("{error}"));
    let (taken, counted) = (taken.get(), counted.get());
    assert!(taken >= STEPS_MIN, "{taken} steps were taken, and {STEPS_MIN} are asked for");
    let accepted = counted.first().copied().unwrap_or_default();
    let refused = taken - accepted;
    assert!(
        accepted > taken / 50 && refused > taken / 50,
        "of {taken} steps {accepted} were accepted and {refused} refused"
    );
    counted
}
