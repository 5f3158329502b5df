//! What stands between a plan and its application: the approval, the limits, the user's own policies.

use super::{Ask, Error, Kind};
use crate::{
    database::{self, Database},
    plan::{Approved, Fingerprint, Step, deletions, refusals},
};

/// What the guards made of a plan.
#[derive(Debug, Default)]
pub(super) struct Guarded {
    /// The plan, with what was not approved blocked.
    pub steps: Vec<Step>,
    /// Why nothing is applied, a sentence each; nothing where it may be.
    pub refused: Vec<String>,
    /// What the policies complain about.
    pub complaints: Vec<String>,
    /// What the plan is known by, where somebody wants to know.
    pub fingerprint: Option<Fingerprint>,
    pub watched: Watched,
}

/// What came of looking at a plan.
pub(super) enum Looked {
    /// It was looked at.
    At(Box<Guarded>),
    /// Its policies could not be asked for now: here is the plan, as it was.
    Later(Vec<Step>),
}

/// Who looks at each plan of a run before it is carried out.
#[derive(Debug, Default)]
pub(super) struct Watched {
    /// Whoever approved a plan: nothing else is carried out.
    pub approved: Option<Approved>,
    /// Whether there are policies.
    pub by_policies: bool,
}

/// Looks at the first plan of a run.
pub(super) async fn guard(database: &Database, counter: i64, ask: &Ask, steps: Vec<Step>) -> Result<Looked, Error> {
    let mut guarded = Guarded { steps, ..Guarded::default() };
    match ask.kind {
        Kind::Refresh | Kind::Import => return Ok(Looked::At(guarded.into())),
        Kind::Plan => guarded.fingerprint = database.fingerprint().await?,
        Kind::Apply | Kind::Check => guarded.refused = over_limits(database, &guarded.steps).await?,
        Kind::Approved(plan) => {
            if let Some(now) = database.approve(counter, ask.run, plan).await? {
                guarded.refused = vec![changed(plan, &now)];
            } else {
                guarded.watched.approved = Some(database.approved(ask.run).await?);
                // the approval may have said yes to a replacement
                guarded.steps = database.steps().await?;
                guarded.refused = over_limits(database, &guarded.steps).await?;
            }
        }
    }
    let complaints = match database.complaints().await {
        Err(database::Error::Later(_)) => return Ok(Looked::Later(guarded.steps)),
        complaints => complaints?,
    };
    guarded.watched.by_policies = complaints.is_some();
    guarded.complaints = complaints.unwrap_or_default();
    if ask.kind.acts() && !guarded.complaints.is_empty() {
        guarded.refused.push(sentence(&guarded.complaints));
        guarded.refused.extend(guarded.complaints.iter().cloned());
    }
    guarded.watched.hold(&mut guarded.steps);
    Ok(Looked::At(guarded.into()))
}

impl Watched {
    /// Asks again, for a later plan of the same run; answers what speaks against it, and nothing where nobody could be asked for now.
    pub(super) async fn ask_again(&self, database: &Database) -> Result<Option<Vec<String>>, Error> {
        if !self.by_policies {
            return Ok(Some(Vec::new()));
        }
        match database.complaints().await {
            Err(database::Error::Later(_)) => Ok(None),
            complaints => Ok(Some(complaints?.unwrap_or_default())),
        }
    }

    /// Binds the steps to what was looked at. Where nobody looks, a row is carried out as it is when its turn comes.
    pub(super) fn hold(&self, steps: &mut [Step]) {
        match &self.approved {
            Some(approved) => approved.hold(steps),
            None if self.by_policies => {}
            None => steps.iter_mut().for_each(|step| step.content = None),
        }
    }
}

async fn over_limits(database: &Database, steps: &[Step]) -> Result<Vec<String>, Error> {
    let deletes = deletions(steps);
    // counting what is managed costs a look into every table
    let managed = if deletes < crate::plan::FEW { deletes } else { database.managed().await? };
    Ok(refusals(deletes, managed, database.limits().await?))
}

fn changed(approved: Fingerprint, now: &str) -> String {
    format!(
        "the plan changed since it was approved: {approved} was, and it is {now} now: nothing was changed; look at it (iasql plan, select iasql.diff()) and approve {now} if it is meant"
    )
}

fn sentence(complaints: &[String]) -> String {
    let count = if complaints.len() == 1 { "a complaint".to_owned() } else { format!("{} complaints", complaints.len()) };
    format!("{count} of the views in the schema policy: nothing was changed")
}
