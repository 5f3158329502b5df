//! What `iasql gateway` and `iasql node` have in common: where they stand, what they show, and among whom they are.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use chrono::Utc;
use iasql::{
    causes::in_one_line,
    config::Place,
    control::Control,
    database::services,
    descriptors,
    fly::{self, Fly},
    gateway::{self, Authority, BucketShelf, Deadlines, Limits, Machines, Own, Settings, Shown, Whereabouts},
    resource::Secret,
    store,
};
use tokio::net::TcpListener;

use super::{error::Error, running, show::Show};

/// Where it stands, and among whom.
#[derive(clap::Args)]
pub(super) struct Member {
    #[command(flatten)]
    pub(super) place: Place,
    /// The domain below which databases have their names
    #[arg(long, env = "IASQL_GATEWAY_DOMAIN", default_value = "db.localhost", value_name = "DOMAIN", value_parser = domain)]
    pub(super) domain: String,
    /// A PEM with the key and the chain for all names below the domain, read again when it changes; where none is named, what the table gateway.certificate has, and until then what a development authority makes
    #[arg(long, env = "IASQL_GATEWAY_CERTIFICATE", value_name = "FILE")]
    pub(super) certificate: Option<PathBuf>,
    /// Where it is: databases whose rows name another location are not run here
    #[arg(long, env = "IASQL_GATEWAY_LOCATION", value_name = "NAME")]
    pub(super) location: Option<String>,
    /// Where its files are: databases, and the development authority; below /var/lib/iasql for root, else below --dir
    #[arg(long, env = "IASQL_GATEWAY_HOME", value_name = "DIR")]
    home: Option<PathBuf>,
    /// Where the files of sleeping databases are: s3://bucket/prefix (the rest from AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, …) or file:///folder; on this disk where none is named
    #[arg(long, env = "IASQL_GATEWAY_BUCKET", value_name = "URL")]
    bucket: Option<String>,
    /// Where gateways of the same bucket reach this one, which show the same certificates: they lead their clients here to databases that are awake here. Without a port it is the one of --listen
    #[arg(long, env = "IASQL_GATEWAY_ADVERTISE", value_name = "HOST[:PORT]", value_parser = reachable, requires = "bucket")]
    advertise: Option<String>,
}

/// What it stands on.
pub(super) struct Standing {
    pub(super) control: Control,
    pub(super) home: PathBuf,
    pub(super) bucket: Option<BucketShelf>,
    pub(super) shown: Shown,
    /// What clients are told to trust, where it is our own.
    pub(super) authority: Option<PathBuf>,
    pub(super) settings: Settings,
}

/// How long sessions in a transaction have when it stops.
pub(super) const GRACE: Duration = Duration::from_secs(30);

impl Member {
    /// Finds all of that. `folder` is where its files are below the folder of all; `port` is where it listens.
    pub(super) async fn stand(&self, folder: &str, port: u16, show: &Show) -> Result<Standing, Error> {
        let running::Found { metadata, keys, .. } = running::find(&self.place)?;
        let control = Control::connect(metadata.expose()).await?.with_keys(keys).await?;
        let home = self.home(folder);
        show.say(&format!("its files   {}", home.display()));
        let bucket = self.bucket(&home, port).await?;
        let (own, authority) = self.own(&home)?;
        let shown = Shown::open(&*self.domain, own, control.clone()).await.map_err(said)?;
        let authority = authority.filter(|_| shown.is_own());
        let settings = Settings {
            limits: Limits::default().within(descriptors::most()),
            deadlines: Deadlines::default(),
            trusted: vec![],
            grace: GRACE,
            secret: secret(metadata.expose())?,
            guesses: Arc::default(),
        };
        Ok(Standing { control, home, bucket, shown, authority, settings })
    }

    async fn bucket(&self, home: &Path, port: u16) -> Result<Option<BucketShelf>, Error> {
        let Some(url) = &self.bucket else { return Ok(None) };
        let bucket = store::Bucket::open(url, &store::Access::default()).await.map_err(|error| Error::Said(in_one_line(&error)))?;
        let options = store::Options { address: self.address(port), ..store::Options::default() };
        Ok(Some(BucketShelf::new(home, bucket, options)))
    }

