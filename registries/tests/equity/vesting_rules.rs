//! Vesting and splits of instruments: every rule broken once, and the Open Cap Format's own examples.

use chancery_registries::equity::numbers::Decimal;
use chancery_registries::equity::{
    CapTable, Instrument, MAX_ACCELERATIONS, MAX_TERMS, StockPlan, Vested, VestedState, Vesting,
    VestingTerms,
};
use chancery_registries::shape::AskedOfState;
use chancery_registries::text::Date;
use serde_json::{Value, json};

use crate::cases::Case;
use crate::company::{Company, with};

fn terms(company: &Company, terms: &str, allocation: &str, conditions: Value) -> Value {
    let fields = json!({
        "terms": terms, "name": terms, "allocation": allocation, "conditions": conditions,
    });
    company.action("create-vesting-terms", fields)
}

fn by_schedule(
    id: &str,
    vests: Value,
    after: &str,
    months: u16,
    times: u16,
    next: &[&str],
) -> Value {
    json!({
        "condition": id, "vests": vests, "next": next,
        "trigger": { "schedule": { "after": after, "every": { "months": months }, "times": times } },
    })
}

fn stated(id: &str, trigger: &str, vests: Value, next: &[&str]) -> Value {
    json!({ "condition": id, "vests": vests, "trigger": trigger, "next": next })
}

fn nothing() -> Value {
    json!({ "quantity": "0" })
}

/// Four years by the month, a quarter of it after the first: the third example of the format.
fn four_years() -> Value {
    json!([
        stated("start", "start", nothing(), &["cliff"]),
        by_schedule("cliff", json!({ "portion": "12:48" }), "start", 12, 1, &["monthly"]),
        by_schedule("monthly", json!({ "portion": "1:48" }), "cliff", 1, 36, &[]),
    ])
}

/// All at a sale within three years of the start, and before 2025: the second example of the format.
fn sale_in_time() -> Value {
    json!([
        stated("start", "start", nothing(), &["three-years", "too-late", "sale"]),
        by_schedule("three-years", nothing(), "start", 36, 1, &[]),
        { "condition": "too-late", "vests": nothing(), "trigger": { "date": "2025-01-01" } },
        stated("sale", "event", json!({ "portion": "1:1" }), &[]),
    ])
}

fn option(company: &Company, security: &str, amount: &str) -> Value {
    let fields = json!({
        "kind": "option", "security": security, "holder": company.ana.id, "amount": amount,
        "class": "common",
    });
    company.action("issue-instrument", fields)
}

fn set(company: &Company, security: &str, by: Value) -> Value {
    company.action("set-vesting", json!({ "security": security, "by": by }))
}

fn met(company: &Company, security: &str, condition: &str, date: &str) -> Value {
    let fields = json!({ "security": security, "condition": condition, "date": date });
    company.action("meet-vesting-condition", fields)
}

fn accelerate(company: &Company, security: &str, quantity: &str, date: &str) -> Value {
    let fields = json!({ "security": security, "quantity": quantity, "date": date });
    company.action("accelerate-vesting", fields)
}

fn split_instruments(company: &Company, instruments: &[&str]) -> Value {
    company.action("split-instruments", json!({ "instruments": instruments }))
}

/// Ana has an option `o-1` for so many shares, which vests by these terms.
fn ana_vests(company: &mut Company, amount: &str, allocation: &str, conditions: Value) {
    let (acme, ana) = (company.acme, company.ana);
    company.does(terms(company, "terms", allocation, conditions), &[acme]);
    let set = set(company, "o-1", json!({ "terms": "terms" }));
    company.does_all(&[option(company, "o-1", amount), set], &[acme, ana]);
}

fn ana_has_an_option(company: &mut Company, amount: &str) {
    company.does(option(company, "o-1", amount), &[company.acme, company.ana]);
}

fn started(company: &mut Company) {
    ana_vests(company, "480", "cumulative-rounding", four_years());
    company.does(met(company, "o-1", "start", "2021-01-30"), &[company.acme]);
}

fn cancels(company: &mut Company, security: &str, amount: &str, balance: &str) {
    let fields = json!({ "security": security, "amount": amount, "balance": balance });
    let both = [company.acme, company.ana];
    company.does(company.action("cancel-instrument", fields), &both);
}

