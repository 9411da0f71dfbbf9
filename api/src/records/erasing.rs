//! Erasing: what the ledger says is erased is destroyed here, whenever that is seen.
//!
//! The ledger alone says what is to be done, and doing it twice is doing it once. So a crash at any point means that it
//! is done at the next start, before anything is served; and what the ledger calls erased is not shown in between.

use std::time::Duration;

use actix_web::web;
use chancery_ledger::chain::Executed;
use chancery_ledger::execution::Object;
use chancery_registries::Registers;
use chancery_registries::records::{Record as Anchored, RecordId, RecordStatus};
use diesel::prelude::*;
use tokio::sync::broadcast::error::RecvError;

use super::tables::{kept_grant, kept_reading, kept_record, kept_request};
use super::{KeepError, Records};
use crate::node::Node;
use crate::sql::on;

/// How long after a failure everything is gone through again.
const RETRY: Duration = Duration::from_secs(10);

impl Records {
    /// Destroys whatever is kept of a record: first its key, without which all else is noise, then the rest. Of the
    /// readings it stays who and when.
    pub(crate) fn erase(&self, name: &str) -> Result<(), KeepError> {
        self.shared.kept.write(|writer| {
            self.shared.keys.destroy(name)?;
            let record = kept_record::table.find(name);
            on!(writer, c => diesel::delete(record).execute(c))?;
            let grants = kept_grant::table.filter(kept_grant::record.eq(name));
            on!(writer, c => diesel::delete(grants).execute(c))?;
            let requests = kept_request::table.filter(kept_request::record.eq(name));
            on!(writer, c => diesel::delete(requests).execute(c))?;
            let readings = kept_reading::table.filter(kept_reading::record.eq(name));
            let none = kept_reading::sealed_fields.eq(None::<Vec<u8>>);
            on!(writer, c => diesel::update(readings).set(none).execute(c))?;
            Ok(())
        })
    }

    /// Goes through everything that is kept and erases what the ledger says is erased. Gives how many.
    pub(crate) fn erase_what_is_erased(&self) -> Result<usize, KeepError> {
        let mut names = self.shared.keys.records()?;
        let rows = kept_record::table.select(kept_record::record);
        names.extend(self.shared.kept.read(|reader| -> Result<Vec<String>, KeepError> {
            Ok(on!(reader, c => rows.load(c))?)
        })?);
        names.sort_unstable();
        names.dedup();
        let mut erased = 0;
        for name in names {
            if self.is_erased(&name)? {
                self.erase(&name)?;
                erased += 1;
            }
        }
        Ok(erased)
    }

    fn is_erased(&self, name: &str) -> Result<bool, KeepError> {
        let id: RecordId = name.parse().map_err(|_| KeepError::Damaged("a record's name"))?;
        let anchored = self.anchored(&id)?;
        Ok(anchored.is_some_and(|anchored| anchored.status == RecordStatus::Erased))
    }

    fn erase_of(&self, names: &[String]) -> Result<(), KeepError> {
        for name in names {
            if self.is_erased(name)? {
                self.erase(name)?;
                tracing::info!("a record was erased");
            }
        }
        Ok(())
    }
}

/// Follows final blocks and erases what they say, for as long as the server runs.
pub(crate) async fn follow(records: Records, node: Node) {
    let mut blocks = node.final_blocks();
    // Nobody has told of what became final between the opening and this.
    let mut due = Due::Everything;
    loop {
        due = match (destroy(&records, due).await, tokio::time::timeout(RETRY, blocks.recv()).await)
        {
            (_, Ok(Err(RecvError::Closed))) => return,
            (false, _) | (true, Ok(Err(RecvError::Lagged(_)))) => Due::Everything,
            (true, Ok(Ok(block))) => Due::These(changed(&block)),
            (true, Err(_)) => Due::These(Vec::new()),
        };
    }
}

/// What is to be looked at.
enum Due {
    /// All that is kept.
    Everything,
    /// These records.
    These(Vec<String>),
}

/// Whether it has gone well.
async fn destroy(records: &Records, due: Due) -> bool {
    let records = records.clone();
    let done = match due {
        Due::These(names) if names.is_empty() => return true,
        Due::These(names) => web::block(move || records.erase_of(&names)).await,
        Due::Everything => web::block(move || records.erase_what_is_erased().map(|_| ())).await,
    };
    match done {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::error!(%error, "what is erased could not be destroyed, and will be");
            false
        }
        Err(_) => false,
    }
}

/// The records that a block changed.
fn changed(block: &Executed<Registers>) -> Vec<String> {
    let changes = block.ordered.iter().flat_map(|ordered| &ordered.changes);
    changes
        .filter(|change| change.register == Anchored::REGISTER && change.kind == Anchored::KIND)
        .map(|change| change.id.clone())
        .collect()
}
