//! What the process says about itself while it runs: lines for people on a terminal, JSON for everything else.
//!
//! Logs go to stderr, so that stdout stays the answer. No secret reaches a log, because what holds one
//! ([`Secret`](crate::resource::Secret), [`Config`](crate::config)) does not print it.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt, prelude::*};

/// Where the level is read from: `IASQL_LOG=info,sqlx=warn`.
pub const LEVEL: &str = "IASQL_LOG";

/// What nobody may turn on: sqlx logs statements with what stands in them, and that may be a secret; and notices, which may be a tenant's words.
const NEVER: &str = "sqlx::query=off,sqlx::postgres::notice=off";

/// Starts logging, at `level` where [`LEVEL`] says nothing. A second call changes nothing.
pub fn start(level: &str) {
    let asked = std::env::var(LEVEL).ok().filter(|asked| EnvFilter::try_new(asked).is_ok());
    let asked = asked.unwrap_or_else(|| format!("{level},sqlx=error,aws=warn,hyper=warn,graphile_worker=warn"));
    let filter = EnvFilter::new(format!("{asked},{NEVER}"));
    let lines = std::io::stderr().is_terminal();
    let people = lines.then(|| fmt::layer().compact().with_target(false).with_writer(std::io::stderr));
    let programs = (!lines).then(|| fmt::layer().json().flatten_event(true).with_writer(std::io::stderr));
    // a test may have started it already
    let _already = tracing_subscriber::registry().with(filter).with(people).with(programs).try_init();
}
