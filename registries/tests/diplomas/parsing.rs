//! What is not of the right form is refused before any rule sees it.

use chancery_ledger::execution::Application;
use chancery_registries::diplomas::{Credential, CredentialId, Programme};
use chancery_registries::shape::Described;
use chancery_registries::{Action, Registers};

use crate::campus::Campus;

#[test]
fn a_credential_is_named_by_its_institution_and_its_number() {
    let campus = Campus::new();
    let id: CredentialId = campus.id("BSC-2026.0042").parse().unwrap();
    assert_eq!((id.institution, id.serial.as_str()), (campus.university.id, "BSC-2026.0042"));
    assert_eq!(id.to_string(), campus.id("BSC-2026.0042"));
    let university = campus.university.id.to_string();
    for wrong in [
        "",
        ".",
        "D-1",
        &university,
        &format!("{university}."),
        &format!("{university}-D-1"),
        &format!("{university}.D 1"),
        &format!("{university}..1"),
        &format!(" {university}.1"),
        &format!("{}.1", university.to_lowercase()),
    ] {
        assert!(wrong.parse::<CredentialId>().is_err(), "{wrong}");
        assert!(!Credential::is_id(wrong) && !Programme::is_id(wrong), "{wrong}");
    }
}

#[test]
fn ids_fit_the_state_at_their_longest() {
    let campus = Campus::new();
    assert!(campus.id(&"x".repeat(64)).len() <= 100);
    assert!(campus.id(&"x".repeat(65)).parse::<CredentialId>().is_err());
}

#[test]
fn actions_read_what_they_write() {
    let campus = Campus::new();
    for action in [
        campus.programme("msc"),
        campus.closing("msc", campus.today()),
        campus.award("D-1"),
        campus.transcript("T-1", "D-1"),
        campus.batch(&[("D-1", campus.ana), ("D-2", campus.bo)]),
        campus.correction("D-1", "D-2"),
        campus.reissue("D-1", "D-2"),
        campus.revocation("D-1", campus.university),
        campus.answer("D-1", "accept"),
        campus.answer("D-1", "decline"),
    ] {
        let read: Action = Registers.parse(&action.to_string()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), action);
    }
}

#[test]
fn unknown_and_repeated_members_are_refused() {
    let campus = Campus::new();
    let action = campus.revocation("D-1", campus.university).to_string();
    let repeated = action.replacen("\"reason\"", "\"reason\":\"ordered\",\"reason\"", 1);
    for wrong in [
        action.replacen("\"reason\"", "\"why\":1,\"reason\"", 1),
        repeated,
        action.replace("obtained-by-deceit", "whim"),
        action.replace("revoke", "burn"),
    ] {
        assert_eq!(Registers.parse(&wrong).unwrap_err().code.name, "bad-action", "{wrong}");
    }
}
