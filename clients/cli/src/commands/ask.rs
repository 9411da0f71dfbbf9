//! `chancery ask`: a question about an object, answered by the server and checked here.

use std::path::{Path as FilePath, PathBuf};

use chancery_client::{Answer, AsOf, Path, files, verify};
use clap::Args;
use serde_json::json;

use crate::failure::Failure;
use crate::report::{Report, progress};
use crate::session::Session;
use crate::tables;

/// Ask a question about an object, as its register answers it.
///
/// With --anchor the proofs are fetched and checked, and an answer from the state is worked out anew from
/// what they prove.
#[derive(Debug, Args)]
pub(crate) struct Ask {
    /// The object, as in authorities/accreditation/carrier-2026-0042.
    object: Path,
    /// The question, as in standing; the interface description lists those of each kind.
    question: String,
    /// As of a height or a time; now when left out.
    #[arg(long, value_name = "HEIGHT|TIME")]
    as_of: Option<AsOf>,
    /// Write the proofs of everything that the answer rests on into this folder, a file each.
    #[arg(long, value_name = "FOLDER")]
    proofs: Option<PathBuf>,
    /// Write the answer's list as comma-separated values.
    #[arg(long)]
    csv: bool,
    /// Which of the answer's lists, where it has several.
    #[arg(long, value_name = "NAME", requires = "csv")]
    list: Option<String>,
}

impl Ask {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let (answer, checked) = self.answer(session).await?;
        if let Some(folder) = &self.proofs {
            write_proofs(folder, &answer)?;
        }
        if self.csv {
            let text = tables::csv(&answer.answer, self.list.as_deref())?;
            if text.is_empty() {
                progress("the list is empty");
            }
            return Ok(Report::new(text, answer));
        }
        let text = self.text(&answer, checked.as_ref());
        let mut json = json!(answer);
        json["checked"] = json!(checked);
        Ok(Report::new(text, json))
    }

    /// The answer, and what was checked of it.
    async fn answer(
        &self,
        session: &Session,
    ) -> Result<(Answer, Option<verify::AnswerVerified>), Failure> {
        let (client, as_of) = (session.client()?, self.as_of.unwrap_or_default());
        let proved = session.anchor().is_some() || self.proofs.is_some();
        let answer = match client.ask(&self.object, &self.question, as_of, proved).await {
            // There are more proofs than come with an answer: whoever wants them in a folder must know.
            Err(error) if error.code() == Some(TOO_MUCH) && self.proofs.is_none() => {
                progress("not checked: the answer rests on more than can be proved at once");
                return Ok((client.ask(&self.object, &self.question, as_of, false).await?, None));
            }
            answer => answer?,
        };
        let checked = session.anchor().map(|anchor| verify::answer_holds(&answer, &anchor));
        Ok((answer, checked.transpose()?))
    }

    fn text(&self, answer: &Answer, checked: Option<&verify::AnswerVerified>) -> String {
        let (object, as_of) = (answer.object(), answer.as_of);
        let mut text = format!(
            "{object}: {}, as of block {}, {}\n\n{}\nrests on {} {}",
            answer.question,
            as_of.height,
            as_of.time,
            tables::text(&answer.answer),
            answer.rests_on.len(),
            if answer.rests_on.iter().any(|ground| ground.version.is_some()) {
                "versions"
            } else {
                "objects"
            },
        );
        text += &match checked {
            None => "; not checked: name the genesis with --anchor".to_owned(),
            Some(checked) if checked.follows => {
                format!("\nok  {} proofs hold\nok  the answer follows from them", checked.proofs)
            }
            Some(checked) => format!(
                "\nok  {} proofs hold: the transitions stand in the log\n\
                 --  what the object was after each is as the server says",
                checked.proofs
            ),
        };
        if let Some(folder) = &self.proofs {
            text += &format!("\n{} proofs written to {}", answer.proofs.len(), folder.display());
        }
        text
    }
}

/// The server's code for an answer that rests on more than it proves at once.
const TOO_MUCH: &str = "rests-on-too-much";

/// One file for each proof, as `chancery verify` reads it.
fn write_proofs(folder: &FilePath, answer: &Answer) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, error))?;
    for (number, (ground, proof)) in answer.rests_on.iter().zip(&answer.proofs).enumerate() {
        let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
        let name: String = ground.object.chars().map(plain).collect();
        let version = ground.version.map(|version| format!("-v{version}")).unwrap_or_default();
        let file = folder.join(format!("{:02}-{name}{version}.json", number + 1));
        files::write_evidence(&file, proof)?;
    }
    Ok(())
}
