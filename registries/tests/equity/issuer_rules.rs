//! Issuers, classes, what is authorised, dividends: every rule broken once.

use serde_json::json;

use crate::cases::Case;
use crate::common::DAY;
use crate::company::{Company, with};

/// Another organisation as an issuer, registered by the company registrar.
fn rival(company: &mut Company) -> serde_json::Value {
    let rival = company.town.organisation("rival");
    let action = with(company.registration(), "issuer", json!(rival.id));
    with(action, "registrar", json!(company.registrar.id))
}

pub(crate) const CASES: &[Case] = &[
    ("id-taken", "the issuer is registered", |company| {
        company.refuses(company.registration(), &[company.acme])
    }),
    ("equity-not-an-organisation", "a person issues shares", |company| {
        let action = with(company.registration(), "issuer", json!(company.ana.id));
        company.refuses(action, &[company.ana])
    }),
    ("not-accredited", "neither an accreditation nor a registrar", |company| {
        let action = with(company.registration(), "issuer", json!(company.bank.id));
        company.refuses(action, &[company.bank])
    }),
    ("not-accredited", "the registrar is none", |company| {
        let action = with(company.registration(), "issuer", json!(company.bank.id));
        let action = with(action, "registrar", json!(company.ana.id));
        company.refuses(action, &[company.bank, company.ana])
    }),
    ("signer-missing", "the organisation has not signed its registration", |company| {
        let action = rival(company);
        company.refuses(action, &[company.registrar])
    }),
    ("signer-missing", "the registrar has not signed", |company| {
        let action = rival(company);
        let rival = crate::common::actor("rival");
        company.refuses(action, &[rival])
    }),
    ("signer-not-required", "a holder signs a registration", |company| {
        let action = rival(company);
        let rival = crate::common::actor("rival");
        company.refuses(action, &[rival, company.registrar, company.ana])
    }),
    ("equity-issuer-unknown", "no such issuer", |company| {
        let action = with(company.class("b", "1"), "issuer", json!(company.bank.id));
        company.refuses(action, &[company.bank])
    }),
    ("equity-nothing-amended", "nothing is given", |company| {
        company.refuses(company.action("amend-issuer", json!({})), &[company.acme])
    }),
    ("signer-missing", "the issuer has not signed its new name", |company| {
        let action = company.action("amend-issuer", json!({ "name": "ACME" }));
        company.refuses(action, &[])
    }),
    ("frozen", "a frozen issuer changes nothing", |company| {
        let issuer = company.acme.id.to_string();
        company.order("freeze", "f-1", "issuer", &issuer);
        let name = company.action("amend-issuer", json!({ "name": "ACME" }));
        assert_eq!(company.refuses(name, &[company.acme]), "frozen");
        assert_eq!(company.refuses(company.class("b", "1"), &[company.acme]), "frozen");
        let more = company.action("adjust-issuer-authorised", json!({ "authorised": "9" }));
        assert_eq!(company.refuses(more, &[company.acme]), "frozen");
        company.refuses(company.issue("a-1", company.ana, "1"), &[company.acme, company.ana])
    }),
    ("frozen", "a frozen class changes nothing", |company| {
        let class = company.id("common");
        company.order("freeze", "f-1", "stock-class", &class);
        let fields = json!({ "class": "common", "authorised": "2000" });
        let more = company.action("adjust-class-authorised", fields);
        assert_eq!(company.refuses(more, &[company.acme]), "frozen");
        let ratio = company.ratio("common", "preferred", "1:1");
        assert_eq!(company.refuses(ratio, &[company.acme]), "frozen");
        let dividend = company.dividend("d", "1", company.town.time);
        assert_eq!(company.refuses(dividend, &[company.acme]), "frozen");
        company.refuses(company.issue("a-1", company.ana, "1"), &[company.acme, company.ana])
    }),
    ("signer-missing", "the issuer has not signed for a class", |company| {
        company.refuses(company.class("b", "1"), &[])
    }),
    ("id-taken", "the class has been created", |company| {
        company.refuses(company.class("common", "1"), &[company.acme])
    }),
    ("equity-too-many-classes", "a 65th class", |company| {
        for number in 2..64 {
            company.does(company.class(&format!("c-{number}"), "0"), &[company.acme]);
        }
        company.refuses(company.class("c-64", "0"), &[company.acme])
    }),
    ("equity-class-unknown", "no such class", |company| {
        let action = with(company.issue("a-1", company.ana, "1"), "class", json!("gold"));
        company.refuses(action, &[company.acme, company.ana])
    }),
    ("signer-missing", "the issuer has not signed what is authorised", |company| {
        let action = company.action("adjust-issuer-authorised", json!({ "authorised": "2000" }));
        assert_eq!(company.refuses(action, &[]), "signer-missing");
        let fields = json!({ "class": "common", "authorised": "2000" });
        company.refuses(company.action("adjust-class-authorised", fields), &[])
    }),
    ("equity-authorised-below-issued", "fewer than are issued, in all", |company| {
        company.issues("a-1", company.ana, "100");
        let action = company.action("adjust-issuer-authorised", json!({ "authorised": "99.9" }));
        company.refuses(action, &[company.acme])
    }),
    ("equity-authorised-below-issued", "fewer than are issued, of the class", |company| {
        company.issues("a-1", company.ana, "100");
        let fields = json!({ "class": "common", "authorised": "99" });
        company.refuses(company.action("adjust-class-authorised", fields), &[company.acme])
    }),
    ("equity-too-many-adjustments", "a 65th adjustment", |company| {
        let more = |number: u32| json!({ "class": "common", "authorised": number.to_string() });
        for number in 0..64 {
            let action = company.action("adjust-class-authorised", more(number));
            company.does(action, &[company.acme]);
        }
        company.refuses(company.action("adjust-class-authorised", more(64)), &[company.acme])
    }),
    ("signer-missing", "the issuer has not signed the ratio", |company| {
        company.refuses(company.ratio("common", "preferred", "1:1"), &[])
    }),
    ("equity-converts-into-itself", "common into common", |company| {
        company.refuses(company.ratio("common", "common", "2:1"), &[company.acme])
    }),
    ("equity-class-unknown", "into no class", |company| {
        company.refuses(company.ratio("common", "gold", "2:1"), &[company.acme])
    }),
    ("equity-too-many-rights", "into a 17th class", |company| {
        for number in 0..17 {
            let class = format!("c-{number}");
            company.does(company.class(&class, "0"), &[company.acme]);
        }
        for number in 0..16 {
            let ratio = company.ratio("common", &format!("c-{number}"), "2:1");
            company.does(ratio, &[company.acme]);
        }
        company.refuses(company.ratio("common", "c-16", "2:1"), &[company.acme])
    }),
    ("signer-missing", "the issuer has not declared the dividend", |company| {
        company.refuses(company.dividend("d", "1", company.town.time), &[])
    }),
    ("id-taken", "the dividend was declared", |company| {
        let dividend = company.dividend("d", "1", company.town.time);
        company.does(dividend.clone(), &[company.acme]);
        company.refuses(dividend, &[company.acme])
    }),
    ("equity-money-too-fine", "half a cent", |company| {
        company.refuses(company.dividend("d", "1.005", company.town.time), &[company.acme])
    }),
    ("equity-record-time-early", "before the class", |company| {
        let time = company.town.genesis.statement().created;
        company.refuses(company.dividend("d", "1", time), &[company.acme])
    }),
    ("not-accredited", "the issuer's accreditation is suspended", |company| {
        let suspend = json!({
            "register": "authorities", "action": "suspend", "accreditation": "acme-issuer",
            "by": company.town.root().id, "reason": "No accounts were filed",
        });
        company.town.does(suspend, &company.town.root_signs());
        company.town.passes(DAY);
        company.refuses(company.issue("a-1", company.ana, "1"), &[company.acme, company.ana])
    }),
];
