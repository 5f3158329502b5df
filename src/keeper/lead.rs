//! One cluster that is led: its controller, what it is told, and what it tells.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chrono::SecondsFormat;
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{fence::Machines, seen::seen};
use crate::{
    causes::in_one_line,
    cluster::{Controller, Error, Site, Wanted, backup},
    control::{Control, Led},
    failover::{Member, Timing},
    resource::Secret,
    served::ClusterSeen,
    store::Access,
};

/// How long it takes until a bucket that did not answer is asked again.
const AGAIN: Duration = Duration::from_secs(1);
/// What is seen is written down this often at most.
const PACE: Duration = Duration::from_millis(100);
/// And this often at least, so that it is known how old it is.
const STALE: Duration = Duration::from_secs(30);

/// A cluster that is led.
pub(super) struct Leading {
    led: watch::Sender<Led>,
    ends: CancellationToken,
    task: JoinHandle<()>,
}

impl Leading {
    /// Leads it from now on. `None`: its keys can't be opened.
    pub(super) fn begin(control: &Control, cluster: Led, shutdown: &CancellationToken) -> Option<Self> {
        if cluster.keys.is_none() {
            tracing::warn!(database = cluster.database, cluster = cluster.name, "its keys can't be opened, so it is not led here");
            return None;
        }
        let (ends, (led, told)) = (shutdown.child_token(), watch::channel(cluster));
        let task = tokio::spawn(lead(control.clone(), told, ends.clone()));
        Some(Self { led, ends, task })
    }

    /// Tells it what is to be different; false where another one has to begin, since its keys or its bucket are others.
    pub(super) fn goes_on_as(&self, cluster: &Led) -> bool {
        let was = self.led.borrow().clone();
        let exposed = |led: &Led| {
            let keys = led.keys.as_ref()?;
            Some((keys.key.clone(), keys.secret_access_key.clone(), led.wanted.access_key_id.clone(), led.prefix.clone()))
        };
        let same = exposed(&was) == exposed(cluster);
        if same && was.change != cluster.change {
            self.led.send_replace(cluster.clone());
        }
        same
    }

    /// Leads it no longer.
    pub(super) async fn end(self) {
        self.ends.cancel();
        if let Err(error) = self.task.await {
            tracing::warn!(error = in_one_line(&error), "a cluster's controller did not end well");
        }
    }
}

async fn lead(control: Control, mut told: watch::Receiver<Led>, ends: CancellationToken) {
    let (wanted, follows) = watch::channel(wanted(&told.borrow()));
    let controller = tokio::select! {
        controller = open(&control, &told, follows) => controller,
        () = ends.cancelled() => return,
    };
    let Some((site, controller)) = controller else { return };
    let authority = site.authority().ok().map(|authority| authority.certificate().to_owned());
    let (shown, mut trouble) = (controller.shown(), controller.trouble());
    let tells = async {
        let mut was = None;
        loop {
            let led = told.borrow_and_update().clone();
            wanted.send_if_modified(|was| std::mem::replace(was, self::wanted(&led)) != self::wanted(&led));
            let now = seen(&led, shown.borrow().as_ref(), authority.as_deref(), trouble.borrow_and_update().as_deref());
            note(&control, &led, now, &mut was).await;
            let mut shown = shown.clone();
            shown.mark_unchanged();
            let changed = async {
                tokio::select! {
                    said = told.changed() => said.is_ok(),
                    said = shown.changed() => said.is_ok(),
                    said = trouble.changed() => said.is_ok(),
                }
            };
            if matches!(timeout(STALE, changed).await, Ok(false)) {
                return;
            }
            sleep(PACE).await;
        }
    };
    tokio::select! {
        () = controller.run(ends.clone()) => {}
        () = tells => ends.cancelled().await,
    }
}

async fn open(control: &Control, told: &watch::Receiver<Led>, wanted: watch::Receiver<Wanted>) -> Option<(Site, Controller)> {
    loop {
        let led = told.borrow().clone();
        let opened = async {
            let site = site(control, &led)?;
            let outside = Arc::new(Machines::of(control, told.clone()));
            let controller = Controller::open(site.clone(), wanted.clone(), outside).await?;
            Ok::<_, Error>((site, controller))
        };
        match opened.await {
            Ok(opened) => return Some(opened),
            Err(error) => tracing::warn!(cluster = led.name, error = in_one_line(&error), "a cluster can't be led yet"),
        }
        sleep(AGAIN).await;
    }
}

/// The cluster, with its own way to the bucket or that of the engine.
pub(super) fn site(control: &Control, led: &Led) -> Result<Site, Error> {
    let own = led.keys.as_ref().and_then(|keys| Some((led.wanted.access_key_id.clone()?, keys.secret_access_key.clone()?)));
    let engines = || control.tigris().keys().map(|keys| (keys.id.clone(), keys.secret.clone()));
    let keys = own.or_else(engines).map(|(id, secret)| (id, secret, None));
    let access = Access { endpoint: Some(led.wanted.endpoint.clone()), region: Some("auto".to_owned()), keys };
    let key = led.keys.as_ref().map_or_else(|| Secret::new(""), |keys| keys.key.clone());
    Site::new(&led.name, &format!("s3://{}/{}", led.wanted.bucket, led.prefix), access, key)
}

/// What the row asks for, as a controller is told it.
fn wanted(led: &Led) -> Wanted {
    let row = &led.wanted;
    let member = |number: i32| u16::try_from(number).ok().map(Member);
    let members: BTreeSet<Member> = row.members.iter().filter_map(|one| member(one.number)).collect();
    Wanted {
        preferred: row.preferred_primary.and_then(member).filter(|member| members.contains(member)),
        members,
        synchronous: row.synchronous,
        settings: row.settings.clone().into_iter().chain(backups(led)).collect(),
        databases: row.databases.iter().cloned().collect(),
        timing: Timing::default(),
    }
}

/// What its members are told of backups, beside what they are told of Postgres.
fn backups(led: &Led) -> impl Iterator<Item = (String, String)> {
    let (row, to) = (&led.wanted, led.wanted.backup_url(&led.name, &led.prefix));
    let until = row.restore_to.map(|time| time.to_rfc3339_opts(SecondsFormat::Micros, true));
    let made = to.is_some();
    let said = [
        (backup::TO, to),
        (backup::SCHEDULE, row.backup_schedule.clone().filter(|_| made)),
        (backup::KEEP, made.then(|| row.backup_keep.to_string())),
        (backup::FROM, row.restore_from.clone()),
        (backup::UNTIL, until),
    ];
    said.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)))
}

/// Writes down what is seen, where it is something else than before.
async fn note(control: &Control, led: &Led, now: ClusterSeen, was: &mut Option<ClusterSeen>) {
    if was.as_ref() == Some(&now) {
        return;
    }
    match control.note_cluster(&led.database, &led.name, &now).await {
        Ok(()) => *was = Some(now),
        Err(error) => tracing::warn!(cluster = led.name, error = in_one_line(&error), "what is seen of a cluster can't be noted"),
    }
}
