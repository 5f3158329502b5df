//! Looks after the members: what each is, how far it is, and whether it answers at all.

use std::{pin::pin, sync::Arc, time::Duration};

use tokio::time::{Instant, sleep, timeout};

use super::{
    cluster::Cluster,
    member::Member,
    server::{Server, Unmade},
    shelf::{Shelf, Taken},
};
use crate::causes::in_one_line;

/// How often a member is asked while nobody waits for what it says.
const QUIET: Duration = Duration::from_millis(250);
/// How often at most, while somebody does.
const BUSY: Duration = Duration::from_millis(5);
/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How soon one that did not is asked again.
const AGAIN: Duration = Duration::from_millis(100);
/// How the pooler calls itself at members.
const NAME: &[u8] = b"iasql pooler";

/// For as long as it is a member.
pub(super) async fn watch(cluster: Arc<Cluster>, member: Arc<Member>) {
    let watched = async {
        loop {
            let why = follow(&cluster, &member).await;
            if member.is_silent() {
                tracing::warn!(member = member.named.name, "it does not answer any more: {}", in_one_line(&why));
                // who waits for it reads elsewhere; the primary's sessions are the engine's to end
                if member.follows() {
                    member.cut_all();
                }
                cluster.tell();
            }
            sleep(AGAIN).await;
        }
    };
    tokio::select! {
        () = watched => {}
        () = member.gone.cancelled() => {}
    }
}

/// Until it does not answer.
async fn follow(cluster: &Cluster, member: &Arc<Member>) -> Unmade {
    let (Some(login), shelf) = (cluster.logins().first().cloned(), Shelf::of(1)) else { return Unmade::Late };
    let bucket = cluster.bucket(&login, vec![(b"application_name".to_vec(), NAME.to_vec())]);
    let Taken::Room(room) = shelf.take(&bucket).await else { return Unmade::Late };
    let mut server = match Server::begin(member, &bucket, room).await {
        Ok(server) => server,
        Err(error) => return error,
    };
    loop {
        if let Err(error) = ask(cluster, member, &mut server).await {
            return error;
        }
        member.shelves.sweep(false);
    }
}

/// Asks once, and waits until there is a reason to ask again.
async fn ask(cluster: &Cluster, member: &Arc<Member>, server: &mut Server) -> Result<(), Unmade> {
    let looks = &cluster.looks;
    let mut taken = pin!(looks.taken.notified());
    taken.as_mut().enable();
    let view = cluster.view();
    let is_primary = view.primary().is_some_and(|primary| Arc::ptr_eq(primary, member));
    let (number, at) = (is_primary.then(|| looks.begin()), Instant::now());
    let look = timeout(PATIENCE, server.look()).await.map_err(|_| Unmade::Late)??;
    let news = !member.answers() || member.follows() != look.follows;
    member.says(look);
    if news {
        cluster.tell();
    }
    if let Some(number) = number.filter(|_| !look.follows) {
        cluster.mark(at, look.position);
        looks.found(number, look.position);
        sleep(BUSY).await;
        tokio::select! {
            () = looks.wanted.notified() => {}
            () = sleep(QUIET) => {}
        }
        return Ok(());
    }
    if let Some(fresh) = cluster.fresh(look.position) {
        member.is_fresh(fresh);
    }
    let behind = look.position < looks.position();
    tokio::select! {
        () = taken => {}
        () = sleep(if behind { BUSY } else { QUIET }) => {}
    }
    Ok(())
}
