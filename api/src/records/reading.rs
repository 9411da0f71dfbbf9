//! Reading what is kept: nothing is opened before the reading is written down, in one transaction with it.

use chancery_ledger::party::PartyId;
use chancery_ledger::record::{Disclosure, Record};
use chancery_ledger::time::Time;
use chancery_registries::records::RecordId;
use diesel::prelude::*;

use super::sealing::Key;
use super::tables::{kept_grant, kept_reading};
use super::{KeepError, Records, from_row, opened, to_row};
use crate::sql::{Writer, on};

/// As what a party reads a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Capacity {
    /// Its keeper.
    Keeper,
    /// Whom it is about.
    Subject,
    /// Who oversees the register.
    Overseer,
    /// Whom some fields were granted.
    Grantee,
}

impl Capacity {
    fn as_str(self) -> &'static str {
        match self {
            Self::Keeper => "keeper",
            Self::Subject => "subject",
            Self::Overseer => "overseer",
            Self::Grantee => "grantee",
        }
    }
}

/// That somebody has read something.
pub(crate) struct Reading {
    /// Its number, which grows.
    pub(crate) number: u64,
    /// Who.
    pub(crate) party: String,
    /// As what.
    pub(crate) capacity: String,
    /// When.
    pub(crate) at: Time,
    /// Which fields: all of them, or these. Once the record is erased, nobody knows.
    pub(crate) fields: Option<Vec<String>>,
}

impl Records {
    /// The whole record, for somebody who may read it; none if it is not kept here.
    pub(crate) fn read_whole(
        &self,
        id: &RecordId,
        party: &PartyId,
        capacity: Capacity,
        now: Time,
    ) -> Result<Option<Record>, KeepError> {
        let name = id.to_string();
        self.shared.kept.write(|writer| {
            let Some(key) = self.shared.keys.get(&name)? else { return Ok(None) };
            let Some(record) = opened(writer, &key, &name)? else { return Ok(None) };
            note(writer, &name, party, capacity, now, None)?;
            Ok(Some(record))
        })
    }

    /// The fields that were granted to a party and are granted still; none if there are none.
    pub(crate) fn read_granted(
        &self,
        id: &RecordId,
        party: &PartyId,
        now: Time,
    ) -> Result<Option<Disclosure>, KeepError> {
        let name = id.to_string();
        self.shared.kept.write(|writer| {
            let grant = kept_grant::table
                .find((&name, party.to_string()))
                .filter(kept_grant::expires_at.gt(to_row(now)))
                .select(kept_grant::sealed_fields);
            let sealed: Option<Vec<u8>> = on!(writer, c => grant.first(c).optional())?;
            let Some(sealed) = sealed else { return Ok(None) };
            let Some(key) = self.shared.keys.get(&name)? else { return Ok(None) };
            let Some(record) = opened(writer, &key, &name)? else { return Ok(None) };
            let fields = open_fields(&key, &sealed, &name)?;
            let shown = record.disclose(&fields);
            let shown = shown.map_err(|_| KeepError::Damaged("the fields of a grant"))?;
            let read = seal_fields(&key, &fields, &name)?;
            note(writer, &name, party, Capacity::Grantee, now, Some(read))?;
            Ok(Some(shown))
        })
    }

    /// Who has read a record, the latest first and at most `limit` of them, before the reading of a number.
    pub(crate) fn readings(
        &self,
        id: &RecordId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Reading>, KeepError> {
        type Row = (i64, String, String, i64, Option<Vec<u8>>);
        let name = id.to_string();
        let before = before.and_then(|number| i64::try_from(number).ok()).unwrap_or(i64::MAX);
        let rows = kept_reading::table
            .filter(kept_reading::record.eq(&name).and(kept_reading::number.lt(before)))
            .order(kept_reading::number.desc())
            .limit(limit.into())
            .select((
                kept_reading::number,
                kept_reading::party,
                kept_reading::capacity,
                kept_reading::read_at,
                kept_reading::sealed_fields,
            ));
        let key = self.shared.keys.get(&name)?;
        let rows: Vec<Row> = self
            .shared
            .kept
            .read(|reader| -> Result<_, KeepError> { Ok(on!(reader, c => rows.load(c))?) })?;
        let reading = |(number, party, capacity, at, sealed): Row| {
            let fields = match (&key, sealed) {
                (Some(key), Some(sealed)) => Some(open_fields(key, &sealed, &name)?),
                _ => None,
            };
            let number = u64::try_from(number).unwrap_or_default();
            Ok(Reading { number, party, capacity, at: from_row(at), fields })
        };
        rows.into_iter().map(reading).collect()
    }
}

fn note(
    writer: &mut Writer,
    name: &str,
    party: &PartyId,
    capacity: Capacity,
    now: Time,
    sealed_fields: Option<Vec<u8>>,
) -> Result<(), KeepError> {
    let row = (
        kept_reading::record.eq(name),
        kept_reading::party.eq(party.to_string()),
        kept_reading::capacity.eq(capacity.as_str()),
        kept_reading::read_at.eq(to_row(now)),
        kept_reading::sealed_fields.eq(sealed_fields),
    );
    on!(writer, c => diesel::insert_into(kept_reading::table).values(row).execute(c))?;
    Ok(())
}

/// Names of fields may tell something themselves: they are readable for as long as the record is.
pub(super) fn seal_fields(key: &Key, fields: &[String], name: &str) -> Result<Vec<u8>, KeepError> {
    let plain = serde_json::to_vec(fields);
    let plain = plain.map_err(|_| KeepError::Damaged("what cannot be written down"))?;
    key.seal(&plain, &purpose(name))
}

pub(super) fn open_fields(key: &Key, sealed: &[u8], name: &str) -> Result<Vec<String>, KeepError> {
    let plain = key.open(sealed, &purpose(name));
    plain
        .and_then(|plain| serde_json::from_slice(&plain).ok())
        .ok_or(KeepError::Damaged("the names of fields"))
}

fn purpose(name: &str) -> String {
    format!("chancery fields 1\0{name}")
}
