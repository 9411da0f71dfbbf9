//! What the issuer resolves: its registration, its classes, what is authorised, its dividends.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;

use super::super::actions::{
    AdjustClassAuthorised, AdjustConversionRatio, AdjustIssuerAuthorised, AmendIssuer, CreateClass,
    DeclareDividend, RegisterIssuer,
};
use super::super::class::{Adjustment, ConversionRight, StockClass};
use super::super::codes;
use super::super::dividend::Dividend;
use super::super::issuer::{Issuer, scoped};
use super::super::numbers::Decimal;
use super::super::rules::{
    authorised_covers, class_existed, class_not_frozen, classes_differ, id_is_free,
    is_an_organisation, is_payable, issuer_has_signed, issuer_not_frozen, known_class,
    known_issuer, may_be_registered, room_for_adjustment, room_for_class, room_for_right,
};
use crate::signers;

pub(super) fn register_issuer(
    draft: &mut Draft<'_>,
    action: &RegisterIssuer,
) -> Result<(), Rejection> {
    id_is_free::<Issuer>(draft, &action.issuer.to_string())?;
    is_an_organisation(draft, &action.issuer)?;
    signers::controllers_signed(draft, &action.issuer)?;
    let under = may_be_registered(draft, &action.issuer, action.registrar.as_ref())?;

    draft.put(&Issuer {
        issuer: action.issuer,
        name: action.name.clone(),
        country: action.country,
        formed: action.formed,
        under,
        registrar: action.registrar,
        registered: draft.time(),
        initially_authorised: action.authorised,
        authorised: action.authorised,
        adjustments: Vec::new(),
        issued: Decimal::ZERO,
        classes: Vec::new(),
        plans: Vec::new(),
        vesting_terms: Vec::new(),
        instruments: 0,
        filings: 0,
        record: action.record,
    });
    Ok(())
}

pub(super) fn amend_issuer(draft: &mut Draft<'_>, action: &AmendIssuer) -> Result<(), Rejection> {
    let mut issuer = known_issuer(draft, &action.issuer)?;
    issuer_has_signed(draft, &action.issuer)?;
    issuer_not_frozen(draft, &action.issuer)?;
    if action.name.is_none() && action.record.is_none() {
        return Err(codes::NOTHING_AMENDED.because("both are left out"));
    }

    issuer.name = action.name.clone().unwrap_or(issuer.name);
    issuer.record = action.record.or(issuer.record);
    draft.put(&issuer);
    Ok(())
}

pub(super) fn create_class(draft: &mut Draft<'_>, action: &CreateClass) -> Result<(), Rejection> {
    let mut issuer = known_issuer(draft, &action.issuer)?;
    issuer_has_signed(draft, &action.issuer)?;
    issuer_not_frozen(draft, &action.issuer)?;
    id_is_free::<StockClass>(draft, &scoped(&action.issuer, &action.class))?;
    room_for_class(&issuer)?;

    issuer.classes.push(action.class.clone());
    draft.put(&issuer);
    draft.put(&StockClass {
        issuer: action.issuer,
        class: action.class.clone(),
        name: action.name.clone(),
        class_type: action.class_type,
        votes_per_share: action.votes_per_share,
        seniority: action.seniority,
        par_value: action.par_value,
        decimals: action.decimals,
        restricted: action.restricted,
        created: draft.time(),
        initially_authorised: action.authorised,
        authorised: action.authorised,
        adjustments: Vec::new(),
        issued: Decimal::ZERO,
        live: 0,
        ever: 0,
        conversion_rights: Vec::new(),
        splits: Vec::new(),
        record: action.record,
    });
    Ok(())
}

pub(super) fn adjust_issuer_authorised(
    draft: &mut Draft<'_>,
    action: &AdjustIssuerAuthorised,
) -> Result<(), Rejection> {
    let mut issuer = known_issuer(draft, &action.issuer)?;
    issuer_has_signed(draft, &action.issuer)?;
    issuer_not_frozen(draft, &action.issuer)?;
    authorised_covers(action.authorised, issuer.issued)?;
    room_for_adjustment(&issuer.adjustments)?;

    issuer.authorised = action.authorised;
    issuer.adjustments.push(Adjustment {
        authorised: action.authorised,
        at: draft.time(),
        date: action.date,
    });
    draft.put(&issuer);
    Ok(())
}

pub(super) fn adjust_class_authorised(
    draft: &mut Draft<'_>,
    action: &AdjustClassAuthorised,
) -> Result<(), Rejection> {
    let mut class = known_class(draft, &action.issuer, &action.class)?;
    issuer_has_signed(draft, &action.issuer)?;
    class_not_frozen(draft, &class)?;
    authorised_covers(action.authorised, class.issued)?;
    room_for_adjustment(&class.adjustments)?;

    class.authorised = action.authorised;
    class.adjustments.push(Adjustment {
        authorised: action.authorised,
        at: draft.time(),
        date: action.date,
    });
    draft.put(&class);
    Ok(())
}

pub(super) fn adjust_conversion_ratio(
    draft: &mut Draft<'_>,
    action: &AdjustConversionRatio,
) -> Result<(), Rejection> {
    let mut class = known_class(draft, &action.issuer, &action.class)?;
    known_class(draft, &action.issuer, &action.into)?;
    issuer_has_signed(draft, &action.issuer)?;
    class_not_frozen(draft, &class)?;
    classes_differ(&action.class, &action.into)?;

    match class.conversion_rights.iter_mut().find(|right| right.into == action.into) {
        Some(right) => right.ratio = action.ratio,
        None => {
            room_for_right(&class)?;
            let right = ConversionRight { into: action.into.clone(), ratio: action.ratio };
            class.conversion_rights.push(right);
        }
    }
    draft.put(&class);
    Ok(())
}

pub(super) fn declare_dividend(
    draft: &mut Draft<'_>,
    action: &DeclareDividend,
) -> Result<(), Rejection> {
    let class = known_class(draft, &action.issuer, &action.class)?;
    issuer_has_signed(draft, &action.issuer)?;
    class_not_frozen(draft, &class)?;
    id_is_free::<Dividend>(draft, &scoped(&action.issuer, &action.dividend))?;
    is_payable(action.total)?;
    class_existed(&class, action.record_time)?;

    draft.put(&Dividend {
        issuer: action.issuer,
        dividend: action.dividend.clone(),
        class: action.class.clone(),
        total: action.total,
        record_time: action.record_time,
        payable: action.payable,
        declared: draft.time(),
        record: action.record,
    });
    Ok(())
}
