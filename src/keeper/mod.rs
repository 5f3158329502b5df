//! Leads the clusters of the book: one controller for each, from when its row was carried out until it is taken back. Any number of engines may do so; the
//! controllers see to it that nothing is done twice.
//!
//! [`keep`] looks what there is to lead, `lead` has one be led, `fence` ends a member's machine when its agent can't be reached, `seen` is what of all that
//! goes back into the book, and [`Ways`] lead to whoever leads.

mod fence;
mod lead;
mod reach;
mod seen;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use sqlx::postgres::PgListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::{causes::in_one_line, control::Control};
use lead::Leading;
pub use reach::Ways;

/// How often it is looked what there is to lead, where nobody says that something changed.
const EVERY: Duration = Duration::from_secs(5);
/// By which word that is said.
const CHANNEL: &str = "iasql_clusters";

/// Leads all there are until `shutdown`.
pub async fn keep(control: Control, shutdown: CancellationToken) {
    let mut led = BTreeMap::new();
    let mut ear = None;
    loop {
        // before looking, so that nothing that is said meanwhile is missed
        if ear.is_none() {
            ear = listen(&control).await;
        }
        if let Err(error) = look(&control, &mut led, &shutdown).await {
            tracing::warn!(error = in_one_line(&error), "it can't be looked which clusters there are to lead");
        }
        tokio::select! {
            () = shutdown.cancelled() => break,
            heard = timeout(EVERY, hear(&mut ear)) => if let Ok(Err(())) = heard { ear = None },
        }
    }
    drop(ear);
    for (_, leading) in led {
        leading.end().await;
    }
}

async fn listen(control: &Control) -> Option<PgListener> {
    let listening = async {
        let mut ear = PgListener::connect_with(control.pool()).await?;
        ear.listen(CHANNEL).await?;
        Ok::<_, sqlx::Error>(ear)
    };
    // it is looked all the same, a little later
    listening.await.inspect_err(|error| tracing::debug!(error = in_one_line(error), "nobody is heard who changes clusters")).ok()
}

/// Ends when something was said, or can't be heard any more.
async fn hear(ear: &mut Option<PgListener>) -> Result<(), ()> {
    match ear {
        Some(ear) => ear.recv().await.map(drop).map_err(drop),
        None => std::future::pending().await,
    }
}

/// Has those be led that are to be, as they are to be, and no others.
async fn look(
    control: &Control,
    led: &mut BTreeMap<(String, String), Leading>,
    shutdown: &CancellationToken,
) -> Result<(), crate::control::Error> {
    let wanted = control.clusters_to_lead().await?;
    let names: BTreeSet<_> = wanted.iter().map(|cluster| (cluster.database.clone(), cluster.name.clone())).collect();
    let gone: Vec<_> = led.keys().filter(|name| !names.contains(*name)).cloned().collect();
    for name in gone {
        if let Some(leading) = led.remove(&name) {
            leading.end().await;
        }
    }
    for cluster in wanted {
        let name = (cluster.database.clone(), cluster.name.clone());
        if let Some(leading) = led.get(&name) {
            if leading.goes_on_as(&cluster) {
                continue;
            }
            if let Some(leading) = led.remove(&name) {
                leading.end().await;
            }
        }
        if let Some(leading) = Leading::begin(control, cluster, shutdown) {
            led.insert(name, leading);
        }
    }
    Ok(())
}
