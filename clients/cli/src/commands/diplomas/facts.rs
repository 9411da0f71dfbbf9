//! What the ledger says, fetched with its proofs and judged here by the rules themselves: a row that
//! the register would refuse is found before anything is signed, with the register's own code.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use chancery_client::{Action, AsOf, Client, Genesis, Hash, KeyId, PartyId, Path, now};
use chancery_ledger::code::Rejection;
use chancery_ledger::error::Error;
use chancery_ledger::execution::{Context, Draft, Object, State, Stored, apply_all, state_key};
use chancery_registries::Registers;
use chancery_registries::authorities::{Accreditation, FreezeIndex, Institution, Order};
use chancery_registries::diplomas::{Credential, CredentialId, Programme};
use chancery_registries::identity::Party;
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::failure::Failure;
use crate::session::Session;

/// Requests under way at a time.
const AT_A_TIME: usize = 16;

/// Objects of the ledger as they stood when they were fetched, there or not.
pub(super) struct Facts<'a> {
    client: &'a Client,
    genesis: Genesis,
    objects: Objects,
}

#[derive(Default)]
struct Objects(BTreeMap<Hash, Option<Arc<[u8]>>>);

impl State for Objects {
    /// What was not fetched is not known, which is something else than absent.
    fn read(&self, key: &Hash) -> Result<Option<Arc<[u8]>>, Error> {
        self.0.get(key).cloned().ok_or_else(|| Error::Io {
            file: format!("the object at {key}"),
            source: io::Error::from(io::ErrorKind::NotFound),
        })
    }
}

/// The verdict of the rules on one action.
pub(super) enum Judged {
    /// It would take effect.
    Fine,
    /// It would be refused.
    Refused(Rejection),
    /// The rules asked for something that was not fetched: the server has to judge.
    Unknown,
}

impl<'a> Facts<'a> {
    /// Nothing is known yet but the genesis.
    pub(super) async fn begin(session: &'a Session) -> Result<Self, Failure> {
        let client = session.client()?;
        let genesis = match session.anchor() {
            Some(anchor) => anchor.genesis().clone(),
            None => client.genesis().await?,
        };
        Ok(Self { client, genesis, objects: Objects::default() })
    }

    /// Fetches objects of one kind, each once; `each` hears of every one.
    pub(super) async fn fetch<T: Object>(
        &mut self,
        ids: impl IntoIterator<Item = String>,
        each: impl Fn(),
    ) -> Result<(), Failure> {
        let ids: BTreeSet<String> = ids.into_iter().collect();
        let new = |id: &String| !self.objects.0.contains_key(&key::<T>(id));
        let new: Vec<String> = ids.into_iter().filter(new).collect();
        let client = self.client;
        let one = |id: String| async move {
            let path = Path::new(T::REGISTER, T::KIND, &id)?;
            let proof = client.proof(&path, AsOf::Now).await?;
            Ok::<_, Failure>((key::<T>(&id), proof.value.map(|value| Arc::from(value.0))))
        };
        let mut fetched = stream::iter(new.into_iter().map(one)).buffer_unordered(AT_A_TIME);
        while let Some((key, value)) = fetched.try_next().await? {
            self.objects.0.insert(key, value);
            each();
        }
        Ok(())
    }

    /// Forgets objects of one kind, so that they are fetched anew.
    pub(super) fn forget<T: Object>(&mut self, ids: impl IntoIterator<Item = String>) {
        for id in ids {
            self.objects.0.remove(&key::<T>(&id));
        }
    }

    /// An object that was fetched.
    pub(super) fn get<T: Object>(&self, id: &str) -> Option<T> {
        let bytes = self.objects.0.get(&key::<T>(id))?.as_ref()?;
        Stored::<T>::decode(bytes).ok().map(|stored| stored.value)
    }

    /// What the rules ask about an institution: its keys and all its accreditations, with those
    /// that they were granted under.
    pub(super) async fn fetch_institution(&mut self, party: &PartyId) -> Result<(), Failure> {
        let id = party.to_string();
        self.fetch::<Party>([id.clone()], || ()).await?;
        self.fetch::<Institution>([id.clone()], || ()).await?;
        let mut ids: Vec<String> = self
            .get::<Institution>(&id)
            .map(|index| index.accreditations.iter().map(ToString::to_string).collect())
            .unwrap_or_default();
        while !ids.is_empty() {
            self.fetch::<Accreditation>(ids.clone(), || ()).await?;
            let above = |id: &String| self.get::<Accreditation>(id)?.under;
            ids = ids.iter().filter_map(above).map(|id| id.to_string()).collect();
        }
        Ok(())
    }

    /// What the rules ask about programmes: themselves, and what is frozen of them.
    pub(super) async fn fetch_programmes(
        &mut self,
        ids: impl IntoIterator<Item = String>,
    ) -> Result<(), Failure> {
        let ids: BTreeSet<String> = ids.into_iter().collect();
        let freezes = ids.iter().map(|id| key::<Programme>(id).to_string());
        self.fetch::<FreezeIndex>(freezes, || ()).await?;
        self.fetch::<Programme>(ids, || ()).await
    }

    /// An order.
    pub(super) async fn fetch_order(&mut self, id: &str) -> Result<(), Failure> {
        self.fetch::<Order>([id.to_owned()], || ()).await
    }

    /// A credential with everything that its standing rests on.
    pub(super) async fn fetch_standing(&mut self, id: &CredentialId) -> Result<(), Failure> {
        self.fetch_institution(&id.institution).await?;
        let named = |serial| CredentialId { institution: id.institution, serial }.to_string();
        let first = id.to_string();
        self.fetch::<FreezeIndex>([key::<Credential>(&first).to_string()], || ()).await?;
        self.fetch::<Credential>([first.clone()], || ()).await?;
        let award = self.get::<Credential>(&first).and_then(|credential| credential.award);
        self.fetch::<Credential>(award.map(named), || ()).await?;
        let mut last = first;
        while let Some(by) =
            self.get::<Credential>(&last).and_then(|it| it.superseded).and_then(|it| it.by)
        {
            last = named(by);
            self.fetch::<Credential>([last.clone()], || ()).await?;
        }
        Ok(())
    }

    /// Judges an action by the register's rules, as signed by `signer` now. One that is fine counts
    /// for the next ones.
    pub(super) fn judge(&mut self, action: &Action, signer: KeyId) -> Judged {
        let signers = [signer];
        let mut draft = Draft::new(self.context(&signers), &self.objects);
        let verdict = apply_all(&Registers, &mut draft, std::slice::from_ref(action));
        let Ok(changes) = draft.finish() else { return Judged::Unknown };
        match verdict {
            Err(rejection) => Judged::Refused(rejection),
            Ok(()) => {
                let after = changes.into_iter().map(|change| (change.key, Some(change.after)));
                self.objects.0.extend(after);
                Judged::Fine
            }
        }
    }

    /// Asks a register's question of what was fetched; none where it needs more.
    pub(super) fn ask<R>(&self, question: impl FnOnce(&Draft<'_>) -> Option<R>) -> Option<R> {
        let draft = Draft::new(self.context(&[]), &self.objects);
        let answer = question(&draft);
        draft.finish().ok().and(answer)
    }

    fn context<'b>(&'b self, signers: &'b [KeyId]) -> Context<'b> {
        Context {
            genesis: &self.genesis,
            height: 0,
            time: now(),
            position: 0,
            id: Hash::default(),
            signers,
        }
    }
}

fn key<T: Object>(id: &str) -> Hash {
    state_key(T::REGISTER, T::KIND, id)
}
