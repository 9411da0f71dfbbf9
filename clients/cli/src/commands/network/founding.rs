//! The genesis of a network: what all of its nodes begin with.

use std::collections::BTreeMap;
use std::time::Duration;

use chancery_client::{Genesis, PublicKey, Time};
use chancery_ledger::genesis::{Consensus, RootAuthority, Statement};
use chancery_ledger::seal::{Pool, Validator};
use chancery_ledger::work::{Target, WorkRules};
use clap::Args;

use super::member::Member;
use crate::failure::Failure;
use crate::words::duration;

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
        self.with(Consensus::Pool(self.pool(members)?), root_keys, created)
    }

    /// The genesis of a network of proof of work, in which anyone may take part.
    pub(super) fn genesis_of_work(
        &self,
        work: &Working,
        root_keys: &[PublicKey],
        created: Time,
    ) -> Result<Genesis, Failure> {
        if !self.powers.is_empty() {
            return Err(Failure::usage("--power is for validators, and proof of work has none"));
        }
        self.with(Consensus::Work(work.rules()?), root_keys, created)
    }

    fn with(
        &self,
        consensus: Consensus,
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
            consensus,
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

/// How blocks are found, where there is proof of work.
#[derive(Debug, Args)]
#[command(next_help_heading = "Proof of work")]
pub(super) struct Working {
    /// Let whoever finds a low enough hash make the next block, and not a pool.
    #[arg(long)]
    work: bool,
    /// The time that should lie between two blocks.
    #[arg(long, default_value = "30s", value_parser = duration, requires = "work", value_name = "DURATION")]
    spacing: Duration,
    /// The first block takes about 2 to the power of this many hashes.
    #[arg(long, default_value_t = 22, requires = "work", value_parser = clap::value_parser!(u32).range(1..=128))]
    first_bits: u32,
    /// No block takes fewer than about 2 to the power of this many.
    #[arg(long, default_value_t = 12, requires = "work", value_parser = clap::value_parser!(u32).range(1..=128))]
    least_bits: u32,
    /// How many blocks must follow one for it to be final.
    #[arg(long, default_value_t = 20, requires = "work")]
    final_depth: u32,
}

/// The target doubles or halves when blocks are late or early by so many spacings.
const HALF_LIFE_SPACINGS: u64 = 60;

impl Working {
    /// Whether this is asked for.
    pub(super) fn is_asked_for(&self) -> bool {
        self.work
    }

    fn rules(&self) -> Result<WorkRules, Failure> {
        let spacing_ms = u64::try_from(self.spacing.as_millis()).unwrap_or(u64::MAX);
        Ok(WorkRules {
            easiest_target: target(self.least_bits)?,
            first_target: target(self.first_bits)?,
            spacing_ms,
            half_life_ms: spacing_ms.saturating_mul(HALF_LIFE_SPACINGS),
            final_depth: self.final_depth,
        })
    }
}

/// The target that one of about 2^bits hashes meets: so many zeros, and then ones.
fn target(bits: u32) -> Result<Target, Failure> {
    let mut bytes = [0xff; 32];
    let (zeros, rest) = (bits as usize / 8, bits % 8);
    bytes[..zeros].fill(0);
    bytes[zeros] >>= rest;
    Target::from_bytes(bytes).ok_or_else(|| Failure::usage(format!("no target of {bits} bits")))
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
        let powers: Vec<u32> = one.pool().unwrap().validators.iter().map(|it| it.power).collect();
        assert_eq!(powers, [1, 3, 1]);
    }

    #[test]
    fn a_target_has_so_many_zeros() {
        assert!(target(22).unwrap().to_string().starts_with("000003ff"));
        assert!(target(8).unwrap().to_string().starts_with("00ff"));
        assert!(target(128).is_ok());
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
