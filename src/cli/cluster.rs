//! `iasql cluster`: the members of a highly available Postgres, and who looks after them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    net::{IpAddr, SocketAddr},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::Subcommand;
use iasql::{
    causes::in_one_line,
    cluster::{self, Addresses, Controller, MEMBER, Nothing, Site, Wanted},
    failover::Member,
    resource::Secret,
    shutdown,
    store::Access,
};
use tokio::sync::watch;

use super::{
    error::Error,
    exit::{DONE, FAILED},
    show::Show,
};

pub(crate) const EXAMPLES: &str = "\
Examples:
  export IASQL_CLUSTER_NAME=main IASQL_CLUSTER_BUCKET=file:///tmp/ha/bucket IASQL_CLUSTER_KEY=$(cat key)
  iasql cluster member --number 0 --home /tmp/ha/m0
  iasql cluster run --members 0,1,2
  iasql cluster show
  iasql cluster prefer --number 1
  iasql cluster certificate --to /tmp/ha/me

docs/cluster.md says what belongs together.";

/// What to do.
#[derive(clap::Args)]
pub(crate) struct Cluster {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Run a member: a Postgres and its agent
    Member(Run),
    /// Look after the members: begin, replace a lost primary, bring back who was away, come to what is wanted
    Run(Look),
    /// Show what is written down of the cluster, and what is seen of its members and poolers
    Show(Of),
    /// Make the data that a new cluster begins with, for an image to bring it along
    Template {
        /// The folder: one for each version of PostgreSQL is made in it, for all to read, and stays as it is where it is there
        #[arg(value_name = "DIR")]
        into: PathBuf,
    },
    /// Have another member lead, without losing a commit
    Prefer {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        which: Which,
    },
    /// Make a certificate to log in with, beside the authority by which servers are believed
    Certificate {
        #[command(flatten)]
        of: Of,
        /// As whom
        #[arg(long, default_value = MEMBER, value_name = "ROLE")]
        role: String,
        /// The folder for `authority.crt`, `client.crt` and `client.key`
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
    },
}

/// Which cluster. Its key stands in the environment (`IASQL_CLUSTER_KEY`) or in a file.
#[derive(clap::Args)]
pub(crate) struct Of {
    /// The cluster's name
    #[arg(long, env = "IASQL_CLUSTER_NAME", value_name = "NAME")]
    name: String,
    /// Where it is written down: s3://bucket/prefix or file:///folder
    #[arg(long, env = "IASQL_CLUSTER_BUCKET", value_name = "URL")]
    bucket: String,
    /// A file with its key, of at least 32 signs; otherwise the environment has it (IASQL_CLUSTER_KEY)
    #[arg(long, env = "IASQL_CLUSTER_KEY_FILE", value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// How long certificates last
    #[arg(long, env = "IASQL_CLUSTER_CERTIFICATE_SECONDS", value_name = "SECONDS", hide = true)]
    certificate_seconds: Option<u64>,
}

#[derive(clap::Args)]
struct Which {
    /// The member's number
    #[arg(long, env = "IASQL_CLUSTER_NUMBER", value_name = "NUMBER")]
    number: u16,
}

#[derive(clap::Args)]
struct Run {
    #[command(flatten)]
    of: Of,
    #[command(flatten)]
    which: Which,
    /// The folder of its data; as root it becomes an unprivileged user's. Without it: data/member below IASQL_ROOT
    #[arg(long, value_name = "DIR")]
    home: Option<PathBuf>,
    /// The folder into which `iasql cluster template` has put one, as images bring it along: a new cluster begins with a copy of it
    #[arg(long, env = "IASQL_CLUSTER_TEMPLATE", value_name = "DIR")]
    template: Option<PathBuf>,
    /// The address at which it is reached
    #[arg(long, env = "FLY_PRIVATE_IP", default_value = "127.0.0.1", value_name = "ADDRESS")]
    ip: IpAddr,
    /// Where its agent lets clients through
    #[arg(long, env = "IASQL_CLUSTER_DOOR_PORT", default_value_t = 5432, value_name = "PORT")]
    door_port: u16,
    /// Where its Postgres listens for other members
    #[arg(long, env = "IASQL_CLUSTER_SERVER_PORT", default_value_t = 5433, value_name = "PORT")]
    server_port: u16,
    /// Where its agent listens
    #[arg(long, env = "IASQL_CLUSTER_AGENT_PORT", default_value_t = 5434, value_name = "PORT")]
    agent_port: u16,
}

#[derive(clap::Args)]
struct Look {
    #[command(flatten)]
    of: Of,
    /// Who belongs to it
    #[arg(long, value_delimiter = ',', required = true, value_name = "NUMBERS")]
    members: Vec<u16>,
    /// Have a commit wait for a standby
    #[arg(long)]
    synchronous: bool,
    /// Who should lead
    #[arg(long, value_name = "NUMBER")]
    preferred: Option<u16>,
    /// A setting of Postgres, alike on all members
    #[arg(long = "setting", value_parser = setting, value_name = "NAME=VALUE")]
    settings: Vec<(String, String)>,
    /// A database that is to be there
    #[arg(long = "database", default_value = "main", value_name = "NAME")]
    databases: Vec<String>,
}

