//! `chancery validators`: who seals blocks, who is to, and who was caught signing two things at once.

mod list;

use std::path::PathBuf;
use std::str::FromStr;

use chancery_client::PublicKey;
use chancery_node_files::key_file;
use chancery_registries::text::Name;
use chancery_registries::validators::{
    Action, Allot, Amount, Appoint, Delegate, Elect, Member, Stand, Withdraw,
};
use clap::{Args, Subcommand};

use crate::failure::Failure;
use crate::report::Report;
use crate::sending::Sending;
use crate::session::Session;
use crate::words::PartyWord;

/// Validators: who seals blocks, how that changes, and who was caught signing two things at once.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The pool in force, the next one, and every equivocation on record of their members and of those
    /// before them.
    List(list::List),
    /// Name the next pool, member by member. Root signs.
    Appoint(Appointing),
    /// Set the stake of a party. Root signs.
    Allot(Allotting),
    /// Offer a key for election. The party signs, and the key itself.
    Stand(Standing),
    /// Take a candidate out of later elections. The party that answers for it signs.
    Withdraw(Withdrawing),
    /// Say whom the stake of a party counts for. The party signs.
    Delegate(Delegating),
    /// Name the candidates with the most stake as the next pool. Root signs.
    Elect(Electing),
}

/// The next pool, member by member.
#[derive(Debug, Args)]
pub(crate) struct Appointing {
    /// A member, with its power, 1 unless said otherwise; once for each: what is not named is no member.
    #[arg(long = "member", value_name = "NAME=KEY[:POWER]", required = true)]
    members: Vec<MemberWord>,
    #[command(flatten)]
    from: From,
    #[command(flatten)]
    sending: Sending,
}

/// A stake to be set.
#[derive(Debug, Args)]
pub(crate) struct Allotting {
    /// Whose, by ID code or key name.
    #[arg(long)]
    party: PartyWord,
    /// What it has from now on: an integer below 2^53.
    #[arg(long, value_parser = stake)]
    stake: Amount,
    #[command(flatten)]
    sending: Sending,
}

/// A candidate.
#[derive(Debug, Args)]
pub(crate) struct Standing {
    /// What the validator is to be called.
    #[arg(long)]
    name: Name,
    /// The file of the key that it would vote with, as in node-1/node-key.pem.
    #[arg(long, value_name = "FILE")]
    key_file: PathBuf,
    /// The file of the key file's passphrase, where it has one.
    #[arg(long, value_name = "FILE")]
    key_passphrase_file: Option<PathBuf>,
    /// Who answers for it, by ID code or key name.
    #[arg(long)]
    party: PartyWord,
    #[command(flatten)]
    sending: Sending,
}

/// A candidate that stands no longer.
#[derive(Debug, Args)]
pub(crate) struct Withdrawing {
    /// The candidate's key.
    #[arg(long, allow_hyphen_values = true)]
    key: PublicKey,
    /// Who answers for it, by ID code or key name.
    #[arg(long)]
    party: PartyWord,
    #[command(flatten)]
    sending: Sending,
}

/// Whom a stake is to count for.
#[derive(Debug, Args)]
pub(crate) struct Delegating {
    /// Whose stake, by ID code or key name.
    #[arg(long)]
    party: PartyWord,
    /// The candidate's key.
    #[arg(long, required_unless_present = "nobody", allow_hyphen_values = true)]
    to: Option<PublicKey>,
    /// It is to count for nobody.
    #[arg(long, conflicts_with = "to")]
    nobody: bool,
    #[command(flatten)]
    sending: Sending,
}

/// An election.
#[derive(Debug, Args)]
pub(crate) struct Electing {
    /// How many members the pool has at most, 1 to 128.
    #[arg(long)]
    seats: u32,
    #[command(flatten)]
    from: From,
    #[command(flatten)]
    sending: Sending,
}

/// When the next pool takes over.
#[derive(Clone, Debug, Args)]
struct From {
    /// The first height that it seals, or +BLOCKS from the last block: 2 to 100,000 above that of the
    /// block that takes this in. A few hundred leave time to look.
    #[arg(long, value_name = "HEIGHT|+BLOCKS")]
    from: FromWord,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FromWord {
    Height(u64),
    Ahead(u64),
}

impl FromStr for FromWord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |digits: &str| {
            let number = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse());
            let number = number.and_then(Result::ok);
            number.ok_or_else(|| format!("{text:?} is neither a height nor +BLOCKS, as in +300"))
        };
        match text.strip_prefix('+') {
            Some(blocks) => number(blocks).map(Self::Ahead),
            None => number(text).map(Self::Height),
        }
    }
}

