//! What the process says about itself while it runs: lines for people on a terminal, JSON for everything else.
//!
//! Logs go to stderr, so that stdout stays the answer. No secret reaches a log, because what holds one
//! ([`Secret`](crate::resource::Secret), [`Config`](crate::config)) does not print it.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt, prelude::*};

/// Where the level is read from: `IASQL_LOG=info,sqlx=warn`.
pub const LEVEL: &str = "IASQL_LOG";

/// What nobody may turn on: sqlx logs statements with what stands in them, and that may be a secret; and notices, which may be a tenant's words. And pgp
/// logs what a private key is made of; bollard what a container is made of, and its secrets are part of that.
const NEVER: &str = "sqlx::query=off,sqlx::postgres::notice=off,pgp=off,bollard=off";

/// Starts logging, at `level` where [`LEVEL`] says nothing. A second call changes nothing.
pub fn start(level: &str) {
    let asked = std::env::var(LEVEL).ok().filter(|asked| EnvFilter::try_new(asked).is_ok());
    let asked = asked.unwrap_or_else(|| format!("{level},sqlx=error,aws=warn,hyper=warn,graphile_worker=warn"));
    let filter = EnvFilter::new(allowed(&asked));
    let lines = std::io::stderr().is_terminal();
    let people = lines.then(|| fmt::layer().compact().with_target(false).with_writer(std::io::stderr));
    let programs = (!lines).then(|| fmt::layer().json().flatten_event(true).with_writer(std::io::stderr));
    // a test may have started it already
    let _already = tracing_subscriber::registry().with(filter).with(people).with(programs).try_init();
}

/// What was asked for, without what says more of something that nobody may turn on: a longer target would count before a shorter one.
fn allowed(asked: &str) -> String {
    let never = |directive: &&str| NEVER.split(',').any(|off| directive.trim().starts_with(off.trim_end_matches("=off")));
    let kept: Vec<&str> = asked.split(',').filter(|directive| !never(directive)).collect();
    [kept.join(","), NEVER.to_owned()].join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_turns_on_what_may_hold_a_secret_however_closely_they_name_it() {
        assert_eq!(allowed("debug, pgp::packet::secret_key_parser=trace,sqlx::query::x=info,aws=warn"), format!("debug,aws=warn,{NEVER}"));
        assert_eq!(allowed("info"), format!("info,{NEVER}"));
    }
}
