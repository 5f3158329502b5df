//! Plan to cloud calls: whatever is ready runs, side by side up to a limit per service.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Instant,
};

use futures::{StreamExt, stream::FuturesUnordered};
use serde_json::Value;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::{
    Error, Progress, Watch,
    refresh::millis,
    retry::{Verdict, verdict},
};
use crate::{
    database::{self, Database, Intent, Resolved},
    plan::{Action, Graph, Node, Op, Step},
    resource::{self, Change, Kind, Owner, Registry, Secret},
};

/// How many calls to one service are made at the same time.
const PER_SERVICE: usize = 10;

/// What all the steps of one application share.
pub(super) struct Application<'a> {
    pub database: &'a Database,
    pub registry: &'a Registry,
    pub counter: i64,
    pub run: Uuid,
    pub watch: &'a Watch<'a>,
}

/// What came of an application.
#[derive(Debug, Default)]
pub(super) struct Applied {
    /// How many calls did what they were to.
    pub done: usize,
    /// What went wrong.
    pub failures: Vec<Failure>,
    /// What speaks against the plan that came next, which was not carried out then.
    pub complaints: Vec<String>,
    /// Whether what came next could not be looked at for now, and was not carried out.
    pub unseen: bool,
    /// The resource types of which something was changed.
    pub touched: BTreeSet<String>,
    /// The steps that made or changed what they were to, by their places in the plan; a replacement when its new one was made.
    pub finished: Vec<usize>,
}

/// One step that went wrong.
#[derive(Debug)]
pub(super) struct Failure {
    /// The step's place in the plan.
    pub step: usize,
    /// What was to be done.
    pub op: Op,
    /// A sentence.
    pub said: String,
    /// What to make of it.
    pub verdict: Verdict,
}

/// How one node ended.
enum End {
    Done,
    /// The cloud takes its time: whoever waits for this waits for the next round.
    Leaving,
    Failed(String, Verdict),
}

/// A change, and the secrets in it.
struct Prepared {
    change: Change,
    secrets: Vec<Secret>,
}

