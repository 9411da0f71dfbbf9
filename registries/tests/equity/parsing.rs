//! What is no action of the register is refused before any rule is asked.

use serde_json::{Value, json};

use crate::company::{Company, with};

#[test]
fn what_is_malformed_is_no_action() {
    let mut company = Company::new();
    let issue = company.issue("a-1", company.ana, "1");
    let registration = company.registration();
    let cases: Vec<(Value, &str, Value)> = vec![
        (issue.clone(), "quantity", json!(1)),
        (issue.clone(), "quantity", json!("0")),
        (issue.clone(), "quantity", json!("-1")),
        (issue.clone(), "quantity", json!("1e3")),
        (issue.clone(), "quantity", json!("1.00000000001")),
        (issue.clone(), "quantity", Value::Null),
        (issue.clone(), "security", json!("a/1")),
        (issue.clone(), "security", json!("x".repeat(65))),
        (issue.clone(), "holder", json!("Ana")),
        (issue.clone(), "price", json!("1")),
        (issue.clone(), "date", json!("2026-02-30")),
        (issue, "certificate", json!(" CS-1")),
        (registration.clone(), "country", json!("USA")),
        (registration.clone(), "authorised", json!("many")),
        (registration, "formed", json!("01.01.2010")),
        (company.class("b", "1"), "decimals", json!(11)),
        (company.class("b", "1"), "class_type", json!("golden")),
        (company.split("s", "2:1"), "ratio", json!("2")),
        (company.transfer("a-1", &[], ""), "balance", json!("a-2")),
        (company.reissue(&["a-1", "a-1"], &[("a-2", "1")]), "reason", json!("twice the same")),
        (
            company.dividend("d", "1", company.town.time),
            "total",
            json!({ "amount": "1", "currency": "usd" }),
        ),
        (company.dividend("d", "1", "tomorrow"), "payable", json!("2026-01-01")),
        (company.pledge("a-1"), "action", json!("seize")),
    ];
    for (action, name, value) in cases {
        let action = with(action, name, value);
        assert_eq!(company.refuses(action.clone(), &[company.acme]), "bad-action", "{action}");
    }
}

#[test]
fn a_member_that_stands_twice_is_refused() {
    use chancery_ledger::execution::Application;
    let company = Company::new();
    let text = company.issue("a-1", company.ana, "1").to_string();
    let twice = text.replacen("\"quantity\":\"1\"", "\"quantity\":\"1\",\"quantity\":\"2\"", 1);
    assert_ne!(text, twice);
    assert!(chancery_registries::Registers.parse(&text).is_ok());
    assert!(chancery_registries::Registers.parse(&twice).is_err());
}
