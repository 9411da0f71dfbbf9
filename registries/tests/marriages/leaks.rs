//! What a stranger cannot find: no private object has an id, a key or a value that can be guessed.
//!
//! A proof of absence shows the key and the value's hash of a neighbour in the state, so a stranger
//! must be taken to know every key there, and to be able to test every guess.

use std::collections::{BTreeMap, BTreeSet};

use chancery_ledger::execution::{Stored, state_key};
use chancery_ledger::hash::Hash;
use chancery_registries::marriages::{CivilStatus, Marriage, Opening, REGISTER};
use chancery_registries::{REGISTERS, Visibility};
use serde_json::json;

use crate::common::DAY;
use crate::office::{Office, opening, random_id, with};

/// A few years of the register: everything that can happen to somebody.
fn years() -> (Office, Vec<String>) {
    let mut office = Office::new();
    let Office { ana, bo, cy, dee, registrar, court, .. } = office;
    let mut marriages = vec![office.marries(ana, bo), office.marries(cy, dee)];
    office.town.passes(90 * DAY);
    office.does(office.divorce(&marriages[0], ana, bo), &[registrar, ana, bo]);
    office.dies(dee);
    office.does(office.death(&marriages[1], dee), &[registrar]);
    let recognised = office.recognition(office.wu, office.xi);
    marriages.push(recognised["marriage"].as_str().unwrap().to_owned());
    let (wu, xi) = (office.wu, office.xi);
    office.does(recognised, &[registrar, wu, xi]);
    office.does(office.annulment(&marriages[2], wu, xi), &[court]);
    let again = with(office.wedding(ana, cy), "/celebrated", json!("2026-04-01"));
    marriages.push(again["marriage"].as_str().unwrap().to_owned());
    let signers = office.party_of(ana, cy);
    office.does(again, &signers);
    let statement = office.married(ana, cy);
    office.does(statement, &[ana]);
    (office, marriages)
}

/// Everything that a stranger knows or can count through: ID codes, public ids, numbers, words,
/// keys and hashes.
fn guesses(office: &Office) -> BTreeSet<String> {
    let mut words: BTreeSet<String> = BTreeSet::new();
    let people =
        [office.ana, office.bo, office.cy, office.dee, office.wu, office.xi, office.registrar];
    for person in people.into_iter().chain([office.court, office.regulator]) {
        words.insert(person.id.to_string());
        words.insert(person.key.to_string());
    }
    words.extend(["opening", "open", "register", "marriages", "1"].map(str::to_owned));
    words.extend((0..300).map(|number: u32| number.to_string()));
    words.extend((2020..2030).flat_map(|year| (0..30).map(move |n| format!("{year}-{n}"))));
    let singles: Vec<String> = words.iter().cloned().collect();
    for one in people {
        for other in people {
            words.insert(format!("{}.{}", one.id, other.id));
            words.insert(format!("{}{}", one.id, other.id));
        }
    }
    let hashes: Vec<String> = singles
        .iter()
        .flat_map(|word| {
            let plain = Hash::of(&[word.as_bytes()]);
            let tagged = Hash::of(&[b"chancery civil status 1\0", word.as_bytes()]);
            let zero = Hash::of(&[b"chancery civil status 1\0", &[0; 32], word.as_bytes()]);
            [plain, tagged, zero].map(|hash| hash.to_string())
        })
        .collect();
    words.extend(hashes.iter().map(|hash| hash[..32].to_owned()));
    words.extend(hashes);
    words
}

/// The keys in the state that belong to no object of a public register that is known by its id.
fn private_keys(office: &Office, marriages: &[String]) -> BTreeSet<Hash> {
    let mut keys: BTreeSet<Hash> =
        marriages.iter().map(|id| state_key("marriages", "marriage", id)).collect();
    for person in [office.ana, office.bo, office.cy, office.dee, office.wu, office.xi] {
        keys.insert(state_key("marriages", "civil-status", &office.status_id(&person.id)));
    }
    keys
}

#[test]
fn the_register_is_private_and_the_secret_has_no_path() {
    assert_eq!(REGISTER.visibility, Visibility::Private);
    assert!(REGISTER.kinds.iter().all(|kind| kind.name != "opening"));
    let private = REGISTERS.iter().filter(|it| it.visibility == Visibility::Private);
    assert!(private.map(|register| register.name).eq(["marriages", "records"]));
}

#[test]
fn no_key_of_a_private_object_can_be_guessed() {
    let (office, marriages) = years();
    let private = private_keys(&office, &marriages);
    assert!(private.iter().all(|key| office.town.state.0.contains_key(key)));
    assert_eq!(private.len(), 4 + 6);
    let kinds = REGISTERS.iter().flat_map(|register| register.kinds);
    let mut kinds: Vec<(&str, &str)> = kinds.map(|kind| (kind.register, kind.name)).collect();
    kinds.extend([("marriages", "opening"), ("marriages", "party"), ("marriages", "person")]);
    let found: Vec<String> = guesses(&office)
        .iter()
        .flat_map(|guess| kinds.iter().map(move |(register, kind)| (*register, *kind, guess)))
        .filter(|(register, kind, guess)| {
            let key = state_key(register, kind, guess);
            *register == "marriages" && office.town.state.0.contains_key(&key)
        })
        .map(|(register, kind, guess)| format!("{register}/{kind}/{guess}"))
        .collect();
    // That the register is open is no secret.
    assert_eq!(found, ["marriages/opening/opening"]);
}

