//! Jobs from the queue: take the lease, run the run, write down what came of it.

use std::time::Duration;

use chrono::Utc;
use graphile_worker::{
    IntoTaskHandlerResult, TaskHandler, Worker, WorkerBuildError, WorkerContext, WorkerOptions, recovery::WorkerRecoveryConfig,
};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    Error,
    hold::{End, hold},
    look,
    slots::{Heard, Limits, Slot, Slots},
};
use crate::{
    causes::in_one_line,
    control::{Control, JOB, Job, Lease, RunInfo, State},
    database::Database,
    engine::{self, Ask, Outcome},
};

/// How many connections to its database a run takes.
const CONNECTIONS: u32 = 4;
/// For how long a run is begun again whose database is out of reach, before it has failed.
const OUTAGE: Duration = Duration::from_secs(60 * 60);
/// How often it is looked whether a run is due that was put off.
const DUE: Duration = Duration::from_millis(250);
/// How seldom that is tried in the end.
const SELDOM: Duration = Duration::from_secs(15);

/// What a job needs besides itself.
#[derive(Clone, Debug)]
struct Bench {
    control: Control,
    /// This engine's name in leases.
    holder: String,
    shutdown: CancellationToken,
    slots: Slots,
    /// How soon a job is looked at again whose database is somebody else's at the moment.
    busy: Duration,
}

/// Works until `shutdown`. The jobs of an engine that died come back when its leases have run out.
///
/// # Errors
/// When the queue can't be read at all. Where it is cut off later, its jobs are taken up again as soon as it answers.
pub(super) async fn work(control: Control, limits: Limits, shutdown: CancellationToken) -> Result<(), Error> {
    let holder = format!("{} process {}", Uuid::new_v4().simple(), std::process::id());
    let lasts = control.lease_lasts().await?;
    let bench = Bench { control, holder, shutdown, busy: lasts / 5, slots: Slots::new(limits) };
    let mut worker = begin(&bench, lasts, limits).await.map_err(|error| Error::Queue(Box::new(error)))?;
    loop {
        let began = Instant::now();
        let Err(error) = worker.run().await else { return Ok(()) };
        tracing::warn!(error = in_one_line(&error), "the queue was cut off");
        // one that lasted for a while may go on at once
        let mut pause = bench.busy.saturating_sub(began.elapsed());
        worker = loop {
            if bench.shutdown.is_cancelled() || bench.shutdown.run_until_cancelled(sleep(pause)).await.is_none() {
                return Ok(());
            }
            match begin(&bench, lasts, limits).await {
                Ok(worker) => break worker,
                Err(error) => tracing::warn!(error = in_one_line(&error), "the queue can't be read, and is tried again"),
            }
            pause = (2 * pause).clamp(bench.busy, SELDOM);
        };
    }
}

async fn begin(bench: &Bench, lasts: Duration, limits: Limits) -> Result<Worker, WorkerBuildError> {
    let recovery = WorkerRecoveryConfig::default()
        .heartbeat_interval(lasts / 4)
        .sweep_interval(lasts / 4)
        .sweep_threshold(lasts)
        .recovery_delay(Duration::ZERO);
    let stopped = bench.shutdown.clone();
    WorkerOptions::default()
        .pg_pool(bench.control.pool().clone())
        .poll_interval(DUE)
        .concurrency(limits.running + limits.parked)
        .worker_recovery(recovery)
        .listen_os_shutdown_signals(false)
        .shutdown_signal(async move { stopped.cancelled().await })
        .shutdown_grace_period(Duration::from_secs(10))
        .shutdown_interrupted_job_retry_delay(Duration::ZERO)
        .add_extension(bench.clone())
        .define_job::<Job>()
        .init()
        .await
}

impl TaskHandler for Job {
    const IDENTIFIER: &'static str = JOB;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let bench = context.get_ext::<Bench>().ok_or("a job without a bench")?;
        // an error here has the queue try again, later and later
        bench.look(self.run).await.map_err(|error| {
            tracing::error!(run = %self.run, error = in_one_line(&error), "a job failed");
            in_one_line(&error)
        })
    }
}

impl Bench {
    /// Looks at a run and does what is to be done about it now.
    async fn look(&self, id: Uuid) -> Result<(), Error> {
        // room first: whoever has the lease is at work
        let Some(slot) = self.slots.slot().await else { return Ok(()) };
        let Some(run) = self.control.run(id).await?.filter(|run| !run.ended()) else { return Ok(()) };
        let Some(lease) = self.control.acquire(&run.database, &self.holder).await? else {
            return Ok(self.control.again(id, self.busy).await?);
        };
        let done = self.run(&run, &lease, slot).await;
        self.control.release(&lease).await?;
        done
    }

