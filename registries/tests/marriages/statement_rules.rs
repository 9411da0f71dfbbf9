//! "Free to marry" and "married to each other": every rule broken once.

use serde_json::json;

use crate::cases::Case;
use crate::common::{DAY, actor};
use crate::office::{Office, with};

pub(crate) const CASES: &[Case] = &[
    ("marriage-party-married", "free to marry, says the bride", |office| {
        let (ana, bo) = (office.ana, office.bo);
        office.marries(ana, bo);
        let action = office.free(ana);
        office.refuses(action, &[ana])
    }),
    ("signer-missing", "somebody asks about Ana", |office| {
        let (ana, cy) = (office.ana, office.cy);
        let action = office.free(ana);
        office.refuses(action, &[cy])
    }),
    ("signer-missing", "the registrar asks about Ana", |office| {
        let (ana, registrar) = (office.ana, office.registrar);
        let action = office.free(ana);
        office.refuses(action, &[registrar])
    }),
    ("marriage-of-persons", "an institution is free to marry", |office| {
        let court = office.court;
        let action = office.free(court);
        office.refuses(action, &[court])
    }),
    ("period-empty", "a statement that is over", |office| {
        let ana = office.ana;
        let action = with(office.free(ana), "/until", json!(office.town.in_ms(0)));
        office.refuses(action, &[ana])
    }),
    ("marriage-statement-too-long", "a statement for ever", |office| {
        let ana = office.ana;
        let action = with(office.free(ana), "/until", json!(office.town.in_ms(367 * DAY)));
        office.refuses(action, &[ana])
    }),
    ("party-unknown", "a statement for nobody", |office| {
        let ana = office.ana;
        let action = with(office.free(ana), "/addressee", json!(actor("nobody").id));
        office.refuses(action, &[ana])
    }),
    ("marriage-not-to-each-other", "married to somebody else's spouse", |office| {
        let Office { ana, bo, cy, .. } = *office;
        office.marries(ana, bo);
        let action = office.married(ana, cy);
        office.refuses(action, &[ana])
    }),
    ("marriage-not-to-each-other", "never married", |office| {
        let (ana, bo) = (office.ana, office.bo);
        let action = office.married(ana, bo);
        office.refuses(action, &[ana])
    }),
    ("marriage-not-to-each-other", "divorced since", |office| {
        let Office { ana, bo, registrar, .. } = *office;
        let marriage = office.marries(ana, bo);
        office.does(office.divorce(&marriage, ana, bo), &[registrar, ana, bo]);
        let action = office.married(bo, ana);
        office.refuses(action, &[bo])
    }),
    ("marriage-spouse-deceased", "married to the dead", |office| {
        let (ana, bo) = (office.ana, office.bo);
        office.marries(ana, bo);
        office.dies(bo);
        let action = office.married(ana, bo);
        office.refuses(action, &[ana])
    }),
    ("signer-missing", "the spouse's name without one's own", |office| {
        let (ana, bo) = (office.ana, office.bo);
        office.marries(ana, bo);
        let action = office.married(ana, bo);
        office.refuses(action, &[bo])
    }),
    ("signer-not-required", "both sign where one states it", |office| {
        let (ana, bo) = (office.ana, office.bo);
        office.marries(ana, bo);
        let action = office.married(ana, bo);
        office.refuses(action, &[ana, bo])
    }),
    ("marriage-statement-too-long", "married for ever", |office| {
        let (ana, bo) = (office.ana, office.bo);
        office.marries(ana, bo);
        let action = with(office.married(ana, bo), "/until", json!(office.town.in_ms(367 * DAY)));
        office.refuses(action, &[ana])
    }),
    ("marriage-register-not-open", "a statement before the register is open", |office| {
        *office = Office::closed();
        let ana = office.ana;
        let action = office.free(ana);
        office.refuses(action, &[ana])
    }),
];