impl From {
    async fn height(&self, session: &Session) -> Result<u64, Failure> {
        match self.from {
            FromWord::Height(height) => Ok(height),
            FromWord::Ahead(blocks) => Ok(list::height(session).await?.saturating_add(blocks)),
        }
    }
}

/// A member as it is typed.
#[derive(Clone, Debug)]
struct MemberWord(Member);

impl FromStr for MemberWord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not NAME=KEY or NAME=KEY:POWER");
        let (name, rest) = text.rsplit_once('=').ok_or_else(wrong)?;
        let (key, power) = rest.split_once(':').unwrap_or((rest, "1"));
        let power: u32 = power.parse().map_err(|_| wrong())?;
        if power == 0 {
            return Err(format!("{name}: a power is 1 or more"));
        }
        let name = name.parse().map_err(|error| format!("{name:?}: {error}"))?;
        let key = key.parse().map_err(|error| format!("{key:?}: {error}"))?;
        Ok(Self(Member { name, key, power }))
    }
}

fn stake(text: &str) -> Result<Amount, String> {
    let wrong = || format!("{text:?} is not an integer from 0 to {}", Amount::MAX.get());
    text.parse().ok().and_then(Amount::of).ok_or_else(wrong)
}

impl Command {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        match self {
            Self::List(command) => command.run(session).await,
            Self::Appoint(command) => {
                let validators = command.members.iter().map(|word| word.0.clone()).collect();
                let from = command.from.height(session).await?;
                let action = Action::Appoint(Appoint { validators, from });
                send(session, &command.sending, action, &[]).await
            }
            Self::Allot(command) => {
                let party = session.party(&command.party)?;
                let action = Action::Allot(Allot { party, stake: command.stake });
                send(session, &command.sending, action, &[]).await
            }
            Self::Stand(command) => command.run(session).await,
            Self::Withdraw(command) => {
                let action = Action::Withdraw(Withdraw { candidate: command.key });
                send(session, &command.sending, action, &[&command.party]).await
            }
            Self::Delegate(command) => {
                let party = session.party(&command.party)?;
                let action = Action::Delegate(Delegate { party, to: command.to });
                send(session, &command.sending, action, &[&command.party]).await
            }
            Self::Elect(command) => {
                let from = command.from.height(session).await?;
                let action = Action::Elect(Elect { seats: command.seats, from });
                send(session, &command.sending, action, &[]).await
            }
        }
    }
}

impl Standing {
    async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let key = key_file::read(&self.key_file, self.key_passphrase_file.as_deref());
        let key = key.map_err(|error| Failure::usage(error.to_string()))?;
        let party = session.party(&self.party)?;
        let action = Action::Stand(Stand { name: self.name.clone(), key: key.public(), party });
        let action = chancery_client::Action::Validators(action);
        let signed = self.sending.signed(session, &[action], &[&self.party]).await?;
        self.sending.send(session, &signed.sign(&key)).await
    }
}

async fn send(
    session: &Session,
    sending: &Sending,
    action: Action,
    acting: &[&PartyWord],
) -> Result<Report, Failure> {
    sending.action(session, chancery_client::Action::Validators(action), acting).await
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const KEY: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    #[test]
    fn a_member_is_a_name_a_key_and_a_power() {
        let member = |text: &str| text.parse::<MemberWord>().map(|word| word.0);
        let post = member(&format!("post=office={KEY}")).unwrap();
        assert_eq!((post.name.to_string().as_str(), post.power), ("post=office", 1));
        assert_eq!(member(&format!("post={KEY}:7")).unwrap().power, 7);
        for wrong in ["post", "post=", &format!("post={KEY}:0"), &format!("post={KEY}:x"), "=x"] {
            assert!(member(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_pool_takes_over_at_a_height_or_so_many_blocks_ahead() {
        assert_eq!("1200".parse(), Ok(FromWord::Height(1200)));
        assert_eq!("+300".parse(), Ok(FromWord::Ahead(300)));
        for wrong in ["", "+", "-3", "++3", "soon", "99999999999999999999"] {
            assert!(wrong.parse::<FromWord>().is_err(), "{wrong}");
        }
    }
}
