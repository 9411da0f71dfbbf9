//! Requests to read, and what is granted of them or without them.

use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use chancery_registries::records::RecordId;
use chancery_registries::text::Statement;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde::{Deserialize, Serialize};

use super::reading::{open_fields, seal_fields};
use super::tables::{kept_grant, kept_request};
use super::{KeepError, Records, from_row, opened, to_row};
use crate::sql::{Writer, on};

/// The most grants of a record at a time.
const GRANTS_MAX: i64 = 64;
/// The most requests of a party at a time.
const REQUESTS_MAX: i64 = 64;
/// How many requests about a record are listed, the oldest first.
const LISTED_MAX: i64 = 256;
/// After this time a request is forgotten, answered or not.
const REQUEST_LIFE_MS: u64 = 30 * 24 * 60 * 60 * 1000;

/// What a party may read of a record.
pub(crate) struct Grant {
    /// Who may.
    pub(crate) party: String,
    /// Which fields.
    pub(crate) fields: Vec<String>,
    /// Who says so.
    pub(crate) granted_by: String,
    /// Since when.
    pub(crate) granted: Time,
    /// Until when, that moment excluded.
    pub(crate) until: Time,
}

/// What a party would like to read of a record.
pub(crate) struct Request {
    /// Who would.
    pub(crate) party: String,
    /// What and why.
    pub(crate) terms: Terms,
    /// When it asked.
    pub(crate) asked: Time,
    /// When it was refused.
    pub(crate) refused: Option<Time>,
}

/// What is asked for and why.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Terms {
    /// The names of fields.
    pub(crate) fields: Vec<String>,
    /// Why.
    pub(crate) why: Statement,
}

/// What became of a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Granting {
    /// It stands.
    Granted,
    /// The record is not kept here.
    NotKept,
    /// The record has no field of this name, or it is named twice.
    NoSuchField(String),
    /// The record has as many grants as there can be.
    TooMany,
}

impl Records {
    /// Lets a party read fields of a record until a moment, in the place of what it may read by now. Its request is
    /// answered by that.
    pub(crate) fn grant(
        &self,
        id: &RecordId,
        (by, to): (&PartyId, &PartyId),
        fields: &[String],
        (now, until): (Time, Time),
    ) -> Result<Granting, KeepError> {
        let (name, to) = (id.to_string(), to.to_string());
        self.shared.kept.write(|writer| {
            let Some(key) = self.shared.keys.get(&name)? else { return Ok(Granting::NotKept) };
            let Some(record) = opened(writer, &key, &name)? else { return Ok(Granting::NotKept) };
            if let Err(unknown) = record.disclose(fields) {
                return Ok(Granting::NoSuchField(unknown.0));
            }
            let over = kept_grant::table
                .filter(kept_grant::record.eq(&name))
                .filter(kept_grant::expires_at.le(to_row(now)).or(kept_grant::party.eq(&to)));
            on!(writer, c => diesel::delete(over).execute(c))?;
            let grants = kept_grant::table.filter(kept_grant::record.eq(&name)).count();
            let grants: i64 = on!(writer, c => grants.get_result(c))?;
            if grants >= GRANTS_MAX {
                return Ok(Granting::TooMany);
            }
            let row = (
                kept_grant::record.eq(&name),
                kept_grant::party.eq(&to),
                kept_grant::granted_by.eq(by.to_string()),
                kept_grant::granted_at.eq(to_row(now)),
                kept_grant::expires_at.eq(to_row(until)),
                kept_grant::sealed_fields.eq(seal_fields(&key, fields, &name)?),
            );
            on!(writer, c => diesel::insert_into(kept_grant::table).values(row).execute(c))?;
            delete_request(writer, &name, &to)?;
            Ok(Granting::Granted)
        })
    }

    /// Takes a grant back. Whether there was one.
    pub(crate) fn revoke(&self, id: &RecordId, party: &PartyId) -> Result<bool, KeepError> {
        let (name, party) = (id.to_string(), party.to_string());
        self.shared.kept.write(|writer| {
            let grant = kept_grant::table.find((&name, &party));
            Ok(on!(writer, c => diesel::delete(grant).execute(c))? == 1)
        })
    }

