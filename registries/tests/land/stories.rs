//! Days at the land office.

use chancery_registries::land::{EventKind, Nature, State};
use serde_json::json;

use crate::common::DAY;
use crate::office::{Office, TITLE, square};

#[test]
fn a_mortgaged_title_moves_with_its_lender_and_without_it_only_when_discharged() {
    let mut office = Office::new();
    let Office { ana, bo, chen, bank, registrar, .. } = office;
    office.mortgages("M-1", bank, 1);
    let sale = office.transfer(TITLE, &[(ana, "1/2")], &[(chen, "1/2")]);
    assert_eq!(office.refuses(sale.clone(), &[ana, chen, registrar]), "land-lender-has-not-signed");
    office.does(sale, &[ana, chen, registrar, bank]);
    assert_eq!(office.share(TITLE, chen).as_deref(), Some("1/2"));
    assert_eq!(office.title(TITLE).mortgages().count(), 1, "the mortgage goes with the land");

    // Discharge and transfer in one transition: both, or neither.
    let sale = office.transfer(TITLE, &[(chen, "1/2"), (bo, "1/4")], &[(ana, "3/4")]);
    let discharge = office.ending("discharge", TITLE, "M-1", bank);
    let signers = [chen, bo, ana, bank, registrar];
    let without_bo = [chen, ana, bank, registrar];
    let pair = [discharge.clone(), sale.clone()];
    assert_eq!(office.refuses_all(&pair, &without_bo), "signer-missing");
    assert_eq!(office.title(TITLE).mortgages().count(), 1, "the discharge fell with the transfer");
    let before = office.history(TITLE).len();
    office.try_all(&pair, &signers).unwrap();
    let title = office.title(TITLE);
    assert_eq!(title.mortgages().count(), 0);
    assert_eq!(office.share(TITLE, ana).as_deref(), Some("3/4"));
    assert_eq!(office.share(TITLE, bo).as_deref(), Some("1/4"));
    assert_eq!(office.history(TITLE).len(), before + 1, "one version");
    let kinds: Vec<_> = title.last.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Discharged, EventKind::Transferred]);
}

#[test]
fn a_new_owner_buys_with_a_new_loan_in_one_transition() {
    let mut office = Office::new();
    let Office { ana, bo, chen, bank, rival, registrar, .. } = office;
    office.mortgages("M-1", bank, 1);
    let actions = [
        office.ending("discharge", TITLE, "M-1", bank),
        office.transfer(TITLE, &[(ana, "1/2"), (bo, "1/2")], &[(chen, "1/1")]),
        office.mortgage(TITLE, "M-2", rival, 1),
    ];
    office.try_all(&actions, &[ana, bo, chen, bank, rival, registrar]).unwrap();
    let answer = office.answer("title", TITLE, "encumbrances");
    assert_eq!(answer["owners"], json!([{"party": chen.id, "share": "1/1"}]));
    assert_eq!(answer["burdens"][0]["holders"], json!([rival.id]));
}

#[test]
fn a_caveat_blocks_until_its_caveator_or_a_court_removes_it() {
    let mut office = Office::new();
    let Office { ana, chen, dora, court, registrar, .. } = office;
    office.caveats("C-1", dora);
    let sale = office.transfer(TITLE, &[(ana, "1/2")], &[(chen, "1/2")]);
    assert_eq!(office.refuses(sale.clone(), &[ana, chen, registrar]), "land-caveated");
    // Another claim keeps its place beside the first, and both have to go.
    office.caveats("C-2", chen);
    let removal = office.ending("remove-caveat", TITLE, "C-1", dora);
    office.does(removal, &[dora]);
    assert_eq!(office.refuses(sale.clone(), &[ana, chen, registrar]), "land-caveated");
    office.directs("O-1", court, TITLE);
    let mut removal = office.ending("remove-caveat", TITLE, "C-2", registrar);
    removal["order"] = json!("O-1");
    office.does(removal, &[registrar]);
    office.does(sale, &[ana, chen, registrar]);
}

