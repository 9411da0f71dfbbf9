//! Questions that the state answers: every object that the answer read is named and can be proved.

use std::collections::BTreeSet;

use chancery_ledger::evidence::Evidence;
use chancery_ledger::execution::Draft;
use chancery_ledger::view::View;
use chancery_registries::access::is_private;
use serde_json::Value;

use super::{Answered, Asked, Ground};
use crate::http::api::Api;
use crate::http::problem::{self, Problem};

/// Asks the state as of a block.
pub(super) async fn ask(
    api: &Api,
    asked: Asked,
    answer: fn(&Draft<'_>, &str) -> Option<Value>,
) -> Result<Answered, Problem> {
    api.read(move |node| {
        let view = node.view();
        let (answer, read) = view.ask(asked.at.height, |draft| answer(draft, &asked.target.id))?;
        may_be_told(view, &asked, &read)?;
        asked.can_be_proved(read.len())?;
        let proofs = asked.proofs.then(|| prove(view, asked.at.height, &read)).transpose()?;
        let ground = |object| Ground { object, version: None, changed: None };
        Ok(Answered { answer, grounds: read.into_iter().map(ground).collect(), proofs })
    })
    .await
}

/// The answer shows nothing that the reader may not see, nor do its proofs. A question of a public
/// kind that reads something private would be a bug of its register.
fn may_be_told(view: &View, asked: &Asked, read: &BTreeSet<String>) -> Result<(), Problem> {
    for object in read {
        let Some((register, kind, id)) = parts(object) else { continue };
        if !is_private(register) {
            continue;
        }
        if !is_private(asked.target.kind.register) {
            let what = format!("a public question has read {register}/{kind}, which is private");
            return Err(problem::internal(&what));
        }
        let known = chancery_registries::kind(register, kind);
        let known =
            known.ok_or_else(|| problem::internal(&"a question has read a kind of no register"))?;
        asked.reader.may_read(view, known, id, asked.at.height)?;
    }
    Ok(())
}

fn prove(view: &View, height: u64, read: &BTreeSet<String>) -> Result<Vec<Evidence>, Problem> {
    let objects = read.iter().filter_map(|object| parts(object));
    let prove =
        |(register, kind, id)| Ok(Evidence::Status(view.status(register, kind, id, height)?));
    objects.map(prove).collect()
}

fn parts(object: &str) -> Option<(&str, &str, &str)> {
    let (register, rest) = object.split_once('/')?;
    let (kind, id) = rest.split_once('/')?;
    Some((register, kind, id))
}
