//! The register over the years: what each event leaves behind.

use chancery_ledger::execution::Object;
use chancery_registries::equity::{CapTable, ClassHolders, Event, Lineage, Security};
use chancery_registries::shape::{AskedOfState, Described};
use serde_json::json;

use crate::common::Actor;
use crate::company::{Company, with};

fn holdings(company: &Company, class: &str) -> Vec<(Actor, String)> {
    let known = [company.ana, company.bo, company.cy, company.bank];
    let answer = company.town.asks(|draft| ClassHolders::answer(draft, &company.id(class)));
    let who = |id| known.into_iter().find(|actor| actor.id == id).unwrap();
    let holders = answer.unwrap().holders.into_iter();
    holders.map(|holder| (who(holder.holder), holder.quantity.to_string())).collect()
}

/// Every story, to be told once more with a look at the signatures.
pub(crate) const STORIES: &[fn()] = &[
    a_transfer_yields_result_and_balance,
    what_is_restricted_moves_with_the_issuers_consent,
    cancellation_repurchase_and_retraction_make_fewer_shares,
    securities_are_divided_and_put_together,
    conversion_is_exact_and_moves_shares_between_classes,
    a_split_reissues_everything_in_one_transition,
    a_reverse_split_can_leave_nothing_and_take_several_transitions,
    a_court_can_have_shares_transferred_and_a_pledge_ended,
    a_freeze_lets_the_pledge_go_and_nothing_else,
    lineage_goes_both_ways,
    the_index_has_every_security_in_parts,
    a_registrar_registers_a_company_without_an_accreditation,
    ids_and_bounds_fit_the_state,
    what_is_authorised_is_raised_before_more_is_issued,
];

#[test]
fn what_is_authorised_is_raised_before_more_is_issued() {
    let mut company = Company::with_ana();
    let (acme, ana) = (company.acme, company.ana);
    let more = company.issue("a-2", ana, "1500");
    assert_eq!(company.refuses(more.clone(), &[acme, ana]), "equity-above-class-authorised");
    let of_class = company
        .action("adjust-class-authorised", json!({ "class": "common", "authorised": "2000" }));
    company.does(of_class, &[acme]);
    assert_eq!(company.refuses(more.clone(), &[acme, ana]), "equity-above-issuer-authorised");
    let of_issuer = company.action("adjust-issuer-authorised", json!({ "authorised": "2000" }));
    company.does(of_issuer, &[acme]);
    company.does(more, &[acme, ana]);
    assert_eq!(company.issuer().issued.to_string(), "1600");
}

#[test]
fn a_transfer_yields_result_and_balance() {
    let mut company = Company::with_ana();
    let (ana, bo, cy) = (company.ana, company.bo, company.cy);
    let to = [("b-1", bo, "30"), ("c-1", cy, "20")];
    company.does(company.transfer("a-1", &to, "a-2"), &[ana, bo, cy]);

    let of = |(actor, quantity): (Actor, &str)| (actor, quantity.to_owned());
    assert_eq!(holdings(&company, "common"), [(ana, "50"), (bo, "30"), (cy, "20")].map(of));
    let ended = company.security("a-1").ended.unwrap();
    assert_eq!((ended.event, ended.quantity.to_string()), (Event::Transfer, "50".to_owned()));
    assert_eq!(ended.balance.unwrap().as_str(), "a-2");
    assert!(company.security("a-1").relations().is_empty(), "what has ended, nobody holds");
    assert!(company.security("a-2").origin.is_balance);
    assert_eq!(company.class_now("common").live, 3);
    assert_eq!(company.class_now("common").issued.to_string(), "100");
}

#[test]
fn what_is_restricted_moves_with_the_issuers_consent() {
    let mut company = Company::new();
    let (acme, ana, bo) = (company.acme, company.ana, company.bo);
    company.does(with(company.class("club", "100"), "restricted", json!(true)), &[acme]);
    let issue = with(company.issue("a-1", ana, "10"), "class", json!("club"));
    company.does(issue, &[acme, ana]);
    company.does(company.transfer("a-1", &[("b-1", bo, "10")], ""), &[ana, bo, acme]);
    // What comes of it is restricted too, until the issuer lifts it.
    assert!(company.security("b-1").restricted);
    let lift = company.action("lift-restriction", json!({ "security": "b-1" }));
    company.does(lift, &[acme]);
    company.does(company.transfer("b-1", &[("a-2", ana, "10")], ""), &[ana, bo]);
    assert!(!company.security("a-2").restricted);
}

