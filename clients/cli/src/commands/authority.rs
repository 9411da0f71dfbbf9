//! `chancery authority`: accreditations, and the orders of courts and regulators.

use std::collections::BTreeMap;

use chancery_client::Path;
use chancery_ledger::time::Time;
use chancery_registries::RegisterName;
use chancery_registries::authorities::{
    Accredit, AccreditationChange, Action, DirectObject, FreezeObject, ReleaseOrder, Role, Target,
};
use chancery_registries::text::{LocalId, Parameters, Reference, Statement};
use clap::{Args, Subcommand};

use crate::failure::Failure;
use crate::report::Report;
use crate::sending::Sending;
use crate::session::Session;
use crate::words::{PartyWord, moment, word};

/// Accreditations and the orders of courts and regulators.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Accredit an institution.
    Accredit(Box<Accrediting>),
    /// Suspend an accreditation.
    Suspend(Change),
    /// End a suspension.
    Reinstate(Change),
    /// End an accreditation for good.
    End(Change),
    /// Freeze an object.
    Freeze(Ordering),
    /// Direct that something be done with an object.
    Direct {
        #[command(flatten)]
        ordering: Ordering,
        /// What is to be done.
        #[arg(long)]
        instruction: Statement,
    },
    /// Release an order before it runs out.
    Release {
        /// The order's id.
        order: LocalId,
        /// Who releases it, by ID code or key name.
        #[arg(long)]
        by: PartyWord,
        /// The case or decision behind it.
        #[arg(long)]
        reference: Reference,
        #[command(flatten)]
        sending: Sending,
    },
}

/// An accreditation to be granted.
#[derive(Debug, Args)]
pub(crate) struct Accrediting {
    /// An id not used before.
    accreditation: LocalId,
    /// Who grants it, by ID code or key name.
    #[arg(long)]
    by: PartyWord,
    /// Who is accredited, by ID code or key name.
    #[arg(long)]
    institution: PartyWord,
    /// As what, as in carrier, station, courier, customs, court or regulator.
    #[arg(long, value_parser = word::<Role>)]
    role: Role,
    /// In which register; once for each.
    #[arg(long = "register", required = true, value_parser = word::<RegisterName>)]
    registers: Vec<RegisterName>,
    /// For what, in words.
    #[arg(long)]
    scope: Statement,
    /// A type of attestation that an attester may make; once for each.
    #[arg(long = "attests", value_name = "TYPE")]
    attests: Vec<LocalId>,
    /// From when on: a time, or +DURATION from now.
    #[arg(long, value_parser = moment)]
    valid_from: Option<Time>,
    /// Until when: a time, or +DURATION from now.
    #[arg(long, value_parser = moment)]
    valid_until: Option<Time>,
    /// A further particular, as NAME=VALUE; once for each.
    #[arg(long = "parameter", value_name = "NAME=VALUE")]
    parameters: Vec<String>,
    #[command(flatten)]
    sending: Sending,
}

/// A change of an accreditation.
#[derive(Debug, Args)]
pub(crate) struct Change {
    /// The accreditation's id.
    accreditation: LocalId,
    /// Who does it: its grantor or root, by ID code or key name.
    #[arg(long)]
    by: PartyWord,
    /// Why.
    #[arg(long)]
    reason: Statement,
    /// From when on: a time, or +DURATION from now; now when left out.
    #[arg(long, value_parser = moment)]
    from: Option<Time>,
    #[command(flatten)]
    sending: Sending,
}

/// An order about an object.
#[derive(Debug, Args)]
pub(crate) struct Ordering {
    /// An id not used before.
    order: LocalId,
    /// The court or regulator, by ID code or key name.
    #[arg(long)]
    by: PartyWord,
    /// The object, as in parcels/parcel/RR123456785TW.
    #[arg(long)]
    target: Path,
    /// How far it reaches, in words.
    #[arg(long)]
    scope: Statement,
    /// The case or decision behind it.
    #[arg(long)]
    reference: Reference,
    /// When it runs out: a time, or +DURATION from now.
    #[arg(long, value_parser = moment)]
    until: Time,
    #[command(flatten)]
    sending: Sending,
}

