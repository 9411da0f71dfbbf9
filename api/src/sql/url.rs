//! Where the projections are kept: a file of SQLite, or a PostgreSQL server.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// The address of a database.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite://FILE`, or a path: a file, made when it is absent.
    Sqlite(PathBuf),
    /// `postgres://…` or `postgresql://…`, as libpq reads it.
    Postgres(String),
}

/// Why a text is not the address of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotADatabaseUrl {
    /// Neither of the engines.
    #[error("a database is sqlite://FILE or postgres://USER@HOST/DATABASE")]
    Engine,
    /// Nothing behind the scheme.
    #[error("the database's file has no name")]
    NoFile,
    /// This server cannot speak to it.
    #[error("this server was built without the feature `postgres`")]
    WithoutPostgres,
}

impl FromStr for DatabaseUrl {
    type Err = NotADatabaseUrl;

    fn from_str(text: &str) -> Result<Self, NotADatabaseUrl> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            if cfg!(not(feature = "postgres")) {
                return Err(NotADatabaseUrl::WithoutPostgres);
            }
            return Ok(Self::Postgres(text.to_owned()));
        }
        let path = match text.split_once(':') {
            Some(("sqlite", path)) => path.strip_prefix("//").unwrap_or(path),
            Some((_, rest)) if rest.starts_with("//") => return Err(NotADatabaseUrl::Engine),
            _ => text,
        };
        // In memory, every connection would have a database of its own.
        if path.is_empty() || path.starts_with(":memory:") {
            return Err(NotADatabaseUrl::NoFile);
        }
        Ok(Self::Sqlite(path.into()))
    }
}

/// Without user and password: it stands in logs.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(url) => {
                let place = url.split_once("://").map_or("", |(_, place)| place);
                let place = place.split_once('?').map_or(place, |(place, _)| place);
                let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
                write!(f, "postgres://{place}")
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_shown_without_secrets() {
        let cases = [
            ("sqlite:///var/lib/a.sqlite", Ok("sqlite:///var/lib/a.sqlite")),
            ("sqlite://data/a.sqlite", Ok("sqlite://data/a.sqlite")),
            ("sqlite:a.sqlite", Ok("sqlite://a.sqlite")),
            ("data/a.sqlite", Ok("sqlite://data/a.sqlite")),
            ("", Err(NotADatabaseUrl::NoFile)),
            ("sqlite://", Err(NotADatabaseUrl::NoFile)),
            ("sqlite://:memory:", Err(NotADatabaseUrl::NoFile)),
            ("mysql://host/db", Err(NotADatabaseUrl::Engine)),
            #[cfg(feature = "postgres")]
            ("postgres://ana:s@cret@host:5432/db?password=x", Ok("postgres://host:5432/db")),
            #[cfg(feature = "postgres")]
            ("postgresql:///db?host=/run/pg", Ok("postgres:///db")),
        ];
        for (text, expected) in cases {
            let shown = text.parse().map(|url: DatabaseUrl| format!("{url:?}"));
            assert_eq!(shown.as_deref(), expected.as_ref().map(|shown| *shown), "{text}");
        }
    }
}