impl Application<'_> {
    /// Carries out a plan as far as it goes. A failed step stops only what depends on it.
    pub(super) async fn carry_out(&self, steps: &[Step]) -> Result<Applied, Error> {
        let mut graph = Graph::new(steps)?;
        let limits: HashMap<&str, Arc<Semaphore>> =
            steps.iter().map(|step| (service(step), Arc::new(Semaphore::new(PER_SERVICE)))).collect();
        let mut applied = Applied::default();
        let mut running = FuturesUnordered::new();
        let start = |node: Node| self.limited(node, &steps[node.step], limits.get(service(&steps[node.step])));
        running.extend(graph.ready().into_iter().map(start));
        while let Some(ended) = running.next().await {
            let (node, end) = ended?;
            match end {
                End::Done => {
                    applied.done += usize::from(node.op != Op::Forget);
                    // the end of an old one makes nothing: its new one may still have to wait for what it stands on
                    applied.finished.extend(matches!(node.op, Op::Create | Op::Update).then_some(node.step));
                    applied.touched.insert(steps[node.step].resource.clone());
                    running.extend(graph.done(node).into_iter().map(start));
                }
                End::Leaving => applied.done += 1,
                End::Failed(said, verdict) => applied.failures.push(Failure { step: node.step, op: node.op, said, verdict }),
            }
        }
        Ok(applied)
    }

    async fn limited(&self, node: Node, step: &Step, limit: Option<&Arc<Semaphore>>) -> Result<(Node, End), Error> {
        let _turn = match limit {
            Some(limit) => limit.acquire().await.ok(),
            None => None,
        };
        let end = match node.op {
            Op::Forget => self.forget(step).await?,
            op => self.call(op, step).await?,
        };
        Ok((node, end))
    }

    async fn forget(&self, step: &Step) -> Result<End, Error> {
        self.database.record_gone(self.counter, None, step, None).await?;
        Ok(End::Done)
    }

    /// One call: the intent committed before it, the outcome with the observed row after it.
    async fn call(&self, op: Op, step: &Step) -> Result<End, Error> {
        let Prepared { change, secrets } = match self.prepare(op, step).await? {
            Ok(prepared) => prepared,
            Err(said) => return Ok(End::Failed(format!("{} {}: {said}", step.resource, step.name), Verdict::Final)),
        };
        let (action, started) = (word(op, step), Instant::now());
        let intent = self.database.intend(self.counter, self.run, step, action).await?;
        (self.watch)(Progress::Started { resource: step.resource.clone(), region: step.region.clone(), name: step.name.clone(), action });
        let answer = self.ask(step, change, &intent).await.map_err(|error| discreet(error, &secrets));
        let error = answer.as_ref().err().map(ToString::to_string);
        let end = self.write_down(op, step, &intent, answer).await?;
        (self.watch)(Progress::Finished {
            resource: step.resource.clone(),
            region: step.region.clone(),
            name: step.name.clone(),
            action,
            millis: millis(started),
            error,
        });
        Ok(end)
    }

    /// The change as a provider takes it, or why there is none.
    async fn prepare(&self, op: Op, step: &Step) -> Result<Result<Prepared, String>, database::Error> {
        let observed = match step.observed_id.filter(|_| op != Op::Create) {
            Some(id) => match self.database.seen(&step.resource, id).await? {
                Some(observed) => Some(observed),
                None => return Ok(Err("it was seen a moment ago, and is not in the observed table any more".into())),
            },
            None => None,
        };
        if op == Op::Delete {
            let change = observed.map(|observed| Change::Delete { observed });
            return Ok(change.map(|change| Prepared { change, secrets: vec![] }).ok_or_else(|| "nothing of it was seen".into()));
        }
        let Some(row) = step.row_id else { return Ok(Err("no row asks for it".into())) };
        let resolved = match self.wanted(step, row).await? {
            Ok(resolved) => resolved,
            Err(said) => return Ok(Err(said.into())),
        };
        if !resolved.lacks.is_empty() {
            return Ok(Err(format!("it needs {}, which can't be seen", resolved.lacks.join(" and "))));
        }
        if let Some((column, error)) = resolved.closed {
            return Ok(Err(format!("{column} can't be opened: {error}")));
        }
        let desired = resolved.desired;
        let change = match observed {
            Some(observed) => Change::Update { desired, observed },
            None => Change::Create { desired },
        };
        Ok(Ok(Prepared { change, secrets: resolved.secrets }))
    }

    /// The row as it is now; where somebody looked at the plan, as it was then.
    async fn wanted(&self, step: &Step, row: Uuid) -> Result<Result<Resolved, &'static str>, database::Error> {
        let found = match &step.content {
            None => self.database.desired(&step.resource, row).await?.map(Some),
            Some(content) => self.database.desired_as_planned(&step.resource, row, content).await?,
        };
        Ok(found.ok_or("its row was deleted in the meantime").and_then(|row| row.ok_or("its row was changed after the plan was looked at")))
    }

    async fn ask(&self, step: &Step, change: Change, intent: &Intent) -> Result<Option<Value>, resource::Error> {
        let driver = self
            .registry
            .driver(&step.resource)
            .ok_or_else(|| resource::Error::new("applying", Kind::Unsupported, format!("this engine does not know {}", step.resource)))?;
        let owner = Owner { tag: format!("{}/{}", self.database.name(), step.row_id.unwrap_or_default()), token: intent.token.to_string() };
        let region = place(&change).or_else(|| step.region.clone()).unwrap_or_default();
        driver.apply(&region, change, &owner).await
    }

    async fn write_down(&self, op: Op, step: &Step, intent: &Intent, answer: Result<Option<Value>, resource::Error>) -> Result<End, Error> {
        match answer {
            Ok(row) if op == Op::Delete => {
                self.database.record_gone(self.counter, Some(intent.id), step, row.as_ref()).await?;
                Ok(if row.is_some() { End::Leaving } else { End::Done })
            }
            Ok(row) => {
                let changed = step.observed_id.filter(|_| op == Op::Update);
                let row = row.unwrap_or_default();
                self.database.record(self.counter, intent.id, step, changed, &row).await?;
                Ok(if row.get("pending").is_some_and(|pending| !pending.is_null()) { End::Leaving } else { End::Done })
            }
            Err(error) => {
                let verdict = verdict(error.kind);
                self.database.record_failure(self.counter, intent.id, verdict != Verdict::Unanswered, &error.to_string()).await?;
                let said = format!(
                    "{} {}{}: {error}",
                    step.resource,
                    step.name,
                    step.region.as_deref().map(|region| format!(" ({region})")).unwrap_or_default()
                );
                Ok(End::Failed(said, verdict))
            }
        }
    }
}

/// A cloud may repeat what it was sent, and with it a secret.
fn discreet(error: resource::Error, secrets: &[Secret]) -> resource::Error {
    let said = secrets.iter().fold(error.said, |said, secret| secret.masked_in(&said));
    resource::Error { said, ..error }
}

/// Where a thing is that exists: its row may already ask for one in another region.
fn place(change: &Change) -> Option<String> {
    match change {
        Change::Create { .. } => None,
        Change::Update { observed, .. } | Change::Delete { observed } => observed.get("region").and_then(Value::as_str).map(str::to_owned),
    }
}

fn service(step: &Step) -> &str {
    step.resource.split('.').next().unwrap_or_default()
}

fn word(op: Op, step: &Step) -> &'static str {
    match op {
        Op::Delete | Op::Forget => "delete",
        Op::Create => "create",
        Op::Update if step.action == Action::Adopt => "adopt",
        Op::Update | Op::Never => "update",
    }
}
