//! Who is related to whom, and what a place makes of it.

use serde_json::{Value, json};

use crate::common::Actor;
use crate::office::{Office, with};

/// Ana and Bo are to marry where these degrees are prohibited. Gives the refusal's code.
fn tries(office: &mut Office, degrees: Option<&str>) -> Option<&'static str> {
    let (ana, bo, wu, xi) = (office.ana, office.bo, office.wu, office.xi);
    let registrar = match degrees {
        None => office.registrar,
        Some(words) => office.registrar_with("place", json!({ "prohibited-degrees": words })),
    };
    let action = with(office.wedding(ana, bo), "/registrar", json!(registrar.id));
    let verdict = office.try_all(&[action], &[registrar, ana, bo, wu, xi]);
    verdict.err().map(|rejection| rejection.code.name)
}

const REFUSED: Option<&str> = Some("marriage-prohibited-degree");

/// Parents and children by name, the degrees of the place, and whether it refuses.
type Family = (&'static [(&'static str, &'static str)], Option<&'static str>, bool);

const FAMILIES: &[Family] = &[
    (&[], None, false),
    (&[("Ana", "Bo")], None, true),
    (&[("Bo", "Ana")], None, true),
    (&[("Ana", "Cy"), ("Cy", "Bo")], None, true),
    (&[("Bo", "Cy"), ("Cy", "Dee"), ("Dee", "Ana")], None, true),
    (&[("Bo", "Cy"), ("Cy", "Dee"), ("Dee", "Wu"), ("Wu", "Ana")], None, false),
    // Half-siblings, and siblings by adoption: the ledger knows one parent in common.
    (&[("Cy", "Ana"), ("Cy", "Bo")], None, true),
    (&[("Cy", "Ana"), ("Dee", "Ana"), ("Dee", "Bo")], None, true),
    (&[("Cy", "Ana"), ("Dee", "Bo")], None, false),
    // Bo is the brother of Ana's mother Cy.
    (&[("Dee", "Cy"), ("Dee", "Bo"), ("Cy", "Ana")], None, false),
    (&[("Dee", "Cy"), ("Dee", "Bo"), ("Cy", "Ana")], Some("siblings aunt-uncle"), true),
    (&[("Dee", "Cy"), ("Dee", "Ana"), ("Cy", "Bo")], Some("siblings aunt-uncle"), true),
    // They have the grandparent Dee in common.
    (&[("Dee", "Cy"), ("Dee", "Wu"), ("Cy", "Ana"), ("Wu", "Bo")], Some("aunt-uncle"), false),
    (&[("Dee", "Cy"), ("Dee", "Wu"), ("Cy", "Ana"), ("Wu", "Bo")], Some("cousins"), true),
];

fn named(office: &Office, name: &str) -> Actor {
    match name {
        "Ana" => office.ana,
        "Bo" => office.bo,
        "Cy" => office.cy,
        "Dee" => office.dee,
        "Wu" => office.wu,
        _ => panic!("{name}"),
    }
}

#[test]
fn a_place_refuses_within_its_degrees_and_no_others() {
    for (family, degrees, refuses) in FAMILIES {
        let mut office = Office::new();
        for (parent, child) in *family {
            let (parent, child) = (named(&office, parent), named(&office, child));
            office.kin(parent, "parent-of", child);
        }
        let verdict = tries(&mut office, *degrees);
        assert_eq!(verdict, REFUSED.filter(|_| *refuses), "{family:?} {degrees:?}");
    }
}

#[test]
fn a_ward_does_not_marry_their_guardian_where_the_place_says_so() {
    for (degrees, refusal) in [(None, None), (Some("direct-line ward"), REFUSED)] {
        let mut office = Office::new();
        let (ana, bo) = (office.ana, office.bo);
        office.kin(bo, "guardian-of", ana);
        assert_eq!(tries(&mut office, degrees), refusal);
    }
}

fn ended(office: &Office, of: Actor, to: Actor) -> Value {
    json!({
        "register": "identity", "action": "end-kinship", "by": office.registrar.id, "of": of.id,
        "relation": "parent-of", "to": to.id, "reason": "another Cy", "correction": true,
    })
}

#[test]
fn a_kinship_that_never_was_is_in_nobodys_way() {
    let mut office = Office::new();
    let Office { ana, bo, cy, registrar, .. } = office;
    office.kin(cy, "parent-of", ana);
    office.kin(cy, "parent-of", bo);
    assert_eq!(tries(&mut office, None), REFUSED);
    office.does(ended(&office, cy, bo), &[registrar]);
    assert_eq!(tries(&mut office, None), None);
}
