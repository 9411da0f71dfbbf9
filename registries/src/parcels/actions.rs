//! What may be asked of the parcels register.

use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::container::{ContainerNumber, Members};
use super::number::{FormatName, ParcelNumber};
use super::parcel::{Condition, HoldKind, Place, Proxies};
use super::path::Step;
use super::stated::StatedEvent;
use crate::text::{Distinct, LocalId, Reference, Statement};

/// The most parcels of one handoff or takeover: a courier's daily round.
pub const MAX_ROUND: usize = 200;

/// The parcels of one handoff.
pub type Round = Distinct<HandedParcel, 1, MAX_ROUND>;
/// The numbers of the parcels of one takeover.
pub type RoundNumbers = Distinct<ParcelNumber, 1, MAX_ROUND>;

/// An action of the parcels register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "action", rename_all = "kebab-case")]
#[schema(as = ParcelsAction)]
pub enum Action {
    /// Announces a parcel.
    Register(Box<RegisterParcel>),
    /// Hands over custody.
    Handoff(Handoff),
    /// States damage.
    ReportDamage(ReportDamage),
    /// States that the addressee was not met.
    AttemptFailed(AttemptFailed),
    /// States that the recipient would not have it.
    Refuse(Refuse),
    /// Turns a parcel back to its sender.
    Return(Return),
    /// Declares a parcel lost.
    DeclareLost(DeclareLost),
    /// Takes a lost parcel in.
    Find(Find),
    /// Keeps a parcel where it is.
    Hold(HoldParcel),
    /// Lets it move again.
    ReleaseHold(ReleaseHold),
    /// Takes over what a closed station has.
    TakeOver(TakeOver),
    /// Packs a container.
    Pack(Pack),
    /// Unpacks it.
    Unpack(Unpack),
    /// Corrects what was stated before.
    Correct(Correct),
    /// States an EPCIS event.
    StateEvent(Box<StateEvent>),
}

/// Announces a parcel, which the sender has. Signed by the sender and the carrier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterParcel {
    /// Its number, which no parcel or container ever had.
    pub parcel: ParcelNumber,
    /// The carrier's format that the local part of its own number is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<FormatName>,
    /// Who answers for carrying it.
    pub carrier: PartyId,
    /// Who sends it.
    pub sender: PartyId,
    /// Who is to have it.
    pub recipient: PartyId,
    /// Who may receive it for the recipient.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub proxies: Proxies,
    /// The commitment to its record.
    pub record: Hash,
    /// What it looks like.
    pub condition: Condition,
    /// What is damaged, where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<Statement>,
    /// Where.
    pub place: Place,
    /// When, as the device says.
    pub device_time: Time,
}

fn is_empty(proxies: &Proxies) -> bool {
    proxies.is_empty()
}

/// Hands over custody. Signed by both sides over the same statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Handoff {
    /// What is handed over.
    pub of: Handed,
    /// Which step of the path this is.
    pub step: Step,
    /// Who releases: the present custodian.
    pub from: PartyId,
    /// Who receives.
    pub to: PartyId,
    /// Where.
    pub place: Place,
    /// When, as the device says.
    pub device_time: Time,
}

/// What a handoff hands over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Handed {
    /// One parcel.
    Parcel(HandedParcel),
    /// Several: a round.
    Parcels(Round),
    /// A container with all that is in it.
    Container(HandedContainer),
}

/// A parcel as both sides of a handoff see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandedParcel {
    /// Its number.
    pub number: ParcelNumber,
    /// Its record's commitment, as registered.
    pub record: Hash,
    /// What it looks like.
    pub condition: Condition,
    /// What the receiver will not answer for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reservation: Option<Statement>,
}

/// A container as both sides of a handoff see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandedContainer {
    /// Its number.
    pub number: ContainerNumber,
    /// The hash of its manifest, as packed.
    pub record: Hash,
    /// What it looks like from outside.
    pub condition: Condition,
    /// What the receiver will not answer for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reservation: Option<Statement>,
}

/// States damage, new or further. Signed by the custodian.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportDamage {
    /// The parcel.
    pub parcel: ParcelNumber,
    /// The custodian.
    pub by: PartyId,
    /// What is damaged.
    pub statement: Statement,
    /// Where.
    pub place: Place,
    /// When, as the device says.
    pub device_time: Time,
}

