//! What a command works with: the server, the anchor and the keys.

use std::cell::OnceCell;

use chancery_client::{Anchor, Client, Hash, PartyId, Transition, files};

use crate::args::Global;
use crate::failure::Failure;
use crate::key_store::KeyStore;
use crate::passphrase::Passphrases;
use crate::words::PartyWord;

/// The server, the anchor and the keys.
pub(crate) struct Session {
    url: String,
    json: bool,
    keys: KeyStore,
    anchor: Option<Anchor>,
    read_as: Option<String>,
    /// Certificates in PEM.
    authorities: Option<Vec<u8>>,
    client: OnceCell<Client>,
}

impl Session {
    /// What the options and the environment say.
    pub(crate) fn open(global: &Global) -> Result<Self, Failure> {
        let folder = match &global.keys {
            Some(folder) => folder.clone(),
            None => KeyStore::default_folder()?,
        };
        let keys = KeyStore::new(folder, Passphrases::from_environment()?);
        let read = |genesis| files::read_anchor(genesis, &global.handover);
        let anchor = global.anchor.as_deref().map(read).transpose()?;
        let authorities = global.ca.as_deref().map(files::read_certificates).transpose()?;
        let (url, read_as) = (global.url.clone(), global.read_as.clone());
        let (json, client) = (global.json, OnceCell::new());
        Ok(Self { url, json, keys, anchor, read_as, authorities, client })
    }

    /// The server's address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Whether what is printed is for machines.
    pub(crate) fn is_for_machines(&self) -> bool {
        self.json
    }

    /// The keys.
    pub(crate) fn keys(&self) -> &KeyStore {
        &self.keys
    }

    /// What is trusted: the genesis and the handovers that were named, and those that the server has
    /// shown since.
    pub(crate) fn anchor(&self) -> Option<Anchor> {
        let followed = self.client.get().and_then(Client::anchor);
        followed.or_else(|| self.anchor.clone())
    }

    /// The server, which trusts the anchor where there is one.
    pub(crate) fn client(&self) -> Result<&Client, Failure> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = self.client_of(&self.url)?;
        Ok(self.client.get_or_init(|| client))
    }

    /// A server, which trusts the anchor where there is one and is read as whoever was named.
    pub(crate) fn client_of(&self, url: &str) -> Result<Client, Failure> {
        let mut client = match &self.authorities {
            Some(pem) => Client::with_authorities(url, pem)?,
            None => Client::new(url)?,
        };
        if let Some(anchor) = &self.anchor {
            client = client.trusting(anchor.clone());
        }
        if let Some(name) = &self.read_as {
            client = client.reading_as(self.keys.open(name)?);
        }
        Ok(client)
    }

    /// The server, read as the party of a key unless --read-as names another.
    pub(crate) fn client_of_key(&self, name: &str) -> Result<Client, Failure> {
        let client = self.client_of(&self.url)?;
        match self.read_as {
            Some(_) => Ok(client),
            None => Ok(client.reading_as(self.keys.open(name)?)),
        }
    }

    /// A party by its ID code or the name of a key.
    pub(crate) fn party(&self, word: &PartyWord) -> Result<PartyId, Failure> {
        word.resolve(&self.keys)
    }

    /// Begins a transition: for the anchor's ledger, which needs no server, else for the server's.
    pub(crate) async fn transition(&self, ledger: Option<Hash>) -> Result<Transition, Failure> {
        let ledger = ledger.or_else(|| self.anchor.as_ref().map(Anchor::ledger));
        match ledger {
            Some(ledger) => Ok(Transition::on(ledger)),
            None => Ok(self.client()?.transition().await?),
        }
    }
}
