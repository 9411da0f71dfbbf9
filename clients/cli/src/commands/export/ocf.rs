//! `chancery export ocf`: an issuer's shares and instruments as an Open Cap Format package, built from what
//! the register's proofs state.
//!
//! What the format asks for and the register keeps off the ledger comes from the kept records of an import,
//! where they are at hand and the ledger has their commitment; else each such member is filled with
//! nothing that could be taken for a fact.

mod company;
mod drawn;
mod instruments;
mod kept;
mod register;
mod shares;
mod vesting;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chancery_client::{AsOf, now};
use chancery_registries::text::Date;
use clap::Args;
use serde_json::{Value, json};

use crate::commands::import::ocf::package::{Object, Schema, md5_of};
use crate::commands::import::ocf::records::Records;
use crate::failure::Failure;
use crate::report::{Report, pretty};
use crate::session::Session;
use crate::words::PartyWord;
use kept::Package;

/// Write an issuer's shares and instruments as an Open Cap Format package.
#[derive(Debug, Args)]
pub(crate) struct ExportOcf {
    /// The issuer, by ID code or key name.
    issuer: PartyWord,
    /// The folder, which is made where it is not there.
    folder: PathBuf,
    /// As of a height or a time; now when left out.
    #[arg(long, value_name = "HEIGHT|TIME")]
    as_of: Option<AsOf>,
    /// The folder of the records that an import kept, from which objects are given back as they came.
    #[arg(long, default_value = "ocf-records", value_name = "FOLDER")]
    records: PathBuf,
    /// Check every file against the Open Cap Format's schema in this folder before it is written.
    #[arg(long, value_name = "FOLDER")]
    schema: Option<PathBuf>,
}

const VERSION: &str = "1.2.1-alpha+main";
const MANIFEST: &str = "Manifest.ocf.json";

/// The lists of a manifest: its name, the file, the file's type, and the type of the objects in it, where
/// they are of one type.
const FILES: &[(&str, &str, &str, &str)] = &[
    ("stakeholders_files", "Stakeholders", "OCF_STAKEHOLDERS_FILE", "STAKEHOLDER"),
    ("stock_classes_files", "StockClasses", "OCF_STOCK_CLASSES_FILE", "STOCK_CLASS"),
    ("stock_plans_files", "StockPlans", "OCF_STOCK_PLANS_FILE", "STOCK_PLAN"),
    (
        "stock_legend_templates_files",
        "StockLegends",
        "OCF_STOCK_LEGEND_TEMPLATES_FILE",
        "STOCK_LEGEND_TEMPLATE",
    ),
    ("vesting_terms_files", "VestingTerms", "OCF_VESTING_TERMS_FILE", "VESTING_TERMS"),
    ("valuations_files", "Valuations", "OCF_VALUATIONS_FILE", "VALUATION"),
    ("financings_files", "Financings", "OCF_FINANCINGS_FILE", "FINANCING"),
    ("documents_files", "Documents", "OCF_DOCUMENTS_FILE", "DOCUMENT"),
    ("transactions_files", "Transactions", "OCF_TRANSACTIONS_FILE", ""),
];

/// A file of the package: the manifest's list, its name, and what is in it.
type File = (&'static str, String, Value);

impl ExportOcf {
    /// Does it. Each object is read from a proof, which is checked where there is an anchor.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let client = session.client()?;
        let as_of = match self.as_of {
            Some(as_of) => as_of,
            // One block for all that is read, so that its parts fit together.
            None => {
                let height = client.ledger().await?.rest["tip"]["height"].as_u64();
                height.map_or(AsOf::Now, AsOf::Height)
            }
        };
        let issuer = session.party(&self.issuer)?;
        let company = register::read(client, issuer, as_of).await?;
        let records = Records::read(&self.records.join(issuer.to_string()))?;
        let package = kept::put_together(&company, &records);
        let files = files(&package);
        let manifest = manifest(&package, &files);
        if let Some(folder) = &self.schema {
            check(&files, &manifest, folder)?;
        }
        std::fs::create_dir_all(&self.folder)
            .map_err(|error| Failure::file(&self.folder, error))?;
        for (_, name, document) in &files {
            write(&self.folder.join(name), &text_of(document))?;
        }
        write(&self.folder.join(MANIFEST), &text_of(&manifest))?;
        Ok(self.report(&company, &package))
    }

    fn report(&self, company: &register::Company, package: &Package) -> Report {
        let folder = self.folder.display().to_string();
        let counts = json!({
            "issuer": company.issuer.issuer, "folder": folder,
            "classes": company.classes.len(), "securities": company.securities.len(),
            "instruments": company.instruments.len(), "plans": company.plans.len(),
            "given_back": package.given_back, "filled_in": package.filled_in,
            "not_given_back": package.missing,
        });
        let mut text = format!(
            "written to {folder}: {} classes, {} securities, {} instruments, {} plans\n\
             {} objects as they came, from their records; {} from the register alone",
            company.classes.len(),
            company.securities.len(),
            company.instruments.len(),
            company.plans.len(),
            package.given_back,
            package.filled_in
        );
        for (what, count) in &package.missing {
            text += &format!("\n{count:5} {what} not given back: no record of it is kept here");
        }
        Report::new(text, counts)
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| Failure::file(path, error))
}

fn text_of(document: &Value) -> String {
    pretty(document) + "\n"
}

/// The files that have something in them; transactions always.
fn files(package: &Package) -> Vec<File> {
    let mut files = Vec::new();
    for (list, name, file_type, of) in FILES {
        let kind = |object: &Value| {
            let known = FILES.iter().find(|(.., of)| object["object_type"] == **of);
            known.map_or("", |(.., of)| *of)
        };
        let items: Vec<&Value> =
            package.objects.iter().filter(|object| kind(object) == *of).collect();
        if !items.is_empty() || of.is_empty() {
            let document = json!({ "file_type": file_type, "items": items });
            files.push((*list, format!("{name}.ocf.json"), document));
        }
    }
    files
}

fn manifest(package: &Package, files: &[File]) -> Value {
    let generated = now();
    let mut manifest = json!({
        "ocf_version": VERSION, "file_type": "OCF_MANIFEST_FILE", "issuer": package.issuer,
        "as_of": Date::of(generated), "generated_at": generated,
    });
    let mut listed: BTreeMap<&str, Vec<Value>> =
        FILES.iter().map(|(list, ..)| (*list, Vec::new())).collect();
    for (list, name, document) in files {
        let file = json!({
            "filepath": format!("./{name}"), "md5": md5_of(text_of(document).as_bytes()),
        });
        listed.entry(list).or_default().push(file);
    }
    for (list, files) in listed {
        manifest[list] = json!(files);
    }
    manifest
}

/// Every object is what its schema says, and so are the manifest and the frame of every file. Which types a
/// file of transactions may have is left out: the format's list of them lacks an adjustment of its own.
fn check(files: &[File], manifest: &Value, folder: &Path) -> Result<(), Failure> {
    let schema = Schema::find(Some(folder), folder)?;
    let of_file = |name: &str, value: &Value| {
        let object = Object { file: name.to_owned(), value: value.clone() };
        schema.accepts(&object).map_err(|why| {
            Failure::Claim(format!("{name}: {} {}: {why}", object.object_type(), object.id()))
        })
    };
    of_file(MANIFEST, manifest)?;
    for (_, name, document) in files {
        for value in document["items"].as_array().into_iter().flatten() {
            of_file(name, value)?;
        }
        let frame = json!({ "file_type": document["file_type"], "items": [] });
        of_file(name, &frame)?;
    }
    Ok(())
}
