//! `iasql instance`: runs one database on a machine of its own, for the gateways that start the machine, or for clients that a proxy leads there.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::Utc;
use iasql::{
    causes::in_one_line,
    control::Found,
    descriptors,
    gateway::{self, Authority, BucketShelf, Care, Certificates, Deadlines, Gateway, Here, Limits, Settings},
    node::{self, Node, Shelf, Tier},
    resource::Secret,
    shutdown, store,
};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{
    alone::Alone,
    error::Error,
    exit::DONE,
    member::{GRACE, listen, port, said},
    show::Show,
};

pub(crate) const EXAMPLES: &str = "\
Examples:
  IASQL_INSTANCE_KEY=… iasql instance --bucket s3://shop-files --home /data/instance --listen [fdaa::3]:5433
  IASQL_INSTANCE_VERIFIER='SCRAM-SHA-256$…' iasql instance --database 5f0c… --role shop --bucket s3://shop-files --home /data/instance --listen [::]:5432

This is what the images `postgres`, `orioledb` and `pglite` run. The key is that of the machine's row in gateway.machine; a gateway that has it starts the machine when
somebody calls, and tells the instance which database it is. With --database no gateway stands before it: it serves that one to clients, whose TLS Fly's proxy has ended.
It ends, with 0, when the database has fallen asleep and its files are in the bucket.";

/// What it needs, which comes from its machine's environment.
#[derive(clap::Args)]
pub(crate) struct Instance {
    /// Where the files of the database go when it sleeps: s3://bucket/prefix (the rest from AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, …) or file:///folder
    #[arg(long, env = "IASQL_INSTANCE_BUCKET", value_name = "URL")]
    bucket: String,
    /// Where they are while it is awake
    #[arg(long, env = "IASQL_INSTANCE_HOME", default_value = "/var/lib/iasql/instance", value_name = "DIR")]
    home: PathBuf,
    /// Where it listens
    #[arg(long, env = "IASQL_INSTANCE_LISTEN", default_value_t = SocketAddr::from(([127, 0, 0, 1], gateway::MACHINE_PORT)), value_name = "ADDRESS")]
    listen: SocketAddr,
    /// What gateways and it know each other by, 32 characters or more: that of gateway.machine
    #[arg(long, env = "IASQL_INSTANCE_KEY", hide_env_values = true, value_name = "KEY", value_parser = key)]
    key: Option<Secret>,
    #[command(flatten)]
    alone: Alone,
    /// How much memory the machine has, in MB: no process of the database gets more of its own
    #[arg(long, env = "FLY_VM_MEMORY_MB", value_name = "MB")]
    memory_mb: Option<u64>,
    /// The folder into which `iasql template` has put one, as images bring it along: a new database is a copy of it, and nothing is made first
    #[arg(long, env = "IASQL_INSTANCE_TEMPLATE", value_name = "DIR")]
    template: Option<PathBuf>,
    /// The folder in which scripts/install.sh has put PGlite, for engine pglite
    #[arg(long, env = "IASQL_INSTANCE_PGLITE", value_name = "DIR")]
    pglite: Option<PathBuf>,
    /// The folder of an installed OrioleDB's programs, for engine orioledb: all that this instance runs is OrioleDB's then, which keeps its files in the bucket itself
    #[arg(long, env = "IASQL_INSTANCE_ORIOLEDB", value_name = "DIR")]
    orioledb: Option<PathBuf>,
}

/// Whom an instance serves.
enum Whose {
    /// Those who have this key, any database that they tell of.
    Gateways(Secret),
    /// Clients, this one; with what nobody else knows.
    Clients(Box<Found>, Secret),
}

/// Nobody comes by this name: gateways know it by its key.
const NOBODYS: &str = "instance.invalid";

/// How long it waits for a bucket that is not there: whoever called gives up by then.
const BUCKET_COMES: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

impl Instance {
    pub(crate) async fn run(self, show: &Show) -> Result<u8, Error> {
        let shutdown = shutdown::on_signal().map_err(|source| Error::Io { what: "listening for signals".into(), source })?;
        // whoever has started the machine may knock already, and waits
        let door = listen("--listen", self.listen)?;
        let port = port(&door);
        let whose = self.whose()?;
        // the first random number of a process takes as long as all else that is done here, and needs a processor, not the disk
        let home = self.home.join("authority");
        let certificates = tokio::task::spawn_blocking(move || certificates(&home));
        let (node, here, _door) = match self.open().await {
            Ok(opened) => opened,
            Err(error) => {
                // gateways see that the machine ends, and tell their clients
                if matches!(whose, Whose::Clients(..)) {
                    gateway::turn_away(door).await;
                }
                return Err(error);
            }
        };
        let gateway = self.gateway(&here, whose, certificates.await.map_err(|error| Error::Said(error.to_string()))??)?;
        show.document(&serde_json::json!({ "event": "ready", "port": port }));
        show.answer("ready; it ends when its database sleeps");
        let rested = tokio::spawn(until_rested(here.clone(), shutdown.clone()));
        let care = Care::of_told(&here);
        let caring = tokio::spawn(care.clone().run(shutdown.clone()));
        gateway::serve(door, Arc::new(gateway), shutdown).await;
        rested.abort();
        drop(caring.await);
        here.hand_over().await;
        care.collect_at_the_end(&self.home).await;
        node.shutdown().await;
        Ok(DONE)
    }

