//! What institutions state about parties: attestations and kinship.

use chancery_ledger::time::Time;
use chancery_registries::identity::{
    Action, Attest, EndKinship, Relation, RevokeAttestation, StateKinship,
};
use chancery_registries::text::{LocalId, Statement};
use clap::Subcommand;

use super::send;
use crate::failure::Failure;
use crate::report::Report;
use crate::sending::Sending;
use crate::session::Session;
use crate::words::{CommitmentWord, PartyWord, moment, word};

/// What institutions state about parties: attestations and kinship.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Attest something about a party, as an accredited attester.
    Attest {
        /// An id that the attester has not used before.
        attestation: LocalId,
        /// The attester, by ID code or key name.
        #[arg(long)]
        by: PartyWord,
        /// About whom, by ID code or key name.
        #[arg(long)]
        subject: PartyWord,
        /// What is attested, as in kyc or age-over-18.
        #[arg(long = "type", value_name = "TYPE")]
        type_: LocalId,
        /// The commitment to the particulars: a hash, or @FILE.
        #[arg(long, value_name = "HASH|@FILE")]
        claim: Option<CommitmentWord>,
        /// Until when: a time, or +DURATION from now.
        #[arg(long, value_parser = moment)]
        valid_until: Option<Time>,
        #[command(flatten)]
        sending: Sending,
    },
    /// Take an attestation back.
    RevokeAttestation {
        /// The id that its issuer gave it.
        attestation: LocalId,
        /// The issuer, by ID code or key name.
        #[arg(long)]
        by: PartyWord,
        /// Why.
        #[arg(long)]
        reason: Statement,
        #[command(flatten)]
        sending: Sending,
    },
    /// State that two persons are related, as a civil registrar.
    StateKinship {
        /// The civil registrar, by ID code or key name.
        #[arg(long)]
        by: PartyWord,
        /// Who is the parent or guardian.
        #[arg(long)]
        of: PartyWord,
        /// parent-of or guardian-of.
        #[arg(long, value_parser = word::<Relation>)]
        relation: Relation,
        /// Whose.
        #[arg(long)]
        to: PartyWord,
        /// Until when a guardianship holds: a time, or +DURATION from now.
        #[arg(long, value_parser = moment)]
        valid_until: Option<Time>,
        #[command(flatten)]
        sending: Sending,
    },
    /// End a guardianship, or correct what should never have been stated.
    EndKinship {
        /// The civil registrar, by ID code or key name.
        #[arg(long)]
        by: PartyWord,
        /// Who is the parent or guardian.
        #[arg(long)]
        of: PartyWord,
        /// parent-of or guardian-of.
        #[arg(long, value_parser = word::<Relation>)]
        relation: Relation,
        /// Whose.
        #[arg(long)]
        to: PartyWord,
        /// Why.
        #[arg(long)]
        reason: Statement,
        /// It should never have been stated.
        #[arg(long)]
        correction: bool,
        #[command(flatten)]
        sending: Sending,
    },
}

impl Command {
    /// Does it.
    pub(super) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let action = self.action(session)?;
        let (Self::Attest { by, sending, .. }
        | Self::RevokeAttestation { by, sending, .. }
        | Self::StateKinship { by, sending, .. }
        | Self::EndKinship { by, sending, .. }) = self;
        send(session, sending, action, by).await
    }

    fn action(&self, session: &Session) -> Result<Action, Failure> {
        let party = |word: &PartyWord| session.party(word);
        Ok(match self {
            Self::Attest { attestation, by, subject, type_, claim, valid_until, .. } => {
                Action::Attest(Attest {
                    attestation: attestation.clone(),
                    by: party(by)?,
                    subject: party(subject)?,
                    type_: type_.clone(),
                    claim: claim.as_ref().map(CommitmentWord::resolve).transpose()?,
                    valid_until: *valid_until,
                })
            }
            Self::RevokeAttestation { attestation, by, reason, .. } => {
                let (attestation, reason) = (attestation.clone(), reason.clone());
                Action::RevokeAttestation(RevokeAttestation { attestation, by: party(by)?, reason })
            }
            Self::StateKinship { by, of, relation, to, valid_until, .. } => {
                let (by, of, to) = (party(by)?, party(of)?, party(to)?);
                let (relation, valid_until) = (*relation, *valid_until);
                Action::StateKinship(StateKinship { by, of, relation, to, valid_until })
            }
            Self::EndKinship { by, of, relation, to, reason, correction, .. } => {
                let (by, of, to) = (party(by)?, party(of)?, party(to)?);
                let (relation, reason, correction) = (*relation, reason.clone(), *correction);
                Action::EndKinship(EndKinship { by, of, relation, to, reason, correction })
            }
        })
    }
}
