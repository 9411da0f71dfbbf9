//! The path of a parcel: which step may follow which, and who may receive, as one table.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where on its path a parcel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ParcelState)]
pub enum State {
    /// Announced; the sender still has it.
    Registered,
    /// With the collecting courier.
    Collected,
    /// At the station it enters the network by; on the way back, at the one it leaves it by.
    AtOrigin,
    /// Between stations: with a courier or at a hub.
    InTransit,
    /// At the station that the recipient's courier starts from.
    AtTerminal,
    /// With the courier who is to hand it to its addressee.
    OutForDelivery,
    /// Still with that courier, who did not get it handed over.
    AttemptFailed,
    /// Still with that courier: the recipient would not have it.
    Refused,
    /// Declared lost; the last custodian answers for it.
    Lost,
    /// With the recipient or a named proxy, for good.
    Delivered,
    /// With the sender again, for good.
    Returned,
}

impl State {
    /// Whether nothing can follow but a correction.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Delivered | Self::Returned)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Registered => "registered",
            Self::Collected => "collected",
            Self::AtOrigin => "at-origin",
            Self::InTransit => "in-transit",
            Self::AtTerminal => "at-terminal",
            Self::OutForDelivery => "out-for-delivery",
            Self::AttemptFailed => "attempt-failed",
            Self::Refused => "refused",
            Self::Lost => "lost",
            Self::Delivered => "delivered",
            Self::Returned => "returned",
        })
    }
}

/// Which way a parcel goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ParcelDirection)]
pub enum Direction {
    /// To the recipient.
    Forward,
    /// Back to the sender.
    Return,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Forward => "forward",
            Self::Return => "return",
        })
    }
}

/// What a handoff does to the parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ParcelStep)]
pub enum Step {
    /// A courier takes it from the sender.
    Collected,
    /// The origin station takes it in.
    AtOrigin,
    /// A courier or the next hub takes it on.
    InTransit,
    /// The terminal station takes it in.
    AtTerminal,
    /// A courier takes it out to its addressee.
    OutForDelivery,
    /// The recipient or a named proxy takes it.
    Delivered,
    /// The sender takes it back.
    Returned,
}

impl Step {
    /// Every step, in the order of the path.
    pub const ALL: [Self; 7] = [
        Self::Collected,
        Self::AtOrigin,
        Self::InTransit,
        Self::AtTerminal,
        Self::OutForDelivery,
        Self::Delivered,
        Self::Returned,
    ];
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to().fmt(f)
    }
}

impl Step {
    /// The state that the step leads to.
    pub fn to(self) -> State {
        match self {
            Self::Collected => State::Collected,
            Self::AtOrigin => State::AtOrigin,
            Self::InTransit => State::InTransit,
            Self::AtTerminal => State::AtTerminal,
            Self::OutForDelivery => State::OutForDelivery,
            Self::Delivered => State::Delivered,
            Self::Returned => State::Returned,
        }
    }
}

/// What the receiver of a handoff has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// A courier accredited for the parcel's carrier.
    Courier,
    /// A station accredited for the parcel's carrier.
    Station,
    /// Either.
    CourierOrStation,
    /// The recipient, or a proxy that the registration names.
    Recipient,
    /// The sender.
    Sender,
}

/// A step of the path: whence, and to whom. The releaser is whoever has custody.
#[derive(Debug)]
pub struct Leg {
    /// Which way the parcel goes.
    pub direction: Direction,
    /// The step.
    pub step: Step,
    /// The states it can be taken from.
    pub from: &'static [State],
    /// What the receiver has to be.
    pub receiver: Receiver,
}

const fn leg(direction: Direction, step: Step, from: &'static [State], receiver: Receiver) -> Leg {
    Leg { direction, step, from, receiver }
}

/// REGISTRIES, Parcels: the path, and its reverse. What is not in the table is refused.
pub static LEGS: &[Leg] = &[
    leg(Direction::Forward, Step::Collected, &[State::Registered], Receiver::Courier),
    leg(Direction::Forward, Step::AtOrigin, &[State::Collected], Receiver::Station),
    // From a terminal station goes on what was sent to the wrong one.
    leg(
        Direction::Forward,
        Step::InTransit,
        &[State::AtOrigin, State::InTransit, State::AtTerminal],
        Receiver::CourierOrStation,
    ),
    leg(
        Direction::Forward,
        Step::AtTerminal,
        &[State::InTransit, State::AttemptFailed],
        Receiver::Station,
    ),
    leg(Direction::Forward, Step::OutForDelivery, &[State::AtTerminal], Receiver::Courier),
    leg(
        Direction::Forward,
        Step::Delivered,
        &[State::OutForDelivery, State::AttemptFailed],
        Receiver::Recipient,
    ),
    leg(
        Direction::Return,
        Step::AtTerminal,
        &[State::AttemptFailed, State::Refused],
        Receiver::Station,
    ),
    leg(
        Direction::Return,
        Step::InTransit,
        &[State::AtTerminal, State::InTransit],
        Receiver::CourierOrStation,
    ),
    leg(
        Direction::Return,
        Step::AtOrigin,
        &[State::Collected, State::InTransit, State::AttemptFailed],
        Receiver::Station,
    ),
    leg(Direction::Return, Step::OutForDelivery, &[State::AtOrigin], Receiver::Courier),
    leg(
        Direction::Return,
        Step::Returned,
        &[State::Collected, State::OutForDelivery, State::AttemptFailed, State::Refused],
        Receiver::Sender,
    ),
];

/// The leg by which a parcel in this state, going this way, can take this step.
pub fn leg_for(direction: Direction, state: State, step: Step) -> Option<&'static Leg> {
    LEGS.iter()
        .find(|leg| leg.direction == direction && leg.step == step && leg.from.contains(&state))
}

/// The states in which a parcel can be turned back to its sender: it has left the sender, and no
/// courier is on the way to an addressee who has not been asked.
pub const CAN_TURN: &[State] = &[
    State::Collected,
    State::AtOrigin,
    State::InTransit,
    State::AtTerminal,
    State::AttemptFailed,
    State::Refused,
];