pub(crate) const CASES: &[Case] = &[
    ("signer-missing", "the issuer has not signed the terms", |company| {
        company.refuses(terms(company, "t", "fractional", four_years()), &[company.ana])
    }),
    ("id-taken", "the issuer has these terms", |company| {
        let terms = terms(company, "t", "fractional", four_years());
        company.does(terms.clone(), &[company.acme]);
        company.refuses(terms, &[company.acme])
    }),
    ("equity-too-many-terms", "one set of terms too many", |company| {
        let mut issuer = company.issuer();
        issuer.vesting_terms = (0..MAX_TERMS).map(|it| format!("t{it}").parse().unwrap()).collect();
        company.puts(issuer);
        company.refuses(terms(company, "t", "fractional", four_years()), &[company.acme])
    }),
    ("bad-action", "a condition that follows none below it", |company| {
        let stray = json!([stated("start", "start", nothing(), &["start"])]);
        company.refuses(terms(company, "t", "fractional", stray), &[company.acme])
    }),
    ("bad-action", "a schedule after what does not stand above it", |company| {
        let stray = json!([by_schedule("a", nothing(), "b", 1, 1, &[])]);
        company.refuses(terms(company, "t", "fractional", stray), &[company.acme])
    }),
    ("bad-action", "two conditions of one id", |company| {
        let twice =
            json!([stated("a", "start", nothing(), &[]), stated("a", "event", nothing(), &[])]);
        company.refuses(terms(company, "t", "fractional", twice), &[company.acme])
    }),
    ("bad-action", "more than all", |company| {
        let more = json!([stated("a", "start", json!({ "portion": "3:2" }), &[])]);
        company.refuses(terms(company, "t", "fractional", more), &[company.acme])
    }),
    ("bad-action", "schedules that come due too often", |company| {
        let often = json!([
            stated("a", "start", nothing(), &["b"]),
            by_schedule("b", nothing(), "a", 1, 1200, &[]),
        ]);
        company.refuses(terms(company, "t", "fractional", often), &[company.acme])
    }),
    ("bad-action", "portions without a common denominator", |company| {
        let parts = json!([
            stated("a", "start", json!({ "portion": "1:999983" }), &[]),
            stated("b", "event", json!({ "portion": "1:2" }), &[]),
        ]);
        company.refuses(terms(company, "t", "fractional", parts), &[company.acme])
    }),
    ("equity-terms-unknown", "an option by no terms", |company| {
        ana_has_an_option(company, "10");
        let set = set(company, "o-1", json!({ "terms": "none" }));
        company.refuses(set, &[company.acme, company.ana])
    }),
    ("signer-missing", "the holder has not signed how it vests", |company| {
        ana_has_an_option(company, "10");
        company.refuses(set(company, "o-1", json!("off-ledger")), &[company.acme])
    }),
    ("signer-missing", "the issuer has not signed how it vests", |company| {
        ana_has_an_option(company, "10");
        company.refuses(set(company, "o-1", json!("off-ledger")), &[company.ana])
    }),
    ("id-taken", "it is set how it vests", |company| {
        ana_has_an_option(company, "10");
        let both = [company.acme, company.ana];
        company.does(set(company, "o-1", json!("off-ledger")), &both);
        company.refuses(set(company, "o-1", json!("off-ledger")), &both)
    }),
    ("equity-security-unknown", "nothing that vests", |company| {
        company.refuses(set(company, "o-1", json!("off-ledger")), &[company.acme, company.ana])
    }),
    ("equity-no-shares-to-vest", "money does not vest", |company| {
        let note = with(option(company, "o-1", "10"), "kind", json!("note"));
        let both = [company.acme, company.ana];
        company.does(with(note, "currency", json!("USD")), &both);
        company.refuses(set(company, "o-1", json!("off-ledger")), &both)
    }),
    ("equity-quantity-exceeds", "more vests than there is", |company| {
        ana_has_an_option(company, "10");
        let dates = json!([
            { "date": "2026-01-01", "quantity": "5" }, { "date": "2026-02-01", "quantity": "6" },
        ]);
        let set = set(company, "o-1", json!({ "dates": dates }));
        company.refuses(set, &[company.acme, company.ana])
    }),
    ("frozen", "it is frozen", |company| {
        company.issues("a-1", company.ana, "10");
        company.orders("freeze", "f-1", "a-1");
        company.refuses(set(company, "a-1", json!("off-ledger")), &[company.acme, company.ana])
    }),
    ("signer-missing", "the issuer has not stated the start", |company| {
        ana_vests(company, "480", "cumulative-rounding", four_years());
        company.refuses(met(company, "o-1", "start", "2021-01-30"), &[company.ana])
    }),
    ("equity-vesting-not-set", "a start of what does not vest", |company| {
        ana_has_an_option(company, "10");
        company.refuses(met(company, "o-1", "start", "2021-01-30"), &[company.acme])
    }),
    ("equity-condition-unknown", "no such condition", |company| {
        ana_vests(company, "480", "cumulative-rounding", four_years());
        company.refuses(met(company, "o-1", "finish", "2021-01-30"), &[company.acme])
    }),
    ("equity-condition-unknown", "what is scheduled is not stated", |company| {
        started(company);
        company.refuses(met(company, "o-1", "cliff", "2021-02-01"), &[company.acme])
    }),
    ("equity-condition-unknown", "what vests on listed days has no conditions", |company| {
        ana_has_an_option(company, "10");
        let dates = json!({ "dates": [{ "date": "2026-01-01", "quantity": "5" }] });
        company.does(set(company, "o-1", dates), &[company.acme, company.ana]);
        company.refuses(met(company, "o-1", "start", "2021-01-30"), &[company.acme])
    }),
    ("equity-condition-not-next", "a second start", |company| {
        started(company);
        company.refuses(met(company, "o-1", "start", "2021-02-01"), &[company.acme])
    }),
    ("equity-condition-not-next", "a sale after the three years", |company| {
        ana_vests(company, "500", "cumulative-round-down", sale_in_time());
        company.does(met(company, "o-1", "start", "2021-01-01"), &[company.acme]);
        company.refuses(met(company, "o-1", "sale", "2024-01-02"), &[company.acme])
    }),
    ("equity-condition-not-next", "a sale before the start", |company| {
        ana_vests(company, "500", "cumulative-round-down", sale_in_time());
        company.refuses(met(company, "o-1", "sale", "2022-07-14"), &[company.acme])
    }),
    ("signer-missing", "the issuer has not signed the acceleration", |company| {
        started(company);
        company.refuses(accelerate(company, "o-1", "1", "2022-01-01"), &[company.ana])
    }),
    ("equity-accelerates-too-much", "more than has not vested", |company| {
        started(company);
        company.refuses(accelerate(company, "o-1", "361", "2022-02-01"), &[company.acme])
    }),
    ("equity-too-many-accelerations", "one acceleration too many", |company| {
        started(company);
        company.does(accelerate(company, "o-1", "1", "2022-01-01"), &[company.acme]);
        let mut vesting: Vesting = company.town.get(&company.id("o-1")).unwrap();
        vesting.accelerations = vec![vesting.accelerations[0].clone(); MAX_ACCELERATIONS];
        company.puts(vesting);
        company.refuses(accelerate(company, "o-1", "1", "2022-01-01"), &[company.acme])
    }),
    ("signer-missing", "the issuer has not signed the split of the option", |company| {
        ana_has_an_option(company, "10");
        company.does(company.split("s-1", "2:1"), &[company.acme]);
        company.refuses(split_instruments(company, &["o-1"]), &[company.ana])
    }),
    ("equity-no-split-pending", "its class was not split", |company| {
        ana_has_an_option(company, "10");
        company.refuses(split_instruments(company, &["o-1"]), &[company.acme])
    }),
    ("equity-no-split-pending", "a split is applied once", |company| {
        ana_has_an_option(company, "10");
        company.does(company.split("s-1", "2:1"), &[company.acme]);
        company.does(split_instruments(company, &["o-1"]), &[company.acme]);
        company.refuses(split_instruments(company, &["o-1"]), &[company.acme])
    }),
    ("equity-no-split-pending", "it began after the split", |company| {
        company.does(company.split("s-1", "2:1"), &[company.acme]);
        ana_has_an_option(company, "10");
        company.refuses(split_instruments(company, &["o-1"]), &[company.acme])
    }),
    ("equity-no-split-pending", "a note is for money", |company| {
        let note = with(option(company, "n-1", "10"), "kind", json!("note"));
        company.does(with(note, "currency", json!("USD")), &[company.acme, company.ana]);
        company.does(company.split("s-1", "2:1"), &[company.acme]);
        company.refuses(split_instruments(company, &["n-1"]), &[company.acme])
    }),
    ("equity-split-pending", "an exercise in the shares of before", |company| {
        ana_has_an_option(company, "10");
        company.does(company.split("s-1", "2:1"), &[company.acme]);
        let exercise =
            json!({ "security": "o-1", "results": [{ "security": "a-1", "quantity": "10" }] });
        company.refuses(company.action("exercise", exercise), &[company.acme, company.ana])
    }),
    ("equity-split-pending", "a transfer in the shares of before", |company| {
        ana_has_an_option(company, "10");
        company.does(company.split("s-1", "2:1"), &[company.acme]);
        let result = json!({ "security": "o-2", "holder": company.bo.id, "amount": "10" });
        let transfer = json!({ "security": "o-1", "results": [result] });
        let signers = [company.acme, company.ana, company.bo];
        company.refuses(company.action("transfer-instrument", transfer), &signers)
    }),
    ("equity-split-inexact", "a third of ten", |company| {
        ana_has_an_option(company, "10");
        company.does(company.split("s-1", "1:3"), &[company.acme]);
        company.refuses(split_instruments(company, &["o-1"]), &[company.acme])
    }),
    ("equity-number-too-large", "more than can be counted", |company| {
        ana_has_an_option(company, "1000");
        company.does(company.split("s-1", "1000000000000:1"), &[company.acme]);
        company.refuses(split_instruments(company, &["o-1"]), &[company.acme])
    }),
    ("equity-pool-exhausted", "a pool that is not raised with the split", |company| {
        let plan = json!({
            "plan": "pool", "name": "Pool", "classes": ["common"], "reserved": "10",
            "on_cancellation": "retire",
        });
        company.does(company.action("create-plan", plan), &[company.acme]);
        let granted = with(option(company, "o-1", "10"), "plan", json!("pool"));
        company.does(granted, &[company.acme, company.ana]);
        company.does(company.split("s-1", "2:1"), &[company.acme]);
        company.refuses(split_instruments(company, &["o-1"]), &[company.acme])
    }),
];

