//! Days in a gallery.

use chancery_registries::artworks::{Basis, Event, EventKind, Status, Work};
use serde_json::{Value, json};

use crate::common::DAY;
use crate::gallery::{Gallery, WORK, act, bytes_of, condition, hash, step};

/// Every story, to be told once more with a look at the signatures.
pub(crate) const STORIES: &[fn()] = &[
    ownership_custody_and_place_change_apart,
    a_dealer_sells_on_consignment,
    a_gift_and_a_sale_may_carry_custody_with_them,
    theft_leaves_title_where_it_was_and_custody_unknown,
    a_court_may_direct_recovery_and_restitution,
    a_court_may_direct_that_a_borrower_gives_back,
    rights_of_the_dead_pass_as_a_court_directs,
    both_parties_may_agree_on_restitution,
    an_heir_comes_by_a_courts_direction,
    a_destroyed_number_may_be_registered_anew,
    editions_are_counted_and_proofs_apart,
    opinions_are_withdrawn_and_never_deleted,
    an_expert_who_has_the_work_says_so,
    provenance_shows_claims_then_events_with_every_gap,
    licences_come_and_go,
    the_first_holder_of_rights_comes_with_an_expert,
    documents_are_notarised_by_all_their_parties,
    relations_find_what_is_out_on_loan,
    an_expert_states_a_condition,
    what_is_amended_keeps_its_fingerprint,
    objects_stay_small,
];

#[test]
fn ownership_custody_and_place_change_apart() {
    let mut gallery = Gallery::new();
    let (ana, bo, museum) = (gallery.ana, gallery.bo, gallery.museum);
    gallery.lends();
    let work = gallery.work();
    assert_eq!((work.owner, work.custodian()), (ana.id, Some(museum.id)));
    let custody = work.custody.unwrap();
    assert_eq!((custody.basis, custody.from), (Basis::Loan, Some(ana.id)));
    assert_eq!(gallery.event(2).returns_by.unwrap().to_string(), "2026-12-31");

    // The museum hangs it elsewhere; nothing else changes.
    gallery.does(gallery.moving(museum), &[museum]);
    assert_eq!(gallery.work().place.unwrap().as_str(), "The attic");
    assert_eq!((gallery.event(3).title, gallery.event(3).custody), (None, None));

    // Ana sells it while it hangs there: title passes, custody does not.
    gallery.does(gallery.sale(ana, bo), &[ana, bo]);
    let work = gallery.work();
    assert_eq!((work.owner, work.custodian()), (bo.id, Some(museum.id)));

    // It goes back to Ana, who lent it, and she keeps it for Bo until she hands it over.
    gallery.does(gallery.giving_back(museum, ana), &[museum, ana]);
    assert_eq!(gallery.work().custody.unwrap().basis, Basis::Deposit);
    gallery.does(gallery.handing_over(ana, bo), &[ana, bo]);
    let custody = gallery.work().custody.unwrap();
    assert_eq!((custody.custodian, custody.basis), (bo.id, Basis::Own));
    assert_eq!(gallery.work().condition.by, bo.id, "the receiver signed for the condition");
}

#[test]
fn a_dealer_sells_on_consignment() {
    let mut gallery = Gallery::new();
    let (ana, bo, dealer) = (gallery.ana, gallery.bo, gallery.dealer);
    gallery.does(gallery.consignment(ana, dealer), &[ana, dealer]);
    assert_eq!(gallery.work().custody.unwrap().basis, Basis::Consignment);

    // Sale and delivery in one transition: both or neither.
    let sale = gallery.sale(ana, bo);
    let mut delivery = gallery.handing_over(dealer, bo);
    delivery["owner"] = json!(bo.id);
    let both = [sale, delivery];
    assert!(gallery.tries(&both, &[ana, bo]).is_err(), "the dealer has not signed");
    assert_eq!(gallery.work().owner, ana.id);
    gallery.tries(&both, &[ana, bo, dealer]).unwrap();
    let work = gallery.work();
    assert_eq!((work.owner, work.custodian()), (bo.id, Some(bo.id)));
    assert_eq!(
        (work.events, gallery.event(3).kind, gallery.event(4).kind),
        (4, EventKind::Sold, EventKind::HandedOver)
    );
}

