//! Registration and title: every rule broken once.

use serde_json::json;

use crate::cases::Case;
use crate::gallery::{Gallery, WORK, act, description, hash};

fn amendment(gallery: &Gallery) -> serde_json::Value {
    act(
        "amend",
        json!({
            "work": WORK, "owner": gallery.ana.id, "examiner": gallery.expert.id,
            "description": description(), "record": hash("another record"),
        }),
    )
}

fn inheritance(gallery: &Gallery) -> serde_json::Value {
    act(
        "bequeath",
        json!({
            "work": WORK, "from": gallery.ana.id, "executor": gallery.museum.id,
            "to": gallery.bo.id, "order": "o-1", "with_custody": true,
        }),
    )
}

pub(crate) const CASES: &[Case] = &[
    ("id-taken", "a work's id twice", |gallery| {
        gallery.refuses(gallery.registration(WORK, "unique"), &gallery.registering())
    }),
    ("signer-missing", "the owner does not sign the registration", |gallery| {
        let action = gallery.registration("w-2", "unique");
        gallery.refuses(action, &[gallery.expert, gallery.artist])
    }),
    ("signer-missing", "the custodian does not sign the registration", |gallery| {
        let mut action = gallery.registration("w-2", "unique");
        action["custodian"] = json!(gallery.museum.id);
        gallery.refuses(action, &gallery.registering())
    }),
    ("signer-missing", "the expert does not sign the registration", |gallery| {
        let action = gallery.registration("w-2", "unique");
        gallery.refuses(action, &[gallery.ana, gallery.artist])
    }),
    ("signer-missing", "the holder of the rights does not sign the registration", |gallery| {
        let action = gallery.registration("w-2", "unique");
        gallery.refuses(action, &[gallery.ana, gallery.expert])
    }),
    ("signer-not-required", "somebody signs who has no part in it", |gallery| {
        let action = gallery.registration("w-2", "unique");
        let [ana, expert, artist] = gallery.registering();
        gallery.refuses(action, &[ana, expert, artist, gallery.bo])
    }),
    ("not-accredited", "examined by nobody's expert", |gallery| {
        let mut action = gallery.registration("w-2", "unique");
        action["examiner"] = json!(gallery.bo.id);
        gallery.refuses(action, &[gallery.ana, gallery.bo, gallery.artist])
    }),
    ("artwork-expert-not-independent", "an expert examines its own work", |gallery| {
        let mut action = gallery.registration("w-2", "unique");
        action["owner"] = json!(gallery.expert.id);
        gallery.refuses(action, &gallery.registering())
    }),
    ("party-unknown", "an artist whom nobody knows", |gallery| {
        let mut action = gallery.registration("w-2", "unique");
        action["artist"] = json!(crate::common::actor("nobody").id);
        gallery.refuses(action, &gallery.registering())
    }),
    ("artwork-edition-number-taken", "a second record of 3/10", |gallery| {
        gallery.registers("w-3", "3/10");
        gallery.refuses(gallery.registration("w-4", "3/10"), &gallery.registering())
    }),
    ("artwork-edition-differs", "N changes", |gallery| {
        gallery.registers("w-3", "3/10");
        gallery.refuses(gallery.registration("w-4", "4/12"), &gallery.registering())
    }),
    ("artwork-edition-differs", "the number of proofs changes", |gallery| {
        gallery.registers("w-3", "AP 1/2");
        gallery.registers("w-4", "1/10");
        gallery.refuses(gallery.registration("w-5", "AP 2/3"), &gallery.registering())
    }),
    ("artwork-edition-differs", "one of an edition is called unique", |gallery| {
        gallery.registers("w-3", "3/10");
        let mut action = gallery.registration("w-4", "unique");
        action["fingerprint"] = json!(hash("an edition"));
        gallery.refuses(action, &gallery.registering())
    }),
    (
        "artwork-not-rights-holder",
        "another holder of the rights with the second number",
        |gallery| {
            gallery.registers("w-3", "3/10");
            let mut action = gallery.registration("w-4", "4/10");
            action["rights_holder"] = json!(gallery.bo.id);
            gallery.refuses(action, &[gallery.ana, gallery.expert, gallery.bo])
        },
    ),
    ("artwork-not-owner", "amended by another", |gallery| {
        let mut action = amendment(gallery);
        action["owner"] = json!(gallery.bo.id);
        gallery.refuses(action, &[gallery.bo, gallery.expert])
    }),
    ("signer-missing", "amended without the expert", |gallery| {
        gallery.refuses(amendment(gallery), &[gallery.ana])
    }),
    ("artwork-expert-not-independent", "amended by an expert who has the work", |gallery| {
        let to_expert = gallery.loan(gallery.ana, gallery.expert);
        gallery.does(to_expert, &[gallery.ana, gallery.expert]);
        gallery.refuses(amendment(gallery), &[gallery.ana, gallery.expert])
    }),
    ("artwork-destroyed", "amended when it is no more", |gallery| {
        gallery.burns();
        gallery.refuses(amendment(gallery), &[gallery.ana, gallery.expert])
    }),
    ("frozen", "amended while frozen", |gallery| {
        gallery.freezes();
        gallery.refuses(amendment(gallery), &[gallery.ana, gallery.expert])
    }),
    ("artwork-unknown", "a work that is not there is sold", |gallery| {
        let mut action = gallery.sale(gallery.ana, gallery.bo);
        action["work"] = json!("w-9");
        gallery.refuses(action, &[gallery.ana, gallery.bo])
    }),
    ("artwork-not-owner", "sold by another", |gallery| {
        gallery.refuses(gallery.sale(gallery.bo, gallery.museum), &[gallery.bo, gallery.museum])
    }),
    ("artwork-same-party", "sold to oneself", |gallery| {
        gallery.refuses(gallery.sale(gallery.ana, gallery.ana), &[gallery.ana])
    }),
    ("signer-missing", "sold without the seller", |gallery| {
        gallery.refuses(gallery.sale(gallery.ana, gallery.bo), &[gallery.bo])
    }),
    ("signer-missing", "sold without the buyer", |gallery| {
        gallery.refuses(gallery.sale(gallery.ana, gallery.bo), &[gallery.ana])
    }),
    ("artwork-stolen", "sold while stolen", |gallery| {
        gallery.loses();
        gallery.refuses(gallery.sale(gallery.ana, gallery.bo), &[gallery.ana, gallery.bo])
    }),
    ("artwork-disputed", "sold while disputed", |gallery| {
        gallery.is_disputed();
        gallery.refuses(gallery.sale(gallery.ana, gallery.bo), &[gallery.ana, gallery.bo])
    }),
    ("frozen", "sold while frozen", |gallery| {
        gallery.freezes();
        gallery.refuses(gallery.sale(gallery.ana, gallery.bo), &[gallery.ana, gallery.bo])
    }),
    ("artwork-destroyed", "sold when it is no more", |gallery| {
        gallery.burns();
        gallery.refuses(gallery.sale(gallery.ana, gallery.bo), &[gallery.ana, gallery.bo])
    }),
    ("artwork-custody-elsewhere", "sold with custody that another has", |gallery| {
        gallery.lends();
        let mut action = gallery.sale(gallery.ana, gallery.bo);
        action["with_custody"] = json!(true);
        gallery.refuses(action, &[gallery.ana, gallery.bo])
    }),
    ("artwork-disputed", "given while disputed", |gallery| {
        gallery.is_disputed();
        let mut action = gallery.sale(gallery.ana, gallery.bo);
        action["action"] = json!("give");
        gallery.refuses(action, &[gallery.ana, gallery.bo])
    }),
    ("artwork-owner-lives", "inherited from the living", |gallery| {
        gallery.does(gallery.direction("o-1", "work", WORK), &[gallery.court]);
        gallery.refuses(inheritance(gallery), &[gallery.museum, gallery.bo])
    }),
    ("artwork-not-owner", "inherited from another", |gallery| {
        let mut action = inheritance(gallery);
        action["from"] = json!(gallery.dealer.id);
        gallery.refuses(action, &[gallery.museum, gallery.bo])
    }),
    ("order-unknown", "inherited without a direction", |gallery| {
        gallery.dies(gallery.ana);
        gallery.refuses(inheritance(gallery), &[gallery.museum, gallery.bo])
    }),
    ("order-not-for-this", "inherited under a direction about another work", |gallery| {
        gallery.registers("w-2", "unique");
        gallery.dies(gallery.ana);
        gallery.does(gallery.direction("o-1", "work", "w-2"), &[gallery.court]);
        gallery.refuses(inheritance(gallery), &[gallery.museum, gallery.bo])
    }),
    ("signer-missing", "inherited without the executor", |gallery| {
        gallery.dies(gallery.ana);
        gallery.does(gallery.direction("o-1", "work", WORK), &[gallery.court]);
        gallery.refuses(inheritance(gallery), &[gallery.bo])
    }),
    ("artwork-stolen", "inherited while stolen", |gallery| {
        gallery.loses();
        gallery.dies(gallery.ana);
        gallery.does(gallery.direction("o-1", "work", WORK), &[gallery.court]);
        gallery.refuses(inheritance(gallery), &[gallery.museum, gallery.bo])
    }),
    ("signer-missing", "restituted without the owner of record or a court", |gallery| {
        gallery.refuses(gallery.restitution(gallery.ana, gallery.bo), &[gallery.bo])
    }),
    ("signer-missing", "restituted without the receiver", |gallery| {
        gallery.refuses(gallery.restitution(gallery.ana, gallery.bo), &[gallery.ana])
    }),
    ("artwork-disputed", "restituted past another's dispute", |gallery| {
        let other = gallery.dispute(gallery.museum);
        gallery.does(other, &[gallery.museum, gallery.expert]);
        let action = gallery.restitution(gallery.ana, gallery.bo);
        gallery.refuses(action, &[gallery.ana, gallery.bo])
    }),
    ("order-unknown", "restituted under no order", |gallery| {
        let mut action = gallery.restitution(gallery.ana, gallery.bo);
        action["order"] = json!("o-1");
        gallery.refuses(action, &[gallery.bo])
    }),
    ("frozen", "restituted while frozen", |gallery| {
        gallery.freezes();
        let action = gallery.restitution(gallery.ana, gallery.bo);
        gallery.refuses(action, &[gallery.ana, gallery.bo])
    }),
    ("artwork-destroyed", "restituted when it is no more", |gallery| {
        gallery.burns();
        let action = gallery.restitution(gallery.ana, gallery.bo);
        gallery.refuses(action, &[gallery.ana, gallery.bo])
    }),
    ("artwork-custody-elsewhere", "restituted with custody that another has", |gallery| {
        gallery.lends();
        let mut action = gallery.restitution(gallery.ana, gallery.bo);
        action["with_custody"] = json!(true);
        gallery.refuses(action, &[gallery.ana, gallery.bo])
    }),
];
