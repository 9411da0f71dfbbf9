//! The cast: who there is in the demo, and what root and the carrier accredit them for.

use chancery_client::Action;
use chancery_registries::RegisterName;
use chancery_registries::authorities::{self, Accredit, AttestedTypes, Role};
use chancery_registries::identity::{self, CreateParty, PartyKind};
use chancery_registries::parcels::LOST_AFTER_PARAMETER;

use super::ROOT;
use super::stage::{Stage, text};
use crate::commands::authority::parameters;
use crate::failure::Failure;
use crate::words::distinct;

/// After how long the demo's carrier may give a parcel up, so that nobody has to wait.
pub(super) const LOST_AFTER_MS: u64 = 1_000;

const ORGANISATIONS: &[&str] =
    &["regulator", "court", "customs", "carrier", "station-north", "station-south"];
/// The couriers, and those who send and receive.
const PERSONS: &[&str] =
    &["courier-1", "courier-2", "courier-3", "ana", "bo", "chen", "dita", "emre", "faye"];

/// Who is accredited by whom, as what and for what.
const ACCREDITED: &[(&str, &str, Role, &str)] = &[
    ("regulator", ROOT, Role::Regulator, "Supervision of the carriage of parcels"),
    ("court", ROOT, Role::Court, "Orders about parcels"),
    ("customs", ROOT, Role::Customs, "Customs control of parcels"),
    ("carrier", ROOT, Role::Carrier, "Carriage of parcels in the whole country"),
    ("station-north", "carrier", Role::Station, "Sorting and storage, North Station"),
    ("station-south", "carrier", Role::Station, "Sorting and storage, South Station"),
    ("courier-1", "carrier", Role::Courier, "Collection and delivery in the north"),
    ("courier-2", "carrier", Role::Courier, "Transport between the stations"),
    ("courier-3", "carrier", Role::Courier, "Collection and delivery in the south"),
];

/// Creates all parties and accredits those who act in an office.
pub(super) async fn enter(stage: &Stage<'_>) -> Result<(), Failure> {
    for (names, kind) in [(ORGANISATIONS, PartyKind::Organisation), (PERSONS, PartyKind::Person)] {
        for name in names {
            let key = stage.signer(name)?.id().key;
            let create = identity::Action::Create(CreateParty { kind, key, card: None });
            stage.step(&format!("create-{name}"), &[name], Action::Identity(create)).await?;
        }
    }
    for (name, by, role, scope) in ACCREDITED {
        let accredit = authorities::Action::Accredit(accreditation(stage, name, by, *role, scope)?);
        stage.step(&format!("accredit-{name}"), &[by], Action::Authorities(accredit)).await?;
    }
    Ok(())
}

fn accreditation(
    stage: &Stage<'_>,
    name: &str,
    by: &str,
    role: Role,
    scope: &str,
) -> Result<Accredit, Failure> {
    let limit = format!("{LOST_AFTER_PARAMETER}={LOST_AFTER_MS}");
    let named = if role == Role::Carrier { vec![limit] } else { Vec::new() };
    Ok(Accredit {
        accreditation: text(&format!("demo-{name}"))?,
        by: stage.party(by)?,
        institution: stage.party(name)?,
        role,
        registers: distinct(vec![RegisterName::Parcels])?,
        scope: text(scope)?,
        attests: AttestedTypes::default(),
        valid_from: None,
        valid_until: None,
        parameters: parameters(&named)?,
    })
}
