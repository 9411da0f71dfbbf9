//! Keys of a party: rotated, added, revoked.

use chancery_client::{KeyId, PublicKey};
use chancery_ledger::time::Time;
use chancery_registries::RegisterName;
use chancery_registries::identity::{Action, AddKey, Purpose, RevokeKey, SetControllers};
use chancery_registries::text::Statement;
use clap::Subcommand;

use super::send;
use crate::failure::Failure;
use crate::report::Report;
use crate::sending::Sending;
use crate::session::Session;
use crate::words::{KeyWord, PartyWord, distinct, moment, word};

/// Keys of a party: rotated, added, revoked.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Put a new controller key in the place of the present one; both sign.
    Rotate {
        /// The present key's name.
        name: String,
        /// The new key's name; it is made when there is none.
        #[arg(long, value_name = "NAME")]
        to: String,
        #[command(flatten)]
        sending: Sending,
    },
    /// Replace the whole set of controller keys. The present controllers and every new key sign.
    SetControllers {
        /// Whose, by ID code or key name.
        party: PartyWord,
        /// A key of the new set, by its 43 characters or key name; once for each.
        #[arg(long = "key", required = true, value_name = "KEY")]
        new_keys: Vec<KeyWord>,
        /// How many of them must sign from then on.
        #[arg(long, default_value_t = 1)]
        threshold: u32,
        #[command(flatten)]
        sending: Sending,
    },
    /// Add a sub-key with a purpose. The controllers and the new key sign.
    AddKey {
        /// Whose: the name of a controller key.
        name: String,
        /// The sub-key's name; it is made when there is none.
        #[arg(long, value_name = "NAME")]
        key: String,
        /// authentication, assertion, custody or device; once for each.
        #[arg(long = "purpose", required = true, value_parser = word::<Purpose>)]
        purposes: Vec<Purpose>,
        /// The one register in which it shall count.
        #[arg(long, value_parser = word::<RegisterName>)]
        register: Option<RegisterName>,
        /// From when on: a time, or +DURATION from now.
        #[arg(long, value_parser = moment)]
        valid_from: Option<Time>,
        /// Until when: a time, or +DURATION from now.
        #[arg(long, value_parser = moment)]
        valid_until: Option<Time>,
        #[command(flatten)]
        sending: Sending,
    },
    /// Revoke a controller key or a sub-key for good.
    RevokeKey {
        /// Whose, by ID code or the name of a controller key.
        party: PartyWord,
        /// Which, by its 43 characters or key name.
        #[arg(long)]
        key: KeyWord,
        /// Why.
        #[arg(long)]
        reason: Statement,
        #[command(flatten)]
        sending: Sending,
    },
}

impl Command {
    /// Does it.
    pub(super) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        match self {
            Self::Rotate { name, to, sending } => rotate(session, name, to, sending).await,
            Self::SetControllers { party, new_keys, threshold, sending } => {
                let keys: Vec<PublicKey> = new_keys
                    .iter()
                    .map(|key| key.resolve(session.keys()))
                    .collect::<Result<_, _>>()?;
                let action = Action::SetControllers(SetControllers {
                    party: session.party(party)?,
                    threshold: *threshold,
                    keys: distinct(keys)?,
                });
                send(session, sending, action, party).await
            }
            Self::AddKey { .. } => self.add_key(session).await,
            Self::RevokeKey { party, key, reason, sending } => {
                let action = Action::RevokeKey(RevokeKey {
                    party: session.party(party)?,
                    key: key.resolve(session.keys())?,
                    reason: reason.clone(),
                });
                send(session, sending, action, party).await
            }
        }
    }

    async fn add_key(&self, session: &Session) -> Result<Report, Failure> {
        let Self::AddKey { name, key, purposes, register, valid_from, valid_until, sending } = self
        else {
            return Err(Failure::usage("not add-key"));
        };
        let new = further_key(session, name, key)?;
        let action = Action::AddKey(AddKey {
            party: new.party,
            key: new.key,
            purposes: distinct(purposes.clone())?,
            only_register: *register,
            valid_from: *valid_from,
            valid_until: *valid_until,
        });
        let sending = signed_by_both(sending, name, key);
        send(session, &sending, action, &PartyWord(name.clone())).await
    }
}

async fn rotate(
    session: &Session,
    name: &str,
    to: &str,
    sending: &Sending,
) -> Result<Report, Failure> {
    let new = further_key(session, name, to)?;
    let action = Action::SetControllers(SetControllers {
        party: new.party,
        threshold: 1,
        keys: distinct(vec![new.key])?,
    });
    let sending = signed_by_both(sending, name, to);
    send(session, &sending, action, &PartyWord(name.to_owned())).await
}

/// A further key of the party that a key is of; made when there is none.
fn further_key(session: &Session, of: &str, name: &str) -> Result<KeyId, Failure> {
    let party = session.keys().file(of)?.signer().party;
    if !session.keys().has(name) {
        session.keys().create(name, Some(party))?;
    }
    let signer = session.keys().file(name)?.signer();
    if signer.party != party {
        let what = format!("the key {name} is of {}, not of {party}", signer.party);
        return Err(Failure::usage(what));
    }
    Ok(signer)
}

fn signed_by_both(sending: &Sending, old: &str, new: &str) -> Sending {
    let mut sending = sending.clone();
    if sending.sign_as.is_empty() {
        sending.sign_as = vec![old.to_owned(), new.to_owned()];
    }
    sending
}
