//! Histories as GS1 EPCIS 2.0: the events are the right ones, and the documents pass GS1's schema.

use std::path::PathBuf;

use chancery_registries::parcels::epcis::{EpcisDocument, NotEpcis, parcel_uri, read_events};
use chancery_registries::parcels::{Direction, State};
use chancery_registries::shape::AskedOfHistory;
use serde_json::{Value, json};

use crate::post::{BAG, Post, with};
use crate::statements::statement;

fn export(post: &Post, number: &str) -> Value {
    let document = EpcisDocument::answer(&post.history(number)).unwrap();
    serde_json::to_value(document).unwrap()
}

fn events(document: &Value) -> &Vec<Value> {
    document["epcisBody"]["eventList"].as_array().unwrap()
}

/// An eventful life: handed on, bagged, damaged, held, lost out of a bag, found, observed, corrected.
fn an_eventful_life(post: &mut Post) -> String {
    let (number, origin) = post.parcel_that_is(State::AtOrigin, Direction::Forward);
    let (other, _) = post.parcel_that_is(State::AtOrigin, Direction::Forward);
    post.does(post.packing(BAG, origin, &[number.clone(), other]), &[origin]);
    post.does(post.bag_handoff(BAG, "in-transit", origin, post.hauler), &[origin, post.hauler]);
    post.does(statement(post, &number, "seen in the hall"), &[post.carrier]);
    post.loses(&number);
    let finding = json!({
        "parcel": number, "finder": post.hub.id, "condition": "damaged", "statement": "opened",
    });
    post.does(post.seen("find", finding), &[post.hub]);
    let action = post.handoff(&number, "at-terminal", post.hub, post.terminal);
    let action = with(action, "/of/parcel/condition", json!("damaged"));
    post.does(action, &[post.hub, post.terminal]);
    let arrived = post.parcel(&number).last.transition;
    let put_in =
        with(statement(post, &number, "put in"), "/event/type", json!("aggregation-event"));
    let put_in = with(put_in, "/event/action", json!("add"));
    let put_in = with(put_in, "/event/parent", json!("urn:epc:id:grai:4012345.55555.987"));
    post.does(put_in, &[post.carrier]);
    let fields = json!({
        "parcel": number, "by": post.carrier.id, "corrects": arrived, "statement": "at noon",
    });
    post.does(post.stated("correct", fields), &[post.carrier]);
    let fields = json!({
        "parcel": number, "by": post.customs.id, "kind": "customs", "reference": "C 1",
        "until": post.town.in_ms(1000),
    });
    post.does(post.stated("hold", fields), &[post.customs]);
    post.returns(&number, post.terminal);
    number
}

