//! A batch: what some blocks did, as rows. Pure: it reads blocks and touches no database.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use chancery_ledger::chain::{Executed, Ordered};
use chancery_ledger::execution::Change as LedgerChange;
use chancery_ledger::party::PartyId;

use super::intern::Numbers;
use super::tables::{
    Change, CurrentRelation, Deed, EndedRelation, Entry, Involvement, PastRelation, Rows,
    Transition,
};
use super::{BEFORE_ALL, Projected, to_row};

/// The action that the genesis stands for.
pub(super) const FOUND: &str = "found";

/// What some blocks, one after the other, did. Names stand in it by their place in its own lists.
#[derive(Default)]
pub(super) struct Batch<'b> {
    pub(super) names: Listed<&'static str>,
    pub(super) parties: Listed<String>,
    /// Places of parties that were met as signers: writing an ID code out takes its time.
    signers: HashMap<PartyId, usize>,
    pub(super) objects: Listed<ObjectName<'b>>,
    /// Which of the objects the ledger made in these blocks.
    pub(super) new_objects: BTreeSet<usize>,
    transitions: Vec<Transition>,
    changes: Vec<(usize, i64, i64, ActionName)>,
    involvements: Vec<(usize, i64, bool)>,
    entries: Vec<(usize, i64)>,
    deeds: Vec<(usize, i64, bool)>,
    begun: HashMap<RelationKey, i64>,
    ended: Vec<(RelationKey, i64)>,
    past: Vec<(RelationKey, i64, i64)>,
}

/// An object: the places of its register and kind among the names, and its id.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ObjectName<'b> {
    pub(super) register: usize,
    pub(super) kind: usize,
    pub(super) id: &'b str,
}

/// Who, in what relation, to what.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct RelationKey {
    party: usize,
    relation: usize,
    object: usize,
}

/// The register and the name of an action.
#[derive(Clone, Copy, PartialEq, Eq)]
struct ActionName {
    register: usize,
    action: usize,
}

/// Distinct things in the order in which they first came.
pub(super) struct Listed<T> {
    list: Vec<T>,
    places: HashMap<T, usize>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { list: Vec::new(), places: HashMap::new() }
    }
}

impl<T: Clone + Eq + Hash> Listed<T> {
    pub(super) fn list(&self) -> &[T] {
        &self.list
    }

    fn place(&mut self, thing: T) -> usize {
        let next = self.list.len();
        *self.places.entry(thing).or_insert_with_key(|thing| {
            self.list.push(thing.clone());
            next
        })
    }
}

impl<'b> Batch<'b> {
    /// The rows of blocks that follow on each other.
    pub(super) fn of<A: Projected>(blocks: impl IntoIterator<Item = &'b Executed<A>>) -> Self {
        let mut batch = Self::default();
        for block in blocks {
            batch.found::<A>(&block.founded);
            for (position, ordered) in (block.first_position()..).zip(&block.ordered) {
                batch.add(to_row(position), ordered);
            }
        }
        batch
    }

    fn found<A: Projected>(&mut self, changes: &'b [LedgerChange]) {
        for change in changes {
            let register = self.names.place(change.register);
            let action = self.names.place(FOUND);
            self.change::<A>(change, BEFORE_ALL, ActionName { register, action });
        }
    }

    fn add<A: Projected>(&mut self, position: i64, ordered: &'b Ordered<A>) {
        let transition = &ordered.transition;
        self.transitions.push(Transition::at(&transition.id, position));
        let actions: Vec<ActionName> = transition
            .actions
            .iter()
            .map(|action| {
                let (register, action) = A::action_name(action);
                ActionName {
                    register: self.names.place(register),
                    action: self.names.place(action),
                }
            })
            .collect();
        let mut registers: BTreeSet<usize> = actions.iter().map(|action| action.register).collect();
        let mut signed: BTreeSet<usize> = BTreeSet::new();
        for signer in &transition.signers {
            signed.insert(self.signer(signer.party));
        }
        let mut concerned = BTreeSet::new();
        for change in &ordered.changes {
            let register = self.names.place(change.register);
            registers.insert(register);
            // A change that an action of another register made counts as the first action's.
            let own = actions.iter().find(|action| action.register == register);
            if let Some(action) = own.or(actions.first()) {
                concerned.extend(self.change::<A>(change, position, *action));
            }
        }
        for ground in &ordered.grounds {
            let register = self.names.place(ground.register);
            let kind = self.names.place(ground.kind);
            let object = self.objects.place(ObjectName { register, kind, id: &ground.id });
            self.deeds.push((object, position, ground.direct));
        }
        self.entries.extend(registers.into_iter().map(|register| (register, position)));
        let others = concerned.difference(&signed).map(|party| (*party, position, false));
        self.involvements.extend(others);
        self.involvements.extend(signed.into_iter().map(|party| (party, position, true)));
    }

