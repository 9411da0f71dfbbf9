//! Interning: names become numbers, in the order in which the ledger first says them, so that
//! whoever projects the same ledger gets the same numbers.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::{Arc, RwLock};

use diesel::dsl::max;
use diesel::prelude::*;

use super::ProjectionError;
use super::batch::{Batch, ObjectName};
use super::schema::{name, object, party};
use super::tables::insert_all;
use crate::sql::{Reader, Writer, on};

/// Names that are looked up in one statement.
const LOOKED_UP_TOGETHER: usize = 500;
/// About 10 MB and 30 MB of names, twice at most.
const PARTIES_CACHED: usize = 100_000;
const OBJECTS_CACHED: usize = 200_000;

/// What the writer knows of the numbers. After a failed transaction it knows too much: drop it.
pub(super) struct Interned {
    names: HashMap<String, i16>,
    parties: Cache<String>,
    objects: Cache<ObjectKey>,
    next_party: i64,
    next_object: i64,
}

/// The numbers of what a batch names, in the order of its own lists.
pub(super) struct Numbers {
    pub(super) names: Vec<i16>,
    pub(super) parties: Vec<i64>,
    pub(super) objects: Vec<i64>,
}

impl Interned {
    pub(super) fn load(writer: &mut Writer) -> Result<Self, ProjectionError> {
        let names: Vec<(String, i16)> =
            on!(writer, c => name::table.select((name::text, name::id)).load(c))?;
        let last_party: Option<i64> =
            on!(writer, c => party::table.select(max(party::id)).first(c))?;
        let last_object: Option<i64> =
            on!(writer, c => object::table.select(max(object::id)).first(c))?;
        Ok(Self {
            names: names.into_iter().collect(),
            parties: Cache::new(PARTIES_CACHED),
            objects: Cache::new(OBJECTS_CACHED),
            next_party: last_party.unwrap_or(0) + 1,
            next_object: last_object.unwrap_or(0) + 1,
        })
    }

    /// The numbers of what a batch names; those that are new are written down.
    pub(super) fn number(
        &mut self,
        writer: &mut Writer,
        batch: &Batch<'_>,
    ) -> Result<Numbers, ProjectionError> {
        let names = self.number_names(writer, batch.names.list())?;
        let parties = self.number_parties(writer, batch.parties.list())?;
        let objects = self.number_objects(writer, batch, &names)?;
        Ok(Numbers { names, parties, objects })
    }

    fn number_names(
        &mut self,
        writer: &mut Writer,
        texts: &[&'static str],
    ) -> Result<Vec<i16>, ProjectionError> {
        let mut numbers = Vec::with_capacity(texts.len());
        for text in texts {
            let number = match self.names.get(*text) {
                Some(number) => *number,
                None => {
                    let number = i16::try_from(self.names.len() + 1)
                        .map_err(|_| ProjectionError::TooManyNames)?;
                    let row = (name::id.eq(number), name::text.eq(text));
                    on!(writer, c => diesel::insert_into(name::table).values(row).execute(c))?;
                    self.names.insert((*text).to_owned(), number);
                    number
                }
            };
            numbers.push(number);
        }
        Ok(numbers)
    }

    fn number_parties(
        &mut self,
        writer: &mut Writer,
        names: &[String],
    ) -> Result<Vec<i64>, ProjectionError> {
        let mut numbers: Vec<Option<i64>> =
            names.iter().map(|name| self.parties.get(name)).collect();
        let absent: Vec<usize> =
            (0..names.len()).filter(|index| numbers[*index].is_none()).collect();
        for some in absent.chunks(LOOKED_UP_TOGETHER) {
            let asked = some.iter().map(|index| names[*index].as_str());
            let known: Vec<(String, i64)> = on!(writer, c => party::table
                .filter(party::name.eq_any(asked))
                .select((party::name, party::id))
                .load(c))?;
            let known: HashMap<String, i64> = known.into_iter().collect();
            some.iter().for_each(|index| numbers[*index] = known.get(&names[*index]).copied());
        }
        let mut rows = Vec::new();
        for (name, number) in names.iter().zip(&mut numbers).filter(|(_, number)| number.is_none())
        {
            rows.push(PartyRow { id: self.next_party, name: name.clone() });
            *number = Some(self.next_party);
            self.next_party += 1;
        }
        insert_all!(writer, party::table, rows);
        let numbers: Vec<i64> = numbers.into_iter().flatten().collect();
        absent.iter().for_each(|index| self.parties.put(names[*index].clone(), numbers[*index]));
        Ok(numbers)
    }

    fn number_objects(
        &mut self,
        writer: &mut Writer,
        batch: &Batch<'_>,
        names: &[i16],
    ) -> Result<Vec<i64>, ProjectionError> {
        let key = |object: &ObjectName<'_>| {
            (names[object.register], names[object.kind], object.id.to_owned())
        };
        let keys: Vec<ObjectKey> = batch.objects.list().iter().map(key).collect();
        let mut numbers: Vec<Option<i64>> = keys.iter().map(|key| self.objects.get(key)).collect();
        let absent: Vec<bool> = numbers.iter().map(Option::is_none).collect();
        look_up_objects(writer, batch, &keys, &mut numbers)?;
        let mut rows = Vec::new();
        let known = keys.iter().zip(&mut numbers);
        for ((register, kind, name), number) in known.filter(|(_, number)| number.is_none()) {
            let (register, kind, name) = (*register, *kind, name.clone());
            rows.push(ObjectRow { id: self.next_object, register, kind, name });
            *number = Some(self.next_object);
            self.next_object += 1;
        }
        insert_all!(writer, object::table, rows);
        let numbers: Vec<i64> = numbers.into_iter().flatten().collect();
        let absent = keys.into_iter().zip(&numbers).zip(absent).filter(|(_, absent)| *absent);
        absent.for_each(|((key, number), _)| self.objects.put(key, *number));
        Ok(numbers)
    }
}

