//! Whatever is asked, in whatever order and by whomever: the invariants hold.

use std::collections::{BTreeMap, BTreeSet};

use chancery_ledger::execution::{Change, Stored};
use chancery_ledger::key::{KeyId, PublicKey};
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use chancery_registries::authorities::{Accreditation, Role};
use chancery_registries::identity::Party;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::authority_rules::{change, order, release, with};
use crate::common::{Actor, DAY, Town, actor, key, over_games};
use crate::identity_rules::{
    add_key, object, object_by, recover, revoke_key, set_card, set_controllers, set_recovery,
    set_status,
};
use crate::kinship_rules::{attest, end, state};

/// What one step is made of: every number is read modulo what there is to choose from.
#[derive(Clone, Debug)]
struct Step {
    action: usize,
    who: usize,
    whom: usize,
    name: usize,
    number: u32,
    signs: usize,
    pause_ms: u64,
}

fn step() -> impl Strategy<Value = Step> {
    (0..20_usize, 0..6_usize, 0..6_usize, 0..9_usize, 0..4_u32, 0..8_usize, 0..4_u64).prop_map(
        |(action, who, whom, name, number, signs, pause)| Step {
            action,
            who,
            whom,
            name,
            number,
            signs,
            pause_ms: pause * 40_000_000,
        },
    )
}

const PARTIES: [&str; 6] = ["Ana", "Bo", "firm", "court", "registrar", "regulator"];
const ROLES: [&str; 6] =
    ["carrier", "courier", "court", "civil-registrar", "regulator", "identity-authority"];

impl Step {
    fn actor(&self) -> Actor {
        actor(PARTIES[self.who])
    }

    fn other(&self) -> Actor {
        actor(PARTIES[self.whom])
    }

    fn key_name(&self) -> String {
        format!("{} {}", PARTIES[self.who], self.name)
    }

    fn grant(&self, town: &Town) -> Value {
        let role = ROLES[self.number as usize];
        let grant = town.accreditation(&format!("a{}", self.name), self.other(), role, "identity");
        let grant = with(grant, "valid_from", town.in_ms(u64::from(self.number) * DAY / 2));
        with(grant, "valid_until", town.in_ms(u64::from(self.number) * DAY * 4 + DAY))
    }

    fn change(&self, town: &Town, action: &str) -> Value {
        let change = change(town, action, &format!("a{}", self.name));
        with(change, "from", town.in_ms(u64::from(self.number) * DAY))
    }

    fn action(&self, town: &Town) -> Value {
        let (who, whom, name) = (self.actor(), self.other(), self.key_name());
        let status = ["active", "suspended", "revoked", "deceased"][self.number as usize];
        match self.action {
            0 => json!({
                "register": "identity", "action": "create", "kind": "person", "key": key(&name),
            }),
            1 | 2 => {
                let next = format!("{} {}", PARTIES[self.who], self.name + 1);
                set_controllers(who, &[&name, &next], self.number)
            }
            3 => set_controllers(who, &[&name], self.number),
            4 | 5 => add_key(who, &name, "assertion"),
            6 => revoke_key(who, &name),
            7 => set_card(who),
            8 => with(set_recovery(who, &[whom], self.number), "delay_ms", DAY),
            9 => recover(who, &[&name]),
            10 if self.number == 0 => object_by(whom, who),
            10 => object(who),
            11 => set_status(whom, who, status),
            12 | 13 => self.grant(town),
            14 => self.change(town, "suspend"),
            15 => self.change(town, "reinstate"),
            16 => self.change(town, "end"),
            17 => order(town, "freeze", &format!("o{}", self.name), who, whom),
            18 => release(&format!("o{}", self.name), who),
            _ if self.number == 0 => attest(who, whom),
            _ if self.number == 1 => end(who, whom, "guardian-of", who),
            _ => state(who, whom, "guardian-of", who),
        }
    }

    /// Mostly those who should sign, sometimes others.
    fn signers(&self, town: &Town, action: &Value) -> Vec<KeyId> {
        let controllers = |actor: Actor| -> Vec<KeyId> {
            let party = town.party(actor);
            party.controllers.keys.iter().map(|key| actor.signs_with(*key)).collect()
        };
        let new_key = || vec![self.actor().signs_with(key(&self.key_name()))];
        let mut signers = match action["action"].as_str().unwrap() {
            _ if self.signs == 0 => Vec::new(),
            _ if self.signs == 1 => controllers(self.other()),
            "accredit" | "suspend" | "reinstate" | "end" => town.root_signs(),
            "create" => new_key(),
            "add-key" => [controllers(self.actor()), new_key()].concat(),
            "set-controllers" => {
                let keys: Vec<PublicKey> = serde_json::from_value(action["keys"].clone()).unwrap();
                let new = keys.into_iter().map(|key| self.actor().signs_with(key)).collect();
                [controllers(self.actor()), new].concat()
            }
            "recover" => [controllers(self.other()), new_key()].concat(),
            _ => controllers(self.actor()),
        };
        // Admission refuses a key that signs twice.
        let mut seen = BTreeSet::new();
        signers.retain(|signer| seen.insert(signer.key));
        signers
    }
}

