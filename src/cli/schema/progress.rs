//! What is told of an upgrade while it goes.

use iasql::{
    config::Url,
    schema::{self, Progress},
};
use serde_json::json;
use sqlx::{Connection, PgConnection};

use crate::cli::{error::Error, show::Show};

/// Connects to the database that somebody named.
pub(super) async fn connect(url: &Url) -> Result<PgConnection, Error> {
    PgConnection::connect(url.expose()).await.map_err(asking("connecting to the database"))
}

/// Says what was asked of a database that did not do it.
pub(super) fn asking(doing: &'static str) -> impl FnOnce(sqlx::Error) -> Error {
    move |source| Error::Schema(schema::Error::Statement { doing, source })
}

/// Tells of a step.
pub(super) fn tell(show: &Show, progress: &Progress) {
    if let Show::Bar(bar) = show {
        advance(bar, progress);
    }
    match progress {
        Progress::Version { schema, version, to } => {
            show.say(&format!("{schema}: at version {version}"));
            show.document(&json!({ "event": "version", "schema": schema, "version": version, "to": to }));
        }
        Progress::Retry { schema, tries, pause } => {
            show.say(&format!("{schema}: somebody is in the way; the next try, number {}, in {:.1} s", tries + 1, pause.as_secs_f64()));
            show.document(&json!({ "event": "retry", "schema": schema, "tries": tries }));
        }
        Progress::Online { schema, migration, rows, done } => {
            if *done {
                show.say(&format!("{schema}: {migration} is done: {rows} rows"));
            }
            show.document(&json!({ "event": "online", "schema": schema, "migration": migration, "rows": rows, "done": done }));
        }
    }
}

fn advance(bar: &indicatif::ProgressBar, progress: &Progress) {
    bar.enable_steady_tick(std::time::Duration::from_millis(100));
    match progress {
        Progress::Version { version, to, .. } => {
            bar.set_length(u64::try_from((*to).max(*version)).unwrap_or_default());
            bar.set_position(u64::try_from(*version).unwrap_or_default());
            bar.set_message("versions");
        }
        Progress::Retry { .. } => bar.set_message("somebody is in the way"),
        Progress::Online { migration, rows, .. } => bar.set_message(format!("{migration}: {rows} rows")),
    }
}
