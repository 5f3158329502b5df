//! What a gateway does beside its sessions, again and again: it ends databases whose rows are gone and removes their files, measures those that
//! are awake, tells of versions, sets pins, and collects what nothing reaches.
//!
//! Each look begins from what stands in the registry, on the disk and in the bucket, so nothing is remembered that could be lost, and two gateways
//! on one bucket do what one does.

mod collect;
mod gone;
mod sizes;
mod versions;

use std::{error::Error, sync::Arc, time::Duration};

use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

pub(super) use sizes::{Admission, Sizes};

use super::bucket::BucketShelf;
use crate::{causes::in_one_line, control::Control, node::Node};

/// How often it is looked what has gone, what is to be pinned and what is to be told.
const OFTEN: Duration = Duration::from_secs(2);
/// How often what is awake is measured: as long as that somebody may write without being seen.
const MEASURED: Duration = Duration::from_secs(5);
/// How often all databases of the bucket are gone through for what nothing reaches; the first time when those have woken that were waited for.
const COLLECTED: Duration = Duration::from_secs(6 * 3600);
const COLLECTED_FIRST: Duration = Duration::from_secs(60);

/// Why something could not be done; it is tried again.
type Failure = Box<dyn Error + Send + Sync>;

/// What a gateway takes care of.
#[derive(Clone)]
pub struct Care {
    control: Control,
    node: Node,
    bucket: Option<BucketShelf>,
    sizes: Arc<Sizes>,
    grace: Duration,
}

impl Care {
    /// For the databases of [`Here`](super::Here). `grace` is how long a deleted row's files are kept.
    pub fn new(here: &super::Here, grace: Duration) -> Self {
        let (control, node, bucket, sizes) = here.parts();
        Self { control, node, bucket, sizes, grace }
    }

    /// Goes on until `shutdown`. What is begun then is left where it is: each step can be taken again.
    pub async fn run(self, shutdown: CancellationToken) {
        let all = async {
            tokio::join!(
                again("end and remove what is gone", OFTEN, || self.gone()),
                again("measure what is awake", MEASURED, || self.measure()),
                again("tell of versions", OFTEN, || self.tell()),
                again("set pins", OFTEN, || self.pins()),
                async {
                    sleep(COLLECTED_FIRST).await;
                    again("collect what nothing reaches", COLLECTED, || self.collect()).await;
                },
            )
        };
        shutdown.run_until_cancelled(all).await;
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
