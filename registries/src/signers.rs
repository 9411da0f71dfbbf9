//! Who has signed: the signatures that a rule relies on, judged by the keys their parties hold now.

use chancery_ledger::code::{self, Rejection};
use chancery_ledger::execution::Draft;
use chancery_ledger::key::PublicKey;
use chancery_ledger::party::PartyId;

use crate::RegisterName;
use crate::codes;
use crate::identity::{Party, Purpose, Standing, active_party};

/// Enough of the party's current controller keys have signed. Sub-keys never count here.
pub fn controllers_signed(draft: &Draft<'_>, party: &PartyId) -> Result<(), Rejection> {
    controllers_signed_besides(draft, party, &[])
}

/// The same where the party also brings new keys, whose signatures are not judged here.
pub fn controllers_signed_besides(
    draft: &Draft<'_>,
    party: &PartyId,
    new_keys: &[PublicKey],
) -> Result<(), Rejection> {
    let party = active_party(draft, party)?;
    let signatures = signatures_of(draft, &party);
    if rely_on_controllers(draft, &party, &signatures) {
        return Ok(());
    }
    let old = signatures.iter().filter(|signature| !new_keys.contains(&signature.key));
    no_wrong_key(&party, old, &|standing| match standing {
        Standing::SubKey(_) => Some(&codes::KEY_NOT_FOR_THIS),
        _ => None,
    })?;
    let needed = party.controllers.threshold;
    Err(missing(&party, &format!("with {needed} of its controller keys")))
}

/// One current controller key of the party has signed, whatever its threshold.
pub fn one_controller_signed(draft: &Draft<'_>, party: &PartyId) -> Result<(), Rejection> {
    let party = active_party(draft, party)?;
    let signatures = signatures_of(draft, &party);
    let mut controllers =
        signatures.iter().filter(|signature| signature.standing == Standing::Controller).peekable();
    if controllers.peek().is_some() {
        controllers.for_each(|signature| draft.rely_on(signature.index));
        return Ok(());
    }
    no_wrong_key(&party, signatures.iter(), &|_| Some(&codes::KEY_NOT_FOR_THIS))?;
    Err(missing(&party, "with one of its controller keys"))
}

/// The party has signed for this purpose in this register: with enough of its controller keys, or
/// with one sub-key that has the purpose, is valid now and is not kept to another register.
pub fn signed_by(
    draft: &Draft<'_>,
    party: &PartyId,
    purpose: Purpose,
    register: RegisterName,
) -> Result<(), Rejection> {
    let party = active_party(draft, party)?;
    let signatures = signatures_of(draft, &party);
    let now = draft.time();
    let by_controllers = rely_on_controllers(draft, &party, &signatures);
    let mut by_sub_key = false;
    for signature in &signatures {
        if let Standing::SubKey(key) = &signature.standing
            && key.serves(purpose, register)
            && key.is_valid_at(now)
        {
            draft.rely_on(signature.index);
            by_sub_key = true;
        }
    }
    if by_controllers || by_sub_key {
        return Ok(());
    }
    no_wrong_key(&party, signatures.iter(), &|standing| match standing {
        Standing::SubKey(key) if !key.is_valid_at(now) => Some(&codes::KEY_NOT_VALID_NOW),
        Standing::SubKey(_) => Some(&codes::KEY_NOT_FOR_THIS),
        _ => None,
    })?;
    Err(missing(&party, &format!("for {purpose} in the register {register}")))
}

/// The party has proved that it holds a key that it is about to register, by signing with it.
pub fn new_key_signed(
    draft: &Draft<'_>,
    party: &PartyId,
    key: &PublicKey,
) -> Result<(), Rejection> {
    let signers = draft.context().signers;
    match signers.iter().position(|signer| signer.party == *party && signer.key == *key) {
        Some(index) => {
            draft.rely_on(index);
            Ok(())
        }
        None => {
            let detail = format!("the new key must sign too, as {party}#{key}");
            Err(code::SIGNER_MISSING.because(detail))
        }
    }
}

/// Whether any signature names the party, with whatever key.
pub fn has_signed(draft: &Draft<'_>, party: &PartyId) -> bool {
    draft.context().signers.iter().any(|signer| signer.party == *party)
}

/// A signature that names a party, and what its key is to the party now.
struct PartySignature<'a> {
    index: usize,
    key: PublicKey,
    standing: Standing<'a>,
}

fn signatures_of<'a>(draft: &Draft<'_>, party: &'a Party) -> Vec<PartySignature<'a>> {
    let signers = draft.context().signers.iter().enumerate();
    signers
        .filter(|(_, signer)| signer.party == party.id)
        .map(|(index, signer)| PartySignature {
            index,
            key: signer.key,
            standing: party.standing_of(&signer.key),
        })
        .collect()
}

fn rely_on_controllers(
    draft: &Draft<'_>,
    party: &Party,
    signatures: &[PartySignature<'_>],
) -> bool {
    let controllers = || signatures.iter().filter(|given| given.standing == Standing::Controller);
    let enough = controllers().count() >= party.controllers.threshold as usize;
    if enough {
        controllers().for_each(|signature| draft.rely_on(signature.index));
    }
    enough
}

/// A party that did sign, but with a key that cannot count, is told so rather than "missing".
fn no_wrong_key<'a, 'b: 'a>(
    party: &Party,
    mut signatures: impl Iterator<Item = &'a PartySignature<'b>>,
    wrong_sub_key: &dyn Fn(&Standing<'_>) -> Option<&'static code::Code>,
) -> Result<(), Rejection> {
    let wrong = signatures.find_map(|signature| {
        let code = match &signature.standing {
            Standing::Controller => None,
            Standing::Unknown => Some(&codes::KEY_UNKNOWN),
            Standing::Revoked => Some(&codes::KEY_REVOKED),
            standing => wrong_sub_key(standing),
        }?;
        let detail = format!("{} has signed with the key {}", party.id, signature.key);
        Some(code.because(detail).at(format!("/signatures/{}", signature.index)))
    });
    wrong.map_or(Ok(()), Err)
}

fn missing(party: &Party, how: &str) -> Rejection {
    code::SIGNER_MISSING.because(format!("{} must sign {how}", party.id))
}
