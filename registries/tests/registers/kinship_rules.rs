//! The rules of the identity register about attestations and kinship, each broken once.

use serde_json::{Value, json};

use crate::authority_rules::{change, with};
use crate::cases::Case;
use crate::common::{Actor, DAY, Town, actor};
use crate::identity_rules::set_status;

/// An organisation accredited to attest that someone is known or of age.
pub(crate) fn attester(town: &mut Town) -> Actor {
    let bank = town.organisation("bank");
    let grant = town.accreditation("bank-attester", bank, "attester", "identity");
    town.does(with(grant, "attests", json!(["kyc", "age-over-18"])), &town.root_signs());
    bank
}

pub(crate) fn attest(by: Actor, subject: Actor) -> Value {
    json!({
        "register": "identity", "action": "attest", "attestation": "2026-1", "by": by.id,
        "subject": subject.id, "type": "kyc", "claim": "cd".repeat(32),
    })
}

pub(crate) fn revoke(by: Actor) -> Value {
    json!({
        "register": "identity", "action": "revoke-attestation", "attestation": "2026-1",
        "by": by.id, "reason": "moved away",
    })
}

pub(crate) fn state(by: Actor, of: Actor, relation: &str, to: Actor) -> Value {
    json!({
        "register": "identity", "action": "state-kinship", "by": by.id, "of": of.id,
        "relation": relation, "to": to.id,
    })
}

pub(crate) fn end(by: Actor, of: Actor, relation: &str, to: Actor) -> Value {
    json!({
        "register": "identity", "action": "end-kinship", "by": by.id, "of": of.id,
        "relation": relation, "to": to.id, "reason": "as the file says",
    })
}

/// A civil registrar, Ana, and her child Bea.
pub(crate) fn family(town: &mut Town) -> [Actor; 3] {
    let registrar = town.institution("registrar", "civil-registrar", "identity");
    let [ana, bea] = ["Ana", "Bea"].map(|name| town.person(name));
    town.does(state(registrar, ana, "parent-of", bea), &[registrar.signs()]);
    [registrar, ana, bea]
}