#[test]
fn a_freeze_holds_until_it_is_released_or_a_later_direction_passes_it() {
    let mut office = Office::new();
    let Office { ana, bo, chen, court, regulator, registrar, .. } = office;
    office.freezes("F-1", regulator, TITLE);
    let sale = office.transfer(TITLE, &[(ana, "1/2")], &[(chen, "1/2")]);
    assert_eq!(office.refuses(sale.clone(), &[ana, chen, registrar]), "frozen");
    assert_eq!(office.answer("title", TITLE, "encumbrances")["blocked"], json!(true));

    // The court knew of the freeze when it directed the sale.
    office.directs("O-1", court, TITLE);
    let forced = office.forced_sale("O-1", &[(bo, "1/2")], chen);
    office.does(forced, &[chen, registrar]);
    assert_eq!(office.refuses(sale.clone(), &[ana, chen, registrar]), "frozen");

    let release = json!({
        "register": "authorities", "action": "release", "order": "F-1", "by": regulator.id,
        "reference": "Case 2",
    });
    office.does(release, &[regulator]);
    office.does(sale, &[ana, chen, registrar]);
    assert_eq!(office.share(TITLE, chen).as_deref(), Some("1/1"));
}

#[test]
fn a_court_has_a_title_sold_and_cleared() {
    let mut office = Office::new();
    let Office { ana, bo, chen, dora, bank, court, registrar, .. } = office;
    office.mortgages("M-1", bank, 1);
    office.caveats("C-1", dora);
    office.directs("O-1", court, TITLE);
    let mut sale = office.forced_sale("O-1", &[(ana, "1/2"), (bo, "1/2")], chen);
    sale["clears"] = json!(["M-1", "C-1"]);
    office.does(sale, &[chen, registrar]);
    let title = office.title(TITLE);
    assert_eq!(office.share(TITLE, chen).as_deref(), Some("1/1"));
    assert!(title.interests.is_empty());
    assert_eq!(title.last[0].order.as_ref().unwrap().as_str(), "O-1");
}

#[test]
fn an_owner_dies_and_the_heirs_follow() {
    let mut office = Office::new();
    let Office { ana, bo, chen, dora, court, registrar, .. } = office;
    office.caveats("C-1", bo);
    office.dies(ana);
    office.directs("P-1", court, TITLE);
    let transmission = office.transmission("P-1", &[(chen, "1/3"), (bo, "1/6")]);
    office.does(transmission, &[dora, chen, bo, registrar]);
    assert_eq!(office.share(TITLE, ana), None);
    assert_eq!(office.share(TITLE, chen).as_deref(), Some("1/3"));
    assert_eq!(office.share(TITLE, bo).as_deref(), Some("2/3"));
    // Now the living deal again.
    let removal = office.ending("remove-caveat", TITLE, "C-1", bo);
    office.does(removal, &[bo]);
    let sale = office.transfer(TITLE, &[(chen, "1/3")], &[(dora, "1/3")]);
    office.does(sale, &[chen, dora, registrar]);
}

#[test]
fn a_lease_a_servitude_and_a_monument_come_and_go() {
    let mut office = Office::new();
    let Office { ana, bo, chen, heritage, registrar, court, .. } = office;
    let end_of_lease = office.town.in_ms(10 * DAY);
    let lease = office.land(
        "lease",
        json!({"title": TITLE, "interest": "L-1", "lessees": [chen.id], "until": end_of_lease}),
    );
    office.does(lease, &[ana, bo, chen, registrar]);
    let servitude = office.land(
        "grant-servitude",
        json!({"title": TITLE, "interest": "S-1", "beneficiaries": [chen.id], "terms": "A way"}),
    );
    office.does(servitude, &[ana, bo, chen, registrar]);
    for (id, burden) in [("H-1", "historic-preservation"), ("R-1", "responsibility")] {
        let fields = json!({
            "title": TITLE, "interest": id, "burden": burden, "authority": heritage.id,
            "terms": "Keep the wall",
        });
        let action = office.land("impose", fields);
        office.does(action, &[heritage, registrar]);
    }
    let answer = office.answer("title", TITLE, "encumbrances");
    let classes: Vec<_> =
        answer["burdens"].as_array().unwrap().iter().map(|b| &b["class"]).collect();
    assert_eq!(classes, ["right", "restriction", "restriction", "responsibility"]);

    // They do not hinder a sale; the lease ends by itself, the others by those concerned.
    let sale = office.transfer(TITLE, &[(ana, "1/2")], &[(bo, "1/2")]);
    office.does(sale, &[ana, bo, registrar]);
    office.town.passes(10 * DAY);
    let title = office.title(TITLE);
    assert!(!title.interests.iter().any(|one| matches!(one.nature, Nature::Lease(_))));
    for (id, holder) in [("S-1", chen), ("H-1", heritage)] {
        let action = office.ending("end", TITLE, id, registrar);
        office.does(action, &[holder, registrar]);
    }
    office.directs("O-1", court, TITLE);
    let mut action = office.ending("end", TITLE, "R-1", registrar);
    action["order"] = json!("O-1");
    office.does(action, &[registrar]);
    assert!(office.title(TITLE).interests.is_empty());
}