    fn signer(&mut self, party: PartyId) -> usize {
        let parties = &mut self.parties;
        *self.signers.entry(party).or_insert_with(|| parties.place(party.to_string()))
    }

    /// Returns the parties whose relations begin or end.
    fn change<A: Projected>(
        &mut self,
        change: &'b LedgerChange,
        position: i64,
        action: ActionName,
    ) -> BTreeSet<usize> {
        let register = self.names.place(change.register);
        let kind = self.names.place(change.kind);
        let object = self.objects.place(ObjectName { register, kind, id: &change.id });
        if change.before.is_none() {
            self.new_objects.insert(object);
        }
        let version = i64::try_from(change.version).unwrap_or(i64::MAX);
        self.changes.push((object, position, version, action));
        let relations = |stored: &[u8]| A::relations(change.register, change.kind, stored);
        let before = change.before.as_deref().map(relations).unwrap_or_default();
        let before = self.relations(object, before);
        let after = self.relations(object, relations(&change.after));
        let mut concerned = BTreeSet::new();
        for key in before.iter().filter(|key| !after.contains(key)) {
            self.end(*key, position);
            concerned.insert(key.party);
        }
        for key in after.iter().filter(|key| !before.contains(key)) {
            self.begun.insert(*key, position);
            concerned.insert(key.party);
        }
        concerned
    }

    fn relations(&mut self, object: usize, named: Vec<(&'static str, String)>) -> Vec<RelationKey> {
        let mut keys = Vec::with_capacity(named.len());
        for (relation, party) in named {
            let (party, relation) = (self.parties.place(party), self.names.place(relation));
            let key = RelationKey { party, relation, object };
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }

    /// What began in this batch never comes to stand among the current relations.
    fn end(&mut self, key: RelationKey, position: i64) {
        match self.begun.remove(&key) {
            Some(from) => self.past.push((key, from, position)),
            None => self.ended.push((key, position)),
        }
    }

    /// The rows, with the numbers that the tables have for the names.
    pub(super) fn into_rows(self, numbers: &Numbers) -> Rows {
        let change = |(object, position, version, action): (usize, i64, i64, ActionName)| Change {
            object: numbers.objects[object],
            position,
            version,
            register: numbers.names[action.register],
            action: numbers.names[action.action],
        };
        let involvement = |(party, position, signed): (usize, i64, bool)| {
            let party = numbers.parties[party];
            Involvement { party, position, signed: signed.into() }
        };
        let entry = |(register, position): (usize, i64)| {
            let register = numbers.names[register];
            Entry { register, position }
        };
        let deed = |(object, position, direct): (usize, i64, bool)| Deed {
            object: numbers.objects[object],
            position,
            direct: direct.into(),
        };
        let begun = |(key, from_position): (RelationKey, i64)| {
            let (party, relation, object) = key.numbered(numbers);
            CurrentRelation { party, relation, object, from_position }
        };
        let ended = |(key, until_position): (RelationKey, i64)| {
            let (party, relation, object) = key.numbered(numbers);
            EndedRelation { party, relation, object, until_position }
        };
        let past = |(key, from_position, until_position): (RelationKey, i64, i64)| {
            let (party, relation, object) = key.numbered(numbers);
            PastRelation { party, relation, object, from_position, until_position }
        };
        Rows {
            transitions: self.transitions,
            changes: self.changes.into_iter().map(change).collect(),
            involvements: self.involvements.into_iter().map(involvement).collect(),
            entries: self.entries.into_iter().map(entry).collect(),
            deeds: self.deeds.into_iter().map(deed).collect(),
            begun: self.begun.into_iter().map(begun).collect(),
            ended: self.ended.into_iter().map(ended).collect(),
            past: self.past.into_iter().map(past).collect(),
        }
    }
}

impl RelationKey {
    fn numbered(&self, numbers: &Numbers) -> (i64, i16, i64) {
        let party = numbers.parties[self.party];
        (party, numbers.names[self.relation], numbers.objects[self.object])
    }
}
