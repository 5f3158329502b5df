//! What is looked at again before anything more is done: where a failed call may have done something, or the cloud is not as it was seen.

use std::collections::{BTreeSet, HashSet};

use super::{
    Error, Watch,
    apply::Failure,
    refresh::{Names, refresh},
    retry::Verdict,
};
use crate::{
    database::{Database, Listing},
    plan::{Action, Op, Step},
    resource::Registry,
};

/// Reads the lists again in which it shows what failed calls did; answers whether any was read.
pub(super) async fn look_again(
    database: &Database,
    registry: &Registry,
    counter: i64,
    (steps, failures): (&[Step], &[Failure]),
    watch: &Watch<'_>,
) -> Result<bool, Error> {
    let doubtful: HashSet<Listing> = failures.iter().filter(|failure| failure.is_doubtful()).map(|it| listing(&steps[it.step])).collect();
    if doubtful.is_empty() {
        return Ok(false);
    }
    refresh(database, registry, counter, doubtful.into_iter().collect(), Names::Managed, watch).await?;
    Ok(true)
}

/// Reads the lists again in which it shows what was changed in others.
pub(super) async fn look_beside(
    database: &Database,
    registry: &Registry,
    counter: i64,
    touched: &BTreeSet<String>,
    watch: &Watch<'_>,
) -> Result<(), Error> {
    let beside: BTreeSet<&str> =
        touched.iter().filter_map(|it| registry.driver(it)).flat_map(|driver| driver.shows_in().iter().copied()).collect();
    if beside.is_empty() {
        return Ok(());
    }
    let lists = database.listings().await?.into_iter().filter(|list| beside.contains(&*list.resource)).collect();
    refresh(database, registry, counter, lists, Names::Managed, watch).await?;
    Ok(())
}

/// Drops the failures that a second look has shown to be none: what they were about is no longer to be done. Answers how many.
///
/// A list that could not be read shows nothing.
pub(super) async fn settle(database: &Database, before: &[Step], failures: &mut Vec<Failure>, now: &[Step]) -> Result<usize, Error> {
    let blind = database.blind_listings().await?;
    let had = failures.len();
    failures.retain_mut(|failure| {
        let was = &before[failure.step];
        if !failure.is_doubtful() || blind.iter().any(|it| it.resource == was.resource && it.region == listing(was).region) {
            return true;
        }
        // a name that another one has whom we see will not be free later
        if failure.verdict == Verdict::Outdated && failure.op == Op::Create && now.iter().any(|it| is_in_the_way(it, was)) {
            failure.verdict = Verdict::Final;
        }
        now.iter().any(|it| it.id == was.id && it.action == was.action)
    });
    Ok(had - failures.len())
}

impl Failure {
    /// Whether nobody knows how the cloud is by now. A creation may be several calls: any but the last may have made something.
    fn is_doubtful(&self) -> bool {
        match self.verdict {
            Verdict::Unanswered | Verdict::Outdated => true,
            Verdict::Later | Verdict::Final => self.op == Op::Create,
        }
    }
}

fn is_in_the_way(it: &Step, of: &Step) -> bool {
    it.action == Action::Unmanaged && it.resource == of.resource && it.region == of.region && it.name == of.name
}

fn listing(step: &Step) -> Listing {
    Listing { resource: step.resource.clone(), region: step.region.clone().unwrap_or_default() }
}
