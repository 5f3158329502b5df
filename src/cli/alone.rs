//! The one database that an instance serves to clients itself, where no gateway stands before it and tells of one.

use std::time::Duration;

use clap::builder::PossibleValuesParser;
use iasql::{
    control::Found,
    resource::Secret,
    served::{Durability, Engine},
};
use uuid::Uuid;

/// What a gateway would tell of it.
#[derive(clap::Args)]
pub(super) struct Alone {
    /// The id of the one database that it serves to clients itself, instead of to gateways: what its files are kept under. Clients come in clear: a proxy before it has ended their TLS, and leads nobody else here
    #[arg(long, env = "IASQL_INSTANCE_DATABASE", value_name = "UUID", conflicts_with = "key")]
    database: Option<Uuid>,
    /// The login that owns that one
    #[arg(long, env = "IASQL_INSTANCE_ROLE", default_value = "app", value_name = "NAME")]
    role: String,
    /// What the login's password is checked by, as Postgres keeps it (SCRAM-SHA-256$…); without it nobody comes in
    #[arg(long, env = "IASQL_INSTANCE_VERIFIER", hide_env_values = true, value_name = "VERIFIER", value_parser = verifier)]
    verifier: Option<Secret>,
    /// By what it is run
    #[arg(long, env = "IASQL_INSTANCE_ENGINE", default_value = "postgres", value_name = "ENGINE", value_parser = PossibleValuesParser::new(["postgres", "orioledb", "pglite"]))]
    engine: String,
    /// How long after its last session it falls asleep
    #[arg(long, env = "IASQL_INSTANCE_IDLE_SECONDS", default_value_t = 300, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(..=86_400))]
    idle_seconds: u64,
    /// When what it commits is in the bucket: when it falls asleep, every ten seconds, or before the commit returns
    #[arg(long, env = "IASQL_INSTANCE_DURABILITY", default_value = "pause", value_name = "WORD", value_parser = PossibleValuesParser::new(["pause", "interval", "sync"]))]
    durability: String,
    /// How large its tables and indexes may become, in bytes
    #[arg(long, env = "IASQL_INSTANCE_SIZE_LIMIT_BYTES", default_value_t = 1 << 30, value_name = "NUMBER")]
    size_limit_bytes: u64,
}

impl Alone {
    /// Both, as if a registry had been asked: the database, and what nobody else knows; where there is one.
    pub(super) fn found(&self) -> Option<(Found, Secret)> {
        let id = self.database?;
        let verifier = self.verifier.clone().unwrap_or_else(|| Secret::new(""));
        let found = Found {
            id,
            role: self.role.clone(),
            engine: Engine::named(&self.engine),
            machine: None,
            branch: None,
            replica: None,
            verifier: verifier.expose().to_owned(),
            idle: Duration::from_secs(self.idle_seconds),
            size_limit: self.size_limit_bytes,
            // it measures what it runs
            size: 0,
            durability: Durability::of(&self.durability, None),
            location: None,
            hold: false,
        };
        // of two instances only those with the same password make up the same salts
        Some((found, Secret::new(format!("{id} {}", verifier.expose()))))
    }
}

fn verifier(text: &str) -> Result<Secret, String> {
    // what was typed may be the password itself
    let is = text.starts_with("SCRAM-SHA-256$");
    if is { Ok(Secret::new(text)) } else { Err("it is SCRAM-SHA-256$<rounds>:<salt>$<stored key>:<server key>".to_owned()) }
}
