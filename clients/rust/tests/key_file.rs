//! Keys at rest: they come back, only with their passphrase, and other tools can read them.
#![allow(clippy::unwrap_used)]

use std::process::Command;

use chancery_client::key_file::KeyFileError;
use chancery_client::{KeyFile, PartyId, Signer, keys};

const PASSPHRASE: &str = "correct horse battery staple";

fn sealed() -> (Signer, KeyFile) {
    let signer = Signer::first(keys::generate().unwrap());
    let file = KeyFile::seal(&signer, PASSPHRASE).unwrap();
    (signer, file)
}

#[test]
fn a_key_comes_back_from_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    let (signer, file) = sealed();
    file.write_new(&path).unwrap();
    let read = KeyFile::read(&path).unwrap();
    assert_eq!(read, file);
    let opened = read.open(PASSPHRASE).unwrap();
    assert_eq!(opened.id(), signer.id());
    assert_eq!(opened.key().sign(b"x"), signer.key().sign(b"x"));
}

#[test]
fn a_further_key_says_whose_it_is() {
    let (first, _) = sealed();
    let further = Signer::of(first.party(), keys::generate().unwrap());
    let file = KeyFile::seal(&further, PASSPHRASE).unwrap();
    let opened = KeyFile::parse(&file.to_text()).unwrap().open(PASSPHRASE).unwrap();
    assert_eq!(opened.party(), first.party());
    assert_ne!(PartyId::of_first_key(&opened.id().key), first.party());
}

#[test]
fn a_wrong_passphrase_opens_nothing() {
    let (_, file) = sealed();
    for wrong in ["", "wrong", "correct horse battery staple "] {
        assert!(matches!(file.open(wrong), Err(KeyFileError::Passphrase)), "{wrong:?}");
    }
    let (signer, _) = sealed();
    assert!(matches!(KeyFile::seal(&signer, ""), Err(KeyFileError::EmptyPassphrase)));
}

#[test]
fn a_file_that_was_changed_is_refused() {
    let (signer, file) = sealed();
    let (other, _) = sealed();
    let swapped = file.to_text().replace(&signer.id().key.to_string(), &other.id().key.to_string());
    let swapped = KeyFile::parse(&swapped).unwrap();
    assert!(matches!(swapped.open(PASSPHRASE), Err(KeyFileError::OtherKey)));
    let cases = ["", "Party: x\n", "-----BEGIN PRIVATE KEY-----\n"];
    for text in cases {
        assert!(matches!(KeyFile::parse(text), Err(KeyFileError::Format(_))), "{text:?}");
    }
    let torn = file.to_text();
    let torn = &torn[..torn.len() - 60];
    assert!(KeyFile::parse(torn).and_then(|file| file.open(PASSPHRASE)).is_err());
}

#[test]
fn a_key_is_never_overwritten_and_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    let (_, file) = sealed();
    file.write_new(&path).unwrap();
    assert!(matches!(file.write_new(&path), Err(KeyFileError::Exists(_))));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn openssl_reads_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    let (signer, file) = sealed();
    file.write_new(&path).unwrap();
    let openssl = Command::new("openssl")
        .args(["pkey", "-pubout", "-passin"])
        .arg(format!("pass:{PASSPHRASE}"))
        .arg("-in")
        .arg(&path)
        .output();
    let Ok(output) = openssl else {
        eprintln!("openssl is not installed: not tried");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let public = keys::public_pem(&signer.id().key).unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), public);
}
