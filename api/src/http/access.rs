//! Who asks, and what they may be told: a stranger reads what is public, a party that its token
//! proves reads what concerns it or what it is accredited to oversee.
//!
//! The rules are one table, in [`chancery_registries::access`]. Every handler that could show
//! something private takes a [`Reader`] and asks it; nothing here falls back to "shown".

mod entries;
mod origin;
mod token;

use std::future::{Ready, ready};
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use chancery_ledger::party::PartyId;
use chancery_ledger::view::View;
use chancery_registries::access::{self, is_private, private_registers};
use chancery_registries::{Kind, Register};

use super::api::Api;
use super::changes::{ChangedObject, Deed};
use super::codes;
use super::limits;
use super::problem::Problem;
use crate::node::{Node, now};
use crate::projection::HiddenRegister;

pub(super) use entries::private_registers_of;
pub(super) use origin::origins;

/// Who asks.
#[derive(Clone)]
pub(super) struct Reader(Option<Arc<Known>>);

/// A party that has proved who it is.
struct Known {
    reader: access::Reader,
    /// The private registers of which it may read everything.
    overseen: Vec<&'static str>,
    /// When its proof runs out.
    expires: Instant,
}

impl FromRequest for Reader {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(http: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(http))
    }
}

impl Reader {
    /// Who sends a request. A token that is not good is refused, whatever is asked for: its sender
    /// would take a stranger's answer for its own.
    fn of(http: &HttpRequest) -> Result<Self, Problem> {
        let mut given = http.headers().get_all(header::AUTHORIZATION);
        let Some(first) = given.next() else { return Ok(Self(None)) };
        if given.next().is_some() {
            return Err(token::refused(&codes::TOKEN_MALFORMED, "Authorization stands twice"));
        }
        let api = http.app_data::<web::Data<Api>>();
        let api = api.ok_or_else(|| super::problem::internal(&"a handler without the api"))?;
        let (view, time) = (api.node.view(), now());
        let token = token::verify(first, &view.genesis().ledger(), &api.origins, time)?;
        let (known, _) = view.ask(view.tip().header.height, |draft| {
            let reader = access::reader_by(draft, &token.signer, time)?;
            let overseen = private_registers().filter(|it| reader.oversees(draft, it, time));
            Ok((reader, overseen.map(|register| register.name).collect::<Vec<_>>()))
        })?;
        let (reader, overseen) = known.map_err(token::not_of_its_party)?;
        limits::count_to_party(api, http, reader.party)?;
        let left_ms = token.expires.as_ms().saturating_sub(time.as_ms());
        let expires = Instant::now() + Duration::from_millis(left_ms);
        Ok(Self(Some(Arc::new(Known { reader, overseen, expires }))))
    }

    /// Whether a party asks.
    pub(super) fn is_known(&self) -> bool {
        self.0.is_some()
    }

    /// The party that asks, where its key counts in a register.
    pub(super) fn party_in(&self, register: &str) -> Option<PartyId> {
        let known = self.0.as_ref().filter(|known| known.counts_in(register))?;
        Some(known.reader.party)
    }

    /// When a stream to this reader must end.
    pub(super) fn expires(&self) -> Option<Instant> {
        self.0.as_ref().map(|known| known.expires)
    }

    /// The reader may be told of this object, as of this block: whether it is there, and all else.
    /// The refusal is the same for every id.
    pub(super) fn may_read(
        &self,
        view: &View,
        kind: &Kind,
        id: &str,
        height: u64,
    ) -> Result<(), Problem> {
        if !is_private(kind.register) {
            return Ok(());
        }
        let refused = || Err(codes::REGISTER_PRIVATE.because(kind.register));
        let Some(known) = &self.0 else { return refused() };
        if known.oversees(kind.register) {
            return Ok(());
        }
        let stored = |height| view.object(kind.register, kind.name, id, height);
        let (then, now) = (stored(height)?, stored(view.tip().header.height)?);
        let stored: Vec<&[u8]> = [&then, &now].into_iter().flatten().map(Vec::as_slice).collect();
        match known.reader.is_concerned(kind, id, &stored) {
            true => Ok(()),
            false => refused(),
        }
    }

    /// The reader may be told what a party holds in a register.
    pub(super) fn may_list(&self, register: &Register, party: &PartyId) -> Result<(), Problem> {
        let may = |known: &Arc<Known>| {
            known.oversees(register.name)
                || known.reader.party == *party && known.reader.counts_in(register)
        };
        match !is_private(register.name) || self.0.as_ref().is_some_and(may) {
            true => Ok(()),
            false => Err(codes::REGISTER_PRIVATE.because(register.name)),
        }
    }

    /// Whether the reader may be told of everything in a register.
    pub(super) fn reads_all_of(&self, register: &str) -> bool {
        !is_private(register) || self.0.as_ref().is_some_and(|known| known.oversees(register))
    }

    /// Whether the reader may see the transition at a position, whose actions are of these private
    /// registers. Asks the projections: call it where waiting is allowed.
    pub(super) fn sees(
        &self,
        node: &Node,
        position: u64,
        registers: &[&'static str],
    ) -> Result<bool, Problem> {
        for register in registers {
            let Some(known) = &self.0 else { return Ok(false) };
            if known.oversees(register) {
                continue;
            }
            let party = &known.reader.party;
            if !known.counts_in(register)
                || !node.projections().concerns(position, register, party)?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether the reader may see every transition in a stretch of the log: asked before anything is
    /// sent that holds several entries whole, as a block byte for byte or a bundle of entries does.
    pub(super) fn sees_all(&self, node: &Node, positions: Range<u64>) -> Result<bool, Problem> {
        if private_registers().next().is_none() {
            return Ok(true);
        }
        for position in positions {
            let registers = private_registers_of(&node.view().entry(position)?);
            if !self.sees(node, position, &registers)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The same for a transition whose changes are at hand.
    pub(super) fn sees_deed(&self, deed: &Deed) -> bool {
        deed.private_registers().into_iter().all(|register| {
            let Some(known) = &self.0 else { return false };
            let party = known.reader.party.to_string();
            let concerned = |change: &ChangedObject| {
                change.register == register && change.parties.contains(&party)
            };
            known.oversees(register)
                || known.counts_in(register)
                    && (deed.signers.contains(&party) || deed.changes.iter().any(concerned))
        })
    }

    /// What a search leaves out for this reader.
    pub(super) fn hidden(&self) -> Vec<HiddenRegister> {
        let hidden = |register: &'static Register| {
            let known = self.0.as_ref();
            if known.is_some_and(|known| known.oversees(register.name)) {
                return None;
            }
            let but_of = known.filter(|known| known.counts_in(register.name));
            let but_of = but_of.map(|known| known.reader.party);
            Some(HiddenRegister { register: register.name, but_of })
        };
        private_registers().filter_map(hidden).collect()
    }
}

impl Known {
    fn oversees(&self, register: &str) -> bool {
        self.overseen.contains(&register)
    }

    fn counts_in(&self, register: &str) -> bool {
        chancery_registries::register(register).is_some_and(|it| self.reader.counts_in(it))
    }
}
