//! How a marriage ends, and corrections.

use chancery_client::Hash;
use chancery_registries::marriages::{
    Action, Agreement, AnnulMarriage, AnnulmentGround, CorrectMarriage, Directed, DivorceGround,
    DivorceSpouses, Judgment, MarriageId, RecordDeath,
};
use chancery_registries::text::{Date, LocalId, Reference};
use clap::Args;

use super::{Couple, send};
use crate::failure::Failure;
use crate::report::Report;
use crate::sending::Sending;
use crate::session::Session;
use crate::words::{CommitmentWord, PartyWord};

/// A divorce or an annulment.
#[derive(Debug, Args)]
pub(crate) struct Ending {
    /// The marriage's id.
    marriage: MarriageId,
    #[command(flatten)]
    couple: Couple,
    /// The civil registrar, by ID code or key name.
    #[arg(long, required_unless_present = "court", conflicts_with = "court")]
    registrar: Option<PartyWord>,
    /// The court's direction, by which the registrar does it.
    #[arg(long, requires = "registrar")]
    order: Option<LocalId>,
    /// The court that decides it, by ID code or key name.
    #[arg(long, requires = "reference")]
    court: Option<PartyWord>,
    /// The court's case.
    #[arg(long, requires = "court")]
    reference: Option<Reference>,
    /// The commitment to its record: a hash, or @FILE.
    #[arg(long)]
    record: Option<CommitmentWord>,
    #[command(flatten)]
    sending: Sending,
}

/// A death.
#[derive(Debug, Args)]
pub(crate) struct Dying {
    /// The marriage's id.
    marriage: MarriageId,
    /// The civil registrar, by ID code or key name.
    #[arg(long)]
    registrar: PartyWord,
    /// Who has died, by ID code or key name.
    #[arg(long)]
    deceased: PartyWord,
    /// The day.
    #[arg(long, value_name = "DATE")]
    died: Date,
    /// The document that shows it, a hash or @FILE; without it the identity register has to say so.
    #[arg(long)]
    document: Option<CommitmentWord>,
    #[command(flatten)]
    sending: Sending,
}

/// A correction.
#[derive(Debug, Args)]
pub(crate) struct Correcting {
    /// The marriage's id.
    marriage: MarriageId,
    /// The civil registrar or the court, by ID code or key name.
    #[arg(long)]
    by: PartyWord,
    /// The id of the transition that is corrected.
    #[arg(long, value_name = "ID")]
    corrects: Hash,
    /// What is right.
    #[arg(long)]
    statement: Reference,
    /// The commitment to the record as it should be: a hash, or @FILE.
    #[arg(long)]
    record: Option<CommitmentWord>,
    #[command(flatten)]
    sending: Sending,
}

impl Ending {
    pub(super) async fn divorce(&self, session: &Session) -> Result<Report, Failure> {
        let ground = match (self.judgment(session)?, self.direction(session)?, &self.registrar) {
            (Some(judgment), ..) => DivorceGround::Judgment(judgment),
            (_, Some(direction), _) => DivorceGround::Direction(direction),
            (.., Some(registrar)) => {
                DivorceGround::Agreement(Agreement { registrar: session.party(registrar)? })
            }
            _ => return Err(no_ground()),
        };
        let agreed = matches!(ground, DivorceGround::Agreement(_));
        let action = Action::Divorce(DivorceSpouses {
            marriage: self.marriage,
            spouses: self.couple.resolve(session)?,
            ground,
            record: self.record.as_ref().map(CommitmentWord::resolve).transpose()?,
        });
        let mut acting = self.authority();
        if agreed {
            acting.extend(&self.couple.spouses);
        }
        send(session, &self.sending, action, &acting).await
    }

    pub(super) async fn annul(&self, session: &Session) -> Result<Report, Failure> {
        let ground = match (self.judgment(session)?, self.direction(session)?) {
            (Some(judgment), _) => AnnulmentGround::Judgment(judgment),
            (None, Some(direction)) => AnnulmentGround::Direction(direction),
            (None, None) => return Err(no_ground()),
        };
        let action = Action::Annul(AnnulMarriage {
            marriage: self.marriage,
            spouses: self.couple.resolve(session)?,
            ground,
            record: self.record.as_ref().map(CommitmentWord::resolve).transpose()?,
        });
        send(session, &self.sending, action, &self.authority()).await
    }

    fn authority(&self) -> Vec<&PartyWord> {
        self.registrar.iter().chain(&self.court).collect()
    }

    fn judgment(&self, session: &Session) -> Result<Option<Judgment>, Failure> {
        let (Some(court), Some(reference)) = (&self.court, &self.reference) else {
            return Ok(None);
        };
        Ok(Some(Judgment { court: session.party(court)?, reference: reference.clone() }))
    }

    fn direction(&self, session: &Session) -> Result<Option<Directed>, Failure> {
        let (Some(registrar), Some(order)) = (&self.registrar, &self.order) else {
            return Ok(None);
        };
        Ok(Some(Directed { registrar: session.party(registrar)?, order: order.clone() }))
    }
}

fn no_ground() -> Failure {
    Failure::usage("give --court with --reference, or --registrar with --order")
}

impl Dying {
    /// Does it.
    pub(super) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let action = Action::Death(RecordDeath {
            marriage: self.marriage,
            registrar: session.party(&self.registrar)?,
            deceased: session.party(&self.deceased)?,
            died: self.died,
            document: self.document.as_ref().map(CommitmentWord::resolve).transpose()?,
        });
        send(session, &self.sending, action, &[&self.registrar]).await
    }
}

impl Correcting {
    /// Does it.
    pub(super) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let action = Action::Correct(CorrectMarriage {
            marriage: self.marriage,
            by: session.party(&self.by)?,
            corrects: self.corrects,
            statement: self.statement.clone(),
            record: self.record.as_ref().map(CommitmentWord::resolve).transpose()?,
        });
        send(session, &self.sending, action, &[&self.by]).await
    }
}
