//! An OCF package: a folder with a manifest and the files that it names, each object checked against
//! the Open Cap Format's schema before anything is made of it.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jsonschema::{Retrieve, Uri, Validator};
use md5::{Digest, Md5};
use serde_json::Value;

use crate::failure::Failure;

/// The files of a package are at most so large, in bytes.
const FILE_MAX: u64 = 64 * 1024 * 1024;
const MANIFEST: &str = "OCF_MANIFEST_FILE";
const MANIFEST_SCHEMA: &str = "files/OCFManifestFile.schema.json";

/// What a package has, as far as the schema accepts it.
pub(crate) struct Package {
    /// The issuer.
    pub(crate) issuer: Object,
    /// All else, in the order of the files and of the objects in them.
    pub(crate) objects: Vec<Object>,
    /// What the schema does not accept.
    pub(crate) refused: Vec<Refused>,
}

/// One object of a package.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    /// The file that it is in.
    pub(crate) file: String,
    /// What it is.
    pub(crate) value: Value,
}

/// An object that does not come in.
#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct Refused {
    /// The file that it is in.
    pub(crate) file: String,
    /// Its type, as it says itself.
    pub(crate) object_type: String,
    /// Its id, as it says itself.
    pub(crate) id: String,
    /// Why.
    pub(crate) why: String,
}

impl Object {
    /// A member that is a text; empty when it is not there.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.value[name].as_str().unwrap_or_default()
    }

    /// What it is: its `object_type`.
    pub(crate) fn object_type(&self) -> &str {
        self.text("object_type")
    }

    /// Its own id.
    pub(crate) fn id(&self) -> &str {
        self.text("id")
    }

    /// The members of a list of texts.
    pub(crate) fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        self.value[name].as_array().into_iter().flatten().filter_map(Value::as_str)
    }

    /// That it does not come in.
    pub(crate) fn refused(&self, why: impl ToString) -> Refused {
        Refused {
            file: self.file.clone(),
            object_type: self.object_type().to_owned(),
            id: self.id().to_owned(),
            why: why.to_string(),
        }
    }
}

impl Package {
    /// Reads a folder. A file that is not the one its manifest was made for makes it no package.
    pub(crate) fn read(folder: &Path, schema: &Schema) -> Result<Self, Failure> {
        let (name, manifest) = manifest_in(folder)?;
        let issuer = Object { file: name.clone(), value: manifest["issuer"].clone() };
        schema.accepts(&issuer).map_err(|why| {
            Failure::usage(format!("{name}: the schema does not accept the issuer: {why}"))
        })?;
        let (mut objects, mut refused) = (Vec::new(), Vec::new());
        for (file, md5) in files_of(&manifest) {
            let (bytes, document) = read_json(&inside(folder, &file)?)?;
            is_the_file(&file, &md5, &bytes)?;
            for value in document["items"].as_array().into_iter().flatten() {
                let object = Object { file: file.clone(), value: value.clone() };
                match schema.accepts(&object) {
                    Ok(()) => objects.push(object),
                    Err(why) => refused.push(object.refused(format!("the schema: {why}"))),
                }
            }
        }
        Ok(Self { issuer, objects, refused })
    }
}

/// The sum that a manifest states of a file is that of its bytes.
fn is_the_file(file: &str, stated: &str, bytes: &[u8]) -> Result<(), Failure> {
    let found = md5_of(bytes);
    match stated.eq_ignore_ascii_case(&found) {
        true => Ok(()),
        false => Err(Failure::usage(format!(
            "{file}: the manifest expects the MD5 sum {stated}, and the file has {found}"
        ))),
    }
}

/// The MD5 sum of bytes, as OCF writes it.
pub(crate) fn md5_of(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The manifest of a folder: the one file that says that it is one.
fn manifest_in(folder: &Path) -> Result<(String, Value), Failure> {
    let entries = std::fs::read_dir(folder).map_err(|error| Failure::file(folder, error))?;
    let mut names: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    names.sort();
    for path in names.iter().filter(|path| path.extension().is_some_and(|it| it == "json")) {
        let (_, document) = read_json(path)?;
        if document["file_type"] == MANIFEST {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            return Ok((name, document));
        }
    }
    Err(Failure::usage(format!("{}: no file here is an {MANIFEST}", folder.display())))
}

/// The files that a manifest names with the sums that it states, kind by kind, transactions last.
fn files_of(manifest: &Value) -> Vec<(String, String)> {
    let mut kinds: Vec<(&String, &Value)> = manifest
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| name.ends_with("_files"))
        .collect();
    kinds.sort_by_key(|(name, _)| (name.as_str() == "transactions_files", name.as_str()));
    let files = kinds.iter().flat_map(|(_, files)| files.as_array().into_iter().flatten());
    let text = |file: &Value, name: &str| file[name].as_str().unwrap_or_default().to_owned();
    files.map(|file| (text(file, "filepath"), text(file, "md5"))).collect()
}

