//! Dividends: divided among those who held shares at a moment, to the last cent.

use chancery_registries::equity::{Distribution, Outcome, largest_remainder};
use chancery_registries::shape::AskedOfState;
use proptest::prelude::*;

use crate::common::DAY;
use crate::company::Company;

fn distribution(company: &Company, dividend: &str) -> Distribution {
    let id = company.id(dividend);
    company.town.asks(|draft| Distribution::answer(draft, &id)).unwrap()
}

fn paid(company: &Company, dividend: &str, holder: crate::common::Actor) -> String {
    let payments = distribution(company, dividend).payments;
    let payment = payments.iter().find(|payment| payment.holder == holder.id);
    payment.map(|payment| payment.amount.to_string()).unwrap_or_default()
}

#[test]
pub(crate) fn the_holders_at_the_record_time_are_paid_and_nobody_else() {
    let mut company = Company::with_ana();
    let (acme, ana, bo, cy) = (company.acme, company.ana, company.bo, company.cy);
    company.issues("b-1", bo, "50");
    company.town.passes(DAY);
    let record_time = company.town.time;
    company.town.passes(DAY);
    company.does(company.transfer("a-1", &[("c-1", cy, "100")], ""), &[ana, cy]);
    company.issues("c-2", cy, "50");
    company.does(company.dividend("d-1", "100", record_time), &[acme]);

    let answer = distribution(&company, "d-1");
    assert_eq!((answer.outcome, answer.shares.to_string()), (Outcome::Divided, "150".to_owned()));
    // 66.666… and 33.333…: the cent that is left goes to the larger remainder.
    assert_eq!(paid(&company, "d-1", ana), "66.67");
    assert_eq!(paid(&company, "d-1", bo), "33.33");
    assert_eq!(paid(&company, "d-1", cy), "");
}

#[test]
fn who_bought_in_the_block_of_the_record_time_is_paid() {
    let mut company = Company::with_ana();
    let (acme, ana, bo) = (company.acme, company.ana, company.bo);
    let record_time = company.town.time;
    company.does(company.transfer("a-1", &[("b-1", bo, "100")], ""), &[ana, bo]);
    company.does(company.dividend("d-1", "1", record_time), &[acme]);
    assert_eq!(paid(&company, "d-1", bo), "1");
}

#[test]
fn a_record_time_to_come_is_pending() {
    let mut company = Company::with_ana();
    let record_time = company.town.time.plus_ms(DAY);
    company.does(company.dividend("d-1", "10", record_time), &[company.acme]);
    assert_eq!(distribution(&company, "d-1").outcome, Outcome::Pending);
    assert!(distribution(&company, "d-1").payments.is_empty());
    company.town.passes(DAY);
    assert_eq!(paid(&company, "d-1", company.ana), "10");
}

#[test]
fn with_no_shares_there_is_nobody_to_pay() {
    let mut company = Company::new();
    company.does(company.dividend("d-1", "10", company.town.time), &[company.acme]);
    assert_eq!(distribution(&company, "d-1").outcome, Outcome::Nobody);
}

#[test]
fn a_split_under_way_makes_no_one_richer() {
    let mut company = Company::with_ana();
    let (acme, ana, bo) = (company.acme, company.ana, company.bo);
    company.issues("b-1", bo, "100");
    let before = company.town.time;
    company.town.passes(DAY);
    company.does(company.split("s-1", "2:1"), &[acme]);
    company.does(company.succession(&[("a-1", Some("a-2"))]), &[acme]);
    let between = company.town.time;
    company.town.passes(DAY);
    company.does(company.dividend("d-1", "10", before), &[acme]);
    company.does(company.dividend("d-2", "10", between), &[acme]);
    assert_eq!(distribution(&company, "d-1").outcome, Outcome::Divided);
    assert_eq!(distribution(&company, "d-2").outcome, Outcome::Pending);
    company.does(company.succession(&[("b-1", Some("b-2"))]), &[acme]);
    // The split took effect for both at once, however late the second was reissued.
    assert_eq!((paid(&company, "d-2", ana), paid(&company, "d-2", bo)), ("5".into(), "5".into()));
    assert_eq!(distribution(&company, "d-1").shares.to_string(), "200");
    assert_eq!(distribution(&company, "d-2").shares.to_string(), "400");
}

#[test]
fn what_is_left_goes_to_the_largest_remainders() {
    assert_eq!(largest_remainder(10, &[1, 1, 1]), [4, 3, 3]);
    assert_eq!(largest_remainder(1, &[1, 2, 1]), [0, 1, 0]);
    assert_eq!(largest_remainder(2, &[3, 3, 0]), [1, 1, 0]);
    assert_eq!(largest_remainder(7, &[0, 0]), [0, 0]);
    assert_eq!(largest_remainder(u64::MAX, &[10_u128.pow(25) - 1]), [u64::MAX]);
}

proptest! {
    /// Every part is its exact share rounded down or up, the parts sum to the whole, and no larger
    /// holding gets less than a smaller one.
    #[test]
    fn parts_sum_to_the_whole_and_are_fair(
        total in any::<u64>(),
        weights in proptest::collection::vec(0_u128..10_u128.pow(24), 1..40),
    ) {
        let amounts = largest_remainder(total, &weights);
        let whole: u128 = weights.iter().sum();
        if whole == 0 {
            prop_assert!(amounts.iter().all(|amount| *amount == 0));
        } else {
            let sum: u128 = amounts.iter().map(|amount| u128::from(*amount)).sum();
            prop_assert_eq!(sum, u128::from(total));
        }
        for (amount, weight) in amounts.iter().zip(&weights) {
            prop_assert!(*weight > 0 || *amount == 0);
            for (other_amount, other) in amounts.iter().zip(&weights) {
                prop_assert!(weight <= other || amount >= other_amount);
            }
        }
    }

    /// Where the product fits into 128 bits, the parts are those of plain arithmetic.
    #[test]
    fn parts_are_those_of_plain_arithmetic(
        total in 0_u64..1_000_000_000_000,
        weights in proptest::collection::vec(1_u128..1_000_000_000_000, 1..40),
    ) {
        let whole: u128 = weights.iter().sum();
        for (amount, weight) in largest_remainder(total, &weights).iter().zip(&weights) {
            let floor = u128::from(total) * weight / whole;
            let amount = u128::from(*amount);
            prop_assert!(amount == floor || amount == floor + 1);
        }
    }
}
