//! The genesis of a network: what all of its nodes begin with.

use std::collections::BTreeMap;

use chancery_client::{Genesis, PublicKey, Time};
use chancery_ledger::genesis::{Consensus, RootAuthority, Statement};
use chancery_ledger::seal::{Pool, Validator};
use clap::Args;

use super::member::Member;
use crate::failure::Failure;

/// What a network is founded with, besides its members.
#[derive(Debug, Args)]
pub(super) struct Founding {
    /// What the ledger is called.
    #[arg(long)]
    name: String,
    /// How many of the root keys must sign; more than half of them unless said otherwise.
    #[arg(long)]
    root_threshold: Option<u32>,
    /// The weight of a member's vote, as NAME=POWER; 1 for those that are not named.
    #[arg(long = "power", value_name = "NAME=POWER")]
    powers: Vec<String>,
    /// How many hours ahead a transition's expiry may lie.
    #[arg(long, default_value_t = 168)]
    window_hours: u64,
}

impl Founding {
    /// The genesis. The order of members and keys does not matter: the same ones give the same bytes.
    pub(super) fn genesis(
        &self,
        members: &[Member],
        root_keys: &[PublicKey],
        created: Time,
    ) -> Result<Genesis, Failure> {
        let mut keys = root_keys.to_vec();
        keys.sort_unstable();
        let majority = keys.len() as u32 / 2 + 1;
        let statement = Statement {
            version: 1,
            name: self.name.clone(),
            created,
            root: RootAuthority { threshold: self.root_threshold.unwrap_or(majority), keys },
            consensus: Consensus::Pool(self.pool(members)?),
            transition_window_ms: self.window_hours.saturating_mul(60 * 60 * 1000),
        };
        Genesis::found(&statement).map_err(|error| Failure::usage(error.to_string()))
    }

    fn pool(&self, members: &[Member]) -> Result<Pool, Failure> {
        let mut powers = self.powers()?;
        let mut members: Vec<&Member> = members.iter().collect();
        members.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        if let Some(pair) = members.windows(2).find(|pair| pair[0].name == pair[1].name) {
            let name = pair[0].name.as_str();
            return Err(Failure::usage(format!("two members are called {name}")));
        }
        let validator = |member: &Member| Validator {
            name: member.name.as_str().to_owned(),
            key: member.key,
            power: powers.remove(member.name.as_str()).unwrap_or(1),
        };
        let validators = members.into_iter().map(validator).collect();
        match powers.keys().next() {
            Some(name) => Err(Failure::usage(format!("--power {name}: no member is called so"))),
            None => Ok(Pool { validators }),
        }
    }

    fn powers(&self) -> Result<BTreeMap<String, u32>, Failure> {
        let mut powers = BTreeMap::new();
        for text in &self.powers {
            let wrong = |why: &str| Failure::usage(format!("--power {text}: {why}"));
            let (name, power) = text.split_once('=').ok_or_else(|| wrong("write NAME=POWER"))?;
            let power = power.parse().map_err(|_| wrong("the power is a number from 1"))?;
            if powers.insert(name.to_owned(), power).is_some() {
                return Err(wrong("this member is named twice"));
            }
        }
        Ok(powers)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chancery_client::SecretKey;

    use super::*;

    fn member(name: &str, seed: u8) -> Member {
        let key = SecretKey::from_seed(&[seed; 32]).public();
        Member::at(name.parse().unwrap(), &"10.0.0.1".parse().unwrap(), key)
    }

    fn founding(powers: &[&str]) -> Founding {
        let powers = powers.iter().map(ToString::to_string).collect();
        Founding { name: "Test".into(), root_threshold: None, powers, window_hours: 168 }
    }

    #[test]
    fn the_same_files_give_the_same_genesis_in_any_order() {
        let (a, b, c) = (member("a", 1), member("b", 2), member("c", 3));
        let keys = [4, 5, 6].map(|seed| SecretKey::from_seed(&[seed; 32]).public());
        let founding = founding(&["b=3"]);
        let one = founding.genesis(&[a.clone(), b.clone(), c.clone()], &keys, Time::default());
        let one = one.unwrap();
        let other = founding.genesis(&[c, a, b], &[keys[2], keys[0], keys[1]], Time::default());
        assert_eq!(one.bytes(), other.unwrap().bytes());
        assert_eq!(one.statement().root.threshold, 2);
        let powers: Vec<u32> = one.pool().validators.iter().map(|it| it.power).collect();
        assert_eq!(powers, [1, 3, 1]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let key = [SecretKey::from_seed(&[9; 32]).public()];
        let two = [member("a", 1), member("b", 2)];
        for powers in [&["c=1"][..], &["a"], &["a=x"], &["a=1", "a=2"], &["a=0"]] {
            assert!(founding(powers).genesis(&two, &key, Time::default()).is_err(), "{powers:?}");
        }
        let same_name = [member("a", 1), member("a", 2)];
        assert!(founding(&[]).genesis(&same_name, &key, Time::default()).is_err());
        let same_key = [member("a", 1), member("b", 1)];
        assert!(founding(&[]).genesis(&same_key, &key, Time::default()).is_err());
        assert!(founding(&[]).genesis(&two, &[], Time::default()).is_err());
    }
}
