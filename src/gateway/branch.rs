//! How a database begins that is a branch: with what the other one has now where that is here, else with what was stored of it last, or with the version
//! that its row names.

use super::{BucketShelf, Here, Unavailable, Unbranched, bucket::Outdated};
use crate::{
    causes::{self, in_one_line},
    control::Branch,
    node,
    store::{self, Id},
};

/// Why something could not be done.
type Failure = Box<dyn std::error::Error + Send + Sync>;

const DOING: &str = "making a branch";

impl Here {
    /// Makes it in the bucket, where its files are found when it wakes next; content where somebody else has meanwhile. It was tried to wake it, and so
    /// this gateway has it, and goes on to have it for as long as `begins` is held, which is given back.
    pub(super) async fn branched(&self, id: &str, branch: &Branch, begins: node::Session) -> Result<node::Session, Unavailable> {
        let (here, id, branch) = (self.clone(), id.to_owned(), branch.clone());
        // whoever does not wait for so long finds it the next time
        let made = tokio::spawn(async move {
            here.make_branch(&id, &branch).await?;
            Ok(begins)
        });
        let made = made.await;
        made.unwrap_or_else(|error| Err(Unavailable::ForNow { doing: DOING, source: error.into() }))
    }

    async fn make_branch(&self, id: &str, branch: &Branch) -> Result<(), Unavailable> {
        let Some(bucket) = self.bucket() else { return Err(Unavailable::Branch(Unbranched::NoBucket(branch.label.clone()))) };
        let turn = self.branching(id);
        let _turn = turn.acquire().await.map_err(|error| Unavailable::ForNow { doing: DOING, source: error.into() })?;
        let of = branch.of.to_string();
        let made = match branch.number {
            Some(number) => bucket.branch(id, &of, Some(number)).await,
            None => self.make_of_newest(bucket, id, &of).await,
        };
        made.map_err(|error| match error.downcast_ref().and_then(|error| why_not(error, branch)) {
            Some(why) => Unavailable::Branch(why),
            None => Unavailable::ForNow { doing: DOING, source: error },
        })
    }

    /// What the other one has is stored first, or copied where somebody uses it. Where that can't be, and where another gateway has it, what was stored
    /// last has to do.
    async fn make_of_newest(&self, bucket: &BucketShelf, id: &str, of: &str) -> Result<(), Failure> {
        let node = self.node();
        let sessions = || node.status().into_iter().find(|status| status.id == of).map(|status| status.sessions);
        // one copy of it at a time: each takes a place of those that its server has for replication
        let turn = self.branching(of);
        let _turn = turn.acquire().await?;
        if sessions() == Some(0)
            && let Err(error) = node.hand_over(of).await
        {
            if !is_elsewhere(&error) {
                return Err(error.into());
            }
            tracing::info!(
                database = of,
                error = in_one_line(&error),
                "another gateway has it, and a branch begins with what was stored last"
            );
        }
        if sessions().is_some_and(|sessions| sessions > 0) {
            // what was stored last is not what is asked for
            return bucket.begin_with(id, &node.backup(of).await?.data()).await;
        }
        bucket.branch(id, of, None).await
    }
}

/// Whether what lies here is not what counts.
fn is_elsewhere(error: &node::Error) -> bool {
    let held = |cause: &&(dyn std::error::Error + 'static)| {
        matches!(cause.downcast_ref(), Some(store::Error::Held { .. })) || cause.is::<Outdated>()
    };
    causes::all(error).any(|cause| held(&cause))
}

/// What of a failure is for whoever called.
fn why_not(error: &store::Error, branch: &Branch) -> Option<Unbranched> {
    let of = branch.label.clone();
    let is_of = |id: &Id| id.as_str() == branch.of.to_string();
    match error {
        store::Error::Empty(id) if is_of(id) => Some(Unbranched::Unstored(of)),
        store::Error::Deleted(id) if is_of(id) => Some(Unbranched::Gone(of)),
        store::Error::NoVersion { database, number } if is_of(database) && branch.number == Some(*number) => {
            Some(Unbranched::NoVersion { of, number: *number })
        }
        _ => None,
    }
}