/// Every story here, to be told once more with a look at the signatures.
pub(crate) const STORIES: &[fn()] = &[
    four_years_by_the_month_with_a_cliff,
    a_sale_in_time_vests_all_and_a_deadline_ends_it,
    what_came_sooner_is_taken_from_the_end,
    an_option_is_split_under_its_id_and_nothing_is_lost,
];

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn vested(company: &Company, security: &str, day: &str) -> Vested {
    company.town.asks(|draft| Vested::on(draft, &company.id(security), date(day))).unwrap()
}

/// How many have vested on a day.
fn so_many(company: &Company, security: &str, day: &str) -> String {
    vested(company, security, day).vested.unwrap().to_string()
}

#[test]
fn each_allocation_divides_eighteen_by_four_as_the_format_says() {
    let cases = [
        ("cumulative-rounding", ["5", "4", "5", "4"]),
        ("cumulative-round-down", ["4", "5", "4", "5"]),
        ("front-loaded", ["5", "5", "4", "4"]),
        ("back-loaded", ["4", "4", "5", "5"]),
        ("front-loaded-to-single-tranche", ["6", "4", "4", "4"]),
        ("back-loaded-to-single-tranche", ["4", "4", "4", "6"]),
        ("fractional", ["4.5", "4.5", "4.5", "4.5"]),
    ];
    for (allocation, expected) in cases {
        let mut company = Company::new();
        let yearly = json!([
            stated("start", "start", nothing(), &["yearly"]),
            by_schedule("yearly", json!({ "portion": "1:4" }), "start", 12, 4, &[]),
        ]);
        ana_vests(&mut company, "18", allocation, yearly);
        company.does(met(&company, "o-1", "start", "2024-02-29"), &[company.acme]);
        let vested = vested(&company, "o-1", "2028-02-29");
        let each: Vec<String> = vested.schedule.iter().map(|on| on.quantity.to_string()).collect();
        assert_eq!(each, expected, "{allocation}");
        let days: Vec<String> = vested.schedule.iter().map(|on| on.date.to_string()).collect();
        assert_eq!(days, ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]);
        assert_eq!(vested.vested.unwrap().to_string(), "18");
    }
}