/// Register, kind and id of an object.
type ObjectKey = (i16, i16, String);

/// Looks those up that no cache knows. What the ledger made in this batch is in no table yet.
fn look_up_objects(
    writer: &mut Writer,
    batch: &Batch<'_>,
    keys: &[ObjectKey],
    numbers: &mut [Option<i64>],
) -> Result<(), ProjectionError> {
    let mut sought: BTreeMap<(i16, i16), Vec<usize>> = BTreeMap::new();
    for (index, (register, kind, _)) in keys.iter().enumerate() {
        if numbers[index].is_none() && !batch.new_objects.contains(&index) {
            sought.entry((*register, *kind)).or_default().push(index);
        }
    }
    for ((register, kind), indices) in sought {
        for some in indices.chunks(LOOKED_UP_TOGETHER) {
            let asked = some.iter().map(|index| keys[*index].2.as_str());
            let known: Vec<(String, i64)> = on!(writer, c => object::table
                .filter(object::register.eq(register).and(object::kind.eq(kind)))
                .filter(object::name.eq_any(asked))
                .select((object::name, object::id))
                .load(c))?;
            let known: HashMap<String, i64> = known.into_iter().collect();
            some.iter().for_each(|index| numbers[*index] = known.get(&keys[*index].2).copied());
        }
    }
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = party, treat_none_as_default_value = false)]
struct PartyRow {
    id: i64,
    name: String,
}

#[derive(Insertable)]
#[diesel(table_name = object, treat_none_as_default_value = false)]
struct ObjectRow {
    id: i64,
    register: i16,
    kind: i16,
    name: String,
}

/// The numbers used lately. Two generations: the older is dropped when the younger is full, and
/// what is found in it moves up.
struct Cache<K> {
    young: HashMap<K, i64>,
    old: HashMap<K, i64>,
    capacity: usize,
}

impl<K: Hash + Eq + Clone> Cache<K> {
    fn new(capacity: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), capacity }
    }

    fn get(&mut self, key: &K) -> Option<i64> {
        if let Some(number) = self.young.get(key) {
            return Some(*number);
        }
        let (key, number) = self.old.remove_entry(key)?;
        self.put(key, number);
        Some(number)
    }

    fn put(&mut self, key: K, number: i64) {
        if self.young.len() >= self.capacity {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, number);
    }
}

/// What readers know of the names: all of them, loaded again when one is missed. There are few, and
/// they only grow.
#[derive(Default)]
pub(super) struct Names {
    known: RwLock<HashMap<i16, Arc<str>>>,
}

impl Names {
    /// The name of a number.
    pub(super) fn text(
        &self,
        reader: &mut Reader,
        number: i16,
    ) -> Result<Arc<str>, ProjectionError> {
        if let Some(text) = self.look_up(|known| known.get(&number).cloned()) {
            return Ok(text);
        }
        self.load(reader)?;
        self.look_up(|known| known.get(&number).cloned())
            .ok_or(ProjectionError::from(diesel::NotFound))
    }

    /// The number of a name; `None` when the ledger has never said it.
    pub(super) fn number(
        &self,
        reader: &mut Reader,
        text: &str,
    ) -> Result<Option<i16>, ProjectionError> {
        let find = |known: &HashMap<i16, Arc<str>>| {
            known.iter().find(|(_, name)| &***name == text).map(|(number, _)| *number)
        };
        if let Some(number) = self.look_up(find) {
            return Ok(Some(number));
        }
        self.load(reader)?;
        Ok(self.look_up(find))
    }

    fn look_up<T>(&self, find: impl FnOnce(&HashMap<i16, Arc<str>>) -> T) -> T {
        // A thread that panicked while holding the lock has left a whole map behind.
        find(&self.known.read().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }

    fn load(&self, reader: &mut Reader) -> Result<(), ProjectionError> {
        let rows: Vec<(i16, String)> =
            on!(reader, c => name::table.select((name::id, name::text)).load(&mut **c))?;
        let known = rows.into_iter().map(|(number, text)| (number, text.into())).collect();
        *self.known.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = known;
        Ok(())
    }
}