/// A file that a manifest names lies in the package's own folder, or below it.
fn inside(folder: &Path, name: &str) -> Result<PathBuf, Failure> {
    let relative = Path::new(name);
    let strays = relative.components().any(|part| {
        !matches!(part, std::path::Component::Normal(_) | std::path::Component::CurDir)
    });
    if strays {
        return Err(Failure::usage(format!("{name}: it lies outside the package")));
    }
    Ok(folder.join(relative))
}

fn read_json(path: &Path) -> Result<(Vec<u8>, Value), Failure> {
    let length = std::fs::metadata(path).map_err(|error| Failure::file(path, error))?.len();
    if length > FILE_MAX {
        return Err(Failure::usage(format!("{}: over {FILE_MAX} bytes", path.display())));
    }
    let bytes = std::fs::read(path).map_err(|error| Failure::file(path, error))?;
    let document = serde_json::from_slice(&bytes)
        .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
    Ok((bytes, document))
}

/// The Open Cap Format's schema, as it lies in a folder.
pub(crate) struct Schema {
    /// By the type of the objects or files that each is for.
    by_type: BTreeMap<String, Arc<Validator>>,
}

impl Schema {
    /// The folder that is given, or the one called `schema` beside a package or above it.
    pub(crate) fn find(given: Option<&Path>, package: &Path) -> Result<Self, Failure> {
        let folder = match given {
            Some(folder) => folder.to_owned(),
            None => {
                let package = package.canonicalize();
                let package = package.as_deref().unwrap_or(Path::new("."));
                let mut above = package.ancestors().map(|folder| folder.join("schema"));
                above.find(|folder| folder.join(MANIFEST_SCHEMA).is_file()).ok_or_else(|| {
                    Failure::usage("say where the Open Cap Format's schema is: --schema FOLDER")
                })?
            }
        };
        Self::read(&folder)
    }

    fn read(folder: &Path) -> Result<Self, Failure> {
        let mut documents = BTreeMap::new();
        read_schemas(folder, &mut documents)?;
        let mut by_type = BTreeMap::new();
        for schema in documents.values() {
            let of: Vec<&str> = ["object_type", "file_type"]
                .iter()
                .flat_map(|name| types_of(&schema["properties"][name]))
                .collect();
            // What has no type of its own is a part of others.
            let Some(first) = of.first() else { continue };
            let validator = jsonschema::options()
                .with_retriever(Folder(documents.clone()))
                .build(schema)
                .map_err(|error| Failure::usage(format!("the schema of {first}: {error}")))?;
            let validator = Arc::new(validator);
            by_type.extend(of.into_iter().map(|of| (of.to_owned(), Arc::clone(&validator))));
        }
        if by_type.is_empty() {
            let what = format!("{}: no schema of the Open Cap Format is here", folder.display());
            return Err(Failure::usage(what));
        }
        Ok(Self { by_type })
    }

    /// Whether an object, or a whole file, is what the schema of its type says; why not.
    pub(crate) fn accepts(&self, object: &Object) -> Result<(), String> {
        let of = match object.object_type() {
            "" => object.text("file_type"),
            of => of,
        };
        let schema = self.by_type.get(of).ok_or_else(|| format!("it has no type {of:?}"))?;
        match schema.iter_errors(&object.value).next() {
            None => Ok(()),
            Some(error) => Err(format!("{}: {error}", error.instance_path())),
        }
    }
}

/// The types that a schema is for: one, or one of several.
fn types_of(property: &Value) -> impl Iterator<Item = &str> {
    let several = property["enum"].as_array().into_iter().flatten();
    several.chain([&property["const"]]).filter_map(Value::as_str)
}

fn read_schemas(folder: &Path, into: &mut BTreeMap<String, Value>) -> Result<(), Failure> {
    let entries = std::fs::read_dir(folder).map_err(|error| Failure::file(folder, error))?;
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            read_schemas(&path, into)?;
        } else if path.extension().is_some_and(|it| it == "json") {
            let (_, schema) = read_json(&path)?;
            if let Some(id) = schema["$id"].as_str() {
                into.insert(id.to_owned(), schema);
            }
        }
    }
    Ok(())
}

/// What a schema refers to is in the folder, or nowhere: nothing is fetched.
struct Folder(BTreeMap<String, Value>);

impl Retrieve for Folder {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        let found = self.0.get(uri.as_str()).cloned();
        found.ok_or_else(|| format!("{uri} is not in the folder of the schema").into())
    }
}