#[test]
fn four_years_by_the_month_with_a_cliff() {
    let mut company = Company::new();
    ana_vests(&mut company, "480", "cumulative-rounding", four_years());
    let before = vested(&company, "o-1", "2030-01-01");
    assert_eq!(before.vested.unwrap().to_string(), "0");
    assert_eq!(before.awaited, ["start".parse().unwrap()]);
    company.does(met(&company, "o-1", "start", "2021-01-30"), &[company.acme]);
    // The days are those of the format's explanation of its third example.
    for (day, expected) in [
        ("2022-01-29", "0"),
        ("2022-01-30", "120"),
        ("2022-02-27", "120"),
        ("2022-02-28", "130"),
        ("2022-03-29", "130"),
        ("2022-03-30", "140"),
        ("2025-01-29", "470"),
        ("2025-01-30", "480"),
    ] {
        assert_eq!(so_many(&company, "o-1", day), expected, "{day}");
    }
    let terms: VestingTerms = company.town.get(&company.id("terms")).unwrap();
    assert_eq!(terms.conditions.iter().count(), 3);

    // The town's own day: all of it; 480 can be exercised, and after an exercise what is left.
    let results = json!([{ "security": "a-1", "quantity": "100" }]);
    let fields = json!({ "security": "o-1", "amount": "100", "results": results });
    company.does(company.action("exercise", fields), &[company.acme, company.ana]);
    let now = company.town.asks(|draft| Vested::answer(draft, &company.id("o-1"))).unwrap();
    assert_eq!((now.date, now.state), (date("2026-01-01"), VestedState::ByTerms));
    assert_eq!(now.exercisable.unwrap().to_string(), "380");
    assert_eq!(vested(&company, "o-1", "2022-02-28").exercisable.unwrap().to_string(), "30");
    // What was made of it has vested.
    assert_eq!(vested(&company, "a-1", "2026-01-01").state, VestedState::AtOnce);
}

