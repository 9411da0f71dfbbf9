//! The rules about signatures that all registers share, each broken once.

use serde_json::{Value, json};

use crate::authority_rules::{order, with};
use crate::cases::Case;
use crate::common::{Actor, DAY, Town, actor, key};
use crate::identity_rules::{add_key, revoke_key, set_card, set_controllers, set_status};

/// A court whose sub-key has a purpose, and somebody whom it may freeze.
fn court_with_sub_key(town: &mut Town, purpose: &str) -> (Actor, Actor, Value) {
    let court = town.institution("court", "court", "identity");
    let ana = town.person("Ana");
    (court, ana, add_key(court, "seal", purpose))
}

pub(crate) const CASES: &[Case] = &[
    ("signer-missing", "nobody signs", |town| {
        let ana = town.person("Ana");
        town.refuses(set_card(ana), &[])
    }),
    ("signer-missing", "another signs", |town| {
        let (ana, bo) = (town.person("Ana"), town.person("Bo"));
        town.refuses(set_card(ana), &[bo.signs()])
    }),
    ("signer-not-required", "another signs as well", |town| {
        let (ana, bo) = (town.person("Ana"), town.person("Bo"));
        town.refuses(set_card(ana), &[ana.signs(), bo.signs()])
    }),
    ("signer-not-required", "somebody unknown signs as well", |town| {
        let ana = town.person("Ana");
        town.refuses(set_card(ana), &[ana.signs(), actor("nobody").signs()])
    }),
    ("signer-not-required", "the party signs again with a key that is not its own", |town| {
        let ana = town.person("Ana");
        town.refuses(set_card(ana), &[ana.signs(), ana.signs_with(key("Bo"))])
    }),
    ("party-unknown", "the party does not exist", |town| {
        let nobody = actor("nobody");
        town.refuses(set_card(nobody), &[nobody.signs()])
    }),
    ("party-not-active", "the party is suspended", |town| {
        let ana = town.person("Ana");
        town.does(set_status(ana, town.root(), "suspended"), &town.root_signs());
        town.refuses(set_card(ana), &[ana.signs()])
    }),
    ("key-unknown", "the key is another's", |town| {
        let ana = town.person("Ana");
        town.refuses(set_card(ana), &[ana.signs_with(key("Bo"))])
    }),
    ("key-revoked", "a sub-key that was revoked", |town| {
        let (court, ana, add) = court_with_sub_key(town, "assertion");
        town.does(add, &[court.signs(), court.signs_with(key("seal"))]);
        town.does(revoke_key(court, "seal"), &[court.signs()]);
        town.refuses(order(town, "freeze", "o", court, ana), &[court.signs_with(key("seal"))])
    }),
    ("key-revoked", "a controller key that was replaced", |town| {
        let ana = town.person("Ana");
        let signers = [ana.signs(), ana.signs_with(key("new"))];
        town.does(set_controllers(ana, &["new"], 1), &signers);
        town.refuses(set_card(ana), &[ana.signs()])
    }),
    ("key-not-valid-now", "a sub-key that has run out", |town| {
        let (court, ana, add) = court_with_sub_key(town, "assertion");
        let add = with(add, "valid_until", town.in_ms(DAY));
        town.does(add, &[court.signs(), court.signs_with(key("seal"))]);
        town.passes(DAY);
        town.refuses(order(town, "freeze", "o", court, ana), &[court.signs_with(key("seal"))])
    }),
    ("key-not-valid-now", "a sub-key that is not yet valid", |town| {
        let (court, ana, add) = court_with_sub_key(town, "assertion");
        let add = with(add, "valid_from", town.in_ms(DAY));
        town.does(add, &[court.signs(), court.signs_with(key("seal"))]);
        town.refuses(order(town, "freeze", "o", court, ana), &[court.signs_with(key("seal"))])
    }),
    ("key-not-for-this", "a sub-key of another purpose", |town| {
        let (court, ana, add) = court_with_sub_key(town, "custody");
        town.does(add, &[court.signs(), court.signs_with(key("seal"))]);
        town.refuses(order(town, "freeze", "o", court, ana), &[court.signs_with(key("seal"))])
    }),
    ("key-not-for-this", "a sub-key kept to another register", |town| {
        let (court, ana, add) = court_with_sub_key(town, "assertion");
        let add = with(add, "only_register", "authorities");
        town.does(add, &[court.signs(), court.signs_with(key("seal"))]);
        town.refuses(order(town, "freeze", "o", court, ana), &[court.signs_with(key("seal"))])
    }),
    ("key-not-for-this", "a sub-key where controllers are asked for", |town| {
        let ana = town.person("Ana");
        let add = with(add_key(ana, "phone", "custody"), "purposes", json!(ALL_PURPOSES));
        town.does(add, &[ana.signs(), ana.signs_with(key("phone"))]);
        town.refuses(set_card(ana), &[ana.signs_with(key("phone"))])
    }),
    ("signer-missing", "fewer controllers than the threshold, and no sub-key", |town| {
        let (court, ana, _) = court_with_sub_key(town, "assertion");
        let signers = [court.signs(), court.signs_with(key("second"))];
        town.does(set_controllers(court, &["court", "second"], 2), &signers);
        town.refuses(order(town, "freeze", "o", court, ana), &[court.signs()])
    }),
    ("signer-not-required", "a lone controller of two beside a sub-key that suffices", |town| {
        let (court, ana, add) = court_with_sub_key(town, "assertion");
        town.does(add, &[court.signs(), court.signs_with(key("seal"))]);
        let signers = [court.signs(), court.signs_with(key("second"))];
        town.does(set_controllers(court, &["court", "second"], 2), &signers);
        let signers = [court.signs(), court.signs_with(key("seal"))];
        town.refuses(order(town, "freeze", "o", court, ana), &signers)
    }),
];

const ALL_PURPOSES: [&str; 4] = ["authentication", "assertion", "custody", "device"];