pub(crate) const CASES: &[Case] = &[
    ("not-accredited", "a type that the attester may not attest", |town| {
        let (bank, ana) = (attester(town), town.person("Ana"));
        town.refuses(with(attest(bank, ana), "type", "licence"), &[bank.signs()])
    }),
    ("not-accredited", "an attester whose accreditation was ended", |town| {
        let (bank, ana) = (attester(town), town.person("Ana"));
        town.does(change(town, "end", "bank-attester"), &town.root_signs());
        town.refuses(attest(bank, ana), &[bank.signs()])
    }),
    ("signer-missing", "the subject signs instead of the attester", |town| {
        let (bank, ana) = (attester(town), town.person("Ana"));
        town.refuses(attest(bank, ana), &[ana.signs()])
    }),
    ("signer-not-required", "the subject signs as well", |town| {
        let (bank, ana) = (attester(town), town.person("Ana"));
        town.refuses(attest(bank, ana), &[bank.signs(), ana.signs()])
    }),
    ("party-unknown", "an attestation about nobody", |town| {
        let bank = attester(town);
        town.refuses(attest(bank, actor("nobody")), &[bank.signs()])
    }),
    ("party-not-active", "an attestation about a party that was revoked", |town| {
        let (bank, ana) = (attester(town), town.person("Ana"));
        town.does(set_status(ana, ana, "revoked"), &[ana.signs()]);
        town.refuses(attest(bank, ana), &[bank.signs()])
    }),
    ("period-empty", "an attestation that has run out", |town| {
        let (bank, ana) = (attester(town), town.person("Ana"));
        let attest = with(attest(bank, ana), "valid_until", town.in_ms(0));
        town.refuses(attest, &[bank.signs()])
    }),
    ("id-taken", "an attestation's id is used again", |town| {
        let (bank, ana) = (attester(town), town.person("Ana"));
        town.does(attest(bank, ana), &[bank.signs()]);
        town.does(revoke(bank), &[bank.signs()]);
        town.refuses(attest(bank, ana), &[bank.signs()])
    }),
    ("attestation-unknown", "another issuer's attestation is revoked", |town| {
        let (bank, ana) = (attester(town), town.person("Ana"));
        town.does(attest(bank, ana), &[bank.signs()]);
        town.refuses(revoke(ana), &[ana.signs()])
    }),
    ("attestation-revoked", "revoked twice", |town| {
        let (bank, ana) = (attester(town), town.person("Ana"));
        town.does(attest(bank, ana), &[bank.signs()]);
        town.does(revoke(bank), &[bank.signs()]);
        town.refuses(revoke(bank), &[bank.signs()])
    }),
    ("signer-missing", "revoked by the subject", |town| {
        let (bank, ana) = (attester(town), town.person("Ana"));
        town.does(attest(bank, ana), &[bank.signs()]);
        town.refuses(revoke(bank), &[ana.signs()])
    }),
    ("not-accredited", "kinship stated by a court", |town| {
        let court = town.institution("court", "court", "identity");
        let [ana, bea] = ["Ana", "Bea"].map(|name| town.person(name));
        town.refuses(state(court, ana, "parent-of", bea), &[court.signs()])
    }),
    ("signer-missing", "kinship stated by the parent", |town| {
        let [registrar, ana, bea] = family(town);
        town.refuses(state(registrar, ana, "guardian-of", bea), &[ana.signs()])
    }),
    ("kinship-with-self", "one's own parent", |town| {
        let [registrar, ana, _] = family(town);
        town.refuses(state(registrar, ana, "parent-of", ana), &[registrar.signs()])
    }),
    ("kinship-of-persons", "an organisation's child", |town| {
        let [registrar, ana, _] = family(town);
        town.refuses(state(registrar, registrar, "parent-of", ana), &[registrar.signs()])
    }),
    ("party-unknown", "nobody's child", |town| {
        let [registrar, ana, _] = family(town);
        town.refuses(state(registrar, actor("nobody"), "parent-of", ana), &[registrar.signs()])
    }),
    ("kinship-stated", "stated twice", |town| {
        let [registrar, ana, bea] = family(town);
        town.refuses(state(registrar, ana, "parent-of", bea), &[registrar.signs()])
    }),
    ("kinship-reversed", "the child of one's child", |town| {
        let [registrar, ana, bea] = family(town);
        town.refuses(state(registrar, bea, "parent-of", ana), &[registrar.signs()])
    }),
    ("too-many-parents", "a ninth parent", |town| {
        let [registrar, _, bea] = family(town);
        for number in 2..=8 {
            let parent = town.person(&format!("parent {number}"));
            town.does(state(registrar, parent, "parent-of", bea), &[registrar.signs()]);
        }
        let ninth = town.person("parent 9");
        town.refuses(state(registrar, ninth, "parent-of", bea), &[registrar.signs()])
    }),
    ("parenthood-has-no-end", "a parent for a year", |town| {
        let [registrar, ana, _] = family(town);
        let cy = town.person("Cy");
        let state = state(registrar, ana, "parent-of", cy);
        town.refuses(with(state, "valid_until", town.in_ms(365 * DAY)), &[registrar.signs()])
    }),
    ("parenthood-has-no-end", "no parent any more", |town| {
        let [registrar, ana, bea] = family(town);
        town.refuses(end(registrar, ana, "parent-of", bea), &[registrar.signs()])
    }),
    ("period-empty", "a guardianship that has run out", |town| {
        let [registrar, ana, bea] = family(town);
        let state = state(registrar, ana, "guardian-of", bea);
        town.refuses(with(state, "valid_until", town.in_ms(0)), &[registrar.signs()])
    }),
    ("kinship-not-in-force", "a guardianship that never was is ended", |town| {
        let [registrar, ana, bea] = family(town);
        town.refuses(end(registrar, ana, "guardian-of", bea), &[registrar.signs()])
    }),
    ("kinship-not-in-force", "a guardianship that has run out is ended", |town| {
        let [registrar, ana, bea] = family(town);
        let state = state(registrar, ana, "guardian-of", bea);
        town.does(with(state, "valid_until", town.in_ms(DAY)), &[registrar.signs()]);
        town.passes(DAY);
        town.refuses(end(registrar, ana, "guardian-of", bea), &[registrar.signs()])
    }),
    ("signer-missing", "kinship ended by the child", |town| {
        let [registrar, ana, bea] = family(town);
        let end = with(end(registrar, ana, "parent-of", bea), "correction", true);
        town.refuses(end, &[bea.signs()])
    }),
];