    /// What is granted of a record at a moment, by the names of those who may read.
    pub(crate) fn grants(&self, id: &RecordId, now: Time) -> Result<Vec<Grant>, KeepError> {
        type Row = (String, String, i64, i64, Vec<u8>);
        let name = id.to_string();
        let Some(key) = self.shared.keys.get(&name)? else { return Ok(Vec::new()) };
        let rows = kept_grant::table
            .filter(kept_grant::record.eq(&name).and(kept_grant::expires_at.gt(to_row(now))))
            .order(kept_grant::party)
            .select((
                kept_grant::party,
                kept_grant::granted_by,
                kept_grant::granted_at,
                kept_grant::expires_at,
                kept_grant::sealed_fields,
            ));
        let rows: Vec<Row> = self
            .shared
            .kept
            .read(|reader| -> Result<_, KeepError> { Ok(on!(reader, c => rows.load(c))?) })?;
        let grant = |(party, granted_by, granted, until, sealed): Row| {
            let fields = open_fields(&key, &sealed, &name)?;
            Ok(Grant {
                party,
                fields,
                granted_by,
                granted: from_row(granted),
                until: from_row(until),
            })
        };
        rows.into_iter().map(grant).collect()
    }

    /// Puts a request down, in the place of an earlier one of the same party; `false` when the party has as many as it
    /// can have. Whether there is such a record makes no difference to anything here.
    pub(crate) fn request(
        &self,
        id: &RecordId,
        party: &PartyId,
        terms: &Terms,
        now: Time,
    ) -> Result<bool, KeepError> {
        let (name, party) = (id.to_string(), party.to_string());
        let terms = serde_json::to_string(terms);
        let terms = terms.map_err(|_| KeepError::Damaged("what cannot be written down"))?;
        self.shared.kept.write(|writer| {
            let last = to_row(now).saturating_sub_unsigned(REQUEST_LIFE_MS);
            let old = kept_request::table.filter(kept_request::asked_at.lt(last));
            on!(writer, c => diesel::delete(old).execute(c))?;
            delete_request(writer, &name, &party)?;
            let open = kept_request::table.filter(kept_request::party.eq(&party)).count();
            let open: i64 = on!(writer, c => open.get_result(c))?;
            if open >= REQUESTS_MAX {
                return Ok(false);
            }
            let row = (
                kept_request::record.eq(&name),
                kept_request::party.eq(&party),
                kept_request::asked_at.eq(to_row(now)),
                kept_request::refused_at.eq(None::<i64>),
                kept_request::terms.eq(terms),
            );
            on!(writer, c => diesel::insert_into(kept_request::table).values(row).execute(c))?;
            Ok(true)
        })
    }

    /// The requests about a record, the oldest first: all, or those of one party.
    pub(crate) fn requests(
        &self,
        id: &RecordId,
        of: Option<&PartyId>,
    ) -> Result<Vec<Request>, KeepError> {
        type Row = (String, i64, Option<i64>, String);
        let all = of.is_none().into_sql::<Bool>();
        let of = of.map(PartyId::to_string).unwrap_or_default();
        let rows = kept_request::table
            .filter(kept_request::record.eq(id.to_string()))
            .filter(all.or(kept_request::party.eq(of)))
            .order((kept_request::asked_at, kept_request::party))
            .limit(LISTED_MAX)
            .select((
                kept_request::party,
                kept_request::asked_at,
                kept_request::refused_at,
                kept_request::terms,
            ));
        let rows: Vec<Row> = self
            .shared
            .kept
            .read(|reader| -> Result<_, KeepError> { Ok(on!(reader, c => rows.load(c))?) })?;
        let request = |(party, asked, refused, terms): Row| {
            let terms = serde_json::from_str(&terms);
            let terms = terms.map_err(|_| KeepError::Damaged("a request"))?;
            Ok(Request { party, terms, asked: from_row(asked), refused: refused.map(from_row) })
        };
        rows.into_iter().map(request).collect()
    }

    /// Refuses a request. Whether there was one.
    pub(crate) fn refuse(
        &self,
        id: &RecordId,
        party: &PartyId,
        now: Time,
    ) -> Result<bool, KeepError> {
        let (name, party) = (id.to_string(), party.to_string());
        self.shared.kept.write(|writer| {
            let request = kept_request::table.find((&name, &party));
            let set = kept_request::refused_at.eq(to_row(now));
            Ok(on!(writer, c => diesel::update(request).set(set).execute(c))? == 1)
        })
    }

    /// Takes a request back. Whether there was one.
    pub(crate) fn withdraw(&self, id: &RecordId, party: &PartyId) -> Result<bool, KeepError> {
        let (name, party) = (id.to_string(), party.to_string());
        self.shared.kept.write(|writer| Ok(delete_request(writer, &name, &party)? == 1))
    }
}

fn delete_request(writer: &mut Writer, name: &str, party: &str) -> Result<usize, KeepError> {
    let request = kept_request::table.find((name, party));
    Ok(on!(writer, c => diesel::delete(request).execute(c))?)
}