impl Command {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let action = self.action(session)?;
        let (by, sending) = self.signing();
        sending.action(session, chancery_client::Action::Authorities(action), &[by]).await
    }

    fn signing(&self) -> (&PartyWord, &Sending) {
        match self {
            Self::Accredit(args) => (&args.by, &args.sending),
            Self::Suspend(args) | Self::Reinstate(args) | Self::End(args) => {
                (&args.by, &args.sending)
            }
            Self::Freeze(args) | Self::Direct { ordering: args, .. } => (&args.by, &args.sending),
            Self::Release { by, sending, .. } => (by, sending),
        }
    }

    fn action(&self, session: &Session) -> Result<Action, Failure> {
        Ok(match self {
            Self::Accredit(args) => Action::Accredit(args.accredit(session)?),
            Self::Suspend(args) => Action::Suspend(args.change(session)?),
            Self::Reinstate(args) => Action::Reinstate(args.change(session)?),
            Self::End(args) => Action::End(args.change(session)?),
            Self::Freeze(args) => Action::Freeze(FreezeObject {
                order: args.order.clone(),
                by: session.party(&args.by)?,
                target: target(&args.target)?,
                scope: args.scope.clone(),
                reference: args.reference.clone(),
                until: args.until,
            }),
            Self::Direct { ordering: args, instruction } => Action::Direct(DirectObject {
                order: args.order.clone(),
                by: session.party(&args.by)?,
                target: target(&args.target)?,
                instruction: instruction.clone(),
                scope: args.scope.clone(),
                reference: args.reference.clone(),
                until: args.until,
            }),
            Self::Release { order, by, reference, .. } => {
                let (order, reference) = (order.clone(), reference.clone());
                Action::Release(ReleaseOrder { order, by: session.party(by)?, reference })
            }
        })
    }
}

impl Accrediting {
    fn accredit(&self, session: &Session) -> Result<Accredit, Failure> {
        let wrong = |error: &dyn std::fmt::Display| Failure::usage(error.to_string());
        Ok(Accredit {
            accreditation: self.accreditation.clone(),
            by: session.party(&self.by)?,
            institution: session.party(&self.institution)?,
            role: self.role,
            registers: self.registers.clone().try_into().map_err(|error| wrong(&error))?,
            scope: self.scope.clone(),
            attests: self.attests.clone().try_into().map_err(|error| wrong(&error))?,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            parameters: parameters(&self.parameters)?,
        })
    }
}

impl Change {
    fn change(&self, session: &Session) -> Result<AccreditationChange, Failure> {
        Ok(AccreditationChange {
            accreditation: self.accreditation.clone(),
            by: session.party(&self.by)?,
            from: self.from,
            reason: self.reason.clone(),
        })
    }
}

/// The object of an order.
fn target(path: &Path) -> Result<Target, Failure> {
    let wrong = |error: String| Failure::usage(format!("{path}: {error}"));
    let (register, kind, id) = path.parts();
    Ok(Target {
        register: word(register).map_err(wrong)?,
        kind: kind.parse().map_err(|error| wrong(format!("{error}")))?,
        id: id.parse().map_err(|error| wrong(format!("{error}")))?,
    })
}

/// Named values, from NAME=VALUE.
pub(crate) fn parameters(pairs: &[String]) -> Result<Parameters, Failure> {
    let mut named = BTreeMap::new();
    for pair in pairs {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| Failure::usage(format!("--parameter {pair}: write NAME=VALUE")))?;
        if named.insert(name, value).is_some() {
            return Err(Failure::usage(format!("--parameter {name} stands twice")));
        }
    }
    let json = serde_json::to_value(named).unwrap_or_default();
    serde_json::from_value(json).map_err(|error| Failure::usage(format!("--parameter: {error}")))
}
