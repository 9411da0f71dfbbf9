//! How a marriage comes into the register.

use chancery_client::Action;
use chancery_registries::identity::{self, SetCard};
use chancery_registries::marriages::{
    self, Agreement, Judgment, MarriageId, RecogniseMarriage, RecognitionGround, RegisterMarriage,
    Spouse,
};
use chancery_registries::text::{Date, Name, Reference};
use clap::Args;

use super::{Pair, drawn, not_two, send};
use crate::failure::Failure;
use crate::report::Report;
use crate::sending::Sending;
use crate::session::Session;
use crate::words::{CommitmentWord, PartyWord, distinct};

/// A wedding.
#[derive(Debug, Args)]
pub(crate) struct Registering {
    /// The civil registrar, by ID code or key name.
    #[arg(long)]
    registrar: PartyWord,
    #[command(flatten)]
    couple: Spouses,
    /// A witness, by ID code or key name; once for each.
    #[arg(long = "witness", value_name = "PARTY")]
    witnesses: Vec<PartyWord>,
    /// The day of the wedding.
    #[arg(long, value_name = "DATE")]
    celebrated: Date,
    /// Where.
    #[arg(long)]
    place: Name,
    /// The commitment to its record: a hash, or @FILE.
    #[arg(long)]
    record: CommitmentWord,
    /// Together with the wedding, a new card of one who takes another name: PARTY=HASH or
    /// PARTY=@FILE. All of it takes effect, or nothing.
    #[arg(long = "new-card", value_name = "PARTY=CARD")]
    new_cards: Vec<Pair<CommitmentWord>>,
    /// An id to use; one is drawn when it is left out.
    #[arg(long)]
    marriage: Option<MarriageId>,
    #[command(flatten)]
    sending: Sending,
}

/// A marriage from elsewhere.
#[derive(Debug, Args)]
pub(crate) struct Recognising {
    /// The civil registrar whom the two ask, by ID code or key name.
    #[arg(long, required_unless_present = "court", conflicts_with = "court")]
    registrar: Option<PartyWord>,
    /// The court that decides it, by ID code or key name.
    #[arg(long, requires = "reference")]
    court: Option<PartyWord>,
    /// The court's case.
    #[arg(long, requires = "court")]
    reference: Option<Reference>,
    #[command(flatten)]
    couple: Spouses,
    /// The day of the wedding.
    #[arg(long, value_name = "DATE")]
    celebrated: Date,
    /// Where, the country included.
    #[arg(long)]
    place: Name,
    /// The foreign document: a hash, or @FILE.
    #[arg(long)]
    document: CommitmentWord,
    /// The commitment to its record: a hash, or @FILE.
    #[arg(long)]
    record: Option<CommitmentWord>,
    /// An id to use; one is drawn when it is left out.
    #[arg(long)]
    marriage: Option<MarriageId>,
    #[command(flatten)]
    sending: Sending,
}

/// Those who marry.
#[derive(Debug, Args)]
struct Spouses {
    /// One of the two and a day on or before which they were born: PARTY=YYYY-MM-DD; give it twice.
    #[arg(long = "spouse", value_name = "PARTY=BORN_BY", required = true, num_args = 1)]
    spouses: Vec<Pair<Date>>,
}

impl Spouses {
    fn resolve(&self, session: &Session) -> Result<[Spouse; 2], Failure> {
        let [one, other] = self.spouses.as_slice() else { return Err(not_two()) };
        let spouse = |pair: &Pair<Date>| -> Result<Spouse, Failure> {
            Ok(Spouse { party: session.party(&pair.party)?, born_by: pair.value })
        };
        Ok([spouse(one)?, spouse(other)?])
    }

    fn words(&self) -> impl Iterator<Item = &PartyWord> {
        self.spouses.iter().map(|pair| &pair.party)
    }
}

impl Registering {
    /// Does it.
    pub(super) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let marriage = self.marriage.map_or_else(drawn, Ok)?;
        let witnesses = self.witnesses.iter().map(|word| session.party(word));
        let wedding = marriages::Action::Register(Box::new(RegisterMarriage {
            marriage,
            registrar: session.party(&self.registrar)?,
            spouses: self.couple.resolve(session)?,
            witnesses: distinct(witnesses.collect::<Result<Vec<_>, _>>()?)?,
            celebrated: self.celebrated,
            place: self.place.clone(),
            record: self.record.resolve()?,
        }));
        let mut actions = vec![Action::Marriages(wedding)];
        for Pair { party, value } in &self.new_cards {
            let card = SetCard { party: session.party(party)?, card: value.resolve()? };
            actions.push(Action::Identity(identity::Action::SetCard(card)));
        }
        let acting: Vec<&PartyWord> = [&self.registrar]
            .into_iter()
            .chain(self.couple.words())
            .chain(&self.witnesses)
            .chain(self.new_cards.iter().map(|pair| &pair.party))
            .collect();
        let report = self.sending.actions(session, &actions, &acting).await?;
        Ok(report.with("marriage", marriage))
    }
}

impl Recognising {
    /// Does it.
    pub(super) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let marriage = self.marriage.map_or_else(drawn, Ok)?;
        let mut acting = Vec::new();
        let ground = match (&self.registrar, &self.court, &self.reference) {
            (Some(registrar), None, _) => {
                acting.extend([registrar].into_iter().chain(self.couple.words()));
                RecognitionGround::Agreement(Agreement { registrar: session.party(registrar)? })
            }
            (None, Some(court), Some(reference)) => {
                acting.push(court);
                let reference = reference.clone();
                RecognitionGround::Judgment(Judgment { court: session.party(court)?, reference })
            }
            _ => return Err(Failure::usage("give --registrar, or --court with --reference")),
        };
        let action = marriages::Action::Recognise(Box::new(RecogniseMarriage {
            marriage,
            ground,
            spouses: self.couple.resolve(session)?,
            celebrated: self.celebrated,
            place: self.place.clone(),
            document: self.document.resolve()?,
            record: self.record.as_ref().map(CommitmentWord::resolve).transpose()?,
        }));
        let report = send(session, &self.sending, action, &acting).await?;
        Ok(report.with("marriage", marriage))
    }
}
