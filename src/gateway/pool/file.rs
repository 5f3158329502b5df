//! What a pooler is told, in one file of JSON: whom it lets in, which members there are, and in which term that was so.

use std::{fmt, fs, io::Write as _, os::unix::fs::OpenOptionsExt, path::Path, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::Error;

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Book {
    /// It grows with each change of the primary; what comes with an older one is refused.
    pub term: u64,
    /// The one database that is served.
    pub database: String,
    /// The authorities that members are believed by, in PEM. Not needed where all of them are reached by a socket of this machine.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// Whom it lets in. As the first of them it looks after the members.
    pub users: Vec<User>,
    /// The servers.
    pub members: Vec<Named>,
}

/// Somebody who is let in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// Its name, here and at the members.
    pub name: String,
    /// What its clients prove to know, as in `pg_authid`.
    pub verifier: Hidden,
    /// With which members are reached.
    #[serde(default)]
    pub password: Option<Hidden>,
    /// Or by which certificate: chain and key in one PEM.
    #[serde(default)]
    pub certificate: Option<PathBuf>,
    /// For how long a client has its session with a server.
    #[serde(default)]
    pub pooling: Pooling,
}

/// For how long a client has its session with a server.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Pooling {
    /// For a transaction, or as long as something is left behind in it.
    #[default]
    Transaction,
    /// For as long as it stays, and always with the primary.
    Session,
}

/// A server, as it is told.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Its name in messages and figures.
    pub name: String,
    /// Where it is: a host, an address, or the folder of a socket, which begins with a slash.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The name in its certificate, where that is another than the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
    /// What it is in this term.
    #[serde(default)]
    pub role: Role,
}

/// What a member is.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The one that takes writes, where it says so itself as well.
    Primary,
    /// One that is read from, as long as it follows.
    Standby,
    /// Whatever it says itself. Where nobody is named the primary, the one on the newest timeline is.
    #[default]
    Unknown,
}

/// A new list of members.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Members {
    /// In which term it is so.
    pub term: u64,
    /// All of them.
    pub members: Vec<Named>,
}

/// A text that nobody should see.
#[derive(Clone, Deserialize)]
pub struct Hidden(String);

impl Hidden {
    /// Hides it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Book {
    /// Reads the file.
    ///
    /// # Errors
    /// Where it is not there, or holds something else, or nobody could be let in.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(|source| Error::File { doing: "read", path: path.to_owned(), source })?;
        let book: Self = serde_json::from_str(&text).map_err(|source| Error::Book { path: path.to_owned(), source })?;
        book.members.check()?;
        if book.users.is_empty() { Err(Error::Senseless("nobody is let in: users is empty".to_owned())) } else { Ok(book) }
    }

    /// Writes other members into the file and leaves the rest as it is: whole, or not at all.
    ///
    /// # Errors
    /// Where the file can't be read, or written.
    pub fn rewrite(path: &Path, members: &Members) -> Result<(), Error> {
        let failed = |doing| move |source| Error::File { doing, path: path.to_owned(), source };
        let text = fs::read_to_string(path).map_err(failed("read"))?;
        let broken = |source| Error::Book { path: path.to_owned(), source };
        let mut whole: serde_json::Value = serde_json::from_str(&text).map_err(broken)?;
        whole["term"] = members.term.into();
        whole["members"] = serde_json::to_value(&members.members).map_err(broken)?;
        let text = serde_json::to_string_pretty(&whole).map_err(broken)?;
        let aside = path.with_extension("new");
        let opened = fs::OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&aside);
        let written = opened.and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
        written.and_then(|()| fs::rename(&aside, path)).map_err(failed("write"))
    }
}

/// What a list of members must be.
pub(super) trait Check {
    /// # Errors
    /// Where two have a name, or two are the primary.
    fn check(&self) -> Result<(), Error>;
}

impl Check for [Named] {
    fn check(&self) -> Result<(), Error> {
        let primaries = self.iter().filter(|member| member.role == Role::Primary).count();
        let mut names: Vec<_> = self.iter().map(|member| &member.name).collect();
        names.sort();
        match () {
            () if primaries > 1 => Err(Error::Senseless("more than one member is the primary".to_owned())),
            () if names.windows(2).any(|pair| pair[0] == pair[1]) => Err(Error::Senseless("two members have one name".to_owned())),
            () => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_members_leave_the_rest_of_the_file_as_it_is() {
        let path = std::env::temp_dir().join(format!("iasql-pool-{}.json", std::process::id()));
        let text = r#"{"term": 1, "database": "main", "users": [{"name": "a", "verifier": "v", "password": "p"}], "members": []}"#;
        fs::write(&path, text).unwrap();
        let member = Named { name: "one".into(), host: "/s".into(), port: 5432, server_name: None, role: Role::Primary };
        Book::rewrite(&path, &Members { term: 2, members: vec![member.clone()] }).unwrap();
        let book = Book::read(&path).unwrap();
        assert_eq!((book.term, &book.members[..], book.users[0].verifier.expose()), (2, &[member.clone()][..], "v"));
        assert!(!format!("{book:?}").contains("\"p\""));
        assert!([member.clone(), member].check().is_err());
        fs::remove_file(path).unwrap();
    }
}