#[test]
fn a_cliff_within_a_schedule_holds_back_what_is_before_it() {
    let mut company = Company::new();
    let mut monthly =
        by_schedule("monthly", json!({ "portion": "1:48" }), "start", 1, 48, &["sale"]);
    monthly["trigger"]["schedule"]["cliff"] = json!(12);
    let conditions = json!([
        stated("start", "start", nothing(), &["monthly"]),
        monthly,
        stated("sale", "event", json!({ "portion-of-rest": "1:2" }), &[]),
    ]);
    ana_vests(&mut company, "100", "cumulative-round-down", conditions);
    company.does(met(&company, "o-1", "start", "2024-01-31"), &[company.acme]);
    assert_eq!(so_many(&company, "o-1", "2025-01-30"), "0");
    assert_eq!(so_many(&company, "o-1", "2025-01-31"), "25");
    assert_eq!(so_many(&company, "o-1", "2025-02-28"), "27");
    // A sale a year and a half on: half of the rest vests, and the months go no further.
    company.does(met(&company, "o-1", "sale", "2025-08-01"), &[company.acme]);
    assert_eq!(so_many(&company, "o-1", "2025-07-31"), "37");
    assert_eq!(so_many(&company, "o-1", "2029-01-01"), "68");
}

#[test]
fn a_sale_in_time_vests_all_and_a_deadline_ends_it() {
    let mut company = Company::new();
    ana_vests(&mut company, "500", "cumulative-round-down", sale_in_time());
    company.does(met(&company, "o-1", "start", "2021-01-01"), &[company.acme]);
    assert_eq!(vested(&company, "o-1", "2022-01-01").awaited, ["sale".parse().unwrap()]);
    company.does(met(&company, "o-1", "sale", "2022-07-14"), &[company.acme]);
    assert_eq!(so_many(&company, "o-1", "2022-07-13"), "0");
    assert_eq!(so_many(&company, "o-1", "2022-07-14"), "500");

    // Of another that started later, the day ends it before the three years do.
    let both = [company.acme, company.ana];
    let set = set(&company, "o-2", json!({ "terms": "terms" }));
    company.does_all(&[option(&company, "o-2", "500"), set], &both);
    company.does(met(&company, "o-2", "start", "2023-07-01"), &[company.acme]);
    let late = met(&company, "o-2", "sale", "2025-01-02");
    assert_eq!(company.refuses(late, &[company.acme]), "equity-condition-not-next");
    assert!(vested(&company, "o-2", "2025-02-01").awaited.is_empty());
}