/// States that a parcel out for delivery could not be handed over. Signed by the courier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttemptFailed {
    /// The parcel.
    pub parcel: ParcelNumber,
    /// The courier who has it.
    pub by: PartyId,
    /// Why.
    pub reason: Statement,
    /// Where.
    pub place: Place,
    /// When, as the device says.
    pub device_time: Time,
}

/// States that the recipient would not have it. Signed by the courier, and by the recipient where
/// `recipient_signs` says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refuse {
    /// The parcel.
    pub parcel: ParcelNumber,
    /// The courier who has it.
    pub by: PartyId,
    /// Whether the recipient signs as well.
    #[serde(default)]
    pub recipient_signs: bool,
    /// Why.
    pub reason: Statement,
    /// Where.
    pub place: Place,
    /// When, as the device says.
    pub device_time: Time,
}

/// Turns a parcel back to its sender. Signed by its custodian or its carrier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReturnParcel)]
pub struct Return {
    /// The parcel.
    pub parcel: ParcelNumber,
    /// The custodian or the carrier.
    pub by: PartyId,
    /// Why.
    pub reason: Statement,
}

/// Declares a parcel lost. Signed by its custodian, when the carrier's time limit since the last
/// event is over, or by a regulator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclareLost {
    /// The parcel.
    pub parcel: ParcelNumber,
    /// The custodian or a regulator.
    pub by: PartyId,
    /// Why.
    pub reason: Statement,
}

/// Takes a lost parcel in. Signed by the finder, a courier or station of its carrier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Find {
    /// The parcel.
    pub parcel: ParcelNumber,
    /// Who found it and has it now.
    pub finder: PartyId,
    /// What it looks like.
    pub condition: Condition,
    /// What is damaged, where it looks worse than before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<Statement>,
    /// Where.
    pub place: Place,
    /// When, as the device says.
    pub device_time: Time,
}

/// Keeps a parcel where it is. Signed by the authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldParcel {
    /// The parcel.
    pub parcel: ParcelNumber,
    /// The authority.
    pub by: PartyId,
    /// In what capacity.
    pub kind: HoldKind,
    /// The authority's own mark for it.
    pub reference: Reference,
    /// Until when, that moment excluded.
    pub until: Time,
}

/// Releases a hold before its end. Signed by the authority that made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseHold {
    /// The parcel.
    pub parcel: ParcelNumber,
    /// The authority.
    pub by: PartyId,
    /// The mark that it gave the hold.
    pub reference: Reference,
}

/// Takes over what a closed station has. Signed by the carrier, who becomes custodian.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeOver {
    /// The carrier of all of it.
    pub carrier: PartyId,
    /// The station, which has it still.
    pub station: PartyId,
    /// What is taken over.
    pub of: TakenOver,
    /// A direction of a court or regulator about the parcel, the container or the station, without
    /// which a station whose accreditation is valid keeps what it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<LocalId>,
    /// Why.
    pub reason: Statement,
}

/// What a takeover takes over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TakenOver {
    /// Parcels.
    Parcels(RoundNumbers),
    /// A container with all that is in it.
    Container(ContainerNumber),
}

/// Packs parcels into a new container. Signed by the custodian of all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// Its number, which no parcel or container ever had.
    pub container: ContainerNumber,
    /// The custodian.
    pub by: PartyId,
    /// What goes in.
    pub parcels: Members,
    /// Where.
    pub place: Place,
    /// When, as the device says.
    pub device_time: Time,
}

/// Gives the parcels of a container back. Signed by its custodian.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Unpack {
    /// The container.
    pub container: ContainerNumber,
    /// The custodian.
    pub by: PartyId,
    /// Where.
    pub place: Place,
    /// When, as the device says.
    pub device_time: Time,
}

/// Corrects what was stated before, and changes nothing else. Signed by the carrier, or by who gave
/// or got custody in the event, or had it then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Correct {
    /// The parcel.
    pub parcel: ParcelNumber,
    /// Who states it.
    pub by: PartyId,
    /// The transition that is corrected.
    pub corrects: Hash,
    /// What is right.
    pub statement: Statement,
}

/// States what an EPCIS event says of a parcel, and changes nothing else. Signed by its carrier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StateParcelEvent)]
pub struct StateEvent {
    /// The parcel.
    pub parcel: ParcelNumber,
    /// The carrier.
    pub by: PartyId,
    /// What the event says.
    pub event: StatedEvent,
}
