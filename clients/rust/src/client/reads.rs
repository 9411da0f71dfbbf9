//! Reading: objects, histories, proofs, the log and the blocks.

use chancery_ledger::anchor::Anchor;
use chancery_ledger::block::{Header, PARTIAL_BLOCK};
use chancery_ledger::evidence::cose::{self, SignedRoot};
use chancery_ledger::evidence::{BadEvidence, BlockReceipt, Evidence, Receipt, StatusProof};
use chancery_ledger::execution::{Object, Stored};
use chancery_ledger::genesis::Genesis;
use chancery_ledger::hash::Hash;
use chancery_ledger::key::PublicKey;
use chancery_ledger::merkle::{ConsistencyProof, InclusionProof};
use chancery_ledger::party::PartyId;
use chancery_ledger::tile::Tile;
use chancery_ledger::transition::{Entry, Signing};
use reqwest::header::{ACCEPT, HeaderValue};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Client;
use super::http::Request;
use crate::bundle::{Bundle, BundledVersion, VERSIONS_MAX};
use crate::error::Error;
use crate::verify;
use crate::wire::{Answer, AsOf, LedgerInfo, NetworkInfo, Path, Submitted, encode_segment};

const OCTETS: &str = "application/octet-stream";

impl Client {
    /// What the server says of its ledger.
    pub async fn ledger(&self) -> Result<LedgerInfo, Error> {
        let info: LedgerInfo = self.http.json(&Request::get("/v1/ledger")).await?;
        match self.anchor() {
            Some(anchor) if anchor.ledger() != info.ledger => {
                let (theirs, ours) = (info.ledger.to_string(), anchor.ledger().to_string());
                Err(Error::OtherLedger { theirs, ours })
            }
            _ => Ok(info),
        }
    }

    /// How the node stands in its network.
    pub async fn network(&self) -> Result<NetworkInfo, Error> {
        self.http.json(&Request::get("/v1/network")).await
    }

    /// Whether the node takes transitions in at this moment. It is asked once.
    pub async fn is_ready(&self) -> Result<bool, Error> {
        Ok(self.http.send_once(&Request::get("/readyz")).await?.status().is_success())
    }

    /// The genesis in its exact bytes: the anchor, for whoever trusts the server this once.
    pub async fn genesis(&self) -> Result<Genesis, Error> {
        let path = "/v1/ledger/genesis";
        let bytes = self.http.bytes(&Request::get(path)).await?;
        let genesis = Genesis::parse(&bytes)
            .map_err(|error| self.http.misunderstood(path, &error.to_string()))?;
        match self.anchor() {
            Some(anchor) if anchor.ledger() != genesis.ledger() => {
                let (theirs, ours) = (genesis.ledger().to_string(), anchor.ledger().to_string());
                Err(Error::OtherLedger { theirs, ours })
            }
            _ => Ok(genesis),
        }
    }

    /// An object as of a block, as the interface describes it and the server says it: [`Self::proof`]
    /// proves it.
    pub async fn object(&self, object: &Path, as_of: AsOf) -> Result<Value, Error> {
        self.json(Request::get(format!("/v1/{}", object.to_url())).at(as_of)).await
    }

    /// The transitions behind an object, one page after the other until `limit` are there.
    pub async fn history(&self, object: &Path, limit: usize) -> Result<Vec<Value>, Error> {
        self.pages(Request::get(format!("/v1/{}/history", object.to_url())), limit).await
    }

    /// The same, with the object as each transition left it: `object` as its register describes it, and
    /// `stored` in the form that [`Self::proof`] proves. A block that changed it more than once proves
    /// the last of its versions; the others are the server's word.
    pub async fn versions(&self, object: &Path, limit: usize) -> Result<Vec<Value>, Error> {
        let history = Request::get(format!("/v1/{}/history", object.to_url()));
        self.pages_of(history.query("objects", true), limit, FULL_PAGE_MAX).await
    }