/// What was true once and must stay true.
#[derive(Default)]
struct Memory {
    revoked: BTreeMap<PartyId, BTreeSet<PublicKey>>,
    validity: BTreeMap<String, Vec<(Time, bool)>>,
}

impl Memory {
    fn check(&mut self, town: &Town) -> Result<(), TestCaseError> {
        for name in PARTIES {
            self.check_party(&town.party(actor(name)))?;
        }
        for index in 0..9 {
            let id = format!("a{index}");
            let Some(accreditation) = town.get::<Accreditation>(&id) else { continue };
            valid_only_within_its_dates(&accreditation, town.time)?;
            let past = self.validity.entry(id.clone()).or_default();
            for (time, was_valid) in past.iter() {
                prop_assert_eq!(accreditation.is_valid_at(*time), *was_valid, "{} rewritten", id);
            }
            // The moment before this one: within one moment, order in the log decides.
            let just_past = Time::from_ms(town.time.as_ms() - 1).unwrap();
            past.push((just_past, accreditation.is_valid_at(just_past)));
        }
        Ok(())
    }

    fn check_party(&mut self, party: &Party) -> Result<(), TestCaseError> {
        let controllers = &party.controllers;
        prop_assert!(controllers.threshold >= 1);
        prop_assert!(controllers.threshold as usize <= controllers.keys.len());
        let live: Vec<_> =
            controllers.keys.iter().chain(party.sub_keys.iter().map(|sub| &sub.key)).collect();
        let distinct: BTreeSet<_> = live.iter().collect();
        prop_assert_eq!(live.len(), distinct.len());
        let known = self.revoked.entry(party.id).or_default();
        known.extend(party.revoked.iter().map(|revoked| revoked.key));
        prop_assert_eq!(known.len(), party.revoked.len(), "revoked once and kept for ever");
        prop_assert!(live.iter().all(|key| !known.contains(*key)), "a revoked key came back");
        Ok(())
    }
}

fn valid_only_within_its_dates(held: &Accreditation, now: Time) -> Result<(), TestCaseError> {
    for hours in 0..200 {
        let time = Time::from_ms(now.as_ms() - 100 * 3_600_000 + hours * 3_600_000).unwrap();
        let in_dates = held.granted <= time
            && held.valid_from <= time
            && held.valid_until.is_none_or(|until| time < until)
            && held.ended.as_ref().is_none_or(|end| time < end.from);
        prop_assert!(in_dates || !held.is_valid_at(time));
    }
    Ok(())
}

fn versions_grow_by_one(town: &Town, changes: &[Change]) -> Result<(), TestCaseError> {
    prop_assert!(!changes.is_empty());
    for change in changes {
        let version = |bytes: &[u8]| -> u64 {
            Stored::<serde::de::IgnoredAny>::decode(bytes).unwrap().version
        };
        let before = change.before.as_deref().map_or(0, version);
        prop_assert_eq!(version(&change.after), before + 1);
        let stored = Stored::<serde::de::IgnoredAny>::decode(&change.after).unwrap();
        prop_assert_eq!(stored.position + 1, town.position);
    }
    Ok(())
}

fn founded() -> Town {
    let mut town = Town::new();
    for name in &PARTIES[..2] {
        town.person(name);
    }
    town.organisation(PARTIES[2]);
    town.institution("court", "court", "identity");
    town.institution("registrar", "civil-registrar", "identity");
    town.institution("regulator", "regulator", "identity");
    assert!(Role::Carrier.may_grant().contains(&Role::Courier));
    town
}

#[test]
fn invariants_hold_whatever_is_asked() {
    let [accepted] = over_games(24, 275, file!(), step(), |steps| {
        let mut town = founded();
        let mut memory = Memory::default();
        let mut accepted = 0;
        for step in &steps {
            town.passes(step.pause_ms);
            let action = step.action(&town);
            let signers = step.signers(&town, &action);
            let before = town.state.clone();
            match town.try_all(&[action], &signers) {
                Ok(changes) => {
                    accepted += 1;
                    versions_grow_by_one(&town, &changes).unwrap();
                }
                Err(rejection) => {
                    assert_ne!(rejection.code.name, "bad-action", "{rejection}");
                    assert_eq!(before.0, town.state.0);
                }
            }
            memory.check(&town).unwrap();
        }
        [accepted]
    });
    assert!(accepted > 24 * 275 / 20, "{accepted} accepted");
}