#[test]
fn ranks_stand_in_order_whenever_they_came() {
    let mut office = Office::new();
    let Office { bank, rival, dora, .. } = office;
    office.mortgages("M-3", bank, 3);
    office.mortgages("M-1", rival, 1);
    office.mortgages("M-2", bank, 2);
    office.caveats("C-1", dora);
    let answer = office.answer("title", TITLE, "encumbrances");
    let of = |name: &str| -> Vec<String> {
        let burdens = answer["burdens"].as_array().unwrap().iter();
        burdens.map(|burden| burden[name].to_string()).collect()
    };
    assert_eq!(of("rank"), ["1", "2", "3", "null"]);
    assert_eq!(of("interest"), ["\"M-1\"", "\"M-2\"", "\"M-3\"", "\"C-1\""]);
    assert_eq!(answer["blocked"], json!(true));
    // A rank that has become free is given again.
    let removal = office.ending("remove-caveat", TITLE, "C-1", dora);
    office.does(removal, &[dora]);
    let discharge = office.ending("discharge", TITLE, "M-1", rival);
    office.does(discharge, &[rival]);
    office.mortgages("M-4", bank, 1);
}

#[test]
fn a_rectification_names_what_it_corrects() {
    let mut office = Office::new();
    let Office { ana, bo, chen, court, registrar, .. } = office;
    let registered = office.title(TITLE).trail[0];
    let owners = office.shares(&[(ana, "2/3"), (bo, "1/3")]);
    let fields = json!({
        "title": TITLE, "corrects": registered, "statement": "The shares were read wrongly",
        "owners": owners,
    });
    let action = office.land("rectify", fields);
    office.does(action, &[registrar, ana, bo]);
    let title = office.title(TITLE);
    assert_eq!(title.last[0].corrects, Some(registered));
    assert_eq!(office.share(TITLE, ana).as_deref(), Some("2/3"));

    // A clerical error is the registrar's alone; ownership by judgment needs no owner.
    let fields = json!({
        "title": TITLE, "corrects": title.trail[1], "statement": "A lease for 99 years",
        "tenure": "Leasehold",
    });
    let action = office.land("rectify", fields);
    office.does(action, &[registrar]);
    office.directs("O-1", court, TITLE);
    let fields = json!({
        "title": TITLE, "corrects": registered, "statement": "Judgment", "order": "O-1",
        "owners": office.shares(&[(chen, "1/1")]),
    });
    let action = office.land("rectify", fields);
    office.does(action, &[registrar]);
    assert_eq!(office.share(TITLE, chen).as_deref(), Some("1/1"));
}

