//! Which server a database is on, and how it is reached: by us, and by its user.

use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

/// A server as the registry has it; nulls stand for what the metadata database's own address says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shard {
    pub(super) name: String,
    pub(super) url: Option<String>,
    pub(super) public_host: Option<String>,
    pub(super) public_port: Option<i32>,
}

impl Shard {
    /// How an administrator reaches it. Without a password in the registry libpq's password file is asked.
    pub(super) fn admin_url<'a>(&'a self, metadata_url: &'a str) -> &'a str {
        self.url.as_deref().unwrap_or(metadata_url)
    }

    /// The host and port that its users are told.
    pub(super) fn address(&self, metadata_url: &str) -> (String, u16) {
        let options = PgConnectOptions::from_str(self.admin_url(metadata_url)).unwrap_or_default();
        let socket = options.get_socket().map(|path| path.display().to_string());
        let host = self.public_host.clone().or(socket).unwrap_or_else(|| options.get_host().to_owned());
        let port = self.public_port.and_then(|port| u16::try_from(port).ok());
        (host, port.unwrap_or_else(|| options.get_port()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const METADATA: &str = "postgres://root:secret@10.0.0.1:5433/meta";

    fn shard(url: Option<&str>, public_host: Option<&str>) -> Shard {
        Shard { name: "s".into(), url: url.map(Into::into), public_host: public_host.map(Into::into), public_port: None }
    }

    #[test]
    fn the_home_server_is_that_of_the_metadata_database() {
        assert_eq!(shard(None, None).admin_url(METADATA), METADATA);
        assert_eq!(shard(None, None).address(METADATA), ("10.0.0.1".into(), 5433));
    }

    #[test]
    fn users_are_told_the_public_address() {
        let far = shard(Some("postgres://admin@inside:6000/postgres"), Some("db.example.com"));
        assert_eq!(far.address(METADATA), ("db.example.com".into(), 6000));
    }
}