#[test]
fn six_years_are_loaded_to_the_end() {
    // The format's sample, month by month: 10 %, then 1.25, 1.67, 2.08 and 2.5 % a month.
    let mut company = Company::new();
    let portions = ["1:80", "1:60", "1:48", "1:40"];
    let mut conditions = vec![
        stated("start", "start", nothing(), &["two-years"]),
        by_schedule("two-years", json!({ "portion": "1:10" }), "start", 24, 1, &["year-3"]),
    ];
    for (index, portion) in portions.iter().enumerate() {
        let (this, next) = (format!("year-{}", index + 3), format!("year-{}", index + 4));
        let after = if index == 0 { "two-years".to_owned() } else { format!("year-{}", index + 2) };
        let next: Vec<&str> = if index < 3 { vec![&next] } else { vec![] };
        conditions.push(by_schedule(&this, json!({ "portion": portion }), &after, 1, 12, &next));
    }
    ana_vests(&mut company, "997", "back-loaded", json!(conditions));
    company.does(met(&company, "o-1", "start", "2020-05-31"), &[company.acme]);
    assert_eq!(so_many(&company, "o-1", "2022-05-31"), "99");
    assert_eq!(so_many(&company, "o-1", "2026-05-30"), "972");
    assert_eq!(so_many(&company, "o-1", "2026-05-31"), "997");
    assert_eq!(vested(&company, "o-1", "2026-05-31").schedule.len(), 49);
}

#[test]
fn what_came_sooner_is_taken_from_the_end() {
    let mut company = Company::new();
    started(&mut company);
    company.does(accelerate(&company, "o-1", "25", "2022-02-10"), &[company.acme]);
    assert_eq!(so_many(&company, "o-1", "2022-02-09"), "120");
    assert_eq!(so_many(&company, "o-1", "2022-02-10"), "145");
    assert_eq!(so_many(&company, "o-1", "2022-02-28"), "155");
    // Two months and a half earlier than it would have been.
    assert_eq!(so_many(&company, "o-1", "2024-10-30"), "475");
    assert_eq!(so_many(&company, "o-1", "2024-11-30"), "480");
    let last = vested(&company, "o-1", "2022-02-28").schedule.pop().unwrap();
    assert_eq!((last.date, last.quantity.to_string()), (date("2024-11-30"), "5".to_owned()));
}

#[test]
fn listed_days_vest_shares_and_a_split_carries_them_on() {
    let mut company = Company::new();
    company.issues("a-1", company.ana, "10");
    let dates = json!([
        { "date": "2026-06-07", "quantity": "3" }, { "date": "2025-06-07", "quantity": "3" },
        { "date": "2027-06-07", "quantity": "4" },
    ]);
    let both = [company.acme, company.ana];
    company.does(set(&company, "a-1", json!({ "dates": dates })), &both);
    assert_eq!(vested(&company, "a-1", "2026-01-01").vested.unwrap().to_string(), "3");

    // Three for two: 15 shares, of which 4.5, then 9, then all vest; whole shares only.
    let split = company.split("s-1", "3:2");
    let reissue = company.succession(&[("a-1", Some("a-2"))]);
    company.does_all(&[split, reissue], &[company.acme]);
    for (day, expected) in [("2025-06-07", "4"), ("2026-06-07", "9"), ("2027-06-07", "15")] {
        assert_eq!(so_many(&company, "a-2", day), expected, "{day}");
    }
    // What was divided into several vests as is set for each; until then nobody can tell.
    company.does(company.reissue(&["a-2"], &[("a-3", "5"), ("a-4", "10")]), &both);
    let divided = vested(&company, "a-3", "2028-01-01");
    assert_eq!((divided.state, divided.vested), (VestedState::NotSet, None));
    company.does(set(&company, "a-3", json!("off-ledger")), &both);
    let kept = vested(&company, "a-3", "2028-01-01");
    assert_eq!((kept.state, kept.vested), (VestedState::OffLedger, None));
    // Nothing vests after the end.
    assert_eq!(so_many(&company, "a-2", "2028-01-01"), "4");
}

