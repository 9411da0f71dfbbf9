//! What a command works with: the server, the anchor and the keys.

use std::cell::OnceCell;

use chancery_client::{Client, Genesis, Hash, PartyId, Transition, files};

use crate::args::Global;
use crate::failure::Failure;
use crate::key_store::KeyStore;
use crate::passphrase::Passphrases;
use crate::words::PartyWord;

/// The server, the anchor and the keys.
pub(crate) struct Session {
    url: String,
    keys: KeyStore,
    anchor: Option<Genesis>,
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
        let anchor = global.anchor.as_deref().map(files::read_genesis).transpose()?;
        Ok(Self { url: global.url.clone(), keys, anchor, client: OnceCell::new() })
    }

    /// The server's address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The keys.
    pub(crate) fn keys(&self) -> &KeyStore {
        &self.keys
    }

    /// The genesis that is trusted.
    pub(crate) fn anchor(&self) -> Option<&Genesis> {
        self.anchor.as_ref()
    }

    /// The server, which trusts the anchor where there is one.
    pub(crate) fn client(&self) -> Result<&Client, Failure> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = Client::new(&self.url)?;
        let client = match &self.anchor {
            Some(anchor) => client.trusting(anchor.clone()),
            None => client,
        };
        Ok(self.client.get_or_init(|| client))
    }

    /// A party by its ID code or the name of a key.
    pub(crate) fn party(&self, word: &PartyWord) -> Result<PartyId, Failure> {
        word.resolve(&self.keys)
    }

    /// Begins a transition: for the anchor's ledger, which needs no server, else for the server's.
    pub(crate) async fn transition(&self, ledger: Option<Hash>) -> Result<Transition, Failure> {
        let ledger = ledger.or_else(|| self.anchor.as_ref().map(Genesis::ledger));
        match ledger {
            Some(ledger) => Ok(Transition::on(ledger)),
            None => Ok(self.client()?.transition().await?),
        }
    }
}
