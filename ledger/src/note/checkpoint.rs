//! What a checkpoint states (C2SP tlog-checkpoint v1.0.0): which log, its size and its root.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64;

use crate::hash::Hash;

/// A log of some size with its root, as the text of a checkpoint states them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeHead {
    /// The log's name.
    pub origin: String,
    /// Entries in the log.
    pub size: u64,
    /// The RFC 6962 root over them.
    pub root: Hash,
}

/// Why a text states no tree head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotATreeHead {
    /// It has too few lines, or an empty one.
    #[error("it is not origin, size and root, a line each, with no empty line among them")]
    Lines,
    /// The second line is no number.
    #[error("its size is not a decimal number without leading zeros")]
    Size,
    /// The third line is no hash.
    #[error("its root is not 32 bytes in base64")]
    Root,
}

impl FromStr for TreeHead {
    type Err = NotATreeHead;

    /// Reads a note's text. Lines behind the third are of no meaning here (extensions).
    fn from_str(text: &str) -> Result<Self, NotATreeHead> {
        let text = text.strip_suffix('\n').ok_or(NotATreeHead::Lines)?;
        let lines: Vec<&str> = text.split('\n').collect();
        let [origin, size, root, ..] = lines[..] else { return Err(NotATreeHead::Lines) };
        if lines.iter().any(|line| line.is_empty()) {
            return Err(NotATreeHead::Lines);
        }
        let size = decimal(size).ok_or(NotATreeHead::Size)?;
        let root = hash(root).ok_or(NotATreeHead::Root)?;
        Ok(Self { origin: origin.to_owned(), size, root })
    }
}

impl fmt::Display for TreeHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, BASE64.encode(self.root.as_bytes()))
    }
}

/// A number as ASCII digits without leading zeros.
pub(super) fn decimal(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let shortest = text == "0" || !text.starts_with('0');
    if plain && shortest { text.parse().ok() } else { None }
}

/// A hash in base64 with padding.
pub(super) fn hash(text: &str) -> Option<Hash> {
    let bytes = BASE64.decode(text.as_bytes()).ok()?;
    bytes.try_into().ok().map(Hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

    #[test]
    fn a_checkpoint_is_read_and_written() {
        let text = format!("example.com/log\n20852163\n{ROOT}\n");
        let head: Result<TreeHead, _> = text.parse();
        assert_eq!(head.as_ref().map(ToString::to_string), Ok(text.clone()));
        assert_eq!(format!("{text}extension\n").parse(), head);
    }

    #[test]
    fn what_is_no_checkpoint_is_refused() {
        for (text, why) in [
            (String::new(), NotATreeHead::Lines),
            (format!("log\n1\n{ROOT}"), NotATreeHead::Lines),
            ("log\n1\n".to_owned(), NotATreeHead::Lines),
            (format!("\n1\n{ROOT}\n"), NotATreeHead::Lines),
            (format!("log\n1\n{ROOT}\n\n"), NotATreeHead::Lines),
            (format!("log\n01\n{ROOT}\n"), NotATreeHead::Size),
            (format!("log\n+1\n{ROOT}\n"), NotATreeHead::Size),
            (format!("log\n-1\n{ROOT}\n"), NotATreeHead::Size),
            (format!("log\n18446744073709551616\n{ROOT}\n"), NotATreeHead::Size),
            (format!("log\n1\n{}\n", &ROOT[..43]), NotATreeHead::Root),
            (format!("log\n1\nAAAA{ROOT}\n"), NotATreeHead::Root),
            (format!("log\n1\n{}\n", ROOT.replace("2I=", "2J=")), NotATreeHead::Root),
        ] {
            assert_eq!(text.parse::<TreeHead>(), Err(why), "{text}");
        }
    }
}
