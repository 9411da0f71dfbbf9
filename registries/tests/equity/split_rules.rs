//! Splits: every rule broken once.

use serde_json::json;

use crate::cases::Case;
use crate::company::Company;

/// Ana and Bo have shares, and a split of two for one is under way.
fn split_begun(company: &mut Company) {
    company.issues("a-1", company.ana, "100");
    company.issues("b-1", company.bo, "3");
    company.does(company.split("s-1", "2:1"), &[company.acme]);
}

pub(crate) const CASES: &[Case] = &[
    ("signer-missing", "the issuer has not signed the split", |company| {
        company.refuses(company.split("s-1", "2:1"), &[])
    }),
    ("equity-split-changes-nothing", "one for one", |company| {
        company.refuses(company.split("s-1", "7:7"), &[company.acme])
    }),
    ("id-taken", "the class has such a split", |company| {
        company.does(company.split("s-1", "2:1"), &[company.acme]);
        company.refuses(company.split("s-1", "2:1"), &[company.acme])
    }),
    ("equity-too-many-splits", "a 33rd split", |company| {
        for number in 0..32 {
            company.does(company.split(&format!("s-{number}"), "2:1"), &[company.acme]);
        }
        company.refuses(company.split("s-32", "2:1"), &[company.acme])
    }),
    ("equity-above-class-authorised", "the split would make more than the class has", |company| {
        company.issues("a-1", company.ana, "501");
        company.refuses(company.split("s-1", "2:1"), &[company.acme])
    }),
    (
        "equity-above-issuer-authorised",
        "the split would make more than the issuer has",
        |company| {
            company.issues("a-1", company.ana, "700");
            let fields = json!({ "class": "common", "authorised": "unlimited" });
            company.does(company.action("adjust-class-authorised", fields), &[company.acme]);
            company.refuses(company.split("s-1", "2:1"), &[company.acme])
        },
    ),
    ("equity-number-too-large", "the split would make more than can be counted", |company| {
        company.issues("a-1", company.ana, "1000");
        company.refuses(company.split("s-1", "1000000000000:1"), &[company.acme])
    }),
    ("equity-split-open", "a split is under way", |company| {
        split_begun(company);
        let (acme, ana, bo) = (company.acme, company.ana, company.bo);
        let open = "equity-split-open";
        assert_eq!(company.refuses(company.split("s-2", "2:1"), &[acme]), open);
        assert_eq!(company.refuses(company.issue("x", ana, "1"), &[acme, ana]), open);
        let cancel = company.take("cancel", "a-1", "100", "");
        assert_eq!(company.refuses(cancel, &[acme, ana]), open);
        let reissue = company.reissue(&["a-1"], &[("a-2", "100")]);
        assert_eq!(company.refuses(reissue, &[acme, ana]), open);
        company.refuses(company.transfer("a-1", &[("b-2", bo, "100")], ""), &[ana, bo])
    }),
    ("equity-split-open", "a conversion into a class that is being split", |company| {
        company.does(company.ratio("common", "preferred", "1:1"), &[company.acme]);
        company.issues("a-1", company.ana, "100");
        let preferred = json!("preferred");
        let issue = crate::company::with(company.issue("p-1", company.bo, "1"), "class", preferred);
        company.does(issue, &[company.acme, company.bo]);
        let fields = json!({ "class": "preferred", "split": "s-1", "ratio": "2:1" });
        company.does(company.action("split", fields), &[company.acme]);
        let convert = company.convert("a-1", "100", &[("p-2", "100")]);
        company.refuses(convert, &[company.acme, company.ana])
    }),
    ("equity-no-split-open", "no split is under way", |company| {
        company.issues("a-1", company.ana, "100");
        company.refuses(company.succession(&[("a-1", Some("a-2"))]), &[company.acme])
    }),
    ("signer-missing", "the issuer has not signed the reissue for the split", |company| {
        split_begun(company);
        company.refuses(company.succession(&[("a-1", Some("a-2"))]), &[])
    }),
    ("equity-split-of-other-class", "a preferred share", |company| {
        let preferred = json!("preferred");
        let issue = crate::company::with(company.issue("p-1", company.bo, "1"), "class", preferred);
        company.does(issue, &[company.acme, company.bo]);
        split_begun(company);
        company.refuses(company.succession(&[("p-1", Some("p-2"))]), &[company.acme])
    }),
    ("equity-split-reissued", "a security that the split has made", |company| {
        split_begun(company);
        company.does(company.succession(&[("a-1", Some("a-2"))]), &[company.acme]);
        company.refuses(company.succession(&[("a-2", Some("a-3"))]), &[company.acme])
    }),
    ("equity-security-ended", "a security is reissued twice", |company| {
        split_begun(company);
        company.does(company.succession(&[("a-1", Some("a-2"))]), &[company.acme]);
        company.refuses(company.succession(&[("a-1", Some("a-3"))]), &[company.acme])
    }),
    ("equity-split-successor-wrong", "no successor, and shares are left", |company| {
        split_begun(company);
        company.refuses(company.succession(&[("a-1", None)]), &[company.acme])
    }),
    ("equity-split-successor-wrong", "a successor, and no share is left", |company| {
        company.issues("b-1", company.bo, "3");
        company.does(company.split("s-1", "1:10"), &[company.acme]);
        company.refuses(company.succession(&[("b-1", Some("b-2"))]), &[company.acme])
    }),
    ("equity-number-too-large", "a security that becomes more than can be counted", |company| {
        split_begun(company);
        let mut security = company.security("a-1");
        security.quantity = "999999999999999".parse().unwrap();
        company.puts(security);
        company.refuses(company.succession(&[("a-1", Some("a-2"))]), &[company.acme])
    }),
    ("frozen", "a frozen security is not reissued", |company| {
        split_begun(company);
        company.orders("freeze", "f-1", "a-1");
        company.refuses(company.succession(&[("a-1", Some("a-2"))]), &[company.acme])
    }),
    ("frozen", "a freeze holds the successor as well", |company| {
        split_begun(company);
        let both = [("a-1", Some("a-2")), ("b-1", Some("b-2"))];
        company.does(company.succession(&both), &[company.acme]);
        company.orders("freeze", "f-1", "a-1");
        let move_it = company.transfer("a-2", &[("c-1", company.cy, "200")], "");
        company.refuses(move_it, &[company.ana, company.cy])
    }),
];