#[test]
fn cancellation_repurchase_and_retraction_make_fewer_shares() {
    let mut company = Company::with_ana();
    let (acme, ana, bo) = (company.acme, company.ana, company.bo);
    company.does(company.take("cancel", "a-1", "10", "a-2"), &[acme, ana]);
    company.does(company.take("repurchase", "a-2", "40", "a-3"), &[acme, ana]);
    company.issues("b-1", bo, "5");
    assert_eq!(company.issuer().issued.to_string(), "55");
    let retract = company.action("retract", json!({ "security": "b-1", "reason": "no payment" }));
    company.does(retract, &[acme, bo]);
    company.does(company.take("repurchase", "a-3", "50", ""), &[acme, ana]);
    assert!(company.issuer().issued.is_zero() && company.class_now("common").issued.is_zero());
    assert_eq!(company.class_now("common").live, 0);
    // All that was authorised can be issued anew.
    company.issues("b-2", bo, "1000");
}

#[test]
fn securities_are_divided_and_put_together() {
    let mut company = Company::with_ana();
    let (acme, ana) = (company.acme, company.ana);
    company.does(company.reissue(&["a-1"], &[("a-2", "60"), ("a-3", "40")]), &[acme, ana]);
    // A part can be pledged, and the other goes on.
    company.does(company.pledge("a-2"), &[ana, company.bank]);
    assert!(company.security("a-2").relations().contains(&("pledgee", company.bank.id)));
    company.issues("a-4", ana, "5");
    company.does(company.reissue(&["a-3", "a-4"], &[("a-5", "45")]), &[acme, ana]);
    assert_eq!(company.security("a-5").origin.from.len(), 2);
    assert_eq!(holdings(&company, "common"), [(ana, "105".to_owned())]);

    // The pledgee releases, and in the same transition it is sold.
    let release = company.action("release-pledge", json!({ "security": "a-2" }));
    let sale = company.transfer("a-2", &[("b-1", company.bo, "60")], "");
    company.does_all(&[release, sale], &[company.bank, ana, company.bo]);
    assert_eq!(company.security("b-1").quantity.to_string(), "60");
}

#[test]
fn conversion_is_exact_and_moves_shares_between_classes() {
    let mut company = Company::with_ana();
    let (acme, ana) = (company.acme, company.ana);
    company.does(company.ratio("common", "preferred", "2:5"), &[acme]);
    let convert = with(company.convert("a-1", "50", &[("p-1", "20")]), "balance", json!("a-2"));
    company.does(convert, &[acme, ana]);
    assert_eq!(company.class_now("common").issued.to_string(), "50");
    assert_eq!(company.class_now("preferred").issued.to_string(), "20");
    assert_eq!(company.issuer().issued.to_string(), "70");
    // The ratio can change, and counts from then on.
    company.does(company.ratio("common", "preferred", "1:1"), &[acme]);
    company.does(company.convert("a-2", "50", &[("p-2", "50")]), &[acme, ana]);
    assert_eq!(company.issuer().issued.to_string(), "70");
    assert_eq!(company.class_now("common").live, 0);
}

#[test]
fn a_split_reissues_everything_in_one_transition() {
    let mut company = Company::with_ana();
    let (acme, ana, bo) = (company.acme, company.ana, company.bo);
    company.issues("b-1", bo, "7");
    company.does(company.pledge("a-1"), &[ana, company.bank]);
    let successors = [("a-1", Some("a-2")), ("b-1", Some("b-2"))];
    let all = [company.split("s-1", "3:2"), company.succession(&successors)];
    company.does_all(&all, &[acme]);
    // 7 times 3/2 is 10.5: the class has whole shares, and the half is paid out.
    let of = |(actor, quantity): (Actor, &str)| (actor, quantity.to_owned());
    assert_eq!(holdings(&company, "common"), [(ana, "150"), (bo, "10")].map(of));
    assert!(company.security("a-2").pledge.is_some(), "what is pledged stays pledged");
    assert!(company.class_now("common").open_split().is_none());
    assert_eq!(company.issuer().issued.to_string(), "160");
}

#[test]
fn a_reverse_split_can_leave_nothing_and_take_several_transitions() {
    let mut company = Company::with_ana();
    let (acme, ana, bo) = (company.acme, company.ana, company.bo);
    company.issues("b-1", bo, "9");
    company.does(company.split("s-1", "1:10"), &[acme]);
    let table = company.town.asks(|draft| CapTable::answer(draft, &acme.id.to_string()));
    assert!(table.unwrap().classes[0].split_under_way);
    company.does(company.succession(&[("a-1", Some("a-2"))]), &[acme]);
    company.does(company.succession(&[("b-1", None)]), &[acme]);
    assert_eq!(holdings(&company, "common"), [(ana, "10".to_owned())]);
    let split = company.class_now("common").splits[0].clone();
    assert_eq!((split.to_reissue, company.security("a-2").issued), (0, split.at));
    assert_eq!(company.class_now("common").live, 1);
    company.does(company.split("s-2", "2:1"), &[acme]);
}

