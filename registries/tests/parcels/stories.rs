//! Days of parcels, from the sender's door to the end of it.

use chancery_registries::parcels::{
    Condition, Direction, EventKind, Parcel, State, custodian_at, custody_chain, damage_span,
    manifest_matches, record_matches,
};
use serde_json::json;

use crate::common::{DAY, key};
use crate::post::{BAG, Post, with};

/// Every story, to be told once more with a look at the signatures.
pub(crate) const STORIES: &[fn()] = &[
    a_parcel_is_delivered_and_its_chain_has_no_gap,
    a_proxy_receives,
    a_damaged_parcel_is_taken_with_a_reservation_and_the_span_is_known,
    a_parcel_never_damaged_has_no_span,
    a_refused_parcel_goes_all_the_way_back,
    a_failed_attempt_goes_back_to_the_station_and_out_again,
    a_lost_parcel_is_found_and_goes_on,
    who_lost_a_parcel_may_find_it_again,
    a_carrier_may_have_a_time_limit_of_its_own,
    root_accredits_a_station_for_a_carrier,
    a_bag_moves_what_is_in_it_and_gives_it_back,
    a_round_is_one_handoff_all_or_none,
    customs_hold_a_parcel_until_they_release_it_or_the_hold_ends,
    the_carrier_takes_over_what_a_closed_station_has,
    an_order_opens_a_station_that_is_in_service,
    a_correction_names_what_it_corrects_even_after_the_end,
    a_handoff_signed_offline_arrives_a_day_later,
    a_couriers_device_signs_with_a_custody_key,
    an_own_number_in_its_carriers_format_is_taken,
];

#[test]
fn a_parcel_is_delivered_and_its_chain_has_no_gap() {
    let mut post = Post::new();
    let before = post.now();
    let (number, _) = post.parcel_that_is(State::Delivered, Direction::Forward);
    let history = post.history(&number);
    let chain = custody_chain(&history);
    let who: Vec<_> = chain.iter().map(|custody| custody.custodian).collect();
    let Post { ana, courier, origin, hauler, terminal, bo, .. } = post;
    assert_eq!(who, [ana, courier, origin, hauler, terminal, courier, bo].map(|actor| actor.id));
    for pair in chain.windows(2) {
        assert_eq!(pair[0].until, Some(pair[1].from));
        assert!(pair[1].both_signed);
    }
    assert_eq!(chain[6].until, None);
    assert_eq!(custodian_at(&history, chain[3].from), Some(hauler.id));
    assert_eq!(custodian_at(&history, chain[6].from.plus_ms(DAY)), Some(bo.id));
    assert!(custodian_at(&history, before) == Some(ana.id));
    assert_eq!(custodian_at(&history, "2025-12-31T00:00:00Z".parse().unwrap()), None);
    let versions: Vec<_> =
        history.iter().map(|version| version.decode::<Parcel>().unwrap().version).collect();
    assert_eq!(versions, [1, 2, 3, 4, 5, 6, 7]);
    assert!(record_matches(&post.parcel(&number), &Post::record(&number)));
}

#[test]
fn a_proxy_receives() {
    let mut post = Post::new();
    let (number, courier) = post.parcel_that_is(State::OutForDelivery, Direction::Forward);
    post.hands(&number, "delivered", courier, post.proxy);
    assert_eq!(post.parcel(&number).custodian, post.proxy.id);
}

#[test]
fn a_damaged_parcel_is_taken_with_a_reservation_and_the_span_is_known() {
    let mut post = Post::new();
    let (number, hauler) = post.parcel_that_is(State::InTransit, Direction::Forward);
    let action = post.handoff(&number, "at-terminal", hauler, post.terminal);
    let action = with(action, "/of/parcel/condition", json!("damaged"));
    let action = with(action, "/of/parcel/reservation", json!("water on one side"));
    post.does(action, &[hauler, post.terminal]);
    let fields = json!({
        "parcel": number, "by": post.terminal.id, "statement": "the contents are wet too",
    });
    post.does(post.seen("report-damage", fields), &[post.terminal]);

    let parcel = post.parcel(&number);
    assert_eq!((parcel.condition, parcel.reservations), (Condition::Damaged, 1));
    assert_eq!(parcel.damage.unwrap().statement.as_str(), "the contents are wet too");
    let history = post.history(&number);
    let span = damage_span(&history).unwrap();
    let sound = span.last_sound.unwrap();
    assert_eq!((sound.from, sound.custodian), (Some(post.origin.id), hauler.id));
    let damaged = span.damaged.unwrap();
    assert_eq!((damaged.from, damaged.custodian), (Some(hauler.id), post.terminal.id));
    assert_eq!(damaged.statement.unwrap().as_str(), "water on one side");

    // A third attempt goes well, damaged as it is.
    let action = post.handoff(&number, "out-for-delivery", post.terminal, post.courier);
    let action = with(action, "/of/parcel/condition", json!("damaged"));
    post.does(action, &[post.terminal, post.courier]);
    assert_eq!(post.parcel(&number).reservations, 1);
}

