//! The rules on who may take part: accreditations under a carrier, orders, and time limits.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;

use crate::RegisterName;
use crate::authorities::{
    Accreditation, NOT_ACCREDITED, Role, accreditation_for, accredited, directed, entitles,
    institution, is_in_force_at,
};
use crate::parcels::codes;
use crate::parcels::parcel::Parcel;
use crate::parcels::path::{Leg, Receiver};
use crate::text::LocalId;

/// After how long without an event a custodian may declare a parcel lost, where the carrier's
/// accreditation does not say otherwise in [`LOST_AFTER_PARAMETER`].
pub const DEFAULT_LOST_AFTER_MS: u64 = 14 * 24 * 60 * 60 * 1000;
/// The parameter of a carrier's accreditation with its own time limit, in milliseconds.
pub const LOST_AFTER_PARAMETER: &str = "lost-after-ms";
/// The parameter with which root accredits a station or courier for a carrier.
pub const CARRIER_PARAMETER: &str = "carrier";

/// A carrier is accredited for parcels at the time of the block.
pub(in crate::parcels) fn carrier_is_accredited(
    draft: &Draft<'_>,
    carrier: &PartyId,
) -> Result<(), Rejection> {
    accredited(draft, carrier, Role::Carrier, RegisterName::Parcels, draft.time()).map(|_| ())
}

/// The receiver is what the leg asks for.
pub(in crate::parcels) fn receiver_fits(
    draft: &Draft<'_>,
    parcel: &Parcel,
    leg: &Leg,
    to: &PartyId,
) -> Result<(), Rejection> {
    let carrier = &parcel.carrier;
    match leg.receiver {
        Receiver::Courier => serves_carrier(draft, to, &[Role::Courier], carrier),
        Receiver::Station => serves_carrier(draft, to, &[Role::Station], carrier),
        Receiver::CourierOrStation => {
            serves_carrier(draft, to, &[Role::Courier, Role::Station], carrier)
        }
        Receiver::Recipient => is_addressee(
            *to == parcel.recipient || parcel.proxies.contains(to),
            format!("{to} is neither the recipient of {} nor a named proxy", parcel.number),
        ),
        Receiver::Sender => is_addressee(
            *to == parcel.sender,
            format!("{to} is not the sender of {}", parcel.number),
        ),
    }
}

fn is_addressee(it_is: bool, detail: String) -> Result<(), Rejection> {
    if it_is { Ok(()) } else { Err(codes::RECEIVER_NOT_ADDRESSEE.because(detail)) }
}

/// The party is accredited at the time of the block, in one of the roles, under the carrier: by
/// it, or by root with the carrier's ID code as a parameter.
pub(in crate::parcels) fn serves_carrier(
    draft: &Draft<'_>,
    party: &PartyId,
    roles: &[Role],
    carrier: &PartyId,
) -> Result<(), Rejection> {
    let entitles_it = |held: &Accreditation| entitles(draft, held, draft.time());
    if under_carrier(draft, party, roles, carrier).iter().any(entitles_it) {
        return Ok(());
    }
    let roles: Vec<String> = roles.iter().map(Role::to_string).collect();
    let roles = roles.join(" or ");
    let detail = format!("{party} is not accredited as {roles} under the carrier {carrier}");
    Err(NOT_ACCREDITED.because(detail))
}

/// Every accreditation, valid or not, that the party ever had in these roles under the carrier.
fn under_carrier(
    draft: &Draft<'_>,
    party: &PartyId,
    roles: &[Role],
    carrier: &PartyId,
) -> Vec<Accreditation> {
    let named = carrier.to_string();
    let root = draft.context().genesis.root_party();
    let fits = |held: &Accreditation| {
        let by_root_for_it =
            held.granted_by == root && held.parameters.get(CARRIER_PARAMETER) == Some(&named);
        roles.contains(&held.role)
            && held.registers.contains(&RegisterName::Parcels)
            && (held.granted_by == *carrier || by_root_for_it)
    };
    let held = institution(draft, party).accreditations;
    held.iter().filter_map(|id| draft.get(id.as_str())).filter(fits).collect()
}

/// What was a station of the carrier is none at the time of the block.
pub(in crate::parcels) fn station_is_closed(
    draft: &Draft<'_>,
    station: &PartyId,
    carrier: &PartyId,
) -> Result<(), Rejection> {
    let held = under_carrier(draft, station, &[Role::Station], carrier);
    if held.is_empty() {
        let detail = format!("{station} never was a station under the carrier {carrier}");
        return Err(NOT_ACCREDITED.because(detail));
    }
    if held.iter().any(|held| is_in_force_at(draft, held, draft.time())) {
        let detail = format!("{station} is accredited at {}", draft.time());
        return Err(codes::STATION_IN_SERVICE.because(detail));
    }
    Ok(())
}

/// A direction in force is about this object, or about the party that has it.
pub(in crate::parcels) fn order_directs(
    draft: &Draft<'_>,
    order: &LocalId,
    (kind, id): (&str, &str),
    station: &PartyId,
) -> Result<(), Rejection> {
    let about_it = directed(draft, order, RegisterName::Parcels, kind, id);
    let about_station =
        || directed(draft, order, RegisterName::Identity, "party", &station.to_string());
    about_it.or_else(|rejection| about_station().map_err(|_| rejection)).map(|_| ())
}

/// The carrier's time limit since the parcel's last event is over.
pub(in crate::parcels) fn is_overdue(draft: &Draft<'_>, parcel: &Parcel) -> Result<(), Rejection> {
    let now = draft.time();
    let (role, register) = (Role::Carrier, RegisterName::Parcels);
    let limit_ms = accreditation_for(draft, &parcel.carrier, role, register, now)
        .and_then(|held| held.parameters.get(LOST_AFTER_PARAMETER)?.parse().ok())
        .unwrap_or(DEFAULT_LOST_AFTER_MS);
    let overdue = parcel.last.at.plus_ms(limit_ms);
    if now < overdue {
        let detail = format!("{} is not overdue before {overdue}", parcel.number);
        return Err(codes::NOT_OVERDUE.because(detail));
    }
    Ok(())
}

/// A correction names an event, and comes from the carrier or from who gave, got or had custody in
/// it.
pub(in crate::parcels) fn entitled_to_correct(
    parcel: &Parcel,
    corrects: &Hash,
    by: &PartyId,
) -> Result<(), Rejection> {
    let index =
        parcel.trail.iter().position(|trace| trace.transition == *corrects).ok_or_else(|| {
            let detail = format!("{corrects} is no event of {} to be corrected", parcel.number);
            codes::CORRECTS_NOTHING.because(detail)
        })?;
    let before = index.checked_sub(1).and_then(|before| parcel.trail.get(before));
    let had_it =
        [before, parcel.trail.get(index)].into_iter().flatten().any(|trace| trace.custodian == *by);
    if had_it || parcel.carrier == *by {
        return Ok(());
    }
    let detail = format!("{by} had no part in the custody of {} then", parcel.number);
    Err(codes::MAY_NOT_CORRECT.because(detail))
}