impl Cluster {
    pub(crate) async fn run(self, show: &Show) -> Result<u8, Error> {
        let shutdown = shutdown::on_signal().map_err(|source| Error::Io { what: "listening for signals".into(), source })?;
        match self.what {
            What::Member(run) => {
                let (site, at, home) = (run.of.site()?, run.addresses(), run.home());
                cluster::member(site, Member(run.which.number), at, &home, run.template, shutdown).await.map_err(said)?;
            }
            What::Run(look) => {
                let wanted = look.wanted();
                wanted.check().map_err(said)?;
                look.of.controller(wanted).await?.run(shutdown).await;
            }
            What::Show(of) => return of.show(show).await,
            What::Prefer { of, which } => {
                if !of.controller(Wanted::default()).await?.prefer(Member(which.number)).await.map_err(said)? {
                    show.say("not now: something is being done to the cluster, or it has no such member");
                    return Ok(FAILED);
                }
            }
            What::Template { into } => show.answer(&cluster::template(&into).await.map_err(said)?.display().to_string()),
            What::Certificate { of, role, to } => of.certificate(&role, &to)?,
        }
        Ok(DONE)
    }
}

impl Of {
    /// As the environment has it.
    pub(crate) fn from_environment() -> Result<Self, Error> {
        let read = |name: &str| std::env::var(name).map_err(|_| Error::Said(format!("{name} says which cluster, and is missing")));
        Ok(Self {
            name: read("IASQL_CLUSTER_NAME")?,
            bucket: read("IASQL_CLUSTER_BUCKET")?,
            key_file: std::env::var_os("IASQL_CLUSTER_KEY_FILE").map(PathBuf::from),
            certificate_seconds: read("IASQL_CLUSTER_CERTIFICATE_SECONDS").ok().and_then(|text| text.parse().ok()),
        })
    }

    pub(crate) fn site(&self) -> Result<Site, Error> {
        let key = match &self.key_file {
            Some(file) => fs::read_to_string(file).map_err(|source| Error::Io { what: format!("reading {}", file.display()), source })?,
            None => std::env::var("IASQL_CLUSTER_KEY")
                .map_err(|_| Error::Said("the cluster's key is missing: --key-file, or IASQL_CLUSTER_KEY".to_owned()))?,
        };
        let site = Site::new(&self.name, &self.bucket, Access::default(), Secret::new(key)).map_err(said)?;
        Ok(Site { lasts: self.certificate_seconds.map_or(site.lasts, Duration::from_secs), ..site })
    }

    async fn controller(&self, wanted: Wanted) -> Result<Controller, Error> {
        let (_, wanted) = watch::channel(wanted);
        Controller::open(self.site()?, wanted, Arc::new(Nothing)).await.map_err(said)
    }

    async fn show(&self, show: &Show) -> Result<u8, Error> {
        let Some(shown) = self.controller(Wanted::default()).await?.show().await.map_err(said)? else {
            show.say("nothing is written down yet: `iasql cluster run` begins");
            return Ok(FAILED);
        };
        let document = serde_json::to_value(&shown).map_err(|error| Error::Said(error.to_string()))?;
        show.answer(&serde_json::to_string_pretty(&document).map_err(|error| Error::Said(error.to_string()))?);
        show.document(&document);
        Ok(DONE)
    }

    fn certificate(&self, role: &str, to: &Path) -> Result<(), Error> {
        let site = self.site()?;
        let leaf = site.certificate(role, &[]).map_err(said)?;
        let authority = site.authority().map_err(said)?;
        let io = |source| Error::Io { what: format!("writing into {}", to.display()), source };
        fs::create_dir_all(to).map_err(io)?;
        for (name, text) in
            [("authority.crt", authority.certificate()), ("client.crt", &leaf.certificate), ("client.key", leaf.key.expose())]
        {
            let mut options = fs::OpenOptions::new();
            let opened = options.create(true).write(true).truncate(true).mode(0o600).open(to.join(name));
            opened.and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes())).map_err(io)?;
        }
        Ok(())
    }
}

impl Run {
    fn addresses(&self) -> Addresses {
        let at = |port| SocketAddr::new(self.ip, port);
        Addresses { agent: at(self.agent_port), server: at(self.server_port), door: at(self.door_port) }
    }

    fn home(&self) -> PathBuf {
        let root = || PathBuf::from(std::env::var("IASQL_ROOT").unwrap_or_default() + "/");
        self.home.clone().unwrap_or_else(|| root().join("data/member"))
    }
}

impl Look {
    fn wanted(&self) -> Wanted {
        Wanted {
            members: self.members.iter().copied().map(Member).collect(),
            synchronous: self.synchronous,
            preferred: self.preferred.map(Member),
            settings: self.settings.iter().cloned().collect::<BTreeMap<_, _>>(),
            databases: self.databases.iter().cloned().collect::<BTreeSet<_>>(),
            ..Wanted::default()
        }
    }
}

fn setting(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
    parts.ok_or_else(|| "a name and a value: shared_buffers=1GB".to_owned())
}

fn said(error: cluster::Error) -> Error {
    Error::Said(in_one_line(&error))
}