#[test]
fn an_option_is_split_under_its_id_and_nothing_is_lost() {
    let mut company = Company::new();
    let (acme, ana) = (company.acme, company.ana);
    let plan = json!({
        "plan": "pool", "name": "Pool", "classes": ["common"], "reserved": "100",
        "on_cancellation": "retire",
    });
    company.does(company.action("create-plan", plan), &[acme]);
    company.does(terms(&company, "terms", "cumulative-round-down", four_years()), &[acme]);
    let set = set(&company, "o-1", json!({ "terms": "terms" }));
    let granted = with(option(&company, "o-1", "48"), "plan", json!("pool"));
    company.does_all(&[granted, set], &[acme, ana]);
    company.does(met(&company, "o-1", "start", "2021-01-01"), &[acme]);

    // Three for one, then three for two: the cap table counts them before they are applied.
    company.does(company.split("s-1", "3:1"), &[acme]);
    company.does(company.split("s-2", "3:2"), &[acme]);
    let table = |company: &Company| {
        let id = company.acme.id.to_string();
        company.town.asks(|draft| CapTable::answer(draft, &id)).unwrap()
    };
    assert_eq!(table(&company).instruments[0].outstanding.to_string(), "216");
    let raise = company.action("adjust-plan-pool", json!({ "plan": "pool", "reserved": "450" }));
    company.does_all(&[raise, split_instruments(&company, &["o-1"])], &[acme]);
    assert_eq!(table(&company).instruments[0].outstanding.to_string(), "216");

    let now: Instrument = company.town.get(&company.id("o-1")).unwrap();
    assert_eq!(
        (now.amount.unwrap().to_string(), now.outstanding.to_string()),
        ("48".into(), "216".into())
    );
    let applied: Vec<String> = now.splits.iter().map(|split| split.after.to_string()).collect();
    assert_eq!(applied, ["144", "216"]);
    let pool: StockPlan = company.town.get(&company.id("pool")).unwrap();
    assert_eq!(pool.available().unwrap().to_string(), "234");
    // A quarter of 216 after a year, and a 48th of it a month.
    assert_eq!(so_many(&company, "o-1", "2022-01-01"), "54");
    assert_eq!(so_many(&company, "o-1", "2022-02-01"), "58");
    assert_eq!(so_many(&company, "o-1", "2022-03-01"), "63");
    assert_eq!(so_many(&company, "o-1", "2025-01-01"), "216");

    // A part of a right is kept; taken back, the pool has all.
    company.does(company.split("s-3", "1:5"), &[acme]);
    company.does(split_instruments(&company, &["o-1"]), &[acme]);
    let now: Instrument = company.town.get(&company.id("o-1")).unwrap();
    assert_eq!(now.outstanding.to_string(), "43.2");
    let fields = json!({ "security": "o-1", "reason": "so" });
    company.does(company.action("retract-instrument", fields), &[acme, ana]);
    let pool: StockPlan = company.town.get(&company.id("pool")).unwrap();
    assert!(pool.granted.is_zero());
}

#[test]
fn what_does_not_come_out_even_is_cancelled_first() {
    let mut company = Company::new();
    ana_has_an_option(&mut company, "10");
    company.does(company.split("s-1", "1:3"), &[company.acme]);
    cancels(&mut company, "o-1", "1", "o-2");
    company.does(split_instruments(&company, &["o-2"]), &[company.acme]);
    let now: Instrument = company.town.get(&company.id("o-2")).unwrap();
    assert_eq!(now.outstanding.to_string(), "3");
}

