//! Every setting: its flag, its environment variable, its default. Nothing is read anywhere else.

use std::{fmt, net::SocketAddr, path::PathBuf, time::Duration};

use crate::resource::Secret;

/// Where `up` keeps its state.
#[derive(Clone, Debug, clap::Args)]
pub struct Home {
    /// Where `iasql up` keeps its state, and where the other commands look for a running one
    #[arg(long, env = "IASQL_DIR", default_value = ".iasql", value_name = "DIR")]
    pub dir: PathBuf,
}

/// Where the engine's keys are, which open the secrets that databases seal.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Keys {
    /// The engine's keys, which open what databases seal; read again when it changes. `iasql key new` makes one
    #[arg(long, env = "IASQL_KEY_FILE", value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// A Secrets Manager secret that holds them, read with AWS' default chain; an empty one is given a key
    #[arg(long, env = "IASQL_KEY_SECRET", value_name = "NAME", conflicts_with = "key_file")]
    pub key_secret: Option<String>,
}

/// Where the server is that a command works with.
#[derive(Clone, Debug, clap::Args)]
pub struct Place {
    /// The folder of a running `up`.
    #[command(flatten)]
    pub home: Home,
    /// The metadata database of a server of your own, instead of a running `iasql up`
    #[arg(long, env = "IASQL_DATABASE_URL", hide_env_values = true, value_name = "URL", value_parser = Url::parse)]
    pub database_url: Option<Url>,
    /// Its keys.
    #[command(flatten)]
    pub keys: Keys,
}

/// What `up` runs on this machine.
#[derive(Clone, Debug, clap::Args)]
pub struct Machine {
    /// The port of Postgres on 127.0.0.1; the first free one from 5433 on where none is named
    #[arg(long, env = "IASQL_POSTGRES_PORT", value_name = "PORT")]
    pub port: Option<u16>,
    /// Which cloud the rows are about
    #[arg(long, env = "IASQL_CLOUD", value_enum, default_value_t = Cloud::Local)]
    pub cloud: Cloud,
    /// The Python environment that holds the local cloud (moto)
    #[arg(long, env = "IASQL_VENV", value_name = "DIR", default_value = ".iasql/venv")]
    pub venv: PathBuf,
}

/// Which cloud the rows are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Cloud {
    /// An emulator on this machine, which forgets everything when `up` ends
    Local,
    /// AWS with the credentials of this shell, or what AWS_ENDPOINT_URL names
    Aws,
}

/// How the HTTP door is opened, and to whom.
#[derive(Clone, Debug, clap::Args)]
pub struct Door {
    /// Where HTTP is served
    #[arg(long, env = "IASQL_LISTEN", default_value = "127.0.0.1:8088", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Lines of `token [expiry]`, the expiry as in 2030-01-31T00:00:00Z; read again when it changes
    #[arg(long, env = "IASQL_TOKEN_FILE", value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// One bearer token that does not expire
    #[arg(long, env = "IASQL_TOKEN", hide_env_values = true, value_name = "TOKEN", value_parser = token)]
    pub token: Option<Secret>,
    /// Ask for no token; only where the server listens on loopback
    #[arg(long, env = "IASQL_NO_AUTH", conflicts_with_all = ["token", "token_file"])]
    pub no_auth: bool,
    /// How long a request may take, in seconds; a check that takes longer is answered with its run's id
    #[arg(long, env = "IASQL_PATIENCE", default_value = "300", value_parser = seconds, value_name = "SECONDS")]
    pub patience: Duration,
    /// How many clients may be connected at once; further ones are told to come back
    #[arg(long, env = "IASQL_MAX_CONNECTIONS", default_value_t = 512, value_parser = connections, value_name = "NUMBER")]
    pub max_connections: usize,
    /// How long a client may take to send a request's head, or its body, in seconds
    #[arg(long, env = "IASQL_CLIENT_TIMEOUT", default_value = "10", value_parser = seconds, value_name = "SECONDS")]
    pub client_timeout: Duration,
}

/// A Postgres URL. It holds a password, so printing it leaves that out.
#[derive(Clone, PartialEq, Eq)]
pub struct Url(Secret);

impl Url {
    /// Takes what can be a Postgres URL.
    ///
    /// # Errors
    /// A sentence that says what is wrong, without the URL.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = url::Url::parse(text)
            .map_err(|error| format!("that is no URL ({error}); it looks like postgres://user:password@host:5432/database"))?;
        match url.scheme() {
            "postgres" | "postgresql" => Ok(Self(Secret::new(text))),
            other => Err(format!("{other}: is not a Postgres URL, which begins with postgres://")),
        }
    }

    /// The URL with its password.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://***")
    }
}

/// Takes what can be a bearer token.
///
/// # Errors
/// A sentence that says what is wrong, without the token.
pub fn token(text: &str) -> Result<Secret, String> {
    if text.len() < 16 {
        return Err("a token has 16 characters or more".into());
    }
    Ok(Secret::new(text))
}

fn connections(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| (1..=100_000).contains(number)).ok_or_else(|| "a number from 1 to 100000".to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().map_err(|_| "a whole number of seconds".to_owned())?;
    Ok(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::{Url, token};

    #[test]
    fn a_url_prints_without_its_password() {
        let url = Url::parse("postgres://me:hunter2@localhost/iasql").unwrap();
        assert_eq!(format!("{url:?}"), "postgres://***");
        assert!(url.expose().contains("hunter2"));
    }

    #[test]
    fn what_is_no_postgres_url_is_refused_without_repeating_it() {
        let said = Url::parse("mysql://me:hunter2@localhost/iasql").unwrap_err();
        assert!(said.contains("postgres://") && !said.contains("hunter2"), "{said}");
    }

    #[test]
    fn a_short_token_is_refused_without_repeating_it() {
        assert!(!token("hunter2").unwrap_err().contains("hunter2"));
    }
}
