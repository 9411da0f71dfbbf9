//! The proofs of rows: each is checked against the anchor and against the row before it is kept.

use std::cell::Cell;
use std::path::Path as FilePath;

use chancery_client::{AsOf, Evidence, Hash, PartyId, Path, Receipt, Signing, StatusProof};
use chancery_client::{actions_of, files, verify};
use chancery_ledger::evidence::Statement;
use chancery_ledger::execution::Stored;
use chancery_registries::authorities::{FreezeIndex, Order};
use chancery_registries::kind;
use serde_json::{Value, json};

use crate::commands::evidence::trusted;
use crate::failure::Failure;
use crate::session::Session;

/// A folder of proofs, all of which hold.
pub(super) struct Proofs<'a> {
    session: &'a Session,
    folder: &'a FilePath,
    kept: Cell<usize>,
}

impl<'a> Proofs<'a> {
    /// A folder for them, which is made where it is not there.
    pub(super) fn open(session: &'a Session, folder: &'a FilePath) -> Result<Self, Failure> {
        trusted(session)?;
        std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, error))?;
        Ok(Self { session, folder, kept: Cell::new(0) })
    }

    /// Where they are, and how many.
    pub(super) fn kept(&self) -> (&FilePath, usize) {
        (self.folder, self.kept.get())
    }

    /// What an object's proof states of it.
    pub(super) async fn of_object(
        &self,
        session: &Session,
        object: &Path,
        as_of: AsOf,
    ) -> Result<Value, Failure> {
        let proof = session.client()?.proof(object, as_of).await?;
        let verified = self.keep(Evidence::Status(proof))?;
        verified.value.ok_or_else(|| Failure::Claim(format!("there is no {object}")))
    }

    /// That a version's transition stands in the log where the row says, by those signers, and that the
    /// object was that version as of its block.
    pub(super) fn of_version(&self, object: &Path, row: &Value) -> Result<(), Failure> {
        let Some(id) = row["transition"].as_str() else {
            // The genesis put it down; the anchor itself shows it.
            return Ok(());
        };
        let id: Hash = id.parse().map_err(|_| unlike(row))?;
        let proofs: Vec<Evidence> =
            serde_json::from_value(row["proofs"].clone()).map_err(|_| unlike(row))?;
        let Ok([Evidence::Receipt(receipt), Evidence::Status(status)]) =
            <[Evidence; 2]>::try_from(proofs)
        else {
            return Err(unlike(row));
        };
        self.of_deed(receipt, &id, row)?;
        let is_of_row = status.object == object.to_string();
        let (version, position) = (row["version"].as_u64(), row["position"].as_u64());
        let verified = self.keep(Evidence::Status(status))?;
        match verified.shown.shown {
            // One block may have changed it more than once: the state proves the last of them.
            Statement::Stands { version: stands, position: at, .. }
                if is_of_row
                    && Some(verified.shown.height) == row["height"].as_u64()
                    && (Some(stands) > version
                        || (Some(stands), Some(at)) == (version, position)) =>
            {
                Ok(())
            }
            _ => Err(unlike(row)),
        }
    }

    /// That an object stands as of then, and that the party stands in this relation to it.
    pub(super) fn of_holding(
        &self,
        party: &PartyId,
        row: &Value,
        as_of: Option<AsOf>,
    ) -> Result<(), Failure> {
        let object: Path = row["object"].as_str().unwrap_or_default().parse()?;
        let proof: StatusProof =
            serde_json::from_value(row["proof"].clone()).map_err(|_| unlike(row))?;
        let (register, name, _) = object.parts();
        let value = proof.value.as_ref().map(|value| value.0.as_slice()).unwrap_or_default();
        let relations = kind(register, name).map(|kind| (kind.relations)(value));
        let party = party.to_string();
        let mut holds = relations
            .into_iter()
            .flatten()
            .any(|(relation, whose)| row["relation"].as_str() == Some(relation) && whose == party);
        holds &= proof.object == object.to_string();
        let verified = self.keep(Evidence::Status(proof))?;
        if let Some(AsOf::Height(height)) = as_of {
            holds &= verified.shown.height == height;
        }
        if holds { Ok(()) } else { Err(unlike(row)) }
    }

    /// What a row of an audit carries: a receipt, or the proofs of a freeze and its orders.
    pub(super) fn of_item(&self, item: &Value) -> Result<(), Failure> {
        if let Some(receipt) = item.get("receipt") {
            let receipt: Receipt =
                serde_json::from_value(receipt.clone()).map_err(|_| unlike(item))?;
            let id = item["id"].as_str().and_then(|id| id.parse().ok());
            return self.of_deed(receipt, &id.ok_or_else(|| unlike(item))?, item);
        }
        let proofs: Vec<StatusProof> =
            serde_json::from_value(item["proofs"].clone()).map_err(|_| unlike(item))?;
        if self.of_freeze(proofs, item)? { Ok(()) } else { Err(unlike(item)) }
    }

    fn of_deed(&self, receipt: Receipt, id: &Hash, row: &Value) -> Result<(), Failure> {
        let outcome = receipt.outcome().map(|outcome| outcome.to_string());
        let verified = self.keep(Evidence::Receipt(receipt))?;
        let Statement::Ordered { position, transition, .. } = &verified.shown.shown else {
            return Err(unlike(row));
        };
        let signing: Signing = serde_json::from_str(transition.get()).map_err(|_| unlike(row))?;
        let says_so = signing.id() == *id
            && row.get("actions").is_none_or(|said| *said == json!(actions_of(&signing)))
            && row.get("time").is_none_or(|said| *said == verified.shown.as_of.to_string())
            && row["position"].as_u64() == Some(*position)
            && row.get("outcome").is_none_or(|said| said.as_str() == outcome.as_deref())
            && row["signers"] == json!(verified.signers);
        if says_so { Ok(()) } else { Err(unlike(row)) }
    }

    /// Whether the index is the object's, names each order, and each order says what the row says.
    fn of_freeze(&self, proofs: Vec<StatusProof>, item: &Value) -> Result<bool, Failure> {
        let freezes = item["freezes"].as_array().cloned().unwrap_or_default();
        let Some((index, orders)) = proofs.split_first() else { return Ok(false) };
        let Some(FreezeIndex { target, freezes: marks }) = read(index) else { return Ok(false) };
        let object = format!("{}/{}/{}", target.register, target.kind, target.id);
        let mut holds = item["object"] == object.as_str() && orders.len() == freezes.len();
        holds &= index.object == format!("authorities/freeze-index/{}", target.state_key());
        for (proof, freeze) in orders.iter().zip(&freezes) {
            let Some(order) = read::<Order>(proof) else { return Ok(false) };
            holds &= proof.header == index.header
                && proof.object == format!("authorities/order/{}", order.order)
                && marks.iter().any(|mark| mark.order == order.order && mark.until == order.until)
                && freeze["order"] == order.order.as_str()
                && freeze["by"] == order.by.to_string().as_str()
                && freeze["reference"] == order.reference.as_str()
                && freeze["scope"] == order.scope.as_str()
                && freeze["made"] == order.made.to_string().as_str()
                && freeze["until"] == order.until.to_string().as_str();
        }
        for proof in proofs {
            self.keep(Evidence::Status(proof))?;
        }
        Ok(holds)
    }

    /// Checks evidence, then writes it down.
    fn keep(&self, evidence: Evidence) -> Result<verify::Verified, Failure> {
        let verified = verify::verify(&evidence, &trusted(self.session)?)?;
        let number = self.kept.get() + 1;
        let name = match &verified.shown.shown {
            Statement::Ordered { position, .. } => format!("{number:06}-receipt-{position}.json"),
            _ => format!("{number:06}-status-{}.json", verified.shown.height),
        };
        files::write_evidence(&self.folder.join(name), &evidence)?;
        self.kept.set(number);
        Ok(verified)
    }
}

fn read<T: chancery_ledger::execution::Object>(proof: &StatusProof) -> Option<T> {
    Some(Stored::<T>::decode(&proof.value.as_ref()?.0).ok()?.value)
}

fn unlike(row: &Value) -> Failure {
    Failure::Claim(format!("NOT VERIFIED: what the server says is not what it proves: {row}"))
}
