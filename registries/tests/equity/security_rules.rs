//! Issues, transfers and the other events of securities: every rule broken once.

use serde_json::json;

use crate::cases::Case;
use crate::company::{Company, with};

/// Ana gets 100 common shares.
fn ana_has_100(company: &mut Company) {
    company.issues("a-1", company.ana, "100");
}

/// The first transfer of all that Ana has.
fn all_to_bo(company: &Company) -> serde_json::Value {
    company.transfer("a-1", &[("b-1", company.bo, "100")], "")
}

pub(crate) const CASES: &[Case] = &[
    ("signer-missing", "the issuer has not signed the issue", |company| {
        company.refuses(company.issue("a-1", company.ana, "1"), &[company.ana])
    }),
    ("signer-missing", "the holder has not signed the issue", |company| {
        company.refuses(company.issue("a-1", company.ana, "1"), &[company.acme])
    }),
    ("id-taken", "a security has the id", |company| {
        ana_has_100(company);
        company.refuses(company.issue("a-1", company.bo, "1"), &[company.acme, company.bo])
    }),
    ("id-taken", "a security that has ended had the id", |company| {
        ana_has_100(company);
        company.does(all_to_bo(company), &[company.ana, company.bo]);
        company.refuses(company.issue("a-1", company.bo, "1"), &[company.acme, company.bo])
    }),
    ("equity-quantity-too-fine", "half a share where shares are whole", |company| {
        company.refuses(company.issue("a-1", company.ana, "0.5"), &[company.acme, company.ana])
    }),
    ("equity-above-class-authorised", "one share more than the class has", |company| {
        company.issues("a-1", company.ana, "1000");
        company.refuses(company.issue("a-2", company.ana, "1"), &[company.acme, company.ana])
    }),
    ("equity-above-issuer-authorised", "one share more than the issuer has", |company| {
        company.issues("a-1", company.ana, "1000");
        let preferred = |id: &str, quantity: &str| {
            with(company.issue(id, company.ana, quantity), "class", json!("preferred"))
        };
        let (most, more) = (preferred("p-1", "200"), preferred("p-2", "1"));
        company.does(most, &[company.acme, company.ana]);
        company.refuses(more, &[company.acme, company.ana])
    }),
    ("equity-number-too-large", "more shares than can be counted", |company| {
        let no_bound =
            company.action("adjust-issuer-authorised", json!({ "authorised": "unlimited" }));
        company.does(no_bound, &[company.acme]);
        let fields = json!({ "class": "common", "authorised": "unlimited" });
        company.does(company.action("adjust-class-authorised", fields), &[company.acme]);
        company.issues("a-1", company.ana, "999999999999999");
        company.refuses(company.issue("a-2", company.ana, "1"), &[company.acme, company.ana])
    }),
    ("equity-class-full", "one security more than the index has room for", |company| {
        let mut class = company.class_now("common");
        class.ever = chancery_registries::equity::MAX_SECURITIES;
        company.puts(class);
        company.refuses(company.issue("a-1", company.ana, "1"), &[company.acme, company.ana])
    }),
    ("equity-security-unknown", "no such security", |company| {
        company.refuses(all_to_bo(company), &[company.ana, company.bo])
    }),
    ("equity-security-ended", "it was transferred before", |company| {
        ana_has_100(company);
        company.does(all_to_bo(company), &[company.ana, company.bo]);
        let again = company.transfer("a-1", &[("b-2", company.bo, "100")], "");
        company.refuses(again, &[company.ana, company.bo])
    }),
    ("signer-missing", "the seller has not signed", |company| {
        ana_has_100(company);
        company.refuses(all_to_bo(company), &[company.bo])
    }),
    ("signer-missing", "a buyer has not signed", |company| {
        ana_has_100(company);
        let to = [("b-1", company.bo, "50"), ("c-1", company.cy, "50")];
        company.refuses(company.transfer("a-1", &to, ""), &[company.ana, company.bo])
    }),
    ("signer-missing", "the issuer has not consented, and the security is restricted", |company| {
        let restricted = with(company.issue("a-1", company.ana, "100"), "restricted", json!(true));
        company.does(restricted, &[company.acme, company.ana]);
        company.refuses(all_to_bo(company), &[company.ana, company.bo])
    }),
    ("signer-not-required", "the issuer consents to what needs no consent", |company| {
        ana_has_100(company);
        company.refuses(all_to_bo(company), &[company.ana, company.bo, company.acme])
    }),
    ("equity-transfer-to-self", "Ana to Ana", |company| {
        ana_has_100(company);
        let to_self = company.transfer("a-1", &[("a-2", company.ana, "100")], "");
        company.refuses(to_self, &[company.ana])
    }),
    ("equity-quantity-exceeds", "more than she has", |company| {
        ana_has_100(company);
        let more = company.transfer("a-1", &[("b-1", company.bo, "101")], "");
        company.refuses(more, &[company.ana, company.bo])
    }),
    ("equity-number-too-large", "parts that sum to more than can be counted", |company| {
        ana_has_100(company);
        let most = "999999999999999";
        let more =
            company.transfer("a-1", &[("b-1", company.bo, most), ("b-2", company.bo, most)], "");
        company.refuses(more, &[company.ana, company.bo])
    }),
    ("equity-balance-wrong", "something is left, and there is no balance", |company| {
        ana_has_100(company);
        let part = company.transfer("a-1", &[("b-1", company.bo, "99")], "");
        company.refuses(part, &[company.ana, company.bo])
    }),
    ("equity-balance-wrong", "nothing is left, and there is a balance", |company| {
        ana_has_100(company);
        let whole = company.transfer("a-1", &[("b-1", company.bo, "100")], "a-2");
        company.refuses(whole, &[company.ana, company.bo])
    }),
    ("equity-quantity-too-fine", "a transfer of half a share", |company| {
        ana_has_100(company);
        let half = company.transfer("a-1", &[("b-1", company.bo, "0.5")], "a-2");
        company.refuses(half, &[company.ana, company.bo])
    }),
    ("id-taken", "result and balance of one id", |company| {
        ana_has_100(company);
        let both = company.transfer("a-1", &[("b-1", company.bo, "10")], "b-1");
        company.refuses(both, &[company.ana, company.bo])
    }),
    ("id-taken", "the result has the id of what is transferred", |company| {
        ana_has_100(company);
        let same = company.transfer("a-1", &[("a-1", company.bo, "100")], "");
        company.refuses(same, &[company.ana, company.bo])
    }),
    ("order-unknown", "a transfer by no order", |company| {
        ana_has_100(company);
        let ordered = with(all_to_bo(company), "order", json!("o-1"));
        company.refuses(ordered, &[company.acme, company.bo])
    }),
    ("order-not-for-this", "a transfer by an order about another security", |company| {
        ana_has_100(company);
        company.issues("c-1", company.cy, "1");
        company.orders("direct", "o-1", "c-1");
        let ordered = with(all_to_bo(company), "order", json!("o-1"));
        company.refuses(ordered, &[company.acme, company.bo])
    }),
    ("signer-missing", "the issuer has not signed a transfer by order", |company| {
        ana_has_100(company);
        company.orders("direct", "o-1", "a-1");
        let ordered = with(all_to_bo(company), "order", json!("o-1"));
        company.refuses(ordered, &[company.bo])
    }),
    ("frozen", "a frozen security does not move, and is not pledged", |company| {
        ana_has_100(company);
        company.orders("freeze", "f-1", "a-1");
        let (acme, ana, bo) = (company.acme, company.ana, company.bo);
        assert_eq!(company.refuses(company.pledge("a-1"), &[ana, company.bank]), "frozen");
        let cancel = company.take("cancel", "a-1", "100", "");
        assert_eq!(company.refuses(cancel, &[acme, ana]), "frozen");
        let repurchase = company.take("repurchase", "a-1", "100", "");
        assert_eq!(company.refuses(repurchase, &[acme, ana]), "frozen");
        let retract = company.action("retract", json!({ "security": "a-1", "reason": "wrong" }));
        assert_eq!(company.refuses(retract, &[acme, ana]), "frozen");
        let reissue = company.reissue(&["a-1"], &[("a-2", "100")]);
        assert_eq!(company.refuses(reissue, &[acme, ana]), "frozen");
        let convert = company.convert("a-1", "100", &[("p-1", "100")]);
        assert_eq!(company.refuses(convert, &[acme, ana]), "frozen");
        company.refuses(all_to_bo(company), &[ana, bo])
    }),
    ("equity-pledged", "what is pledged stays put", |company| {
        ana_has_100(company);
        company.does(company.pledge("a-1"), &[company.ana, company.bank]);
        let (acme, ana, bo) = (company.acme, company.ana, company.bo);
        let cancel = company.take("cancel", "a-1", "100", "");
        assert_eq!(company.refuses(cancel, &[acme, ana]), "equity-pledged");
        let retract = company.action("retract", json!({ "security": "a-1", "reason": "wrong" }));
        assert_eq!(company.refuses(retract, &[acme, ana]), "equity-pledged");
        let reissue = company.reissue(&["a-1"], &[("a-2", "100")]);
        assert_eq!(company.refuses(reissue, &[acme, ana]), "equity-pledged");
        let convert = company.convert("a-1", "100", &[("p-1", "100")]);
        assert_eq!(company.refuses(convert, &[acme, ana]), "equity-pledged");
        company.refuses(all_to_bo(company), &[ana, bo])
    }),
    ("equity-pledged", "it is pledged already", |company| {
        ana_has_100(company);
        company.does(company.pledge("a-1"), &[company.ana, company.bank]);
        company.refuses(company.pledge("a-1"), &[company.ana, company.bank])
    }),
    ("signer-missing", "the holder has not signed the pledge", |company| {
        ana_has_100(company);
        company.refuses(company.pledge("a-1"), &[company.bank])
    }),
    ("signer-missing", "the pledgee has not signed the pledge", |company| {
        ana_has_100(company);
        company.refuses(company.pledge("a-1"), &[company.ana])
    }),
    ("equity-pledge-to-self", "Ana pledges to Ana", |company| {
        ana_has_100(company);
        let pledge = with(company.pledge("a-1"), "pledgee", json!(company.ana.id));
        company.refuses(pledge, &[company.ana])
    }),
    ("equity-not-pledged", "nothing to release", |company| {
        ana_has_100(company);
        let release = company.action("release-pledge", json!({ "security": "a-1" }));
        company.refuses(release, &[company.bank])
    }),
    ("signer-missing", "the holder releases a pledge", |company| {
        ana_has_100(company);
        company.does(company.pledge("a-1"), &[company.ana, company.bank]);
        let release = company.action("release-pledge", json!({ "security": "a-1" }));
        company.refuses(release, &[company.ana])
    }),
    ("order-not-in-force", "a pledge is released by an order that was released", |company| {
        ana_has_100(company);
        company.does(company.pledge("a-1"), &[company.ana, company.bank]);
        company.orders("direct", "o-1", "a-1");
        let end = json!({ "register": "authorities", "action": "release", "order": "o-1",
            "by": company.court.id, "reference": "HC 18/2026" });
        company.does(end, &[company.court]);
        let fields = json!({ "security": "a-1", "order": "o-1" });
        company.refuses(company.action("release-pledge", fields), &[company.acme])
    }),
    ("signer-missing", "the holder has not signed the cancellation", |company| {
        ana_has_100(company);
        company.refuses(company.take("cancel", "a-1", "100", ""), &[company.acme])
    }),
    ("signer-missing", "the issuer has not signed the repurchase", |company| {
        ana_has_100(company);
        company.refuses(company.take("repurchase", "a-1", "100", ""), &[company.ana])
    }),
    ("equity-quantity-exceeds", "more is cancelled than there is", |company| {
        ana_has_100(company);
        let more = company.take("cancel", "a-1", "100.5", "");
        company.refuses(more, &[company.acme, company.ana])
    }),
    ("equity-balance-wrong", "a repurchase of a part without a balance", |company| {
        ana_has_100(company);
        let part = company.take("repurchase", "a-1", "1", "");
        company.refuses(part, &[company.acme, company.ana])
    }),
    ("signer-missing", "the holder has not signed the retraction", |company| {
        ana_has_100(company);
        let retract = company.action("retract", json!({ "security": "a-1", "reason": "wrong" }));
        assert_eq!(company.refuses(retract.clone(), &[company.ana]), "signer-missing");
        company.refuses(retract, &[company.acme])
    }),
    ("equity-not-from-issuance", "a transfer is not retracted", |company| {
        ana_has_100(company);
        company.does(all_to_bo(company), &[company.ana, company.bo]);
        let retract = company.action("retract", json!({ "security": "b-1", "reason": "wrong" }));
        company.refuses(retract, &[company.acme, company.bo])
    }),
    ("equity-results-differ", "a reissue of fewer shares", |company| {
        ana_has_100(company);
        let fewer = company.reissue(&["a-1"], &[("a-2", "50"), ("a-3", "49")]);
        company.refuses(fewer, &[company.acme, company.ana])
    }),
    ("equity-not-alike", "a reissue of two holders' securities", |company| {
        ana_has_100(company);
        company.issues("b-1", company.bo, "1");
        let both = company.reissue(&["a-1", "b-1"], &[("x", "101")]);
        company.refuses(both, &[company.acme, company.ana])
    }),
    ("equity-reissue-of-many", "two become two", |company| {
        ana_has_100(company);
        company.issues("a-2", company.ana, "1");
        let two = company.reissue(&["a-1", "a-2"], &[("a-3", "50"), ("a-4", "51")]);
        company.refuses(two, &[company.acme, company.ana])
    }),
    ("signer-missing", "the holder has not signed the reissue", |company| {
        ana_has_100(company);
        let reissue = company.reissue(&["a-1"], &[("a-2", "100")]);
        assert_eq!(company.refuses(reissue.clone(), &[company.ana]), "signer-missing");
        company.refuses(reissue, &[company.acme])
    }),
    ("equity-no-conversion-right", "no ratio is set", |company| {
        ana_has_100(company);
        let convert = company.convert("a-1", "100", &[("p-1", "100")]);
        company.refuses(convert, &[company.acme, company.ana])
    }),
    ("equity-conversion-inexact", "the ratio leaves a fraction", |company| {
        ana_has_100(company);
        company.does(company.ratio("common", "preferred", "1:3"), &[company.acme]);
        let convert = company.convert("a-1", "100", &[("p-1", "33")]);
        company.refuses(convert, &[company.acme, company.ana])
    }),
    ("equity-number-too-large", "the ratio makes more than can be counted", |company| {
        ana_has_100(company);
        let ratio = company.ratio("common", "preferred", "1000000000000:1");
        company.does(ratio, &[company.acme]);
        let mut security = company.security("a-1");
        security.quantity = "1000".parse().unwrap();
        company.puts(security);
        company
            .refuses(company.convert("a-1", "1000", &[("p-1", "1")]), &[company.acme, company.ana])
    }),
    ("equity-results-differ", "not what the ratio makes", |company| {
        ana_has_100(company);
        company.does(company.ratio("common", "preferred", "1:2"), &[company.acme]);
        let convert = company.convert("a-1", "100", &[("p-1", "51")]);
        company.refuses(convert, &[company.acme, company.ana])
    }),
    ("equity-converts-into-itself", "into its own class", |company| {
        ana_has_100(company);
        let convert =
            with(company.convert("a-1", "100", &[("p-1", "100")]), "into", json!("common"));
        company.refuses(convert, &[company.acme, company.ana])
    }),
    ("equity-above-class-authorised", "more than the other class has", |company| {
        ana_has_100(company);
        company.does(company.ratio("common", "preferred", "6:1"), &[company.acme]);
        let convert = company.convert("a-1", "100", &[("p-1", "600")]);
        company.refuses(convert, &[company.acme, company.ana])
    }),
    ("signer-missing", "the holder has not signed the conversion", |company| {
        ana_has_100(company);
        let convert = company.convert("a-1", "100", &[("p-1", "100")]);
        assert_eq!(company.refuses(convert.clone(), &[company.ana]), "signer-missing");
        company.refuses(convert, &[company.acme])
    }),
    ("equity-not-restricted", "no restriction to lift", |company| {
        ana_has_100(company);
        let lift = company.action("lift-restriction", json!({ "security": "a-1" }));
        company.refuses(lift, &[company.acme])
    }),
    ("signer-missing", "the holder lifts the restriction", |company| {
        let restricted = with(company.issue("a-1", company.ana, "100"), "restricted", json!(true));
        company.does(restricted, &[company.acme, company.ana]);
        let lift = company.action("lift-restriction", json!({ "security": "a-1" }));
        company.refuses(lift, &[company.ana])
    }),
];