#[test]
fn a_gift_and_a_sale_may_carry_custody_with_them() {
    let mut gallery = Gallery::new();
    let (ana, bo) = (gallery.ana, gallery.bo);
    let mut gift = gallery.sale(ana, bo);
    gift["action"] = json!("give");
    gift["with_custody"] = json!(true);
    gallery.does(gift, &[ana, bo]);
    let work = gallery.work();
    assert_eq!((work.owner, work.custodian(), work.place), (bo.id, Some(bo.id), None));
    assert_eq!(gallery.event(2).kind, EventKind::Given);
    // Sold back without it: Bo keeps it for Ana.
    gallery.does(gallery.sale(bo, ana), &[bo, ana]);
    assert_eq!(gallery.work().custody.unwrap().basis, Basis::Deposit);
}

#[test]
fn theft_leaves_title_where_it_was_and_custody_unknown() {
    let mut gallery = Gallery::new();
    let (ana, museum) = (gallery.ana, gallery.museum);
    gallery.lends();
    gallery.does(gallery.theft(museum), &[museum]);
    let work = gallery.work();
    assert_eq!((work.owner, work.custody, work.status), (ana.id, None, Status::Stolen));
    assert_eq!(gallery.event(3).title, None);
    assert_eq!(gallery.answers("flags")["stolen"]["reference"], "Police 17");

    // Found with the police: Ana gets her title's worth back by handing over.
    gallery.does(gallery.recovery(museum), &[ana, museum]);
    let work = gallery.work();
    assert_eq!((work.owner, work.custodian(), work.theft), (ana.id, Some(museum.id), None));
    assert_eq!(work.custody.unwrap().basis, Basis::Deposit);
    assert_eq!(gallery.answers("flags")["flagged"], false);

    // The provenance does not close the gap.
    let links = gallery.answers("provenance")["links"].as_array().unwrap().clone();
    let follows: Vec<&str> = links.iter().map(|link| link["follows"].as_str().unwrap()).collect();
    assert_eq!(follows, ["start", "direct", "direct", "gap"]);
}

#[test]
fn a_court_may_direct_recovery_and_restitution() {
    let mut gallery = Gallery::new();
    let (bo, museum, court) = (gallery.bo, gallery.museum, gallery.court);
    gallery.is_disputed();
    gallery.loses();
    gallery.does(gallery.direction("o-1", "work", WORK), &[court]);
    let mut recovery = gallery.recovery(museum);
    recovery["order"] = json!("o-1");
    gallery.does(recovery, &[museum]);
    assert_eq!(gallery.event(4).witness, Some(court.id));
    assert_eq!(gallery.work().disputes.len(), 1, "the dispute outlives the theft");

    let mut restitution = gallery.restitution(gallery.ana, bo);
    restitution["order"] = json!("o-1");
    gallery.does(restitution, &[bo]);
    let work = gallery.work();
    assert_eq!((work.owner, work.custodian()), (bo.id, Some(museum.id)));
    assert!(work.disputes.is_empty());
}

#[test]
fn a_court_may_direct_that_a_borrower_gives_back() {
    let mut gallery = Gallery::new();
    let (ana, museum, court) = (gallery.ana, gallery.museum, gallery.court);
    gallery.lends();
    gallery.does(gallery.direction("o-1", "work", WORK), &[court]);
    let mut action = gallery.handing_over(museum, ana);
    action["order"] = json!("o-1");
    gallery.does(action, &[ana]);
    let work = gallery.work();
    assert_eq!(work.custody.map(|custody| custody.basis), Some(Basis::Own));
    let event = gallery.event(3);
    assert_eq!((event.by, event.witness), (ana.id, Some(court.id)));
    assert_eq!(event.order.unwrap().as_str(), "o-1");
}

#[test]
fn rights_of_the_dead_pass_as_a_court_directs() {
    let mut gallery = Gallery::new();
    let (artist, bo, court) = (gallery.artist, gallery.bo, gallery.court);
    gallery.dies(artist);
    let edition = hash(WORK).to_string();
    gallery.does(gallery.direction("o-1", "edition", &edition), &[court]);
    let assignment = act(
        "assign-rights",
        json!({ "fingerprint": hash(WORK), "from": artist.id, "to": bo.id, "order": "o-1" }),
    );
    gallery.does(assignment, &[bo]);
    assert_eq!(gallery.edition(WORK).rights_holder, Some(bo.id));
}

