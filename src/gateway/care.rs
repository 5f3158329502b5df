//! What a gateway does beside its sessions, again and again: it tells others where it is, ends databases whose rows are gone and removes their files, measures those that
//! are awake, tells of versions, sets pins, orders certificates, and collects what nothing reaches.
//!
//! Each look begins from what stands in the registry, on the disk and in the bucket, so nothing is remembered that could be lost, and two gateways
//! on one bucket do what one does.

mod collect;
mod gone;
mod neighbours;
mod orders;
mod sizes;
mod versions;

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

pub use neighbours::OtherBucket;
pub(super) use sizes::{Admission, Sizes};

use super::{acme::Acme, bucket::BucketShelf, neighbours::Neighbours};
use crate::{causes::in_one_line, control::Control, node::Node};

/// How often it is looked what has gone, what is to be pinned and what is to be told.
const OFTEN: Duration = Duration::from_secs(2);
/// How often what is awake is measured: as long as that somebody may write without being seen.
const MEASURED: Duration = Duration::from_secs(5);
/// How often all databases of the bucket are gone through for what nothing reaches; the first time when those have woken that were waited for.
const COLLECTED: Duration = Duration::from_secs(6 * 3600);
const COLLECTED_FIRST: Duration = Duration::from_secs(60);

/// How often other gateways hear where this one is, and it hears where they are.
const MET: Duration = Duration::from_secs(5);
/// How long that is waited for before the first client comes.
const MEETING: Duration = Duration::from_secs(2);

/// Why something could not be done; it is tried again.
type Failure = Box<dyn Error + Send + Sync>;

/// What a gateway or node takes care of.
#[derive(Clone)]
pub struct Care {
    /// Of an instance: none.
    control: Option<Control>,
    /// Of a gateway without a node: none.
    kept: Option<Kept>,
    /// Among whom it is: those of this bucket.
    bucket: Option<BucketShelf>,
    /// Where its databases are in the end if there is none.
    home: Option<PathBuf>,
    location: Option<String>,
    acme: Option<Acme>,
    neighbours: Arc<Neighbours>,
}

/// The databases that are run here.
#[derive(Clone)]
struct Kept {
    here: super::Here,
    control: Option<Control>,
    node: Node,
    bucket: Option<BucketShelf>,
    sizes: Arc<Sizes>,
    grace: Duration,
}

impl Care {
    /// For the databases of [`Here`](super::Here). `grace` is how long a deleted row's files are kept.
    pub fn new(here: &super::Here, grace: Duration) -> Self {
        let (control, node, bucket, sizes) = here.parts();
        let kept = Kept { here: here.clone(), control: control.clone(), node, bucket: bucket.clone(), sizes, grace };
        Self { control, kept: Some(kept), bucket, home: None, location: here.location(), acme: None, neighbours: Arc::default() }
    }

    /// The same, of databases that stay in this folder where there is no bucket.
    #[must_use]
    pub fn of_folder(self, home: PathBuf) -> Self {
        Self { home: Some(home), ..self }
    }

    /// For a gateway that leads to [`Nodes`](super::Nodes): those care for the databases.
    pub fn of_none(control: Control, bucket: BucketShelf) -> Self {
        Self {
            control: Some(control),
            kept: None,
            bucket: Some(bucket),
            home: None,
            location: None,
            acme: None,
            neighbours: Arc::default(),
        }
    }

    /// For an instance: what it runs is measured and collected, and nobody is told.
    pub fn of_told(here: &super::Here) -> Self {
        Self::new(here, Duration::MAX)
    }

    /// Removes what nothing reaches in the bucket, where that was not done for a while by whoever had this folder: an instance is seldom awake for long.
    pub async fn collect_at_the_end(&self, folder: &Path) {
        let (mark, Some(kept)) = (folder.join("collected"), &self.kept) else { return };
        let done = fs::metadata(&mark).and_then(|mark| mark.modified()).ok();
        if done.and_then(|done| done.elapsed().ok()).is_some_and(|ago| ago < COLLECTED) {
            return;
        }
        let collected = kept.collect().await.and_then(|()| Ok(fs::write(&mark, [])?));
        if let Err(error) = collected {
            tracing::warn!(error = in_one_line(&*error), "could not collect what nothing reaches; it is tried again at the next end");
        }
    }

    /// The same, which orders certificates too: its DNS, or another gateway's, answers the authorities.
    #[must_use]
    pub fn ordering(self, acme: Option<Acme>) -> Self {
        Self { acme, ..self }
    }

    /// What is known of other gateways, for [`Gateway::among`](super::Gateway::among).
    pub fn neighbours(&self) -> Arc<Neighbours> {
        Arc::clone(&self.neighbours)
    }

    /// Hears of the other gateways, before anybody is given a key that says who made it.
    pub async fn begin(&self) {
        match timeout(MEETING, self.meet()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(error = in_one_line(&*error), "it is not known yet which other gateways there are"),
            Err(_) => tracing::warn!("it is not known yet which other gateways there are: the registry is silent"),
        }
    }

    /// Goes on until `shutdown`. What is begun then is left where it is: each step can be taken again.
    pub async fn run(self, shutdown: CancellationToken) {
        let kept = async {
            if let Some(kept) = &self.kept {
                kept.keep().await;
            }
        };
        let all = async {
            tokio::join!(again("hear of other gateways", MET, || self.meet()), again("order certificates", OFTEN, || self.order()), kept)
        };
        shutdown.run_until_cancelled(all).await;
        // gateways without databases lead nobody here any more who would wait for this one's end
        drop(timeout(MEETING, self.take_leave()).await);
    }
}

impl Kept {
    async fn keep(&self) {
        tokio::join!(
            again("end and remove what is gone", OFTEN, || self.gone()),
            again("measure what is awake", MEASURED, || self.measure()),
            again("tell of versions", OFTEN, || self.tell()),
            again("set pins", OFTEN, || self.pins()),
            async {
                sleep(COLLECTED_FIRST).await;
                again("collect what nothing reaches", COLLECTED, || self.collect()).await;
            },
        );
    }
}

/// Does something again and again. What fails is said, where it is not what failed the last time.
async fn again<F: Future<Output = Result<(), Failure>>>(doing: &str, every: Duration, mut look: impl FnMut() -> F) {
    let (mut ticks, mut said) = (interval(every), String::new());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let now = look().await.err().map(|error| in_one_line(&*error)).unwrap_or_default();
        if !now.is_empty() && now != said {
            tracing::warn!(error = now, "could not {doing}; it is tried again");
        }
        said = now;
    }
}
