//! The command line: what can be asked for, and with which words.

mod alone;
mod certificate;
mod cluster;
mod databases;
mod door;
mod error;
mod exit;
mod gateway;
mod hosting;
mod import;
mod instance;
mod key;
mod machines;
mod member;
mod moving;
mod node;
mod pgpass;
mod pooler;
mod running;
mod schema;
mod serve;
mod setup;
mod shard;
mod show;
mod standing;
mod template;
mod up;
mod webhook;
mod work;

use std::process::ExitCode;

use clap::{
    Parser, Subcommand,
    error::{ContextKind, ContextValue},
};
use iasql::config::Place;

use error::Error;
use exit::{DONE, FAILED};
use show::Show;

/// Infrastructure as SQL: tables say what the cloud should be, the plan is a view, an engine makes it so.
#[derive(Parser)]
#[command(name = "iasql", version, propagate_version = true, max_term_width = 100, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    tone: Tone,
}

/// How a command speaks.
#[derive(clap::Args)]
struct Tone {
    /// Answer in JSON, for programs
    #[arg(long, global = true)]
    json: bool,
    /// Say more about what goes on inside (stderr); IASQL_LOG says it in detail
    #[arg(short, long, global = true)]
    verbose: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Run everything on this machine: Postgres, a local cloud and the engine
    #[command(after_help = up::EXAMPLES)]
    Up(up::Up),
    /// Run HTTP, the clock and the workers against a Postgres of your own
    #[command(after_help = serve::EXAMPLES)]
    Serve(serve::Serve),
    /// Serve Postgres by server name: each database of the tables gateway.database, asleep until somebody calls
    #[command(after_help = gateway::EXAMPLES)]
    Gateway(Box<gateway::Serve>),
    /// Run databases that gateways with --nodes lead their clients to
    #[command(after_help = node::EXAMPLES)]
    Node(Box<node::Node>),
    /// Serve a cluster of Postgres to many clients over few sessions: writes at the primary, reads at standbys
    #[command(after_help = pooler::EXAMPLES)]
    Pooler(pooler::Pool),
    /// A highly available Postgres: its members, and who looks after them
    #[command(after_help = cluster::EXAMPLES)]
    Cluster(cluster::Cluster),
    /// Run one database on a machine of its own, which ends when the database sleeps
    #[command(after_help = instance::EXAMPLES)]
    Instance(Box<instance::Instance>),
    /// Make the template that an image brings along for `iasql instance`
    #[command(after_help = template::EXAMPLES)]
    Template(template::Template),
    /// Serve the Machines API of Fly on this machine, over real processes, for development
    #[command(after_help = machines::EXAMPLES)]
    Machines(machines::Serve),
    /// Make a development certificate for all names below a gateway's domain
    #[command(after_help = certificate::EXAMPLES)]
    Certificate(certificate::Certificate),
    /// Make a user's database, or tell how to reach one
    #[command(after_help = setup::EXAMPLES)]
    Setup(setup::Setup),
    /// Read the cloud, then show and carry out what differs, until nothing does
    #[command(after_help = work::CHECK)]
    Check(work::Work),
    /// Read the cloud and show what differs; exit code 2 if something does
    #[command(after_help = work::PLAN)]
    Plan(work::Plan),
    /// Carry out what the plan says, without reading the cloud first; or (--plan) one plan and no other
    #[command(after_help = work::APPLY)]
    Apply(work::Apply),
    /// Tell somebody of drift and of runs that have ended, over HTTPS
    #[command(after_help = webhook::EXAMPLES)]
    Webhook(webhook::Webhook),
    /// List the users' databases
    #[command(after_help = databases::EXAMPLES)]
    Databases(Place),
    /// The engine's keys, which open what databases seal
    #[command(after_help = key::EXAMPLES)]
    Key(key::Key),
    /// List, add and remove the Postgres servers that users' databases are on
    #[command(after_help = shard::EXAMPLES)]
    Shard(shard::Shard),
    /// Move a user's database to another server
    #[command(after_help = moving::EXAMPLES)]
    Move(moving::Move),
    /// Versioned schemas: check, upgrade, describe them, ours and anybody's
    #[command(after_help = schema::EXAMPLES)]
    Schema(schema::Schema),
}

const EXAMPLES: &str = "\
Examples:
  iasql up                    start everything here, in the foreground
  iasql setup shop            make the database `shop`, print how psql reaches it
  iasql plan shop             what would change
  iasql check shop            make it so

Exit codes: 0 done, 1 failed, 2 `plan` found something to do.";

/// Reads the command line and does what it says.
pub(crate) fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misunderstood(error),
    };
    iasql::descriptors::as_many_as_may_be();
    iasql::telemetry::start(if cli.tone.verbose { "info" } else { cli.command.loudness() });
    let show = Show::new(cli.tone.json);
    let done = runtime().and_then(|runtime| runtime.block_on(run(cli.command, &show)));
    ExitCode::from(done.unwrap_or_else(|error| {
        show.error(&error);
        FAILED
    }))
}

fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|source| Error::Io { what: "starting".into(), source })
}

async fn run(command: Command, show: &Show) -> Result<u8, Error> {
    use iasql::engine::Kind;
    match command {
        Command::Up(up) => up.run(show).await,
        Command::Serve(serve) => serve.run(show).await,
        Command::Gateway(gateway) => gateway.run(show).await,
        Command::Pooler(pooler) => pooler.run(show).await,
        Command::Instance(instance) => instance.run(show).await,
        Command::Template(template) => template.run(show).await,
        Command::Node(node) => node.run(show).await,
        Command::Machines(machines) => machines.run(show).await,
        Command::Cluster(cluster) => cluster.run(show).await,
        Command::Certificate(certificate) => certificate.run(show),
        Command::Setup(setup) => setup.run(show).await,
        Command::Check(work) => work.run(Kind::Check, show).await,
        Command::Plan(plan) => plan.run(show).await,
        Command::Apply(apply) => apply.run(show).await,
        Command::Webhook(webhook) => webhook.run(show).await,
        Command::Databases(place) => databases::run(&place, show).await,
        Command::Key(key) => key.run(show).await,
        Command::Shard(shard) => shard.run(show).await,
        Command::Move(moving) => moving.run(show).await,
        Command::Schema(schema) => schema.run(show).await,
    }
}

impl Command {
    /// Servers tell what they do; the rest answers and is silent about the way there.
    fn loudness(&self) -> &'static str {
        match self {
            Self::Serve(_) | Self::Cluster(_) => "info",
            _ => "warn",
        }
    }
}

/// What these options are given may be a secret, or hold one; a part of their names.
const UNSEEN: [&str; 4] = ["token", "database-url", "--key <", "--verifier"];

/// clap's own exit code for nonsense is 2, which here means that `plan` found something. And it repeats what it refuses.
fn misunderstood(mut error: clap::Error) -> ExitCode {
    let of = error.get(ContextKind::InvalidArg).map(ToString::to_string).unwrap_or_default();
    if UNSEEN.iter().any(|name| of.contains(name)) && error.get(ContextKind::InvalidValue).is_some() {
        error.insert(ContextKind::InvalidValue, ContextValue::String("***".to_owned()));
    }
    let _unwritable = error.print();
    ExitCode::from(if error.use_stderr() { FAILED } else { DONE })
}