#[test]
fn every_event_of_a_life_is_there() {
    let mut post = Post::new();
    let number = an_eventful_life(&mut post);
    let document = export(&post, &number);
    let said: Vec<String> = events(&document)
        .iter()
        .map(|event| {
            let word = |name: &str| event[name].as_str().unwrap_or("-").to_owned();
            let error = if event["errorDeclaration"].is_null() { "" } else { " (in error)" };
            let step = word("chancery:step");
            format!(
                "{} {} {} {} {step}{error}",
                word("type"),
                word("action"),
                word("bizStep"),
                word("disposition")
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            "ObjectEvent ADD commissioning active -",
            "ObjectEvent OBSERVE accepting in_transit collected",
            "ObjectEvent OBSERVE receiving in_progress at-origin",
            "AggregationEvent ADD packing in_progress -",
            "ObjectEvent OBSERVE accepting in_transit in-transit",
            "ObjectEvent OBSERVE receiving in_progress -",
            "AggregationEvent DELETE removing - -",
            "ObjectEvent OBSERVE other unknown -",
            "ObjectEvent OBSERVE inspecting in_transit -",
            "ObjectEvent OBSERVE receiving in_progress at-terminal",
            "AggregationEvent ADD receiving in_progress -",
            "ObjectEvent OBSERVE receiving in_progress at-terminal (in error)",
            "ObjectEvent OBSERVE other - -",
            "ObjectEvent OBSERVE holding unavailable -",
            "ObjectEvent OBSERVE other returned -",
        ]
    );
}

#[test]
fn what_when_where_and_who_are_those_of_the_transition() {
    let mut post = Post::new();
    let number = post.registers();
    let device_time = post.now();
    let action = post.handoff(&number, "collected", post.ana, post.courier);
    post.town.passes(60_000);
    let block_time = post.now();
    post.does(action, &[post.ana, post.courier]);
    let document = export(&post, &number);
    let event = &events(&document)[1];
    assert_eq!(event["epcList"], json!([format!("urn:chancery:parcels:obj:{number}")]));
    assert_eq!(event["eventTime"], json!(device_time));
    assert_eq!(event["recordTime"], json!(block_time));
    assert_eq!(event["eventTimeZoneOffset"], "+00:00");
    assert_eq!(event["readPoint"]["id"], "urn:chancery:parcels:loc:here");
    let party = |actor: crate::common::Actor| format!("urn:chancery:party:{}", actor.id);
    let source = json!([{ "type": "possessing_party", "source": party(post.ana) }]);
    let destination = json!([{ "type": "possessing_party", "destination": party(post.courier) }]);
    assert_eq!((&event["sourceList"], &event["destinationList"]), (&source, &destination));
    assert_eq!(event["chancery:bothSigned"], true);
    assert_eq!(event["chancery:transition"], json!(post.parcel(&number).last.transition));
    // Where no device was asked, it happened when it was recorded.
    post.returns(&number, post.courier);
    let document = export(&post, &number);
    let turned = &events(&document)[2];
    assert_eq!(turned["eventTime"], turned["recordTime"]);
}

#[test]
fn a_correction_declares_the_error_and_leaves_the_event() {
    let mut post = Post::new();
    let number = an_eventful_life(&mut post);
    let document = export(&post, &number);
    let of = |kind: &str| -> Vec<&Value> {
        let found = events(&document).iter().filter(|event| event["chancery:step"] == kind);
        found.collect()
    };
    let [first, declared] = of("at-terminal")[..] else { panic!("{document:#}") };
    assert_eq!(first["eventID"], declared["eventID"]);
    assert!(first["errorDeclaration"].is_null());
    let corrective = &declared["errorDeclaration"]["correctiveEventIDs"][0];
    let corrective =
        events(&document).iter().find(|event| event["eventID"] == *corrective).unwrap();
    assert_eq!(corrective["chancery:statement"], "at noon");
    assert_eq!(corrective["recordTime"], declared["errorDeclaration"]["declarationTime"]);
}

#[test]
fn damage_is_set_where_it_was_stated() {
    let mut post = Post::new();
    let number = an_eventful_life(&mut post);
    let document = export(&post, &number);
    let damaged: Vec<_> = events(&document)
        .iter()
        .filter(|event| !event["persistentDisposition"].is_null())
        .map(|event| event["chancery:event"].clone())
        .collect();
    assert_eq!(damaged, ["found"]);
}

#[test]
fn an_sscc_is_a_digital_link() {
    assert_eq!(parcel_uri(&BAG.parse().unwrap()), format!("https://id.gs1.org/00/{BAG}"));
    let mut post = Post::new();
    let number = an_eventful_life(&mut post);
    let document = export(&post, &number);
    let packed = &events(&document)[3];
    assert_eq!(packed["parentID"], format!("https://id.gs1.org/00/{BAG}"));
    assert_eq!(EpcisDocument::answer(&[]), None);
}

/// GS1's files, where the folder of real inputs is at hand.
fn of_gs1(file: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("CHANCERY_SHARED_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let path = folder.join("parcels/gs1-epcis").join(file);
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
    }
    path.exists().then_some(path)
}

fn schema() -> Option<jsonschema::Validator> {
    let text = std::fs::read_to_string(of_gs1("EPCIS-JSON-Schema.json")?).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    Some(jsonschema::options().should_validate_formats(true).build(&schema).unwrap())
}

#[track_caller]
fn passes(schema: &jsonschema::Validator, document: &Value) {
    let errors: Vec<String> = schema
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{document:#}");
}

#[test]
fn documents_pass_the_schema_of_gs1() {
    let Some(schema) = schema() else { return };
    let mut post = Post::new();
    let number = an_eventful_life(&mut post);
    let mut document = export(&post, &number);
    passes(&schema, &document);
    for (state, direction) in [
        (State::Registered, Direction::Forward),
        (State::Delivered, Direction::Forward),
        (State::AttemptFailed, Direction::Forward),
        (State::Refused, Direction::Forward),
        (State::Lost, Direction::Forward),
        (State::Returned, Direction::Return),
    ] {
        let (number, _) = post.parcel_that_is(state, direction);
        passes(&schema, &export(&post, &number));
    }
    // The schema can say no.
    document["epcisBody"]["eventList"][0]["bizStep"] = json!("teleporting");
    assert!(!schema.is_valid(&document));
}

/// The files below a folder that are JSON.
fn files_below(folder: &std::path::Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else if path.extension().is_some_and(|end| end == "json" || end == "jsonld") {
            files.push(path);
        }
    }
    files.sort_unstable();
    files
}

#[test]
fn every_example_of_gs1_is_read_or_refused_with_a_reason() {
    let Some(folder) = of_gs1("JSON") else { return };
    let (mut taken, mut left_out, mut documents) = (0, 0, 0);
    for file in files_below(&folder) {
        let text = std::fs::read_to_string(&file).unwrap();
        let events =
            read_events(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        documents += 1;
        for event in &events {
            let nothing = event.about.is_empty() && event.left_out.is_empty();
            assert!(!nothing, "{}: event {} vanished", file.display(), event.number);
            assert!(event.left_out.iter().all(|left| !left.why.is_empty()));
            taken += event.about.len();
            left_out += event.left_out.len();
        }
    }
    println!("{documents} documents: {taken} statements, {left_out} left out");
    assert!(documents >= 47 && left_out > 0, "{documents} documents, {left_out} left out");
}

#[test]
fn an_event_that_names_parcels_is_read() {
    let event = json!({
        "@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
        "type": "AggregationEvent", "eventID": "urn:uuid:1",
        "eventTime": "2026-01-02T03:04:05.006+08:00", "eventTimeZoneOffset": "+08:00",
        "parentID": "urn:epc:id:grai:4012345.55555.987", "action": "ADD",
        "bizStep": "urn:epcglobal:cbv:bizstep:loading",
        "disposition": "https://ref.gs1.org/cbv/Disp-in_transit",
        "readPoint": { "id": "urn:epc:id:sgln:0614141.00777.0" },
        "childEPCs": [
            "urn:epc:id:sscc:0614141.1234567890", "https://id.gs1.org/00/106141412345678908",
            "urn:epc:id:sgtin:0614141.107346.2017",
        ],
        "childQuantityList": [{ "epcClass": "https://id.gs1.org/01/04012345987652", "quantity": 1 }],
        "example:own": 1,
    });
    let events = read_events(&event.to_string()).unwrap();
    let [event] = &events[..] else { panic!("{events:#?}") };
    let [(number, stated)] = &event.about[..] else { panic!("{event:#?}") };
    assert_eq!(number.to_string(), BAG);
    let stated = serde_json::to_value(stated).unwrap();
    let expected = json!({
        "type": "aggregation-event", "action": "add", "event_time": "2026-01-01T19:04:05.006Z",
        "offset": "+08:00", "biz_step": "loading", "disposition": "in_transit",
        "read_point": "urn:epc:id:sgln:0614141.00777.0",
        "parent": "urn:epc:id:grai:4012345.55555.987", "event_id": "urn:uuid:1",
        "document": event.document,
    });
    assert_eq!(stated, expected);
    assert_eq!(event.left_out.len(), 2, "{event:#?}");
}

#[test]
fn what_is_no_event_is_refused_with_a_reason() {
    for (text, wrong) in [
        ("", "Json"),
        ("[]", "Json"),
        ("{}", "Json"),
        ("{\"type\":\"EPCISDocument\"}", "NoEvents"),
        ("{\"type\":\"EPCISQueryDocument\",\"epcisBody\":{\"queryResults\":{}}}", "NoEvents"),
        ("{\"type\":\"Letter\"}", "Type"),
    ] {
        let error: NotEpcis = read_events(text).unwrap_err();
        assert!(format!("{error:?}").starts_with(wrong), "{text}: {error:?}");
    }
    let good = json!({
        "type": "ObjectEvent", "eventTime": "2026-01-02T03:04:05Z", "eventTimeZoneOffset": "+00:00",
        "action": "OBSERVE", "epcList": [format!("https://id.gs1.org/00/{BAG}")],
    });
    assert_eq!(read_events(&good.to_string()).unwrap()[0].about.len(), 1);
    for (pointer, value) in [
        ("/type", json!("TransactionEvent")),
        ("/eventTime", Value::Null),
        ("/eventTime", json!("noon")),
        ("/eventTimeZoneOffset", json!("Z")),
        ("/action", json!("add")),
        ("/bizStep", json!("teleporting")),
        ("/readPoint", json!({ "id": "the hall" })),
        ("/epcList", json!("one")),
        ("/epcList", json!([])),
        ("/errorDeclaration", json!({ "declarationTime": "2026-01-02T03:04:05Z" })),
    ] {
        let event = with(good.clone(), pointer, value.clone());
        let read = read_events(&event.to_string()).unwrap();
        assert!(read[0].about.is_empty(), "{pointer} {value}");
        assert_eq!(read[0].left_out.len(), 1, "{pointer} {value}");
    }
}