    /// An object with all that shows how it came to be what it is, as [`Bundle::verify`] checks it; nothing
    /// is checked here but `latest`.
    pub async fn bundle(&self, object: &Path) -> Result<Bundle, Error> {
        let latest = self.proof(object, AsOf::default()).await?;
        let count = verify::object_version(&latest).unwrap_or_default() as usize;
        if !(1..=VERSIONS_MAX).contains(&count) {
            let why = match count {
                0 => format!("there is no {object}"),
                _ => format!("it has {count} versions, and a bundle at most {VERSIONS_MAX}"),
            };
            return Err(Error::Content { what: object.to_string(), why });
        }
        let history = Request::get(format!("/v1/{}/history", object.to_url()));
        let items = self.pages_of(history.query("proofs", true), count, FULL_PAGE_MAX).await?;
        if items.len() != count {
            let why = format!("its history has {} of {count} versions so far", items.len());
            return Err(Error::Content { what: object.to_string(), why });
        }
        let version = |(number, item): (u64, Value)| {
            let proofs = serde_json::from_value(item["proofs"].clone());
            let proofs: Vec<Evidence> =
                proofs.map_err(|error| self.http.misunderstood("history", &error.to_string()))?;
            Ok(BundledVersion::of(number, proofs))
        };
        let versions = (1..).zip(items).map(version).collect::<Result<_, Error>>()?;
        let mut anchor = Anchor::from(self.genesis().await?);
        let mut handovers = Vec::new();
        loop {
            let more = self.handovers(anchor.last_from()).await?;
            // Those that lead no further would come for ever.
            let known = anchor.last_from();
            if more.is_empty() {
                return Ok(Bundle { handovers, latest, versions, records: Vec::new() });
            }
            for handover in more {
                anchor.follow(&handover)?;
                handovers.push(handover);
            }
            if anchor.last_from() == known {
                return Err(Error::OtherEvidence("its handovers lead nowhere".to_owned()));
            }
        }
    }

    /// What a party holds in a register, or held, in this relation or in any.
    pub async fn held(
        &self,
        register: &str,
        party: &PartyId,
        relation: Option<&str>,
        as_of: AsOf,
        limit: usize,
    ) -> Result<Vec<Value>, Error> {
        let path = format!("/v1/{}", encode_segment(register));
        let request = Request::get(path).query("party", party).at(as_of);
        let request = match relation {
            Some(relation) => request.query("relation", relation),
            None => request,
        };
        self.pages(request, limit).await
    }

    /// Transitions of the log for which every condition holds: `subject`, `register`, `signer`,
    /// `party`, `from`, `until` and `order` are known.
    pub async fn transitions(
        &self,
        conditions: &[(String, String)],
        limit: usize,
    ) -> Result<Vec<Value>, Error> {
        let all = Request::get("/v1/transitions");
        let and = |request: Request, (name, value): &(String, String)| request.query(name, value);
        self.pages(conditions.iter().fold(all, and), limit).await
    }

    /// That an object is, or is not, in the state as of a block.
    pub async fn proof(&self, object: &Path, as_of: AsOf) -> Result<StatusProof, Error> {
        let path = format!("/v1/{}/proof", object.to_url());
        let proof: StatusProof = self.json(Request::get(path).at(as_of)).await?;
        if proof.object != object.to_string() {
            return Err(Error::OtherEvidence(format!("it is about {}", proof.object)));
        }
        self.holds(&Evidence::Status(proof.clone())).await?;
        Ok(proof)
    }

    /// An object as its register has it, from a proof: `None` when there is none.
    pub async fn stored<T: Object>(&self, id: &str, as_of: AsOf) -> Result<Option<T>, Error> {
        let path = Path::new(T::REGISTER, T::KIND, id)?;
        let proof = self.proof(&path, as_of).await?;
        let Some(value) = proof.value else { return Ok(None) };
        let stored = Stored::<T>::decode(&value.0);
        let stored = stored.map_err(|error| self.http.misunderstood("", &error.to_string()))?;
        Ok(Some(stored.value))
    }

    /// What has become of a transition.
    pub async fn status(&self, id: &Hash) -> Result<Submitted, Error> {
        self.json(Request::get(format!("/v1/transitions/{id}"))).await
    }

    /// The receipt of a transition that is in a block.
    pub async fn receipt(&self, id: &Hash) -> Result<Receipt, Error> {
        let path = format!("/v1/transitions/{id}/receipt");
        let receipt = self.json(Request::get(path)).await?;
        self.checked_receipt(id, receipt).await
    }

