//! `chancery diplomas universities`: a list of the world's universities, to find the domain and the
//! country that belong to a name before anybody is accredited or believed.

use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::report::Report;

/// Look a university up by name, domain or country.
#[derive(Debug, Args)]
pub(crate) struct Universities {
    /// Part of a name; a domain or an address below it; a country, or its two letters.
    query: String,
    /// The list: JSON as github.com/Hipo/university-domains-list has it.
    #[arg(long, env = "CHANCERY_UNIVERSITIES", value_name = "FILE")]
    file: PathBuf,
    /// How many to show at most.
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

/// An entry of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct University {
    name: String,
    domains: Vec<String>,
    country: String,
    alpha_two_code: String,
    #[serde(default)]
    web_pages: Vec<String>,
    #[serde(default, rename = "state-province")]
    state_province: Option<String>,
}

impl Universities {
    /// Does it; finding nothing is a failure.
    pub(crate) fn run(&self) -> Result<Report, Failure> {
        let bytes = std::fs::read(&self.file).map_err(|error| Failure::file(&self.file, error))?;
        let all: Vec<University> = serde_json::from_slice(&bytes).map_err(|error| {
            Failure::usage(format!("{}: no list of universities: {error}", self.file.display()))
        })?;
        let mut found: Vec<&University> = all.iter().filter(|it| it.fits(&self.query)).collect();
        found.sort_by(|a, b| (&a.country, &a.name).cmp(&(&b.country, &b.name)));
        if found.is_empty() {
            let what = format!("none of {} universities fits {:?}", all.len(), self.query);
            return Err(Failure::Claim(what));
        }
        let count = found.len();
        found.truncate(self.limit);
        let line = |it: &&University| {
            format!("{}  {}  {}\n", it.alpha_two_code, it.name, it.domains.join(", "))
        };
        let mut text: String = found.iter().map(line).collect();
        if found.len() < count {
            text += &format!("and {} more: --limit shows them\n", count - found.len());
        }
        Ok(Report::new(text, found))
    }
}

impl University {
    /// Whether a query names it: a domain where it has a dot, else a country or part of a name.
    fn fits(&self, query: &str) -> bool {
        let query = query.trim().to_lowercase();
        let is_domain = |domain: &String| {
            let domain = domain.to_lowercase();
            query == domain
                || query.strip_suffix(&domain).is_some_and(|rest| rest.ends_with(['.', '@']))
        };
        !query.is_empty()
            && (self.domains.iter().any(is_domain)
                || self.name.to_lowercase().contains(&query)
                || self.country.to_lowercase() == query
                || self.alpha_two_code.to_lowercase() == query)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn university() -> University {
        serde_json::from_value(serde_json::json!({
            "name": "Universität des Beispiels", "domains": ["beispiel.edu"], "country": "Austria",
            "alpha_two_code": "AT", "web_pages": ["https://beispiel.edu/"], "state-province": null,
        }))
        .unwrap()
    }

    #[test]
    fn found_by_name_domain_or_country() {
        for query in [
            "beispiel",
            "UNIVERSITÄT DES",
            "beispiel.edu",
            "mail.beispiel.edu",
            "ana@beispiel.edu",
            "austria",
            "AT",
        ] {
            assert!(university().fits(query), "{query}");
        }
        for query in ["", " ", "wrongbeispiel.edu", "edu", "Austr", "A", "beispiel.edu.example"] {
            assert!(!university().fits(query), "{query}");
        }
    }

    #[test]
    fn the_real_list_is_read() {
        let folder = std::env::var("CHANCERY_SHARED_DATA").unwrap_or_else(|_| {
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data").into()
        });
        let file = std::path::Path::new(&folder)
            .join("diplomas/universities/world_universities_and_domains.json");
        if !file.is_file() {
            println!("skipped: {} is not there", file.display());
            return;
        }
        let look_up = |query: &str| {
            let args = Universities { query: query.into(), file: file.clone(), limit: 1000 };
            args.run().map(|report| report.json().as_array().unwrap().len())
        };
        assert_eq!(look_up("fho.edu.br").unwrap(), 1);
        assert!(look_up("IS").unwrap() > 1);
        assert!(look_up("no such place of learning").is_err());
    }
}