#[test]
fn a_title_is_split_and_merged_again_with_all_that_is_on_it() {
    let mut office = Office::new();
    let Office { ana, chen, bank, registrar, .. } = office;
    office.mortgages("M-1", bank, 1);
    // The new corner on the old boundary is rounded: half a millimetre inside.
    office.surveys("L-2", &json!([[[0, 0, 60_000, 1, -333, 49_999, -59_667, 0]]]));
    office.surveys("L-3", &json!([[[60_000, 1, 40_000, -1, 0, 50_000, -40_333, 0]]]));
    let split = office.split(TITLE, &[("T-2", &["L-2"]), ("T-3", &["L-3"])]);
    let signers = office.for_pieces();
    office.does(split, &signers);

    let (parent, child) = (office.title(TITLE), office.title("T-3"));
    assert_eq!((parent.state, child.state), (State::Cancelled, State::Current));
    assert!(child.owners.are_the_same_as(&parent.owners));
    assert_eq!(child.interests, parent.interests, "the mortgage is on each");
    assert_eq!(parent.children, ["T-2", "T-3"].map(|id| id.parse().unwrap()));
    assert_eq!(office.unit("L-1").children.len(), 2);
    assert!(office.unit("L-1").titles.is_empty());
    assert_eq!(office.unit("L-3").titles, ["T-3".parse().unwrap()]);
    let sale = office.transfer(TITLE, &[(ana, "1/2")], &[(chen, "1/2")]);
    assert_eq!(office.refuses(sale, &[ana, chen, registrar]), "land-title-cancelled");
    let sale = office.transfer("T-3", &[(ana, "1/2")], &[(chen, "1/2")]);
    assert_eq!(office.refuses(sale, &[ana, chen, registrar]), "land-lender-has-not-signed");

    // Merged again on the units as they are: the mortgage is one.
    let merge = office.merge(&["T-2", "T-3"], "T-4", &["L-2", "L-3"]);
    office.does(merge, &signers);
    assert_eq!(office.title("T-4").mortgages().count(), 1);
    // And once more into one lot, which is the first again.
    office.surveys("L-4", &square(0, 0, 100, 50));
    let merge = office.split("T-4", &[("T-5", &["L-4"]), ("T-6", &["L-4"])]);
    office.does(merge, &signers);
    assert_eq!(office.unit("L-4").titles.len(), 2, "two titles to one lot");

    let lineage = office.answer("title", "T-6", "lineage");
    let ids = |name: &str| -> Vec<String> {
        let links = lineage[name].as_array().unwrap().iter();
        links.map(|link| link["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids("ancestors"), ["T-4", "T-2", "T-3", "T-1"]);
    assert!(ids("descendants").is_empty());
    let down = office.answer("title", TITLE, "lineage");
    assert_eq!(down["descendants"].as_array().unwrap().len(), 5);
    assert_eq!(down["complete"], json!(true));
}

#[test]
fn a_chain_of_title_has_every_owner_and_no_gap() {
    let mut office = Office::new();
    let Office { ana, bo, chen, bank, registrar, .. } = office;
    office.mortgages("M-1", bank, 1);
    let sale = office.transfer(TITLE, &[(ana, "1/2")], &[(chen, "1/2")]);
    office.does(sale, &[ana, chen, registrar, bank]);
    let sale = office.transfer(TITLE, &[(bo, "1/2")], &[(chen, "1/2")]);
    // As somebody who owns a part already receives more.
    office.does(sale, &[bo, chen, registrar, bank]);
    let chain = office.answer("title", TITLE, "chain-of-title");
    let ownerships = chain["ownerships"].as_array().unwrap();
    assert_eq!(ownerships.len(), 3);
    for pair in ownerships.windows(2) {
        assert_eq!(pair[0]["until"], pair[1]["from"]);
    }
    assert_eq!(ownerships[2]["owners"], json!([{"party": chen.id, "share": "1/1"}]));
    assert_eq!(ownerships[2]["until"], json!(null));
    assert_eq!(ownerships[1]["events"][0]["kind"], "transferred");
}

#[test]
fn land_too_large_for_one_transition_comes_on_several_sheets() {
    let mut office = Office::new();
    office.surveys("L-2", &square(0, 100, 50, 50));
    let sheet = json!({
        "register": "land", "action": "extend-survey", "unit": "L-2", "by": office.surveyor.id,
        "outline": square(50, 100, 50, 50),
    });
    office.does(sheet, &[office.surveyor]);
    let unit = office.unit("L-2");
    assert_eq!((unit.sheets, unit.area.to_string().as_str()), (2, "5000000000"));
    let owners = office.shares(&[(office.ana, "1/1")]);
    office.registers("T-2", &["L-2"], owners);
    // It is split across the sheets.
    office.surveys("L-3", &square(0, 100, 100, 20));
    office.surveys("L-4", &square(0, 120, 100, 30));
    let split = office.split("T-2", &[("T-3", &["L-3"]), ("T-4", &["L-4"])]);
    office.does(split, &[office.ana, office.surveyor, office.registrar]);
    let drawn = office.answer("spatial-unit", "L-2", "coordinates");
    assert_eq!(drawn["polygons"].as_array().unwrap().len(), 2);
    assert_eq!(drawn["polygons"][0][0].as_array().unwrap().len(), 5, "closed rings");
}

#[test]
fn what_a_party_has_to_do_with_a_title_is_found() {
    use chancery_registries::shape::Described;
    let mut office = Office::new();
    let Office { ana, bo, bank, dora, .. } = office;
    office.mortgages("M-1", bank, 1);
    office.mortgages("M-2", bank, 2);
    office.caveats("C-1", dora);
    let relations = office.title(TITLE).relations();
    let expected =
        [("owner", ana.id), ("owner", bo.id), ("lender", bank.id), ("caveator", dora.id)];
    assert_eq!(relations, expected);
}