#[test]
fn both_parties_may_agree_on_restitution() {
    let mut gallery = Gallery::new();
    let (ana, bo) = (gallery.ana, gallery.bo);
    gallery.is_disputed();
    let mut restitution = gallery.restitution(ana, bo);
    restitution["with_custody"] = json!(true);
    gallery.does(restitution, &[ana, bo]);
    let work = gallery.work();
    assert_eq!((work.owner, work.custodian()), (bo.id, Some(bo.id)));
    assert!(work.disputes.is_empty());
}

#[test]
fn an_heir_comes_by_a_courts_direction() {
    let mut gallery = Gallery::new();
    let (ana, bo, court, museum) = (gallery.ana, gallery.bo, gallery.court, gallery.museum);
    gallery.dies(ana);
    gallery.does(gallery.direction("o-1", "work", WORK), &[court]);
    let inheritance = act(
        "bequeath",
        json!({
            "work": WORK, "from": ana.id, "executor": museum.id, "to": bo.id, "order": "o-1",
            "with_custody": true,
        }),
    );
    gallery.does(inheritance, &[museum, bo]);
    let work = gallery.work();
    assert_eq!((work.owner, work.custodian()), (bo.id, Some(bo.id)));
    assert_eq!(gallery.event(2).order.as_ref().map(|order| order.as_str()), Some("o-1"));
}

#[test]
fn a_destroyed_number_may_be_registered_anew() {
    let mut gallery = Gallery::new();
    gallery.burns();
    let work = gallery.work();
    assert_eq!((work.status, work.custody), (Status::Destroyed, None));
    assert!(!gallery.impression(WORK, "unique").live);
    // What was taken for ashes turns up.
    let mut again = gallery.registration("w-2", "unique");
    again["fingerprint"] = json!(hash(WORK));
    gallery.does(again, &gallery.registering());
    let impression = gallery.impression(WORK, "unique");
    assert_eq!((impression.work.as_str(), impression.live), ("w-2", true));
    // Scholars may still write about the old record.
    gallery.does(gallery.opinion(1), &[gallery.expert]);
}

#[test]
fn editions_are_counted_and_proofs_apart() {
    let mut gallery = Gallery::new();
    for (work, edition) in [("p-1", "1/3"), ("p-2", "2/3"), ("p-a", "AP 1/1"), ("p-3", "3/3")] {
        gallery.registers(work, edition);
    }
    let edition = gallery.edition("an edition");
    assert_eq!((edition.numbered, edition.proofs, edition.unique), (Some(3), Some(1), false));
}

#[test]
fn opinions_are_withdrawn_and_never_deleted() {
    let mut gallery = Gallery::new();
    let expert = gallery.expert;
    gallery.does(gallery.opinion(1), &[expert]);
    let mut second = gallery.opinion(2);
    second["finding"] = json!({ "authentication": "not-authentic" });
    gallery.does(second, &[expert]);
    // Its accreditation ends; it still may take back what it said, and says nothing new.
    let end = json!({
        "register": "authorities", "action": "end", "accreditation": "expert-art-expert",
        "by": gallery.town.root().id, "reason": "Retired",
    });
    let root = gallery.town.root_signs();
    gallery.town.does(end, &root);
    let withdrawal = act(
        "withdraw-opinion",
        json!({
            "work": WORK, "number": 1, "expert": expert.id, "reason": "The pigment is modern",
        }),
    );
    gallery.does(withdrawal, &[expert]);
    assert_eq!(gallery.refuses(gallery.opinion(3), &[expert]), "not-accredited");
    let opinions = gallery.answers("opinions")["opinions"].clone();
    assert_eq!(opinions.as_array().unwrap().len(), 2);
    assert_eq!(opinions[0]["withdrawn"]["reason"], "The pigment is modern");
    assert!(!gallery.the_opinion(2).interested);
}

