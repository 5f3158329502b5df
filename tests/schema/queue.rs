//! The procedures of the schema queue, at version 4. Written by `iasql schema procs`: not to be edited.

use iasql::schema::{Calls, Error, Mode, Service, With};
use sqlx::postgres::PgArguments;

/// The service api: Puts tasks and reads what became of them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Api;

impl Service for Api {
    const SCHEMA: &'static str = "queue";
    const NAME: &'static str = "api";
    const VERSION: i32 = 4;
    type Procs = ApiProcs;

    fn procs(calls: Calls) -> ApiProcs {
        ApiProcs { calls }
    }
}

/// What the service api may call. A call fails where the database refuses it, or does not answer.
#[derive(Clone)]
pub struct ApiProcs {
    calls: Calls,
}

impl ApiProcs {
    /// Tells how many tasks wait, since when the oldest does, and whether a replica answers.
    ///
    /// Mode read, with the rights of the service api.
    pub async fn health(&self) -> Result<Vec<Health>, Error> {
        const SQL: &str = "select waiting, oldest, from_replica from queue.health()";
        let given = PgArguments::default();
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Puts a task behind all others and tells its number.
    ///
    /// Mode write, with the rights of the service api.
    pub async fn put_task(&self, kind: &str, payload: &serde_json::Value) -> Result<i64, Error> {
        const SQL: &str = "select queue.put_task(kind => $1, payload => $2)";
        let given = PgArguments::default().with(kind)?.with(payload)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// Puts a task before all those of a lower priority and tells its number.
    ///
    /// Mode write, with the rights of the service api.
    pub async fn put_urgent_task(&self, kind: &str, payload: &serde_json::Value, priority: i32) -> Result<i64, Error> {
        const SQL: &str = "select queue.put_urgent_task(kind => $1, payload => $2, priority => $3)";
        let given = PgArguments::default().with(kind)?.with(payload)?.with(priority)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// Tells what became of a task. No row: there is none of that number.
    ///
    /// Mode read, with the rights of the service api.
    pub async fn task_state(&self, task: i64) -> Result<Vec<TaskState>, Error> {
        const SQL: &str = "select state, worker, attempts, result from queue.task_state(task => $1)";
        let given = PgArguments::default().with(task)?;
        self.calls.rows(Mode::Read, SQL, given).await
    }
}

/// The service worker: Takes tasks and finishes them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Worker;

impl Service for Worker {
    const SCHEMA: &'static str = "queue";
    const NAME: &'static str = "worker";
    const VERSION: i32 = 4;
    type Procs = WorkerProcs;

    fn procs(calls: Calls) -> WorkerProcs {
        WorkerProcs { deprecated: WorkerDeprecated { calls: calls.clone() }, calls }
    }
}

/// What the service worker may call. A call fails where the database refuses it, or does not answer.
#[derive(Clone)]
pub struct WorkerProcs {
    calls: Calls,
    /// What should not be called any more.
    pub deprecated: WorkerDeprecated,
}

impl WorkerProcs {
    /// Notes what came of a task; false where somebody else has it by now.
    ///
    /// Mode write, with the rights of the service worker.
    pub async fn finish_task(&self, task: i64, worker: &str, outcome: Option<&serde_json::Value>) -> Result<bool, Error> {
        const SQL: &str = "select queue.finish_task(task => $1, worker => $2, outcome => $3)";
        let given = PgArguments::default().with(task)?.with(worker)?.with(outcome)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// Tells how many tasks wait, since when the oldest does, and whether a replica answers.
    ///
    /// Mode read, with the rights of the service api.
    pub async fn health(&self) -> Result<Vec<Health>, Error> {
        const SQL: &str = "select waiting, oldest, from_replica from queue.health()";
        let given = PgArguments::default();
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Hands out some tasks that nobody works on, the most urgent first; each is given back when the seconds are over.
    ///
    /// Mode write, with the rights of the service worker.
    pub async fn take_tasks(&self, worker: &str, seconds: i32, at_most: i32) -> Result<Vec<TakeTasks>, Error> {
        const SQL: &str = "select id, kind, payload, taken_until from queue.take_tasks(worker => $1, seconds => $2, at_most => $3)";
        let given = PgArguments::default().with(worker)?.with(seconds)?.with(at_most)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }
}

/// What the service worker can still call, and should not call any more.
#[derive(Clone)]
pub struct WorkerDeprecated {
    calls: Calls,
}

impl WorkerDeprecated {
    /// Hands out the most urgent task that nobody works on; it is given back when the seconds are over. No row: none waits.
    ///
    /// Mode write, with the rights of the service worker.
    #[deprecated(note = "use take_tasks")]
    pub async fn take_task(&self, worker: &str, seconds: i32) -> Result<Vec<TakeTask>, Error> {
        const SQL: &str = "select id, kind, payload, taken_until from queue.take_task(worker => $1, seconds => $2)";
        let given = PgArguments::default().with(worker)?.with(seconds)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }
}

/// The service janitor: Gives tasks back whose worker has gone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Janitor;

impl Service for Janitor {
    const SCHEMA: &'static str = "queue";
    const NAME: &'static str = "janitor";
    const VERSION: i32 = 4;
    type Procs = JanitorProcs;

    fn procs(calls: Calls) -> JanitorProcs {
        JanitorProcs { calls }
    }
}

/// What the service janitor may call. A call fails where the database refuses it, or does not answer.
#[derive(Clone)]
pub struct JanitorProcs {
    calls: Calls,
}

impl JanitorProcs {
    /// Tells how many tasks wait, since when the oldest does, and whether a replica answers.
    ///
    /// Mode read, with the rights of the service api.
    pub async fn health(&self) -> Result<Vec<Health>, Error> {
        const SQL: &str = "select waiting, oldest, from_replica from queue.health()";
        let given = PgArguments::default();
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Gives back the tasks whose time is over, and tells their numbers.
    ///
    /// Mode write, with the rights of the service janitor.
    pub async fn sweep_tasks(&self) -> Result<Vec<i64>, Error> {
        const SQL: &str = "select queue.sweep_tasks()";
        let given = PgArguments::default();
        self.calls.values(Mode::Write, SQL, given).await
    }
}

/// A row of `queue.health`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Health {
    /// `waiting`, bigint.
    pub waiting: i64,
    /// `oldest`, timestamptz, may be NULL.
    pub oldest: Option<chrono::DateTime<chrono::Utc>>,
    /// `from_replica`, boolean.
    pub from_replica: bool,
}

/// A row of `queue.take_task`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct TakeTask {
    /// `id`, bigint.
    pub id: i64,
    /// `kind`, text.
    pub kind: String,
    /// `payload`, jsonb.
    pub payload: serde_json::Value,
    /// `taken_until`, timestamptz.
    pub taken_until: chrono::DateTime<chrono::Utc>,
}

/// A row of `queue.take_tasks`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct TakeTasks {
    /// `id`, bigint.
    pub id: i64,
    /// `kind`, text.
    pub kind: String,
    /// `payload`, jsonb.
    pub payload: serde_json::Value,
    /// `taken_until`, timestamptz.
    pub taken_until: chrono::DateTime<chrono::Utc>,
}

/// A row of `queue.task_state`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct TaskState {
    /// `state`, text.
    pub state: String,
    /// `worker`, text, may be NULL.
    pub worker: Option<String>,
    /// `attempts`, integer.
    pub attempts: i32,
    /// `result`, jsonb, may be NULL.
    pub result: Option<serde_json::Value>,
}
