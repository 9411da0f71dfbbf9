//! What goes wrong on the way: damage, failed attempts, refusal, return, loss and correction.

use chancery_client::Hash;
use chancery_registries::parcels::number::ParcelNumber;
use chancery_registries::parcels::{
    Action, AttemptFailed, Condition, Correct, DeclareLost, Find, Refuse, ReportDamage, Return,
};
use chancery_registries::text::Statement;
use clap::{Args, Subcommand};

use super::{Scene, send};
use crate::failure::Failure;
use crate::report::Report;
use crate::sending::Sending;
use crate::session::Session;
use crate::words::{PartyWord, word};

/// What goes wrong on the way.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// State damage. The custodian signs.
    Damage {
        #[command(flatten)]
        about: About,
        /// What is damaged.
        #[arg(long)]
        statement: Statement,
        #[command(flatten)]
        scene: Scene,
        #[command(flatten)]
        sending: Sending,
    },
    /// State that the addressee was not met. The courier signs.
    AttemptFailed {
        #[command(flatten)]
        about: About,
        /// Why.
        #[arg(long)]
        reason: Statement,
        #[command(flatten)]
        scene: Scene,
        #[command(flatten)]
        sending: Sending,
    },
    /// State that the recipient would not have it. The courier signs, and the recipient if so said.
    Refuse {
        #[command(flatten)]
        about: About,
        /// The recipient signs as well.
        #[arg(long)]
        recipient_signs: bool,
        /// Why.
        #[arg(long)]
        reason: Statement,
        #[command(flatten)]
        scene: Scene,
        #[command(flatten)]
        sending: Sending,
    },
    /// Turn a parcel back to its sender. The custodian or the carrier signs.
    Return {
        #[command(flatten)]
        about: About,
        /// Why.
        #[arg(long)]
        reason: Statement,
        #[command(flatten)]
        sending: Sending,
    },
    /// Declare a parcel lost. The custodian signs when it is overdue, or a regulator.
    Lost {
        #[command(flatten)]
        about: About,
        /// Why.
        #[arg(long)]
        reason: Statement,
        #[command(flatten)]
        sending: Sending,
    },
    /// Take a lost parcel in. The finder signs.
    Find {
        #[command(flatten)]
        about: About,
        /// sound or damaged.
        #[arg(long, value_parser = word::<Condition>)]
        condition: Condition,
        /// What is damaged, where it looks worse than before.
        #[arg(long)]
        statement: Option<Statement>,
        #[command(flatten)]
        scene: Scene,
        #[command(flatten)]
        sending: Sending,
    },
    /// Correct what was stated before; the old statement stays.
    Correct {
        #[command(flatten)]
        about: About,
        /// The transition that is corrected.
        #[arg(long, value_name = "TRANSITION")]
        corrects: Hash,
        /// What is right.
        #[arg(long)]
        statement: Statement,
        #[command(flatten)]
        sending: Sending,
    },
}

/// Which parcel, and who says so.
#[derive(Clone, Debug, Args)]
pub(crate) struct About {
    /// The parcel's number.
    number: ParcelNumber,
    /// Who states it, by ID code or key name.
    #[arg(long)]
    by: PartyWord,
}

impl Command {
    /// Does it.
    pub(super) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let (Self::Damage { about, sending, .. }
        | Self::AttemptFailed { about, sending, .. }
        | Self::Refuse { about, sending, .. }
        | Self::Return { about, sending, .. }
        | Self::Lost { about, sending, .. }
        | Self::Find { about, sending, .. }
        | Self::Correct { about, sending, .. }) = self;
        let parcel = about.number.clone();
        let by = session.party(&about.by)?;
        send(session, sending, self.action(parcel, by), &[&about.by]).await
    }

    fn action(&self, parcel: ParcelNumber, by: chancery_client::PartyId) -> Action {
        match self {
            Self::Damage { statement, scene, .. } => {
                let (place, device_time) = (scene.place.clone(), scene.device_time());
                let statement = statement.clone();
                Action::ReportDamage(ReportDamage { parcel, by, statement, place, device_time })
            }
            Self::AttemptFailed { reason, scene, .. } => {
                let (place, device_time) = (scene.place.clone(), scene.device_time());
                let reason = reason.clone();
                Action::AttemptFailed(AttemptFailed { parcel, by, reason, place, device_time })
            }
            Self::Refuse { recipient_signs, reason, scene, .. } => Action::Refuse(Refuse {
                parcel,
                by,
                recipient_signs: *recipient_signs,
                reason: reason.clone(),
                place: scene.place.clone(),
                device_time: scene.device_time(),
            }),
            Self::Return { reason, .. } => {
                Action::Return(Return { parcel, by, reason: reason.clone() })
            }
            Self::Lost { reason, .. } => {
                Action::DeclareLost(DeclareLost { parcel, by, reason: reason.clone() })
            }
            Self::Find { condition, statement, scene, .. } => Action::Find(Find {
                parcel,
                finder: by,
                condition: *condition,
                statement: statement.clone(),
                place: scene.place.clone(),
                device_time: scene.device_time(),
            }),
            Self::Correct { corrects, statement, .. } => {
                let (corrects, statement) = (*corrects, statement.clone());
                Action::Correct(Correct { parcel, by, corrects, statement })
            }
        }
    }
}
