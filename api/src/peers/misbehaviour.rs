//! What a peer may do wrong, how much each weighs, and when it is too much.

/// What a peer did wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Misbehaviour {
    /// A transition that no honest node sends on: malformed, of another ledger, or badly signed.
    InvalidTransition,
    /// A block that breaks the rules, or whose seal does not hold.
    InvalidBlock,
    /// Headers that do not follow each other, or whose seals do not hold.
    InvalidHeaders,
    /// A message or an answer that is not of the protocol's form, or too long.
    Malformed,
    /// An answer that is not to the question.
    NotAsked,
    /// A block was announced and then not delivered.
    NotDelivered,
    /// No answer in time.
    Slow,
    /// More messages or requests than anyone needs.
    Flood,
    /// Nothing said after connecting.
    Silent,
    /// Of another ledger or another version.
    Stranger,
}

impl Misbehaviour {
    /// How much it adds to a peer's score.
    pub fn weight(self) -> u32 {
        match self {
            Self::InvalidBlock | Self::InvalidHeaders | Self::Stranger => 100,
            Self::Malformed | Self::NotAsked => 50,
            Self::InvalidTransition => 25,
            Self::NotDelivered => 20,
            Self::Silent => 10,
            Self::Slow => 5,
            Self::Flood => 1,
        }
    }
}