#[test]
fn an_expert_who_has_the_work_says_so() {
    let mut gallery = Gallery::new();
    let loan = gallery.loan(gallery.ana, gallery.second_expert);
    gallery.does(loan, &[gallery.ana, gallery.second_expert]);
    let mut opinion = gallery.opinion(1);
    opinion["expert"] = json!(gallery.second_expert.id);
    gallery.does(opinion, &[gallery.second_expert]);
    assert!(gallery.the_opinion(1).interested);
}

#[test]
fn provenance_shows_claims_then_events_with_every_gap() {
    let mut gallery = Gallery::new();
    let (ana, expert) = (gallery.ana, gallery.expert);
    let mut looted = step("direct", "An officer");
    looted["kind"] = json!("transfer-of-custody");
    looted["method"] = json!("looting");
    let claims = json!([step("start", "Mr. A"), looted, step("gap", "Mr. C")]);
    gallery.does(gallery.claims(ana, 1, claims), &[ana]);
    gallery.does(gallery.claims(expert, 4, json!([step("start", "Mr. D")])), &[expert]);
    gallery.does(gallery.claims(expert, 5, json!([step("direct", "Ana")])), &[expert]);
    assert_eq!(gallery.work().owner, ana.id, "claims are no facts of title");

    let follows = |gallery: &Gallery| -> Vec<String> {
        let links = gallery.answers("provenance")["links"].clone();
        links
            .as_array()
            .unwrap()
            .iter()
            .map(|link| {
                format!(
                    "{} {}",
                    link["source"].as_str().unwrap(),
                    link["follows"].as_str().unwrap()
                )
            })
            .collect()
    };
    let expected =
        ["claim start", "claim direct", "claim gap", "claim start", "claim direct", "register gap"];
    assert_eq!(follows(&gallery), expected);

    // Disputed claims stay as they are; what follows a withdrawn one follows a gap.
    let dispute = act(
        "dispute-claim",
        json!({
            "work": WORK, "number": 2, "by": expert.id, "reason": "The list says otherwise",
        }),
    );
    gallery.does(dispute, &[expert]);
    let withdrawal = act(
        "withdraw-claim",
        json!({
            "work": WORK, "number": 1, "by": ana.id, "reason": "An error",
        }),
    );
    gallery.does(withdrawal, &[ana]);
    assert_eq!(follows(&gallery)[1], "claim gap");
    assert_eq!(gallery.claim(2).disputed[0].by, expert.id);
    assert_eq!(gallery.claim(1).withdrawn.unwrap().reason.as_str(), "An error");
    assert_eq!(gallery.answers("provenance")["gaps"], 3);
}

#[test]
fn licences_come_and_go() {
    let mut gallery = Gallery::new();
    let (artist, bo, dealer) = (gallery.artist, gallery.bo, gallery.dealer);
    let names = |gallery: &Gallery| -> Vec<Value> {
        let licences = gallery.answers("licences")["licences"].clone();
        licences.as_array().unwrap().iter().map(|licence| licence["licence"].clone()).collect()
    };
    gallery.does(gallery.licence("l-1", bo, true), &[artist, bo]);
    // Elsewhere, for something else, or afterwards, another may be exclusive, too.
    let mut elsewhere = gallery.licence("l-2", dealer, true);
    elsewhere["territories"] = json!(["JP"]);
    gallery.does(elsewhere, &[artist, dealer]);
    let mut otherwise = gallery.licence("l-3", dealer, true);
    otherwise["scopes"] = json!(["merchandise"]);
    gallery.does(otherwise, &[artist, dealer]);
    let mut afterwards = gallery.licence("l-4", dealer, true);
    afterwards["from"] = json!(gallery.town.in_ms(31 * DAY));
    afterwards["until"] = json!(gallery.town.in_ms(60 * DAY));
    gallery.does(afterwards, &[artist, dealer]);
    assert_eq!(names(&gallery), ["l-1", "l-2", "l-3"]);

    // The licensee gives it up, and a new one may begin at once.
    gallery.does(act("end-licence", json!({ "licence": "l-1", "by": bo.id })), &[bo]);
    gallery.does(gallery.licence("l-5", dealer, true), &[artist, dealer]);
    // The licensor takes one back as a court directs.
    gallery.does(gallery.direction("o-1", "licence", "l-3"), &[gallery.court]);
    let end = act("end-licence", json!({ "licence": "l-3", "by": artist.id, "order": "o-1" }));
    gallery.does(end, &[artist]);
    assert_eq!(names(&gallery), ["l-2", "l-5"]);

    // Rights pass; the licences stand. Time passes; they run out.
    let assignment = act(
        "assign-rights",
        json!({
            "fingerprint": hash(WORK), "from": artist.id, "to": bo.id,
        }),
    );
    gallery.does(assignment, &[artist, bo]);
    assert_eq!(names(&gallery).len(), 2);
    gallery.town.passes(45 * DAY);
    assert_eq!(names(&gallery), ["l-4"]);
}