#[test]
fn a_parcel_never_damaged_has_no_span() {
    let mut post = Post::new();
    let (number, _) = post.parcel_that_is(State::Delivered, Direction::Forward);
    let span = damage_span(&post.history(&number)).unwrap();
    assert_eq!(span.damaged, None);
    assert_eq!(span.last_sound.unwrap().custodian, post.bo.id);
    assert_eq!(damage_span(&[]), None);
}

#[test]
fn a_refused_parcel_goes_all_the_way_back() {
    let mut post = Post::new();
    let (number, courier) = post.parcel_that_is(State::OutForDelivery, Direction::Forward);
    let fields = json!({
        "parcel": number, "by": courier.id, "recipient_signs": true, "reason": "never ordered it",
    });
    post.does(post.seen("refuse", fields), &[courier, post.bo]);
    post.returns(&number, post.carrier);
    let Post { terminal, hauler, hub, origin, ana, .. } = post;
    post.hands(&number, "at-terminal", courier, terminal);
    post.hands(&number, "in-transit", terminal, hauler);
    post.hands(&number, "in-transit", hauler, hub);
    post.hands(&number, "at-origin", hub, origin);
    post.hands(&number, "out-for-delivery", origin, courier);
    post.attempt_fails(&number, courier);
    post.hands(&number, "at-origin", courier, origin);
    post.hands(&number, "out-for-delivery", origin, courier);
    post.hands(&number, "returned", courier, ana);
    let parcel = post.parcel(&number);
    assert_eq!((parcel.state, parcel.custodian, parcel.attempts), (State::Returned, ana.id, 1));
}

#[test]
fn a_failed_attempt_goes_back_to_the_station_and_out_again() {
    let mut post = Post::new();
    let (number, courier) = post.parcel_that_is(State::AttemptFailed, Direction::Forward);
    post.attempt_fails(&number, courier);
    let terminal = post.terminal;
    post.hands(&number, "at-terminal", courier, terminal);
    post.hands(&number, "out-for-delivery", terminal, courier);
    post.hands(&number, "delivered", courier, post.bo);
    assert_eq!(post.parcel(&number).attempts, 2);
}

#[test]
fn a_lost_parcel_is_found_and_goes_on() {
    let mut post = Post::new();
    let (number, hauler) = post.parcel_that_is(State::InTransit, Direction::Forward);
    post.town.passes(14 * DAY);
    let fields = json!({ "parcel": number, "by": hauler.id, "reason": "not on the lorry" });
    post.does(post.stated("declare-lost", fields), &[hauler]);
    assert_eq!(post.parcel(&number).custodian, hauler.id, "who lost it answers for it");
    let fields = json!({
        "parcel": number, "finder": post.hub.id, "condition": "damaged", "statement": "opened",
    });
    post.does(post.seen("find", fields), &[post.hub]);
    let parcel = post.parcel(&number);
    assert_eq!((parcel.state, parcel.custodian), (State::InTransit, post.hub.id));
    assert_eq!((parcel.last.from, parcel.last.both_signed), (Some(hauler.id), false));
    let action = post.handoff(&number, "at-terminal", post.hub, post.terminal);
    let action = with(action, "/of/parcel/condition", json!("damaged"));
    post.does(action, &[post.hub, post.terminal]);
}

#[test]
fn who_lost_a_parcel_may_find_it_again() {
    let mut post = Post::new();
    let (number, hauler) = post.parcel_that_is(State::InTransit, Direction::Forward);
    post.loses(&number);
    let since = post.parcel(&number).since;
    let fields = json!({ "parcel": number, "finder": hauler.id, "condition": "sound" });
    post.does(post.seen("find", fields), &[hauler]);
    let parcel = post.parcel(&number);
    assert_eq!((parcel.state, parcel.last.from), (State::InTransit, None));
    assert_eq!(parcel.since, since, "custody never changed");
}

#[test]
fn a_carrier_may_have_a_time_limit_of_its_own() {
    let mut post = Post::new();
    post.town.organisation("swift");
    let swift = crate::common::actor("swift");
    let grant = post.town.accreditation("swift", swift, "carrier", "parcels");
    let grant = with(grant, "/parameters", json!({ "lost-after-ms": DAY.to_string() }));
    let root = post.town.root_signs();
    post.try_signed(&[grant], &root).unwrap();
    let number = post.number();
    let action = with(post.registration(&number), "/carrier", json!(swift.id));
    post.does(action, &[post.ana, swift]);
    let fields = json!({ "parcel": number, "by": post.ana.id, "reason": "it is gone" });
    let action = post.stated("declare-lost", fields);
    assert_eq!(post.refuses(action.clone(), &[post.ana]), "parcel-not-overdue");
    post.town.passes(DAY);
    post.does(action, &[post.ana]);
}