#[test]
fn every_key_in_the_state_is_public_or_follows_from_chance() {
    let (office, marriages) = years();
    let private = private_keys(&office, &marriages);
    let opening = state_key("marriages", "opening", Opening::ID);
    let known = guesses(&office);
    // Whatever else stands in the state can be named by a stranger: it is of a public register.
    let mut named: BTreeMap<Hash, String> = BTreeMap::new();
    for register in REGISTERS.iter().filter(|it| it.visibility == Visibility::Public) {
        for kind in register.kinds {
            let institutions = ["registrar-civil-registrar", "registrar-identity", "court-court"];
            let ids = known.iter().map(String::as_str).chain(institutions);
            for id in ids.chain(["regulator-regulator"]) {
                named.insert(state_key(register.name, kind.name, id), id.to_owned());
            }
        }
    }
    let root = office.town.root().id.to_string();
    named.insert(state_key("identity", "party", &root), root);
    for key in office.town.state.0.keys() {
        let public = named.contains_key(key);
        let accounted = public || private.contains(key) || *key == opening;
        assert!(accounted, "{key} is neither");
        assert!(!(public && private.contains(key)));
    }
}

#[test]
fn ids_follow_from_the_secret_and_differ_with_it() {
    let one = Office::new();
    let mut other = Office::closed();
    let root = other.town.root_signs();
    let secret = Hash::of(&[b"another secret"]).to_string();
    other.try_signed(&[with(opening(), "/secret", json!(secret))], &root).unwrap();
    assert_eq!(one.ana.id, other.ana.id);
    assert_ne!(one.status_id(&one.ana.id), other.status_id(&other.ana.id));
    assert_ne!(one.status_id(&one.ana.id), one.status_id(&one.bo.id));
}

#[test]
fn no_value_of_a_private_object_can_be_guessed() {
    let (office, marriages) = years();
    let opening = office.opening();
    let mut blindings = BTreeSet::new();
    for id in &marriages {
        let marriage: Marriage = office.town.get(id).unwrap();
        assert_eq!(marriage.blinding, opening.blinding_of("marriage", id));
        blindings.insert(marriage.blinding);
    }
    for person in [office.ana, office.bo, office.cy, office.dee, office.wu, office.xi] {
        let status: CivilStatus = office.status(person).unwrap();
        let id = status.status.to_string();
        assert_eq!(status.blinding, opening.blinding_of("civil-status", &id));
        assert_ne!(status.blinding, status.status);
        blindings.insert(status.blinding);
    }
    assert_eq!(blindings.len(), 10, "no two objects share one");
}

/// No public object holds anything of a private one.
#[test]
fn nothing_of_the_register_stands_in_a_public_object() {
    let (office, marriages) = years();
    let private = private_keys(&office, &marriages);
    let mut secrets: Vec<Vec<u8>> = marriages.iter().map(|id| id.as_bytes().to_vec()).collect();
    for person in [office.ana, office.bo, office.cy, office.dee, office.wu, office.xi] {
        let id = office.opening().civil_status_of(&person.id);
        secrets.extend([id.as_bytes().to_vec(), id.to_string().into_bytes()]);
    }
    secrets.push(crate::office::secret().into_bytes());
    let opening = state_key("marriages", "opening", Opening::ID);
    for (key, bytes) in &office.town.state.0 {
        if *key == opening || private.contains(key) {
            continue;
        }
        for secret in &secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret);
            assert!(!found, "{key} holds {secret:?}");
        }
    }
}

/// Who offers a transition without the signatures that it takes learns nothing of the register.
#[test]
fn refusals_are_the_same_whether_somebody_is_married_or_not() {
    let mut married = Office::new();
    let (ana, bo) = (married.ana, married.bo);
    let id = married.marries(ana, bo);
    let mut single = Office::new();
    single.town.passes(1000);
    for stranger in [married.dee, married.registrar, married.court, married.regulator, married.bo] {
        let refuse = |office: &mut Office| {
            let ana = office.ana;
            let cy = office.cy;
            let unknown = random_id(4711);
            let marriage = if office.is_married(ana) { &id } else { &unknown };
            let actions = [
                office.wedding(ana, cy),
                office.recognition(ana, cy),
                office.divorce(marriage, ana, cy),
                office.annulment(&unknown, ana, cy),
                office.free(ana),
                office.married(ana, cy),
            ];
            // A court that decides about a marriage, and a registrar who looks for one by its id,
            // are entitled to be told.
            let entitled = |index: usize| index == 3 && stranger == office.court;
            let tried = actions.iter().enumerate().filter(|(index, _)| !entitled(*index));
            let tried: Vec<_> = tried.map(|(_, action)| action.clone()).collect();
            tried
                .into_iter()
                .map(|action| office.try_all(&[action], &[stranger]).unwrap_err())
                .map(|rejection| (rejection.code.name, rejection.detail.into_owned()))
                .collect::<Vec<_>>()
        };
        let (one, other) = (refuse(&mut married), refuse(&mut single));
        let strip_time = |list: Vec<(&'static str, String)>| -> Vec<(&'static str, String)> {
            let cut = |detail: String| detail.split(" at 20").next().unwrap_or_default().to_owned();
            list.into_iter().map(|(code, detail)| (code, cut(detail))).collect()
        };
        assert_eq!(strip_time(one), strip_time(other));
    }
}

#[test]
fn a_statement_does_not_name_the_marriage() {
    let mut office = Office::new();
    let (ana, bo) = (office.ana, office.bo);
    let id = office.marries(ana, bo);
    let statement = office.married(ana, bo);
    assert!(!statement.to_string().contains(&id));
    let stored: Stored<Marriage> = office.town.stored(&id).unwrap();
    office.does(statement, &[ana]);
    assert_eq!(office.town.stored::<Marriage>(&id), Some(stored), "and moves nothing");
}