#[test]
fn a_court_can_have_shares_transferred_and_a_pledge_ended() {
    let mut company = Company::with_ana();
    let (acme, ana, bo) = (company.acme, company.ana, company.bo);
    company.does(company.pledge("a-1"), &[ana, company.bank]);
    company.orders("direct", "o-1", "a-1");
    let fields = json!({ "security": "a-1", "order": "o-1" });
    let release = company.action("release-pledge", fields);
    let sale = company.transfer("a-1", &[("b-1", bo, "100")], "");
    let sale = with(sale, "order", json!("o-1"));
    company.does_all(&[release, sale], &[acme, bo]);
    let ended = company.security("a-1").ended.unwrap();
    assert_eq!(ended.order.unwrap().as_str(), "o-1");
    // Shares can be cancelled by order too, by the issuer alone.
    company.orders("direct", "o-2", "b-1");
    let cancel = with(company.take("cancel", "b-1", "100", ""), "order", json!("o-2"));
    company.does(cancel, &[acme]);
    assert!(company.issuer().issued.is_zero());
}

#[test]
fn a_freeze_lets_the_pledge_go_and_nothing_else() {
    let mut company = Company::with_ana();
    company.does(company.pledge("a-1"), &[company.ana, company.bank]);
    company.orders("freeze", "f-1", "a-1");
    let release = company.action("release-pledge", json!({ "security": "a-1" }));
    company.does(release, &[company.bank]);
    assert!(company.security("a-1").pledge.is_none());
}

#[test]
fn lineage_goes_both_ways() {
    let mut company = Company::with_ana();
    let (acme, ana, bo) = (company.acme, company.ana, company.bo);
    company.does(company.transfer("a-1", &[("b-1", bo, "40")], "a-2"), &[ana, bo]);
    let all = [
        company.split("s", "2:1"),
        company.succession(&[("a-2", Some("a-3")), ("b-1", Some("b-2"))]),
    ];
    company.does_all(&all, &[acme]);
    company.does(company.transfer("b-2", &[("a-4", ana, "80")], ""), &[ana, bo]);
    company.does(company.reissue(&["a-3", "a-4"], &[("a-5", "200")]), &[acme, ana]);

    let of = |security: &str| {
        let id = company.id(security);
        company.town.asks(|draft| Lineage::answer(draft, &id)).unwrap()
    };
    let names = |entries: &[chancery_registries::equity::LineageEntry]| -> Vec<String> {
        entries.iter().map(|entry| entry.security.to_string()).collect()
    };
    assert_eq!(names(&of("a-5").ancestors), ["a-3", "a-4", "a-2", "b-2", "a-1", "b-1"]);
    assert!(of("a-5").descendants.is_empty() && of("a-5").is_complete);
    assert_eq!(names(&of("a-1").descendants), ["b-1", "a-2", "b-2", "a-3", "a-4", "a-5"]);
    assert!(of("a-1").ancestors.is_empty());
}

#[test]
fn the_index_has_every_security_in_parts() {
    let mut company = Company::new();
    let (acme, ana) = (company.acme, company.ana);
    for batch in 0..5 {
        let issue = |number: u32| company.issue(&format!("a-{batch}-{number}"), ana, "1");
        let actions: Vec<_> = (0..60).map(issue).collect();
        company.does_all(&actions, &[acme, ana]);
    }
    assert_eq!(company.securities("common").len(), 300);
    assert_eq!(holdings(&company, "common"), [(ana, "300".to_owned())]);
    let part =
        company.town.stored::<chancery_registries::equity::SecurityIndex>(&company.id("common.2"));
    assert_eq!(part.unwrap().value.securities.len(), 300 - 256);
}

#[test]
fn a_registrar_registers_a_company_without_an_accreditation() {
    let mut company = Company::new();
    let rival = company.town.organisation("rival");
    let action = with(company.registration(), "issuer", json!(rival.id));
    let action = with(action, "registrar", json!(company.registrar.id));
    company.does(action, &[rival, company.registrar]);
    let class = with(company.class("common", "10"), "issuer", json!(rival.id));
    company.does(class, &[rival]);
    // The ids of one issuer are not those of another.
    company.issues("a-1", company.ana, "1");
    let issue = with(company.issue("a-1", company.ana, "1"), "issuer", json!(rival.id));
    company.does(issue, &[rival, company.ana]);
    let amend = json!({ "name": "Rival Ltd", "record": chancery_ledger::hash::Hash::default() });
    let amend = with(company.action("amend-issuer", amend), "issuer", json!(rival.id));
    company.does(amend, &[rival]);
}

#[test]
fn ids_and_bounds_fit_the_state() {
    assert!(Security::is_id(&Company::new().id("a-1")));
    assert!(!Security::is_id("a-1") && !Security::is_id("AAAAAAAAAAAAAAAAAAAAAAAAI."));
    let longest = format!("AAAAAAAAAAAAAAAAAAAAAAAAI.{}.1023", "x".repeat(64));
    assert!(longest.len() <= 100, "{}", longest.len());
    assert!(chancery_registries::equity::SecurityIndex::is_id(&longest));
    assert_eq!(Security::KIND, "security");
}