/// A condition that a path may go on to, by numbers that somebody draws.
fn drawn(index: usize, last: bool, kind: u8, months: u16, times: u16) -> Value {
    let (this, next) = (format!("c{index}"), format!("c{}", index + 1));
    let (this, after) = (this.as_str(), format!("c{}", index.saturating_sub(1)));
    let next: Vec<&str> = if last { vec![] } else { vec![&next] };
    // Six conditions of at most six dates of a 36th each are never more than all.
    let part = json!({ "portion": "1:36" });
    match (index, kind) {
        (0, _) => stated(this, "start", nothing(), &next),
        (_, 0) => stated(this, "event", json!({ "portion-of-rest": "1:3" }), &next),
        (_, 1) => by_schedule(this, json!({ "quantity": "1.5" }), &after, months, times, &next),
        _ => by_schedule(this, part, &after, months, times, &next),
    }
}

const ALLOCATIONS: [&str; 7] = [
    "cumulative-rounding",
    "cumulative-round-down",
    "front-loaded",
    "back-loaded",
    "front-loaded-to-single-tranche",
    "back-loaded-to-single-tranche",
    "fractional",
];

/// Whatever the terms: days come in order, what has vested only grows, to no more than there is; shares that
/// count as wholes vest as wholes; and in a split nothing of it is lost.
#[test]
fn what_has_vested_only_grows_and_never_beyond_the_grant() {
    use proptest::prelude::*;
    let conditions = prop::collection::vec((0u8..5, 0u16..30, 1u16..7), 1..7);
    let choices = (conditions, 1u32..1000, 0usize..7, prop::bool::ANY, 0u16..2000);
    let checked = std::cell::Cell::new(0u64);
    let config = ProptestConfig { cases: 200, source_file: Some(file!()), ..Default::default() };
    let run = proptest::test_runner::TestRunner::new(config).run(
        &choices,
        |(drawn_conditions, amount, allocation, event_comes, event_after)| {
            let allocation = ALLOCATIONS[allocation];
            let count = drawn_conditions.len();
            let conditions: Vec<Value> = drawn_conditions
                .iter()
                .enumerate()
                .map(|(index, (kind, months, times))| {
                    drawn(index, index + 1 == count, *kind, *months, *times)
                })
                .collect();
            let mut company = Company::new();
            ana_vests(&mut company, &amount.to_string(), allocation, json!(conditions));
            company.does(met(&company, "o-1", "c0", "2020-01-31"), &[company.acme]);
            let event = conditions.iter().find(|condition| condition["trigger"] == "event");
            if let Some(event) = event.filter(|_| event_comes) {
                let day = date("2020-01-31").plus_days(event_after).unwrap().to_string();
                let stated = met(&company, "o-1", event["condition"].as_str().unwrap(), &day);
                // It may not be its turn on that day.
                let _ = company.tries(&[stated], &[company.acme]);
            }
            let whole = vested(&company, "o-1", "2099-01-01");
            let last = grows(&whole, allocation != "fractional");
            company.does(company.split("s-1", "7:2"), &[company.acme]);
            if company.tries(&[split_instruments(&company, &["o-1"])], &[company.acme]).is_ok() {
                let after = vested(&company, "o-1", "2099-01-01");
                grows(&after, false);
                let all = whole.quantity == last;
                assert!(!all || after.vested == Some(after.quantity), "{after:?}");
            }
            checked.set(checked.get() + whole.schedule.len() as u64);
            Ok(())
        },
    );
    run.unwrap_or_else(|error| panic!("{error}"));
    assert!(checked.get() > 500, "{} days were looked at", checked.get());
}

/// Checks a schedule, and gives what has vested by its end.
fn grows(vested: &Vested, wholes: bool) -> Decimal {
    let mut before = (date("0001-01-01"), Decimal::ZERO);
    for on in &vested.schedule {
        assert!(before.0 <= on.date && before.1 < on.vested && on.vested <= vested.quantity);
        assert!(!wholes || on.vested.units(0).is_some(), "{on:?}");
        before = (on.date, on.vested);
    }
    before.1
}