    /// The receipt of a transition by its block: shorter, and without its place in the log.
    pub async fn block_receipt(&self, id: &Hash) -> Result<BlockReceipt, Error> {
        let request = Request::get(format!("/v1/transitions/{id}/receipt")).query("by", "block");
        let receipt: BlockReceipt = self.json(request).await?;
        is_of(id, &receipt.entry.0)?;
        self.holds(&Evidence::InBlock(receipt.clone())).await?;
        Ok(receipt)
    }

    /// The receipt of a transition in COSE (RFC 9942), for other verifiers, and who has signed it.
    ///
    /// With an anchor the signer must be a validator, as for a checkpoint, and the receipt exactly the one
    /// that its key makes of the root that the block's seal is for. Without one, and on a ledger of work,
    /// where a server's key says who states it and nothing more, the signer is `None`.
    pub async fn receipt_in_cose(&self, id: &Hash) -> Result<(Vec<u8>, Option<PublicKey>), Error> {
        let receipt = self.receipt(id).await?;
        let accept = HeaderValue::from_static(cose::MEDIA_TYPE);
        let request = Request::get(format!("/v1/transitions/{id}/receipt")).header(ACCEPT, accept);
        let bytes = self.http.bytes(&self.as_reader(request).await?).await?;
        let Some(mut anchor) = self.anchor().filter(|anchor| anchor.genesis().pool().is_some())
        else {
            return Ok((bytes, None));
        };
        let mut signer = signer_in_cose(&bytes, &receipt, &anchor)?;
        if signer.is_none() {
            self.lead(&mut anchor).await?;
            signer = signer_in_cose(&bytes, &receipt, &anchor)?;
        }
        match signer {
            Some(_) => Ok((bytes, signer)),
            None => Err(Error::OtherEvidence(
                "no validator has signed this receipt in COSE for what the seal is for".to_owned(),
            )),
        }
    }

    /// The log's signed checkpoint (C2SP).
    pub async fn checkpoint_text(&self) -> Result<String, Error> {
        let path = "/v1/log/checkpoint";
        let bytes = self.http.bytes(&Request::get(path)).await?;
        String::from_utf8(bytes).map_err(|_| self.http.misunderstood(path, "it is not text"))
    }

