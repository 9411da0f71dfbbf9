//! Some fields of a record with the proof that they are its, for whoever holds the commitment.

use rs_merkle::{MerkleProof, utils::indices::proof_indices_by_layers};
use serde::{Deserialize, Serialize};

use super::value::Value;
use super::{FieldName, MAX_FIELDS, Salt, SchemaName, commit, field_hash};
use crate::hash::Hash;
use crate::merkle::Rfc6962;

/// What a party shows of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// What kind of record it is.
    pub schema: SchemaName,
    /// How many fields the record has.
    pub count: u32,
    /// The fields that are shown, in their order.
    pub fields: Vec<DisclosedField>,
    /// The hashes that lead from them to the root: layer by layer from the leaves upwards, in each
    /// from the left, the sibling of every known node that has one and whose sibling is not known.
    pub proof: Vec<Hash>,
}

/// A field that is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisclosedField {
    /// Its place in the record, counted from zero.
    pub index: u32,
    /// What it is called.
    pub name: FieldName,
    /// Its salt.
    pub salt: Salt,
    /// What it says.
    pub value: Value,
}

/// Why a disclosure shows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadDisclosure {
    /// The number of fields is none that a record has, or nothing is shown.
    #[error("the disclosure shows no field, or is of a record of an impossible size")]
    Count,
    /// Fields are not in their order, stand twice, or lie outside the record.
    #[error("the fields shown are not in the record's order, or one stands twice")]
    Order,
    /// A tree of this size has a proof of another length.
    #[error("the disclosure's proof has the wrong length")]
    ProofLength,
    /// It is another record, or a field was changed.
    #[error("what is shown does not belong to the record that the ledger commits to")]
    Commitment,
}

impl Disclosure {
    /// Checks that the fields are those of the record that stands behind a commitment.
    pub fn verify(&self, commitment: &Hash) -> Result<(), BadDisclosure> {
        if self.commitment()? == *commitment { Ok(()) } else { Err(BadDisclosure::Commitment) }
    }

    /// The value of a field that is shown.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|field| field.name.as_str() == name).map(|field| &field.value)
    }

    /// The commitment to which the fields and the proof lead.
    pub fn commitment(&self) -> Result<Hash, BadDisclosure> {
        let count = self.count as usize;
        if !(1..=MAX_FIELDS).contains(&count) || self.fields.is_empty() {
            return Err(BadDisclosure::Count);
        }
        let places: Vec<usize> = self.fields.iter().map(|field| field.index as usize).collect();
        let ascending = places.windows(2).all(|pair| pair[0] < pair[1]);
        let repeated = |index: usize| {
            let others = &self.fields[..index];
            others.iter().any(|other| other.name == self.fields[index].name)
        };
        if !ascending
            || places.last().is_some_and(|last| *last >= count)
            || (0..places.len()).any(repeated)
        {
            return Err(BadDisclosure::Order);
        }
        // What the library would not miss is more hashes than it needs.
        let needed: usize = proof_indices_by_layers(&places, count).iter().map(Vec::len).sum();
        if self.proof.len() != needed {
            return Err(BadDisclosure::ProofLength);
        }
        let leaf = |field: &DisclosedField| field_hash(&field.salt, &field.name, &field.value).0;
        let leaves: Vec<[u8; 32]> = self.fields.iter().map(leaf).collect();
        let proof = MerkleProof::<Rfc6962>::new(self.proof.iter().map(|hash| hash.0).collect());
        let root = proof.root(&places, &leaves, count).map_err(|_| BadDisclosure::ProofLength)?;
        Ok(commit(&self.schema, self.count, &Hash(root)))
    }
}
