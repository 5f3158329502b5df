//! The procedures of the schema iasql, at version 3. Written by `iasql schema procs`: not to be edited.

use crate::schema::{Calls, Error, Mode, Service, With};
use sqlx::postgres::PgArguments;

/// The service reconciler: Reads the cloud, plans and carries out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reconciler;

impl Service for Reconciler {
    const SCHEMA: &'static str = "iasql";
    const NAME: &'static str = "reconciler";
    const VERSION: i32 = 3;
    type Procs = ReconcilerProcs;

    fn procs(calls: Calls) -> ReconcilerProcs {
        ReconcilerProcs { calls }
    }
}

/// What the service reconciler may call. A call fails where the database refuses it, or does not answer.
#[derive(Clone)]
pub struct ReconcilerProcs {
    calls: Calls,
}

impl ReconcilerProcs {
    /// Makes rows of what is in the cloud and in no row; answers what came of each thing, with the reason why it was left.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn adopt_unknown(&self, counter: i64) -> Result<Vec<AdoptUnknown>, Error> {
        const SQL: &str = "select resource, name, is_left, said from iasql.adopt_unknown(counter => $1)";
        let given = PgArguments::default().with(counter)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Answers whoever waits for a run that did not get as far as to tell its end here itself.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn answer_run(&self, run: uuid::Uuid, said: &str) -> Result<(), Error> {
        const SQL: &str = "select iasql.answer_run(run => $1, said => $2)";
        let given = PgArguments::default().with(run)?.with(said)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Writes down that a run begins or goes on; answers for how many seconds it has been going, and how many changes it has made.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn begin_run(&self, counter: i64, id: uuid::Uuid, kind: &str, asked_by: &str) -> Result<Vec<BeginRun>, Error> {
        const SQL: &str = "select going_for, applied from iasql.begin_run(counter => $1, id => $2, kind => $3, asked_by => $4)";
        let given = PgArguments::default().with(counter)?.with(id)?.with(kind)?.with(asked_by)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Notes that a resource type could not be read: it is left out of the plan.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn blind(&self, counter: i64, resource: &str, region: &str, said: &str) -> Result<(), Error> {
        const SQL: &str = "select iasql.blind(counter => $1, resource => $2, region => $3, said => $4)";
        let given = PgArguments::default().with(counter)?.with(resource)?.with(region)?.with(said)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// The lists that could not be read the last time, and why.
    ///
    /// Mode read, with the rights of the service reconciler.
    pub async fn blind_listings(&self) -> Result<Vec<BlindListings>, Error> {
        const SQL: &str = "select resource, region, blind from iasql.blind_listings()";
        let given = PgArguments::default();
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// The lists on which something stands that the cloud is busy with.
    ///
    /// Mode read, with the rights of the service reconciler.
    pub async fn busy_listings(&self) -> Result<Vec<BusyListings>, Error> {
        const SQL: &str = "select resource, region from iasql.busy_listings()";
        let given = PgArguments::default();
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// The database's own time, to tell what was made after a list was begun.
    ///
    /// Mode read, with the rights of the service reconciler.
    pub async fn clock(&self) -> Result<chrono::DateTime<chrono::Utc>, Error> {
        const SQL: &str = "select iasql.clock()";
        let given = PgArguments::default();
        self.calls.value(Mode::Read, SQL, given).await
    }

    /// Writes down how a change ended.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn conclude(&self, counter: i64, change: i64, state: &str, error: Option<&str>) -> Result<(), Error> {
        const SQL: &str = "select iasql.conclude(counter => $1, change => $2, state => $3, error => $4)";
        let given = PgArguments::default().with(counter)?.with(change)?.with(state)?.with(error)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// One desired row as a provider takes it; none with a secret that is sealed, for who calls this can't open it.
    ///
    /// Mode read, with the rights of the service reconciler.
    pub async fn desired(&self, resource: &str, row_id: uuid::Uuid) -> Result<Vec<Desired>, Error> {
        const SQL: &str = "select region, desired, lacks from iasql.desired(resource => $1, row_id => $2)";
        let given = PgArguments::default().with(resource)?.with(row_id)?;
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// One desired row as a provider takes it but for its secrets, which are sealed; with the types of those by their columns.
    ///
    /// Mode read, with the rights of the service reconciler.
    pub async fn desired_as_sealed(&self, resource: &str, row_id: uuid::Uuid) -> Result<Vec<DesiredAsSealed>, Error> {
        const SQL: &str = "select region, desired, lacks, secrets from iasql.desired_as_sealed(resource => $1, row_id => $2)";
        let given = PgArguments::default().with(resource)?.with(row_id)?;
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Notes that drift has been taken up for webhooks, or that nobody wants to hear of it.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn drift_told(&self, ids: &[i64]) -> Result<(), Error> {
        const SQL: &str = "select iasql.drift_told(ids => $1)";
        let given = PgArguments::default().with(ids)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Writes down how a run ended, or that it waits.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn end_run(&self, counter: i64, id: uuid::Uuid, state: &str, applied: i32, failed: i32, said: &str) -> Result<(), Error> {
        const SQL: &str = "select iasql.end_run(counter => $1, id => $2, state => $3, applied => $4, failed => $5, said => $6)";
        let given = PgArguments::default().with(counter)?.with(id)?.with(state)?.with(applied)?.with(failed)?.with(said)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Fills the @cloud columns of a type; answers how many rows it touched.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn fill(&self, counter: i64, resource: &str) -> Result<i64, Error> {
        const SQL: &str = "select iasql.fill(counter => $1, resource => $2)";
        let given = PgArguments::default().with(counter)?.with(resource)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// Writes down what is about to be done, before it is done.
    ///
    /// Mode write, with the rights of the service reconciler.
    #[expect(clippy::too_many_arguments, reason = "as the procedure has them")]
    pub async fn intend(
        &self,
        counter: i64,
        run: uuid::Uuid,
        resource: &str,
        region: Option<&str>,
        name: &str,
        row_id: Option<uuid::Uuid>,
        action: &str,
    ) -> Result<Vec<Intend>, Error> {
        const SQL: &str = concat!(
            "select id, token from iasql.intend(counter => $1, run => $2, resource => $3, region => $4, name => $5, row_id => $6, ",
            "action => $7)"
        );
        let given =
            PgArguments::default().with(counter)?.with(run)?.with(resource)?.with(region)?.with(name)?.with(row_id)?.with(action)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Has secrets sealed to this key from now on; the first one seals what stands in plain. Answers for the key in use, which stays the one before where that is not known.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn lay_key(&self, id: &str, key: &[u8], known: &[String]) -> Result<String, Error> {
        const SQL: &str = "select iasql.lay_key(id => $1, key => $2, known => $3)";
        let given = PgArguments::default().with(id)?.with(key)?.with(known)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// The resource types and regions that a refresh reads: a service without regions has an empty one.
    ///
    /// Mode read, with the rights of the service reconciler.
    pub async fn listings(&self) -> Result<Vec<Listings>, Error> {
        const SQL: &str = "select resource, region from iasql.listings()";
        let given = PgArguments::default();
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Ends, as lost, what earlier holders of the lease left running, where nobody begins another run.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn lose_runs(&self, counter: i64) -> Result<(), Error> {
        const SQL: &str = "select iasql.lose_runs(counter => $1)";
        let given = PgArguments::default().with(counter)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// The rows of a type that somebody manages: desired ones whose parents' ids are known, and observed ones that are left.
    ///
    /// Mode read, with the rights of the service reconciler.
    pub async fn named(&self, resource: &str) -> Result<Vec<serde_json::Value>, Error> {
        const SQL: &str = "select iasql.named(resource => $1)";
        let given = PgArguments::default().with(resource)?;
        self.calls.values(Mode::Read, SQL, given).await
    }

    /// Notes a plan that was read after a moment: what nothing explains is drift. Without steps it is the plan that was noted last.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn note(
        &self,
        counter: i64,
        run: uuid::Uuid,
        moment: &serde_json::Value,
        digest: &str,
        steps: Option<&serde_json::Value>,
    ) -> Result<i64, Error> {
        const SQL: &str = "select iasql.note(counter => $1, run => $2, moment => $3, digest => $4, steps => $5)";
        let given = PgArguments::default().with(counter)?.with(run)?.with(moment)?.with(digest)?.with(steps)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// The last plan that was noted, digested, and up to where everything that was done is accounted for by a plan that is read next.
    ///
    /// Mode read, with the rights of the service reconciler.
    pub async fn noted(&self) -> Result<Vec<Noted>, Error> {
        const SQL: &str = "select digest, moment from iasql.noted()";
        let given = PgArguments::default();
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Takes in a whole list of one resource type in one region; answers how many rows it changed.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn observe(
        &self,
        counter: i64,
        resource: &str,
        region: &str,
        rows: &serde_json::Value,
        started: chrono::DateTime<chrono::Utc>,
    ) -> Result<i64, Error> {
        const SQL: &str = "select iasql.observe(counter => $1, resource => $2, region => $3, rows => $4, started => $5)";
        let given = PgArguments::default().with(counter)?.with(resource)?.with(region)?.with(rows)?.with(started)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// Takes in a whole list, unless something that somebody manages and that was there is not in it: then NULL says that it is to be read once more.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn observe_unless_missing(
        &self,
        counter: i64,
        resource: &str,
        region: &str,
        rows: &serde_json::Value,
        started: chrono::DateTime<chrono::Utc>,
    ) -> Result<Option<i64>, Error> {
        const SQL: &str = "select iasql.observe_unless_missing(counter => $1, resource => $2, region => $3, rows => $4, started => $5)";
        let given = PgArguments::default().with(counter)?.with(resource)?.with(region)?.with(rows)?.with(started)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// Writes down how the cloud shows a row after it was made or changed.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn record(
        &self,
        counter: i64,
        change: i64,
        resource: &str,
        row_id: Option<uuid::Uuid>,
        observed_id: Option<i64>,
        row: &serde_json::Value,
    ) -> Result<(), Error> {
        const SQL: &str =
            "select iasql.record(counter => $1, change => $2, resource => $3, row_id => $4, observed_id => $5, \"row\" => $6)";
        let given = PgArguments::default().with(counter)?.with(change)?.with(resource)?.with(row_id)?.with(observed_id)?.with(row)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Writes down that a thing is gone, or on its way.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn record_gone(
        &self,
        counter: i64,
        change: Option<i64>,
        resource: &str,
        observed_id: Option<i64>,
        row: Option<&serde_json::Value>,
    ) -> Result<(), Error> {
        const SQL: &str = "select iasql.record_gone(counter => $1, change => $2, resource => $3, observed_id => $4, \"row\" => $5)";
        let given = PgArguments::default().with(counter)?.with(change)?.with(resource)?.with(observed_id)?.with(row)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Puts a value that was opened back, sealed to the key in use, as the same version; no where it was written in the meantime.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn seal_anew(&self, resource: &str, field: &str, row_id: uuid::Uuid, was: &str, value: &str) -> Result<bool, Error> {
        const SQL: &str = "select iasql.seal_anew(resource => $1, field => $2, row_id => $3, was => $4, value => $5)";
        let given = PgArguments::default().with(resource)?.with(field)?.with(row_id)?.with(was)?.with(value)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// What is sealed to other keys than this one, or to none, with its row's key as text.
    ///
    /// Mode read, with the rights of the service reconciler.
    pub async fn sealed_otherwise(&self, key_id: &str) -> Result<Vec<SealedOtherwise>, Error> {
        const SQL: &str = "select resource, field, row_id, name, value from iasql.sealed_otherwise(key_id => $1)";
        let given = PgArguments::default().with(key_id)?;
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// One observed row as a provider takes it.
    ///
    /// Mode read, with the rights of the service reconciler.
    pub async fn seen(&self, resource: &str, id: i64) -> Result<Option<serde_json::Value>, Error> {
        const SQL: &str = "select iasql.seen(resource => $1, id => $2)";
        let given = PgArguments::default().with(resource)?.with(id)?;
        self.calls.value(Mode::Read, SQL, given).await
    }

    /// The value of one setting of this database.
    ///
    /// Mode read, with the rights of the service reconciler.
    pub async fn setting_value(&self, name: &str) -> Result<Option<String>, Error> {
        const SQL: &str = "select iasql.setting_value(name => $1)";
        let given = PgArguments::default().with(name)?;
        self.calls.value(Mode::Read, SQL, given).await
    }

    /// Rows of a type that is asked for by its parent's name, one for each observed parent that nobody has a row for.
    ///
    /// Mode read, with the rights of the service reconciler.
    pub async fn skeletons(&self, resource: &str) -> Result<Vec<serde_json::Value>, Error> {
        const SQL: &str = "select iasql.skeletons(resource => $1)";
        let given = PgArguments::default().with(resource)?;
        self.calls.values(Mode::Read, SQL, given).await
    }

    /// Every step of the plan as it stands, with the ids that it is ordered by.
    ///
    /// Mode read, with the rights of the service reconciler.
    pub async fn steps(&self) -> Result<Vec<Steps>, Error> {
        const SQL: &str = concat!(
            "select id, resource, region, key, name, action, changed, reason, blocked, row_id, observed_id, wants, holds, goes_with, ",
            "creates_first from iasql.steps()"
        );
        let given = PgArguments::default();
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Makes a lease the newest one; says no where a newer one has been here.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn take(&self, counter: i64) -> Result<bool, Error> {
        const SQL: &str = "select iasql.take(counter => $1)";
        let given = PgArguments::default().with(counter)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// The lists that were never read.
    ///
    /// Mode read, with the rights of the service reconciler.
    pub async fn unread_listings(&self) -> Result<Vec<UnreadListings>, Error> {
        const SQL: &str = "select resource, region from iasql.unread_listings()";
        let given = PgArguments::default();
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Drift that was found and not taken up for webhooks yet, oldest first.
    ///
    /// Mode read, with the rights of the service reconciler.
    pub async fn untold_drift(&self, limit: i32) -> Result<Vec<UntoldDrift>, Error> {
        const SQL: &str = "select id, resource, region, name, what, changed, first_seen_at from iasql.untold_drift(\"limit\" => $1)";
        let given = PgArguments::default().with(limit)?;
        self.calls.rows(Mode::Read, SQL, given).await
    }
}

/// The service scheduler: Hears what is asked for inside the databases, and by the clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scheduler;

impl Service for Scheduler {
    const SCHEMA: &'static str = "iasql";
    const NAME: &'static str = "scheduler";
    const VERSION: i32 = 3;
    type Procs = SchedulerProcs;

    fn procs(calls: Calls) -> SchedulerProcs {
        SchedulerProcs { calls }
    }
}

/// What the service scheduler may call. A call fails where the database refuses it, or does not answer.
#[derive(Clone)]
pub struct SchedulerProcs {
    calls: Calls,
}

impl SchedulerProcs {
    /// Answers a request that no run will: says why.
    ///
    /// Mode write, with the rights of the service scheduler.
    pub async fn answer_request(&self, id: i64, said: &str) -> Result<(), Error> {
        const SQL: &str = "select iasql.answer_request(id => $1, said => $2)";
        let given = PgArguments::default().with(id)?.with(said)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// What was asked for from inside this database and nobody has taken yet, oldest first.
    ///
    /// Mode read, with the rights of the service scheduler.
    pub async fn open_requests(&self) -> Result<Vec<OpenRequests>, Error> {
        const SQL: &str = "select id, kind, asked_by from iasql.open_requests()";
        let given = PgArguments::default();
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// The value of one setting of this database.
    ///
    /// Mode read, with the rights of the service reconciler.
    pub async fn setting_value(&self, name: &str) -> Result<Option<String>, Error> {
        const SQL: &str = "select iasql.setting_value(name => $1)";
        let given = PgArguments::default().with(name)?;
        self.calls.value(Mode::Read, SQL, given).await
    }

    /// Takes a request for a run; no where somebody else was quicker.
    ///
    /// Mode write, with the rights of the service scheduler.
    pub async fn take_request(&self, id: i64, run: uuid::Uuid) -> Result<bool, Error> {
        const SQL: &str = "select iasql.take_request(id => $1, run => $2)";
        let given = PgArguments::default().with(id)?.with(run)?;
        self.calls.value(Mode::Write, SQL, given).await
    }
}

/// The service http: Answers those who ask from outside, over HTTP or on the command line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Http;

impl Service for Http {
    const SCHEMA: &'static str = "iasql";
    const NAME: &'static str = "http";
    const VERSION: i32 = 3;
    type Procs = HttpProcs;

    fn procs(calls: Calls) -> HttpProcs {
        HttpProcs { calls }
    }
}

/// What the service http may call. A call fails where the database refuses it, or does not answer.
#[derive(Clone)]
pub struct HttpProcs {
    calls: Calls,
}

impl HttpProcs {
    /// The shell script that builds a blueprint's image and pushes it to the repository that the rows name.
    ///
    /// Mode read, with the rights of the service http.
    pub async fn build_and_push(&self, blueprint: &str) -> Result<String, Error> {
        const SQL: &str = "select iasql.build_and_push(blueprint => $1)";
        let given = PgArguments::default().with(blueprint)?;
        self.calls.value(Mode::Read, SQL, given).await
    }

    /// Has a blueprint expand into rows, all or none; answers with the statements that make the same rows, none where they stood already.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn expand(&self, blueprint: &str, parameters: &serde_json::Value) -> Result<Vec<String>, Error> {
        const SQL: &str = "select iasql.expand(blueprint => $1, parameters => $2)";
        let given = PgArguments::default().with(blueprint)?.with(parameters)?;
        self.calls.values(Mode::Write, SQL, given).await
    }

    /// The plan as Markdown, a line each.
    ///
    /// Mode read, with the rights of the service http.
    pub async fn plan_as_markdown(&self) -> Result<Vec<String>, Error> {
        const SQL: &str = "select iasql.plan_as_markdown()";
        let given = PgArguments::default();
        self.calls.values(Mode::Read, SQL, given).await
    }

    /// The plan as text, a line each.
    ///
    /// Mode read, with the rights of the service http.
    pub async fn plan_as_text(&self) -> Result<Vec<String>, Error> {
        const SQL: &str = "select iasql.plan_as_text()";
        let given = PgArguments::default();
        self.calls.values(Mode::Read, SQL, given).await
    }
}

/// The service visitor: Puts a user's own views back after an upgrade, and may do nothing of its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Visitor;

impl Service for Visitor {
    const SCHEMA: &'static str = "iasql";
    const NAME: &'static str = "visitor";
    const VERSION: i32 = 3;
    type Procs = VisitorProcs;

    fn procs(_: Calls) -> VisitorProcs {
        VisitorProcs
    }
}

/// What the service visitor may call. A call fails where the database refuses it, or does not answer.
#[derive(Clone)]
pub struct VisitorProcs;

/// The service gateway: Leads connections to the databases they are for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gateway;

impl Service for Gateway {
    const SCHEMA: &'static str = "iasql";
    const NAME: &'static str = "gateway";
    const VERSION: i32 = 3;
    type Procs = GatewayProcs;

    fn procs(_: Calls) -> GatewayProcs {
        GatewayProcs
    }
}

/// What the service gateway may call. A call fails where the database refuses it, or does not answer.
#[derive(Clone)]
pub struct GatewayProcs;

/// A row of `iasql.adopt_unknown`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct AdoptUnknown {
    /// `resource`, text.
    pub resource: String,
    /// `name`, text.
    pub name: String,
    /// `is_left`, boolean.
    pub is_left: bool,
    /// `said`, text, may be NULL.
    pub said: Option<String>,
}

/// A row of `iasql.begin_run`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct BeginRun {
    /// `going_for`, double precision.
    pub going_for: f64,
    /// `applied`, integer.
    pub applied: i32,
}

/// A row of `iasql.blind_listings`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct BlindListings {
    /// `resource`, text.
    pub resource: String,
    /// `region`, text.
    pub region: String,
    /// `blind`, text.
    pub blind: String,
}

/// A row of `iasql.busy_listings`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct BusyListings {
    /// `resource`, text.
    pub resource: String,
    /// `region`, text.
    pub region: String,
}

/// A row of `iasql.desired`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Desired {
    /// `region`, text, may be NULL.
    pub region: Option<String>,
    /// `desired`, jsonb.
    pub desired: serde_json::Value,
    /// `lacks`, text\[\].
    pub lacks: Vec<String>,
}

/// A row of `iasql.desired_as_sealed`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct DesiredAsSealed {
    /// `region`, text, may be NULL.
    pub region: Option<String>,
    /// `desired`, jsonb.
    pub desired: serde_json::Value,
    /// `lacks`, text\[\].
    pub lacks: Vec<String>,
    /// `secrets`, jsonb.
    pub secrets: serde_json::Value,
}

/// A row of `iasql.intend`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Intend {
    /// `id`, bigint.
    pub id: i64,
    /// `token`, uuid.
    pub token: uuid::Uuid,
}

/// A row of `iasql.listings`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Listings {
    /// `resource`, text.
    pub resource: String,
    /// `region`, text.
    pub region: String,
}

/// A row of `iasql.noted`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Noted {
    /// `digest`, text, may be NULL.
    pub digest: Option<String>,
    /// `moment`, jsonb.
    pub moment: serde_json::Value,
}

/// A row of `iasql.open_requests`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct OpenRequests {
    /// `id`, bigint.
    pub id: i64,
    /// `kind`, text.
    pub kind: String,
    /// `asked_by`, text.
    pub asked_by: String,
}

/// A row of `iasql.sealed_otherwise`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct SealedOtherwise {
    /// `resource`, text.
    pub resource: String,
    /// `field`, text.
    pub field: String,
    /// `row_id`, uuid.
    pub row_id: uuid::Uuid,
    /// `name`, text.
    pub name: String,
    /// `value`, text.
    pub value: String,
}

/// A row of `iasql.steps`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Steps {
    /// `id`, text.
    pub id: String,
    /// `resource`, text.
    pub resource: String,
    /// `region`, text, may be NULL.
    pub region: Option<String>,
    /// `key`, jsonb.
    pub key: serde_json::Value,
    /// `name`, text.
    pub name: String,
    /// `action`, text.
    pub action: String,
    /// `changed`, jsonb, may be NULL.
    pub changed: Option<serde_json::Value>,
    /// `reason`, text, may be NULL.
    pub reason: Option<String>,
    /// `blocked`, boolean.
    pub blocked: bool,
    /// `row_id`, uuid, may be NULL.
    pub row_id: Option<uuid::Uuid>,
    /// `observed_id`, bigint, may be NULL.
    pub observed_id: Option<i64>,
    /// `wants`, uuid\[\].
    pub wants: Vec<uuid::Uuid>,
    /// `holds`, bigint\[\].
    pub holds: Vec<i64>,
    /// `goes_with`, bigint\[\].
    pub goes_with: Vec<i64>,
    /// `creates_first`, boolean.
    pub creates_first: bool,
}

/// A row of `iasql.unread_listings`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct UnreadListings {
    /// `resource`, text.
    pub resource: String,
    /// `region`, text.
    pub region: String,
}

/// A row of `iasql.untold_drift`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct UntoldDrift {
    /// `id`, bigint.
    pub id: i64,
    /// `resource`, text.
    pub resource: String,
    /// `region`, text, may be NULL.
    pub region: Option<String>,
    /// `name`, text.
    pub name: String,
    /// `what`, text.
    pub what: String,
    /// `changed`, jsonb, may be NULL.
    pub changed: Option<serde_json::Value>,
    /// `first_seen_at`, timestamptz.
    pub first_seen_at: chrono::DateTime<chrono::Utc>,
}