#[test]
fn root_accredits_a_station_for_a_carrier() {
    let mut post = Post::new();
    let depot = post.town.organisation("depot");
    let grant = post.town.accreditation("depot", depot, "station", "parcels");
    let grant = with(grant, "/parameters", json!({ "carrier": post.carrier.id }));
    let root = post.town.root_signs();
    post.try_signed(&[grant], &root).unwrap();
    let (number, courier) = post.parcel_that_is(State::Collected, Direction::Forward);
    post.hands(&number, "at-origin", courier, depot);
}

#[test]
fn a_bag_moves_what_is_in_it_and_gives_it_back() {
    let mut post = Post::new();
    let mut numbers = Vec::new();
    for _ in 0..12 {
        numbers.push(post.parcel_that_is(State::AtOrigin, Direction::Forward).0);
    }
    let Post { origin, hauler, hub, terminal, .. } = post;
    post.does(post.packing(BAG, origin, &numbers), &[origin]);
    let lines: Vec<_> =
        numbers.iter().map(|number| (number.parse().unwrap(), Post::record(number))).collect();
    assert!(manifest_matches(&post.container(BAG), &lines));
    assert!(!manifest_matches(&post.container(BAG), &lines[1..]));
    for (step, from, to) in [("in-transit", origin, hauler), ("in-transit", hauler, hub)] {
        post.does(post.bag_handoff(BAG, step, from, to), &[from, to]);
    }
    // One is missed: the regulator declares it lost, and the others go on.
    post.loses(&numbers[3]);
    assert_eq!(post.container(BAG).members.len(), 11);
    assert_eq!(post.parcel(&numbers[3]).container, None);
    let action = with(
        post.bag_handoff(BAG, "at-terminal", hub, terminal),
        "/of/container/reservation",
        json!("the seal is broken"),
    );
    post.does(action, &[hub, terminal]);
    post.does(post.seen("unpack", json!({ "container": BAG, "by": terminal.id })), &[terminal]);
    for (index, number) in numbers.iter().enumerate().filter(|(index, _)| *index != 3) {
        let parcel = post.parcel(number);
        assert_eq!((parcel.state, parcel.custodian), (State::AtTerminal, terminal.id), "{index}");
        assert_eq!((parcel.container, parcel.reservations), (None, 1));
        assert_eq!(post.history(number).len(), 8);
    }
}

#[test]
fn a_round_is_one_handoff_all_or_none() {
    let mut post = Post::new();
    let numbers: Vec<_> =
        (0..5).map(|_| post.parcel_that_is(State::AtTerminal, Direction::Forward).0).collect();
    let late = post.registers();
    let round = |numbers: &[String]| -> serde_json::Value {
        let line = |number: &String| json!({ "number": number, "record": Post::record(number), "condition": "sound" });
        json!({ "parcels": numbers.iter().map(line).collect::<Vec<_>>() })
    };
    let Post { terminal, courier, .. } = post;
    let action = post.handoff(&late, "out-for-delivery", terminal, courier);
    let with_late = [numbers.clone(), vec![late]].concat();
    let whole = with(action.clone(), "/of", round(&with_late));
    assert_eq!(post.refuses(whole, &[terminal, courier]), "parcel-not-custodian");
    post.does(with(action, "/of", round(&numbers)), &[terminal, courier]);
    for number in &numbers {
        assert_eq!(post.parcel(number).state, State::OutForDelivery);
    }
}

#[test]
fn customs_hold_a_parcel_until_they_release_it_or_the_hold_ends() {
    let mut post = Post::new();
    let (number, hauler) = post.parcel_that_is(State::InTransit, Direction::Forward);
    let hold = |post: &Post, reference: &str| {
        let fields = json!({
            "parcel": number, "by": post.customs.id, "kind": "customs", "reference": reference,
            "until": post.town.in_ms(DAY),
        });
        post.stated("hold", fields)
    };
    let Post { customs, hub, terminal, .. } = post;
    post.does(hold(&post, "C 1"), &[customs]);
    let action = post.handoff(&number, "in-transit", hauler, hub);
    assert_eq!(post.refuses(action.clone(), &[hauler, hub]), "parcel-held");
    let fields = json!({ "parcel": number, "by": customs.id, "reference": "C 1" });
    post.does(post.stated("release-hold", fields), &[customs]);
    post.does(action, &[hauler, hub]);
    post.does(hold(&post, "C 2"), &[customs]);
    post.town.passes(DAY);
    post.hands(&number, "at-terminal", hub, terminal);
}