#[test]
fn the_first_holder_of_rights_comes_with_an_expert() {
    let mut gallery = Gallery::new();
    let mut action = gallery.registration("w-2", "unique");
    action.as_object_mut().unwrap().remove("rights_holder");
    gallery.does(action, &[gallery.ana, gallery.expert]);
    let statement = act(
        "assign-rights",
        json!({
            "fingerprint": hash("w-2"), "to": gallery.artist.id, "expert": gallery.expert.id,
        }),
    );
    gallery.does(statement, &[gallery.artist, gallery.expert]);
    assert_eq!(gallery.edition("w-2").rights_holder, Some(gallery.artist.id));
}

#[test]
fn documents_are_notarised_by_all_their_parties() {
    let mut gallery = Gallery::new();
    let (ana, museum) = (gallery.ana, gallery.museum);
    let deed = act(
        "notarise",
        json!({
            "notarisation": "n-1", "kind": "intellectual-property", "title": "A sketch",
            "document": hash("a sketch"), "parties": [ana.id, museum.id],
        }),
    );
    gallery.does(deed, &[ana, museum]);
    let kind = chancery_registries::kind("artworks", "notarisation").unwrap();
    assert!(gallery.town.asks(|draft| (kind.exists)(draft, "n-1")));
}

#[test]
fn relations_find_what_is_out_on_loan() {
    use chancery_registries::shape::Described;
    let mut gallery = Gallery::new();
    gallery.lends();
    let named = |gallery: &Gallery, name: &str| -> Vec<_> {
        let relations = gallery.work().relations();
        relations
            .into_iter()
            .filter(|(relation, _)| *relation == name)
            .map(|(_, who)| who)
            .collect()
    };
    assert_eq!(named(&gallery, "lender"), [gallery.ana.id]);
    assert_eq!(named(&gallery, "borrower"), [gallery.museum.id]);
    assert_eq!(named(&gallery, "artist"), [gallery.artist.id]);
    gallery.loses();
    assert!(named(&gallery, "custodian").is_empty() && named(&gallery, "borrower").is_empty());
}

#[test]
fn an_expert_states_a_condition() {
    let mut gallery = Gallery::new();
    gallery.freezes();
    let look = act(
        "report-condition",
        json!({
            "work": WORK, "by": gallery.expert.id, "condition": condition(),
        }),
    );
    gallery.does(look, &[gallery.expert]);
    assert_eq!(gallery.work().condition.by, gallery.expert.id);
    let frozen = gallery.answers("flags");
    assert_eq!(
        (frozen["flagged"].clone(), frozen["frozen"][0]["order"].clone()),
        (json!(true), json!("freeze-work"))
    );
}

#[test]
fn what_is_amended_keeps_its_fingerprint() {
    let mut gallery = Gallery::new();
    let mut description = crate::gallery::description();
    description["title"] = json!("The News Boys (Pittsburgh)");
    let amendment = act(
        "amend",
        json!({
            "work": WORK, "owner": gallery.ana.id, "examiner": gallery.second_expert.id,
            "description": description, "record": hash("another record"),
        }),
    );
    gallery.does(amendment, &[gallery.ana, gallery.second_expert]);
    let work = gallery.work();
    assert_eq!((work.fingerprint, work.examined_by), (hash(WORK), gallery.second_expert.id));
    assert!(work.files.is_empty());
}

#[test]
fn objects_stay_small() {
    let mut gallery = Gallery::new();
    gallery.is_disputed();
    gallery.does(gallery.settlement(gallery.court), &[gallery.court]);
    assert!(bytes_of::<Work>(&gallery.town, WORK) < 2048);
    assert!(bytes_of::<Event>(&gallery.town, &format!("{WORK}:1")) < 1024);
}