    /// Where others reach it, which listens at this port.
    pub(super) fn address(&self, port: u16) -> Option<String> {
        self.advertise.as_deref().map(|said| match host_and_port(said) {
            (_, Some(_)) => said.to_owned(),
            (host, None) => format!("{host}:{port}"),
        })
    }

    /// Where it is. Machines are reached as Fly's own client reaches them.
    pub(super) fn whereabouts(&self) -> Whereabouts {
        let machines = Arc::new(Machines::new(Fly::new(fly::Account::from_environment())));
        Whereabouts { location: self.location.clone(), machines }
    }

    /// As root it must be where the databases' own users can get, and root's home is not.
    fn home(&self, folder: &str) -> PathBuf {
        let all = || if nix::unistd::geteuid().is_root() { Path::new("/var/lib/iasql") } else { &*self.place.home.dir };
        self.home.clone().unwrap_or_else(|| all().join(folder))
    }

    /// What clients are shown, and what they are told to trust where it is our own.
    fn own(&self, home: &Path) -> Result<(Own, Option<PathBuf>), Error> {
        match &self.certificate {
            Some(file) => Ok((Own::File(file.clone()), None)),
            None => {
                let authority = Authority::open(home.join("authority"), Utc::now()).map_err(said)?;
                let domain = authority.issue(&self.domain, Utc::now()).map_err(said)?;
                Ok((Own::Rows(domain), Some(authority.certificate())))
            }
        }
    }
}

/// A door that is open; `option` says where.
pub(super) fn listen(option: &'static str, address: SocketAddr) -> Result<TcpListener, Error> {
    gateway::listen(address).map_err(|source| Error::Listen { option, address, source })
}

/// Of a socket that is open, so that there is always one.
pub(super) fn port(listener: &TcpListener) -> u16 {
    listener.local_addr().map_or(0, |address| address.port())
}

/// From this follow the salts of users who are not there: the same at each start, where the administrator has a password.
fn secret(metadata: &str) -> Result<Secret, Error> {
    if let Some(derived) = services::derived(metadata, "salts of strangers") {
        return Ok(Secret::new(derived));
    }
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::Said(format!("no secret could be made: {error}")))?;
    Ok(Secret::new(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}

/// What a gateway's parts complain of.
pub(super) fn said(error: impl std::error::Error + 'static) -> Error {
    Error::Said(in_one_line(&error))
}

fn reachable(text: &str) -> Result<String, String> {
    let (host, port) = host_and_port(text);
    let is_host = !host.is_empty() && (!host.contains(':') || host.starts_with('[')) && !host.contains(['/', '@', ' ']);
    let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    let hint = "is no host; it looks like gateway-1.internal, gateway-1.internal:5432 or [fd00::1]:5432";
    if is_host && is_port { Ok(text.to_owned()) } else { Err(format!("{text} {hint}")) }
}

fn host_and_port(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    }
}

/// A domain in small letters, as the command line has it.
pub(super) fn domain(text: &str) -> Result<String, String> {
    let domain = text.to_lowercase();
    let is_label =
        |label: &str| !label.is_empty() && label.len() <= 63 && label.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '-');
    if domain.split('.').all(is_label) { Ok(domain) } else { Err(format!("{text} is no domain; it looks like db.example.com")) }
}

#[cfg(test)]
mod tests {
    use super::{host_and_port, reachable};

    #[test]
    fn a_gateway_is_reached_at_a_host_with_or_without_a_port() {
        for good in ["a.internal", "a.internal:5432", "10.0.0.1", "[fd00::1]:5432", "[fd00::1]"] {
            assert_eq!(reachable(good).as_deref(), Ok(good));
        }
        for bad in ["", ":5432", "a:0", "a:port", "fd00::1", "postgres://a", "a b"] {
            assert!(reachable(bad).is_err_and(|said| said.contains("is no host")), "{bad}");
        }
        assert_eq!(host_and_port("[fd00::1]"), ("[fd00::1]", None));
        assert_eq!(host_and_port("[fd00::1]:1"), ("[fd00::1]", Some("1")));
    }
}