    async fn run(&self, run: &RunInfo, lease: &Lease, slot: Slot) -> Result<(), Error> {
        let Some(run) = self.control.start(run.id, lease).await? else { return Ok(()) };
        let teller = self.control.progress().begin(run.id);
        let heard = Heard::now();
        let watch = |progress| {
            heard.again();
            teller.tell(progress);
        };
        // on the heap: all that a run may come to is large
        let work = Box::pin(slot.work(&heard, Box::pin(drive(&self.control, &run, lease, &watch))));
        match hold(&self.control, lease, &self.shutdown, work).await {
            End::Done(Ok(outcome)) => {
                let again = outcome.retry_in;
                self.keep(&run, lease, &outcome).await?;
                if again.is_some() {
                    teller.pause();
                }
                Ok(())
            }
            // whoever has the lease now has ended this run, or begun it again
            End::Lost | End::Done(Err(Error::Engine(engine::Error::Fenced))) => {
                tokio::spawn(self.shutdown.clone().run_until_cancelled_owned(look::late(self.control.clone(), run.clone(), self.busy)));
                Ok(self.control.again(run.id, self.busy).await?)
            }
            End::Done(Err(error)) if error.is_cut_off() && age(&run) < OUTAGE => {
                tracing::warn!(run = %run.id, database = run.database, error = in_one_line(&error), "a run was cut off, and is begun again");
                Ok(self.control.again(run.id, (age(&run) / 4).clamp(self.busy, SELDOM)).await?)
            }
            End::Done(Err(error)) => {
                tracing::warn!(run = %run.id, database = run.database, error = in_one_line(&error), "a run failed");
                if matches!(error, Error::Silent(_)) || error.is_cut_off() {
                    look::tell(&self.control, &run, &error.told()).await;
                }
                let said = serde_json::json!({ "run": run.id, "state": "failed", "errors": [error.told()] });
                Ok(self.control.record(run.id, lease, State::Failed, Some(said)).await?)
            }
            End::Stopped => Ok(self.control.again(run.id, Duration::ZERO).await?),
        }
    }

    /// Writes down what came of it. What has to wait comes back by itself.
    async fn keep(&self, run: &RunInfo, lease: &Lease, outcome: &Outcome) -> Result<(), Error> {
        let state = if outcome.retry_in.is_some() { State::Waiting } else { State::from(outcome) };
        let said = serde_json::to_value(outcome).ok();
        self.control.record(run.id, lease, state, said).await?;
        match outcome.retry_in {
            Some(after) => Ok(self.control.again(run.id, after).await?),
            None => Ok(()),
        }
    }
}

/// For how long a run has been wanted.
fn age(run: &RunInfo) -> Duration {
    (Utc::now() - run.asked_at).to_std().unwrap_or_default()
}

/// Has the engine do a run, after those that a dead engine left have been ended.
pub(super) async fn drive(
    control: &Control,
    run: &RunInfo,
    lease: &Lease,
    watch: &(dyn Fn(engine::Progress) + Send + Sync),
) -> Result<Outcome, Error> {
    let lost = control.lose_others(run.id, lease).await?;
    let database = control.enter(&run.database, CONNECTIONS).await?;
    if let Err(error) = control.lay_key(&database).await {
        // what needs no secret goes on
        tracing::warn!(database = run.database, error = in_one_line(&error), "the engine's key could not be laid");
    }
    for lost in lost {
        look::give_up(&database, lost, "the engine that ran it is gone").await?;
    }
    let done = go(control, &database, run, lease, watch).await;
    if let Err(error) = &done
        && !matches!(error, Error::Engine(engine::Error::Fenced))
        // whoever has it begun again leaves those waiting who wait
        && !error.is_cut_off()
    {
        look::give_up(&database, run.id, &error.told()).await?;
    }
    done
}

async fn go(
    control: &Control,
    database: &Database,
    run: &RunInfo,
    lease: &Lease,
    watch: &(dyn Fn(engine::Progress) + Send + Sync),
) -> Result<Outcome, Error> {
    let kind = control.kind_of(run).await?.ok_or_else(|| Error::Kind(run.kind.clone()))?;
    let registry = control.registry(&run.database).await?;
    let ask = Ask { run: run.id, kind, asked_by: run.asked_by.clone() };
    let outcome = engine::run(database, &registry, lease.counter, &ask, watch).await?;
    // what can't be put into the outbox now is put there after the next run
    if let Err(error) = look::drift(control, database).await {
        tracing::warn!(database = database.name(), error = in_one_line(&error), "drift could not be told");
    }
    Ok(outcome)
}