    /// Whom it serves.
    fn whose(&self) -> Result<Whose, Error> {
        match (&self.key, self.alone.found()) {
            (_, Some((found, secret))) => Ok(Whose::Clients(Box::new(found), secret)),
            (Some(key), None) => Ok(Whose::Gateways(key.clone())),
            (None, None) => Err(Error::Said(
                "name what gateways know it by (--key, or IASQL_INSTANCE_KEY), or the database that it serves itself (--database)"
                    .to_owned(),
            )),
        }
    }

    async fn open(&self) -> Result<(Node, Here, Option<store::Door>), Error> {
        let broken = |error: &(dyn std::error::Error + 'static)| Error::Said(in_one_line(error));
        let bucket = self.bucket().await.map_err(|error| broken(&error))?;
        let (home, kept) = (&*self.home, store::Options::default());
        let bucket =
            if self.orioledb.is_some() { BucketShelf::of_orioledb(home, bucket, kept) } else { BucketShelf::new(home, bucket, kept) };
        bucket.takes_ahead().map_err(|error| broken(&*error))?;
        let broken_home = |source| Error::Io { what: format!("opening a door to the bucket from {}", home.display()), source };
        let door = if self.orioledb.is_some() { Some(bucket.door().await.map_err(broken_home)?) } else { None };
        let installed = self.orioledb.as_ref().zip(door.as_ref());
        let orioledb = installed.map(|(bin, door)| bucket.orioledb(bin, door)).transpose().map_err(broken_home)?;
        let shelf = Some(Arc::new(bucket.clone()) as Arc<dyn Shelf>);
        let options = node::Options::new(self.home.join("node"));
        let memory = self.memory_mb.map_or(options.memory, |most| options.memory.min(most << 20));
        let node = Node::open(node::Options {
            running: 1,
            spares: false,
            memory,
            brought: self.template.clone(),
            pglite: self.pglite.clone(),
            orioledb,
            shelf,
            ..options
        })
        .await;
        let node = node.map_err(|error| broken(&error))?;
        bucket.opens_for(node.clone()).await.map_err(|error| Error::Said(format!("opening the bucket: {}", in_one_line(&*error))))?;
        tokio::spawn(share(node.clone(), bucket.clone()));
        Ok((node.clone(), Here::told(node, bucket), door))
    }

    /// A machine may be started before its bucket is made: both come of the same row, and neither knows of the other.
    async fn bucket(&self) -> Result<store::Bucket, store::Error> {
        let (began, noted) = (Instant::now(), self.home.join("bucket"));
        loop {
            match store::Bucket::open_once(&self.bucket, &store::Access::default(), &noted).await {
                Err(error) if error.lacks_bucket() && began.elapsed() < BUCKET_COMES => {
                    tracing::info!(bucket = self.bucket, "it waits for its bucket, which is not there yet");
                    sleep(BETWEEN_LOOKS).await;
                }
                opened => return opened,
            }
        }
    }

    fn gateway(&self, here: &Here, whose: Whose, certificates: Certificates) -> Result<Gateway, Error> {
        let certificates = Arc::new(certificates);
        let limits = Limits::default().within(descriptors::most());
        let settings = |limits, secret| Settings {
            limits,
            deadlines: Deadlines::default(),
            trusted: vec![],
            grace: GRACE,
            secret,
            guesses: Arc::default(),
        };
        let gateway = |settings| Gateway::new(certificates, Arc::new(here.clone()), settings).map_err(said);
        match whose {
            Whose::Gateways(key) => Ok(gateway(settings(limits, key))?.for_gateways()),
            Whose::Clients(found, secret) => {
                // all of them come from where the proxy is
                let limits = Limits { per_address: limits.in_all, ..limits };
                Ok(gateway(settings(limits, secret))?.behind_a_proxy(here.knows(*found)))
            }
        }
    }
}

/// What it shows to whoever asks for a name.
fn certificates(home: &Path) -> Result<Certificates, Error> {
    let authority = Authority::open(home, Utc::now()).map_err(said)?;
    let domain = authority.issue(NOBODYS, Utc::now()).map_err(said)?;
    Certificates::new(&[domain]).map_err(said)
}

/// Whoever calls does not wait for it, nor share the processor with it. What is stored later does, and tries it again.
async fn share(node: Node, bucket: BucketShelf) {
    while !node.status().iter().any(|one| one.tier == Tier::Awake) {
        sleep(BETWEEN_LOOKS).await;
    }
    if let Err(error) = bucket.shares().await {
        tracing::warn!(error = in_one_line(&*error), "the template is not in the bucket yet");
    }
    if let Err(error) = node.keeps_template().await {
        tracing::warn!(error = in_one_line(&error), "the image's template is not on this disk yet");
    }
}

/// Ends it when all sleeps.
async fn until_rested(here: Here, shutdown: CancellationToken) {
    here.rested().await;
    tracing::info!("its database sleeps, so it ends");
    shutdown.cancel();
}

fn key(text: &str) -> Result<Secret, String> {
    const SHORTEST: usize = 32;
    // what was typed is nobody's to read
    if text.len() >= SHORTEST { Ok(Secret::new(text)) } else { Err(format!("a key has {SHORTEST} characters or more")) }
}