    /// The log's latest checkpoint that its witnesses have cosigned, which may lag; `None` while there is
    /// none.
    pub async fn cosigned_text(&self) -> Result<Option<String>, Error> {
        let path = "/v1/log/cosigned/checkpoint";
        match self.http.bytes(&Request::get(path)).await {
            // A server that knows no such address has no such checkpoint either.
            Err(Error::Refused(problem)) if problem.status == 404 => Ok(None),
            Err(error) => Err(error),
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err(self.http.misunderstood(path, "it is not text")),
            },
        }
    }

    /// That the entry at a position is in the log of the first `size` entries.
    pub async fn inclusion(&self, position: u64, size: u64) -> Result<InclusionProof, Error> {
        let request = Request::get("/v1/log/proofs/inclusion")
            .query("position", position)
            .query("size", size);
        self.http.json(&request).await
    }

    /// That the log of `to` entries begins with the log of `from`.
    pub async fn consistency(&self, from: u64, to: u64) -> Result<ConsistencyProof, Error> {
        let request =
            Request::get("/v1/log/proofs/consistency").query("from", from).query("to", to);
        self.http.json(&request).await
    }

    /// A tile of the log in its exact bytes. Entries are refused where the reader may not see them all.
    pub async fn tile(&self, tile: &Tile) -> Result<Vec<u8>, Error> {
        let request = self.as_reader(Request::get(format!("/v1/log/{tile}"))).await?;
        self.http.bytes(&request).await
    }

    /// A block in its exact bytes: [`chancery_ledger::block::Block::decode`] reads them. Refused where
    /// it holds what the reader may not see.
    pub async fn block(&self, height: u64) -> Result<Vec<u8>, Error> {
        self.block_bytes(height, OCTETS.to_owned()).await
    }

    /// A block as far as the reader may see it: [`PartialBlock::decode`] reads it.
    ///
    /// [`PartialBlock::decode`]: chancery_ledger::block::PartialBlock::decode
    pub async fn block_as_shown(&self, height: u64) -> Result<Vec<u8>, Error> {
        self.block_bytes(height, format!("{OCTETS}, {PARTIAL_BLOCK}")).await
    }

    async fn block_bytes(&self, height: u64, accept: String) -> Result<Vec<u8>, Error> {
        let path = format!("/v1/blocks/{height}");
        let accept = HeaderValue::try_from(accept)
            .map_err(|error| self.http.misunderstood(&path, &error.to_string()))?;
        let request = self.as_reader(Request::get(path).header(ACCEPT, accept)).await?;
        self.http.bytes(&request).await
    }

    /// The answer to a question about an object, as of a block, with the proofs of what it rests on if
    /// they are asked for.
    ///
    /// With an anchor the proofs are checked, and an answer from the state is worked out anew from what
    /// they prove: see [`verify::answer_holds`].
    pub async fn ask(
        &self,
        object: &Path,
        question: &str,
        as_of: AsOf,
        proofs: bool,
    ) -> Result<Answer, Error> {
        let path = format!("/v1/{}/{}", object.to_url(), encode_segment(question));
        let request = Request::get(path).at(as_of);
        let request = if proofs { request.query("proofs", true) } else { request };
        let answer: Answer = self.json(request).await?;
        if answer.object() != object.to_string() || answer.question != question {
            return Err(Error::OtherEvidence(format!("it answers about {}", answer.object())));
        }
        if proofs {
            self.check(|anchor| verify::answer_holds(&answer, anchor)).await?;
        }
        Ok(answer)
    }

    /// Anything else that the server offers, read as JSON.
    pub async fn get(&self, path: &str) -> Result<Value, Error> {
        self.json(Request::get(path)).await
    }

    async fn json<T: DeserializeOwned>(&self, request: Request) -> Result<T, Error> {
        self.http.json(&self.as_reader(request).await?).await
    }

    pub(super) async fn checked_receipt(
        &self,
        id: &Hash,
        receipt: Receipt,
    ) -> Result<Receipt, Error> {
        is_of(id, &receipt.entry.0)?;
        self.holds(&Evidence::Receipt(receipt.clone())).await?;
        Ok(receipt)
    }

    async fn pages(&self, first: Request, limit: usize) -> Result<Vec<Value>, Error> {
        self.pages_of(first, limit, PAGE_MAX).await
    }

    async fn pages_of(
        &self,
        first: Request,
        limit: usize,
        page_max: usize,
    ) -> Result<Vec<Value>, Error> {
        let mut items = Vec::new();
        let mut request = first.query("limit", limit.clamp(1, page_max));
        loop {
            let page: Page = self.json(request.clone()).await?;
            let empty = page.items.is_empty();
            items.extend(page.items);
            match page.next {
                Some(next) if items.len() < limit && !empty => {
                    // Only ever the server that was asked first.
                    if !next.starts_with("/v1/") {
                        return Err(self
                            .http
                            .misunderstood(&request.path, "next is no address here"));
                    }
                    request = Request::get(next);
                }
                _ => break,
            }
        }
        items.truncate(limit);
        Ok(items)
    }
}

/// Whether an entry is of this transition.
fn is_of(id: &Hash, entry: &[u8]) -> Result<(), Error> {
    let stated = Entry::decode(entry)
        .ok()
        .and_then(|entry| serde_json::from_slice::<Signing>(entry.transition).ok())
        .map(|signing| signing.id());
    match stated == Some(*id) {
        true => Ok(()),
        false => Err(Error::OtherEvidence(format!("it is not the receipt of {id}"))),
    }
}

/// Which validator of the last two pools that are known has signed a receipt in COSE.
fn signer_in_cose(
    bytes: &[u8],
    receipt: &Receipt,
    anchor: &Anchor,
) -> Result<Option<PublicKey>, Error> {
    let header = Header::decode(&receipt.header.0).map_err(BadEvidence::from)?;
    let keys = anchor.last_pools().iter().flat_map(|(_, pool)| &pool.validators);
    let keys = keys.map(|validator| validator.key);
    let (ledger, root, proof) = (header.ledger, header.log_root, &receipt.inclusion);
    Ok(SignedRoot::signer_of(bytes, &ledger, &root, proof, keys))
}

/// The most items of a page, and of one whose items carry their objects.
const PAGE_MAX: usize = 500;
const FULL_PAGE_MAX: usize = 50;

/// One page of a list.
#[derive(serde::Deserialize)]
struct Page {
    items: Vec<Value>,
    #[serde(default)]
    next: Option<String>,
}