#[test]
fn the_carrier_takes_over_what_a_closed_station_has() {
    let mut post = Post::new();
    let (number, terminal) = post.parcel_that_is(State::AtTerminal, Direction::Forward);
    let Post { carrier, courier, .. } = post;
    post.closes_terminal();
    let fields = json!({
        "carrier": carrier.id, "station": terminal.id, "of": { "parcels": [number] },
        "reason": "the station is closed",
    });
    post.does(post.stated("take-over", fields), &[carrier]);
    assert_eq!(post.parcel(&number).last.from, Some(terminal.id));
    post.hands(&number, "out-for-delivery", carrier, courier);
}

#[test]
fn an_order_opens_a_station_that_is_in_service() {
    let mut post = Post::new();
    let (numbers, origin): (Vec<_>, _) = {
        let (first, _) = post.parcel_that_is(State::AtOrigin, Direction::Forward);
        let (second, origin) = post.parcel_that_is(State::AtOrigin, Direction::Forward);
        (vec![first, second], origin)
    };
    post.does(post.packing(BAG, origin, &numbers), &[origin]);
    let direct = json!({
        "register": "authorities", "action": "direct", "order": "O-1", "by": post.court.id,
        "target": { "register": "parcels", "kind": "container", "id": BAG },
        "instruction": "the carrier takes it over", "scope": "the bag", "reference": "HCA 2",
        "until": post.town.in_ms(DAY),
    });
    post.does(direct, &[post.court]);
    let fields = json!({
        "carrier": post.carrier.id, "station": origin.id, "of": { "container": BAG },
        "reason": "by order", "order": "O-1",
    });
    post.does(post.stated("take-over", fields), &[post.carrier]);
    assert_eq!(post.container(BAG).custodian, post.carrier.id);
    for number in &numbers {
        assert_eq!(post.parcel(number).custodian, post.carrier.id);
    }
}

#[test]
fn a_correction_names_what_it_corrects_even_after_the_end() {
    let mut post = Post::new();
    let (number, bo) = post.parcel_that_is(State::Delivered, Direction::Forward);
    let delivered = post.parcel(&number).last.transition;
    for by in [bo, post.courier, post.carrier] {
        let fields = json!({
            "parcel": number, "by": by.id, "corrects": delivered,
            "statement": "at the back door, not the front",
        });
        post.does(post.stated("correct", fields), &[by]);
    }
    let parcel = post.parcel(&number);
    assert_eq!((parcel.last.kind, parcel.last.corrects), (EventKind::Corrected, Some(delivered)));
    assert_eq!((parcel.state, parcel.custodian), (State::Delivered, bo.id));
    assert_eq!(custody_chain(&post.history(&number)).len(), 7, "a correction moves nothing");
}

#[test]
fn a_handoff_signed_offline_arrives_a_day_later() {
    let mut post = Post::new();
    let number = post.registers();
    let collected = post.handoff(&number, "collected", post.ana, post.courier);
    let at_origin = post.handoff(&number, "at-origin", post.courier, post.origin);
    post.town.passes(DAY);
    // Block order has to make a chain: the later one waits for the earlier.
    let signers = [post.courier, post.origin];
    assert_eq!(post.refuses(at_origin.clone(), &signers), "parcel-not-custodian");
    post.does(collected, &[post.ana, post.courier]);
    post.does(at_origin, &signers);
    assert!(post.parcel(&number).last.device_time.unwrap().plus_ms(DAY) < post.now());
}

#[test]
fn a_couriers_device_signs_with_a_custody_key() {
    let mut post = Post::new();
    let handset = key("handset");
    let add = json!({
        "register": "identity", "action": "add-key", "party": post.courier.id, "key": handset,
        "purposes": ["custody"],
    });
    let courier = post.courier;
    post.try_signed(&[add], &[courier.signs(), courier.signs_with(handset)]).unwrap();
    let number = post.registers();
    let action = post.handoff(&number, "collected", post.ana, courier);
    post.try_signed(&[action], &[post.ana.signs(), courier.signs_with(handset)]).unwrap();
    assert_eq!(post.parcel(&number).custodian, courier.id);
}

#[test]
fn an_own_number_in_its_carriers_format_is_taken() {
    let mut post = Post::new();
    let number = format!("{}-1Z5R89390357567127", post.carrier.id);
    let action = with(post.registration(&number), "/format", json!("ups"));
    post.does(action, &[post.ana, post.carrier]);
    assert_eq!(post.parcel(&number).number.to_string(), number);
}
