//! The procedures of the schema control, at version 3. Written by `iasql schema procs`: not to be edited.

use crate::schema::{Calls, Error, Mode, Service, With};
use sqlx::postgres::PgArguments;

/// The service reconciler: Carries out runs: takes a database's lease, starts its runs and writes down what came of them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reconciler;

impl Service for Reconciler {
    const SCHEMA: &'static str = "control";
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
    /// Tells a database's region and where the credentials of its cloud account are. No row: there is no database of that name.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn database_account(&self, database: &str) -> Result<Vec<DatabaseAccount>, Error> {
        const SQL: &str =
            "select region, profile, role_arn, external_id, secret, secret_region from control.database_account(database => $1)";
        let given = PgArguments::default().with(database)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Tells which modules a database has, and its own Fly organization with the sealed token. No row: there is no database of that name.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn database_clouds(&self, database: &str) -> Result<Vec<DatabaseClouds>, Error> {
        const SQL: &str = "select modules, organization, sealed from control.database_clouds(database => $1)";
        let given = PgArguments::default().with(database)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Lists the names of all databases, for a hint at a mistyped one.
    ///
    /// Mode read, with the rights of the service http.
    pub async fn database_names(&self) -> Result<Vec<String>, Error> {
        const SQL: &str = "select control.database_names()";
        let given = PgArguments::default();
        self.calls.values(Mode::Read, SQL, given).await
    }

    /// Tells where a database is, whether it may be used yet, and the other server of a move that goes on. No row: there is none of that name.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn database_place(&self, database: &str) -> Result<Vec<DatabasePlace>, Error> {
        const SQL: &str = "select ready, shard, shard_url, moving, moving_url from control.database_place(database => $1)";
        let given = PgArguments::default().with(database)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Tells how an administrator reaches a database, and whether it may be used yet. No row: there is none of that name.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn database_way(&self, database: &str) -> Result<Vec<DatabaseWay>, Error> {
        const SQL: &str = "select ready, shard, shard_url from control.database_way(database => $1)";
        let given = PgArguments::default().with(database)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Puts drift that was found into the outbox of its database, where somebody wants to hear of it.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn delivery_drift(&self, database: &str, drift: &serde_json::Value) -> Result<bool, Error> {
        const SQL: &str = "select control.delivery_drift(database => $1, drift => $2)";
        let given = PgArguments::default().with(database)?.with(drift)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// Takes a database's lease for some seconds; answers with its counter, which grows. No row: somebody holds it.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn lease_acquire(&self, database: &str, holder: &str, seconds: f64) -> Result<Vec<LeaseAcquire>, Error> {
        const SQL: &str = "select counter from control.lease_acquire(database => $1, holder => $2, seconds => $3)";
        let given = PgArguments::default().with(database)?.with(holder)?.with(seconds)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Gives a lease back, so that nobody has to wait for its end. What is lost already stays with whoever has it.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn lease_release(&self, database: &str, holder: &str, counter: i64) -> Result<(), Error> {
        const SQL: &str = "select control.lease_release(database => $1, holder => $2, counter => $3)";
        let given = PgArguments::default().with(database)?.with(holder)?.with(counter)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Makes a lease last some seconds from now on. False: it has been lost.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn lease_renew(&self, database: &str, holder: &str, counter: i64, seconds: f64) -> Result<bool, Error> {
        const SQL: &str = "select control.lease_renew(database => $1, holder => $2, counter => $3, seconds => $4)";
        let given = PgArguments::default().with(database)?.with(holder)?.with(counter)?.with(seconds)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// Has a run looked at again after some seconds. The job that it has now ends by this, however that ends.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn run_again(&self, run: uuid::Uuid, seconds: f64) -> Result<(), Error> {
        const SQL: &str = "select control.run_again(run => $1, seconds => $2)";
        let given = PgArguments::default().with(run)?.with(seconds)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Ends, as lost, runs that stand in no queue and that nobody is at any more; answers with their databases. Those that should stand in one are put there again.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn run_bury(&self) -> Result<Vec<String>, Error> {
        const SQL: &str = "select control.run_bury()";
        let given = PgArguments::default();
        self.calls.values(Mode::Write, SQL, given).await
    }

    /// Finds a run as it is now. No row: there is none of that name.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn run_find(&self, run: uuid::Uuid) -> Result<Vec<RunFind>, Error> {
        const SQL: &str =
            "select id, database, kind, state, asked_by, asked_at, started_at, ended_at, outcome from control.run_find(run => $1)";
        let given = PgArguments::default().with(run)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Ends, as lost, what earlier holders of a database's lease left running beside this run; answers with their ids.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn run_lose(&self, database: &str, run: uuid::Uuid, counter: i64) -> Result<Vec<uuid::Uuid>, Error> {
        const SQL: &str = "select control.run_lose(database => $1, run => $2, counter => $3)";
        let given = PgArguments::default().with(database)?.with(run)?.with(counter)?;
        self.calls.values(Mode::Write, SQL, given).await
    }

    /// The fingerprint of the plan that a run carries out, where it is to be one and no other.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn run_plan(&self, run: uuid::Uuid) -> Result<Option<String>, Error> {
        const SQL: &str = "select control.run_plan(run => $1)";
        let given = PgArguments::default().with(run)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// Notes how far a run has come. What is said under an older lease than the last is not heard.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn run_record(&self, run: uuid::Uuid, counter: i64, state: &str, outcome: Option<&serde_json::Value>) -> Result<(), Error> {
        const SQL: &str = "select control.run_record(run => $1, counter => $2, state => $3, outcome => $4)";
        let given = PgArguments::default().with(run)?.with(counter)?.with(state)?.with(outcome)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Notes that the lease's holder is at a run now. No row: it has ended already, or never was.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn run_start(&self, run: uuid::Uuid, counter: i64) -> Result<Vec<RunStart>, Error> {
        const SQL: &str = concat!(
            "select id, database, kind, state, asked_by, asked_at, started_at, ended_at, outcome from control.run_start(run => $1, ",
            "counter => $2)"
        );
        let given = PgArguments::default().with(run)?.with(counter)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Has the gateway show nothing of a user's database any more to who comes to a domain, and order nothing.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn served_certificate_remove(&self, database: &str, domain: &str) -> Result<(), Error> {
        const SQL: &str = "select control.served_certificate_remove(database => $1, domain => $2)";
        let given = PgArguments::default().with(database)?.with(domain)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// What the gateway is to show who comes to a domain. Nothing sealed leaves it as it is, and changes whose row it is; something sealed takes the place of an order. False: somebody else has said so already, or the domain is not this user's alone.
    ///
    /// Mode write, with the rights of the service reconciler.
    #[expect(clippy::too_many_arguments, reason = "as the procedure has them")]
    pub async fn served_certificate_set(
        &self,
        database: &str,
        owner: &str,
        domain: &str,
        version: uuid::Uuid,
        sealed: Option<&str>,
        sealed_with: Option<&str>,
        fingerprint: Option<&str>,
        names: Option<&[String]>,
        not_before: Option<chrono::DateTime<chrono::Utc>>,
        not_after: Option<chrono::DateTime<chrono::Utc>>,
    ) -> Result<bool, Error> {
        const SQL: &str = concat!(
            "select control.served_certificate_set(database => $1, owner => $2, domain => $3, version => $4, sealed => $5, ",
            "sealed_with => $6, fingerprint => $7, names => $8, not_before => $9, not_after => $10)"
        );
        let given = PgArguments::default()
            .with(database)?
            .with(owner)?
            .with(domain)?
            .with(version)?
            .with(sealed)?
            .with(sealed_with)?
            .with(fingerprint)?
            .with(names)?
            .with(not_before)?
            .with(not_after)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// What the rows of a user's database have the gateway show, and what they have it order. What is sealed stays where it is.
    ///
    /// Mode read, with the rights of the service reconciler.
    pub async fn served_certificates_of(&self, database: &str) -> Result<Vec<ServedCertificatesOf>, Error> {
        const SQL: &str = concat!(
            "select domain, owner, version, sealed_with, fingerprint, names, not_before, not_after, issuer, contact, state from ",
            "control.served_certificates_of(database => $1)"
        );
        let given = PgArguments::default().with(database)?;
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Changes what is said of a served database, and whose row it is; no verifier and no version leave the password as it is.
    ///
    /// Mode write, with the rights of the service reconciler.
    #[expect(clippy::too_many_arguments, reason = "as the procedure has them")]
    pub async fn served_change(
        &self,
        id: uuid::Uuid,
        database: &str,
        owner: &str,
        verifier: Option<&str>,
        password_version: Option<uuid::Uuid>,
        idle_seconds: i32,
        size_limit_bytes: i64,
        durability: &str,
        durability_seconds: Option<i32>,
        location: Option<&str>,
        hold: bool,
    ) -> Result<(), Error> {
        const SQL: &str = concat!(
            "select control.served_change(id => $1, database => $2, owner => $3, verifier => $4, password_version => $5, ",
            "idle_seconds => $6, size_limit_bytes => $7, durability => $8, durability_seconds => $9, location => $10, hold => $11)"
        );
        let given = PgArguments::default()
            .with(id)?
            .with(database)?
            .with(owner)?
            .with(verifier)?
            .with(password_version)?
            .with(idle_seconds)?
            .with(size_limit_bytes)?
            .with(durability)?
            .with(durability_seconds)?
            .with(location)?
            .with(hold)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Notes what an engine sees of a cluster. Once that is as it should be, runs of its database that wait look at it at once.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn served_cluster_note(&self, database: &str, name: &str, seen: &serde_json::Value) -> Result<(), Error> {
        const SQL: &str = "select control.served_cluster_note(database => $1, name => $2, seen => $3)";
        let given = PgArguments::default().with(database)?.with(name)?.with(seen)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Has engines lead a cluster of a user's database no longer.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn served_cluster_remove(&self, database: &str, name: &str) -> Result<(), Error> {
        const SQL: &str = "select control.served_cluster_remove(database => $1, name => $2)";
        let given = PgArguments::default().with(database)?.with(name)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Has engines lead a cluster, or lead it otherwise. Nothing sealed leaves that as it is. False: somebody else's cluster has the place.
    ///
    /// Mode write, with the rights of the service reconciler.
    #[expect(clippy::too_many_arguments, reason = "as the procedure has them")]
    pub async fn served_cluster_set(
        &self,
        database: &str,
        name: &str,
        owner: &str,
        place: &str,
        wanted: &serde_json::Value,
        sealed: Option<&str>,
        sealed_with: Option<&str>,
    ) -> Result<bool, Error> {
        const SQL: &str = concat!(
            "select control.served_cluster_set(database => $1, name => $2, owner => $3, place => $4, wanted => $5, sealed => $6, ",
            "sealed_with => $7)"
        );
        let given =
            PgArguments::default().with(database)?.with(name)?.with(owner)?.with(place)?.with(wanted)?.with(sealed)?.with(sealed_with)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// All clusters that engines are to lead, with what is sealed, and the sealed token for the organization that their machines are in.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn served_clusters(&self) -> Result<Vec<ServedClusters>, Error> {
        const SQL: &str =
            "select database, name, wanted, change, owner, sealed, fly_organization, fly_sealed from control.served_clusters()";
        let given = PgArguments::default();
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// The clusters of a user's database, and for how many seconds each is to be as it is. What is sealed stays where it is.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn served_clusters_of(&self, database: &str) -> Result<Vec<ServedClustersOf>, Error> {
        const SQL: &str = "select name, owner, wanted, change, since, sealed_with, seen from control.served_clusters_of(database => $1)";
        let given = PgArguments::default().with(database)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Has a user's database have no databases below a domain any more. False: it still has some.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn served_domain_remove(&self, database: &str, domain: &str) -> Result<bool, Error> {
        const SQL: &str = "select control.served_domain_remove(database => $1, domain => $2)";
        let given = PgArguments::default().with(database)?.with(domain)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// Has a user's database have databases below a domain, alone or with others who say so too. False: somebody else has it.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn served_domain_set(&self, database: &str, owner: &str, domain: &str, shared: bool) -> Result<bool, Error> {
        const SQL: &str = "select control.served_domain_set(database => $1, owner => $2, domain => $3, shared => $4)";
        let given = PgArguments::default().with(database)?.with(owner)?.with(domain)?.with(shared)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// The domains below which a user's database may have databases.
    ///
    /// Mode read, with the rights of the service reconciler.
    pub async fn served_domains_of(&self, database: &str) -> Result<Vec<ServedDomainsOf>, Error> {
        const SQL: &str = "select domain, owner, shared from control.served_domains_of(database => $1)";
        let given = PgArguments::default().with(database)?;
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Has gateways be known no longer on a machine of a user's database.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn served_machine_remove(&self, database: &str, machine: &str) -> Result<(), Error> {
        const SQL: &str = "select control.served_machine_remove(database => $1, machine => $2)";
        let given = PgArguments::default().with(database)?.with(machine)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Has gateways be known on a machine by a key. Nothing sealed leaves that as it is, and changes whose row it is. False: somebody else has the machine.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn served_machine_set(
        &self,
        database: &str,
        owner: &str,
        machine: &str,
        version: uuid::Uuid,
        sealed: Option<&str>,
        sealed_with: Option<&str>,
    ) -> Result<bool, Error> {
        const SQL: &str =
            "select control.served_machine_set(database => $1, owner => $2, machine => $3, version => $4, sealed => $5, sealed_with => $6)";
        let given = PgArguments::default().with(database)?.with(owner)?.with(machine)?.with(version)?.with(sealed)?.with(sealed_with)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// The machines that the rows of a user's database name. What is sealed stays where it is.
    ///
    /// Mode read, with the rights of the service reconciler.
    pub async fn served_machines_of(&self, database: &str) -> Result<Vec<ServedMachinesOf>, Error> {
        const SQL: &str = "select machine, owner, version, sealed_with from control.served_machines_of(database => $1)";
        let given = PgArguments::default().with(database)?;
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Has a database be served from now on; answers for its id. No row: something else has that name, the domain is not this user's, or none of this user's of that role and engine that is no replica has the name that it is to be a branch or a replica of. What this very row made already is found again.
    ///
    /// Mode write, with the rights of the service reconciler.
    #[expect(clippy::too_many_arguments, reason = "as the procedure has them")]
    pub async fn served_make(
        &self,
        database: &str,
        owner: &str,
        domain: &str,
        label: &str,
        role: &str,
        verifier: &str,
        password_version: uuid::Uuid,
        idle_seconds: i32,
        size_limit_bytes: i64,
        durability: &str,
        durability_seconds: Option<i32>,
        location: Option<&str>,
        hold: bool,
        engine: &str,
        machine: Option<&str>,
        branch_of: Option<&str>,
        branch_version: Option<i64>,
        replica_of: Option<&str>,
    ) -> Result<Vec<ServedMake>, Error> {
        const SQL: &str = concat!(
            "select id from control.served_make(database => $1, owner => $2, domain => $3, label => $4, role => $5, verifier => $6, ",
            "password_version => $7, idle_seconds => $8, size_limit_bytes => $9, durability => $10, durability_seconds => $11, ",
            "location => $12, hold => $13, engine => $14, machine => $15, branch_of => $16, branch_version => $17, replica_of => $18)"
        );
        let given = PgArguments::default()
            .with(database)?
            .with(owner)?
            .with(domain)?
            .with(label)?
            .with(role)?
            .with(verifier)?
            .with(password_version)?
            .with(idle_seconds)?
            .with(size_limit_bytes)?
            .with(durability)?
            .with(durability_seconds)?
            .with(location)?
            .with(hold)?
            .with(engine)?
            .with(machine)?
            .with(branch_of)?
            .with(branch_version)?
            .with(replica_of)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// What is served for the rows of a user's database.
    ///
    /// Mode read, with the rights of the service reconciler.
    pub async fn served_of(&self, database: &str) -> Result<Vec<ServedOf>, Error> {
        const SQL: &str = concat!(
            "select id, domain, label, owner, role, password_version, idle_seconds, size_limit_bytes, durability, ",
            "durability_seconds, location, hold, size_bytes, engine, machine, branch_of, branch_version, replica_of from ",
            "control.served_of(database => $1)"
        );
        let given = PgArguments::default().with(database)?;
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Has gateways order a certificate for a domain, and again before it is over. What could not be had is tried again at once. False: somebody else's is shown or ordered there, or the domain is not this user's alone.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn served_order_set(
        &self,
        database: &str,
        owner: &str,
        domain: &str,
        issuer: &str,
        contact: Option<&str>,
    ) -> Result<bool, Error> {
        const SQL: &str = "select control.served_order_set(database => $1, owner => $2, domain => $3, issuer => $4, contact => $5)";
        let given = PgArguments::default().with(database)?.with(owner)?.with(domain)?.with(issuer)?.with(contact)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// Whose row a pin is. One that could not be carried out is tried again.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn served_pin_change(&self, pin: uuid::Uuid, owner: &str) -> Result<(), Error> {
        const SQL: &str = "select control.served_pin_change(pin => $1, owner => $2)";
        let given = PgArguments::default().with(pin)?.with(owner)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Has a version be kept; answers for the pin's id. No row: the database has another pin of that name, or is not this user's. What this very row made already is found again.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn served_pin_make(
        &self,
        database: &str,
        owner: &str,
        id: uuid::Uuid,
        name: &str,
        number: Option<i64>,
    ) -> Result<Vec<ServedPinMake>, Error> {
        const SQL: &str = "select pin from control.served_pin_make(database => $1, owner => $2, id => $3, name => $4, number => $5)";
        let given = PgArguments::default().with(database)?.with(owner)?.with(id)?.with(name)?.with(number)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Has a version be kept no longer for this pin.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn served_pin_remove(&self, pin: uuid::Uuid) -> Result<(), Error> {
        const SQL: &str = "select control.served_pin_remove(pin => $1)";
        let given = PgArguments::default().with(pin)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// The pins on what is served for the rows of a user's database.
    ///
    /// Mode read, with the rights of the service reconciler.
    pub async fn served_pins_of(&self, database: &str) -> Result<Vec<ServedPinsOf>, Error> {
        const SQL: &str = "select pin, id, domain, label, name, owner, number, state from control.served_pins_of(database => $1)";
        let given = PgArguments::default().with(database)?;
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Serves a database no longer. Its files are kept for a while.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn served_remove(&self, id: uuid::Uuid) -> Result<(), Error> {
        const SQL: &str = "select control.served_remove(id => $1)";
        let given = PgArguments::default().with(id)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// The versions of what is served for the rows of a user's database.
    ///
    /// Mode read, with the rights of the service reconciler.
    pub async fn served_versions_of(&self, database: &str) -> Result<Vec<ServedVersionsOf>, Error> {
        const SQL: &str = concat!(
            "select domain, label, number, kind, made_at, made_by, size_bytes, stored_bytes from ",
            "control.served_versions_of(database => $1)"
        );
        let given = PgArguments::default().with(database)?;
        self.calls.rows(Mode::Read, SQL, given).await
    }
}

/// The service scheduler: Listens to the users' databases and looks at the clock, and asks for the runs that are due.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scheduler;

impl Service for Scheduler {
    const SCHEMA: &'static str = "control";
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
    /// Remembers in which mode a database was last seen.
    ///
    /// Mode write, with the rights of the service scheduler.
    pub async fn database_mode(&self, database: &str, mode: &str) -> Result<(), Error> {
        const SQL: &str = "select control.database_mode(database => $1, mode => $2)";
        let given = PgArguments::default().with(database)?.with(mode)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Lists the names of all databases, for a hint at a mistyped one.
    ///
    /// Mode read, with the rights of the service http.
    pub async fn database_names(&self) -> Result<Vec<String>, Error> {
        const SQL: &str = "select control.database_names()";
        let given = PgArguments::default();
        self.calls.values(Mode::Read, SQL, given).await
    }

    /// Tells where a database is, whether it may be used yet, and the other server of a move that goes on. No row: there is none of that name.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn database_place(&self, database: &str) -> Result<Vec<DatabasePlace>, Error> {
        const SQL: &str = "select ready, shard, shard_url, moving, moving_url from control.database_place(database => $1)";
        let given = PgArguments::default().with(database)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Tells how an administrator reaches a database, and whether it may be used yet. No row: there is none of that name.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn database_way(&self, database: &str) -> Result<Vec<DatabaseWay>, Error> {
        const SQL: &str = "select ready, shard, shard_url from control.database_way(database => $1)";
        let given = PgArguments::default().with(database)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Lists the databases that are to be watched, with their servers: those that wait for commits first, then the lately active ones.
    ///
    /// Mode read, with the rights of the service scheduler.
    pub async fn databases_to_watch(&self) -> Result<Vec<DatabasesToWatch>, Error> {
        const SQL: &str = "select database, shard, shard_url from control.databases_to_watch()";
        let given = PgArguments::default();
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Lists the databases that can be listened to: those that wait for commits first, then the lately active ones.
    ///
    /// Mode read, with the rights of the service scheduler.
    pub async fn databases_worth_listening(&self) -> Result<Vec<String>, Error> {
        const SQL: &str = "select control.databases_worth_listening()";
        let given = PgArguments::default();
        self.calls.values(Mode::Read, SQL, given).await
    }

    /// Writes down how a try went: delivered without an error, else tried again after so many seconds, or given up where there are none.
    ///
    /// Mode write, with the rights of the service scheduler.
    pub async fn delivery_end(&self, id: uuid::Uuid, status: Option<i32>, error: Option<&str>, again_in: Option<f64>) -> Result<(), Error> {
        const SQL: &str = "select control.delivery_end(id => $1, status => $2, error => $3, again_in => $4)";
        let given = PgArguments::default().with(id)?.with(status)?.with(error)?.with(again_in)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Takes deliveries that are due; whoever takes one has so many seconds before it is due again.
    ///
    /// Mode write, with the rights of the service scheduler.
    pub async fn delivery_take(&self, at_most: i64, seconds: f64) -> Result<Vec<DeliveryTake>, Error> {
        const SQL: &str =
            "select id, database, url, is_private, salt, event, body, tries, age from control.delivery_take(at_most => $1, seconds => $2)";
        let given = PgArguments::default().with(at_most)?.with(seconds)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Notes that an engine is there, forgets those that have been silent for so many seconds, and lists those that are left.
    ///
    /// Mode write, with the rights of the service scheduler.
    pub async fn engine_beat(&self, engine: &str, seconds: f64) -> Result<Vec<String>, Error> {
        const SQL: &str = "select control.engine_beat(engine => $1, seconds => $2)";
        let given = PgArguments::default().with(engine)?.with(seconds)?;
        self.calls.values(Mode::Write, SQL, given).await
    }

    /// Forgets an engine that ends: the others take its share at once.
    ///
    /// Mode write, with the rights of the service scheduler.
    pub async fn engine_gone(&self, engine: &str) -> Result<(), Error> {
        const SQL: &str = "select control.engine_gone(engine => $1)";
        let given = PgArguments::default().with(engine)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Answers with eight letters that tell this installation from others on the same server.
    ///
    /// Mode read, with the rights of the service http.
    pub async fn installation(&self) -> Result<String, Error> {
        const SQL: &str = "select control.installation()";
        let given = PgArguments::default();
        self.calls.value(Mode::Read, SQL, given).await
    }

    /// Lists the sets of modules that were asked for within so many seconds, the latest first, a few at most. Forgets older ones.
    ///
    /// Mode write, with the rights of the service scheduler.
    pub async fn module_sets_lately(&self, seconds: f64, at_most: i32) -> Result<Vec<ModuleSetsLately>, Error> {
        const SQL: &str = "select modules from control.module_sets_lately(seconds => $1, at_most => $2)";
        let given = PgArguments::default().with(seconds)?.with(at_most)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Notes that nothing of a move is left to do.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn move_end(&self, database: &str) -> Result<(), Error> {
        const SQL: &str = "select control.move_end(database => $1)";
        let given = PgArguments::default().with(database)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Lists the databases whose move was begun, while nobody is at it: whoever was has died.
    ///
    /// Mode read, with the rights of the service scheduler.
    pub async fn moves_left(&self) -> Result<Vec<String>, Error> {
        const SQL: &str = "select control.moves_left()";
        let given = PgArguments::default();
        self.calls.values(Mode::Read, SQL, given).await
    }

    /// Asks for a run that carries out the plan with this fingerprint and no other. Asking twice before its start is asking once. No row: there is no such database, or it is not ready.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn run_approve(&self, database: &str, plan: &str, asked_by: &str, request: Option<i64>) -> Result<Vec<RunApprove>, Error> {
        const SQL: &str = "select run from control.run_approve(database => $1, plan => $2, asked_by => $3, request => $4)";
        let given = PgArguments::default().with(database)?.with(plan)?.with(asked_by)?.with(request)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Asks for a run. Asking twice before its start is asking once. No row: there is no such database, or it is not ready.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn run_ask(&self, database: &str, kind: &str, asked_by: &str, request: Option<i64>) -> Result<Vec<RunAsk>, Error> {
        const SQL: &str = "select run from control.run_ask(database => $1, kind => $2, asked_by => $3, request => $4)";
        let given = PgArguments::default().with(database)?.with(kind)?.with(asked_by)?.with(request)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Ends, as lost, runs that stand in no queue and that nobody is at any more; answers with their databases. Those that should stand in one are put there again.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn run_bury(&self) -> Result<Vec<String>, Error> {
        const SQL: &str = "select control.run_bury()";
        let given = PgArguments::default();
        self.calls.values(Mode::Write, SQL, given).await
    }

    /// Takes up to 100 schedules that are due, until the transaction ends. Ask for each one's check and call schedule_next.
    ///
    /// Mode write, with the rights of the service scheduler.
    pub async fn schedule_due(&self) -> Result<Vec<ScheduleDue>, Error> {
        const SQL: &str = "select database, cron, read_at from control.schedule_due()";
        let given = PgArguments::default();
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Says when a database's next check by the clock is due. Null: never.
    ///
    /// Mode write, with the rights of the service scheduler.
    pub async fn schedule_next(&self, database: &str, next_at: Option<chrono::DateTime<chrono::Utc>>) -> Result<(), Error> {
        const SQL: &str = "select control.schedule_next(database => $1, next_at => $2)";
        let given = PgArguments::default().with(database)?.with(next_at)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Reads what an operator has set. No row: nothing.
    ///
    /// Mode read, with the rights of the service scheduler.
    pub async fn setting_find(&self, name: &str) -> Result<Vec<SettingFind>, Error> {
        const SQL: &str = "select value from control.setting_find(name => $1)";
        let given = PgArguments::default().with(name)?;
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Lists all servers by name, with how many databases each has.
    ///
    /// Mode read, with the rights of the service http.
    pub async fn shard_list(&self) -> Result<Vec<ShardList>, Error> {
        const SQL: &str = "select shard, shard_url, public_host, public_port, databases from control.shard_list()";
        let given = PgArguments::default();
        self.calls.rows(Mode::Read, SQL, given).await
    }
}

/// The service http: Makes databases, tells what is known about them, and asks for runs. The command line works as this one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Http;

impl Service for Http {
    const SCHEMA: &'static str = "control";
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
    /// Tells this server's time, by which schedules come due.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn clock(&self) -> Result<chrono::DateTime<chrono::Utc>, Error> {
        const SQL: &str = "select control.clock()";
        let given = PgArguments::default();
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// Forgets where a database's credentials are: then they come from AWS' default chain.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn credential_remove(&self, database: &str) -> Result<(), Error> {
        const SQL: &str = "select control.credential_remove(database => $1)";
        let given = PgArguments::default().with(database)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Says where the credentials of a database's account are: one of a profile, a role or a secret. Never what they are.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn credential_set(
        &self,
        database: &str,
        profile: Option<&str>,
        role_arn: Option<&str>,
        external_id: Option<&str>,
        secret: Option<&str>,
        secret_region: Option<&str>,
    ) -> Result<(), Error> {
        const SQL: &str = concat!(
            "select control.credential_set(database => $1, profile => $2, role_arn => $3, external_id => $4, secret => $5, ",
            "secret_region => $6)"
        );
        let given =
            PgArguments::default().with(database)?.with(profile)?.with(role_arn)?.with(external_id)?.with(secret)?.with(secret_region)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Finds a database with all that is known about it, as it is now. No row: there is none of that name.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn database_find(&self, database: &str) -> Result<Vec<DatabaseFind>, Error> {
        const SQL: &str = concat!(
            "select name, region, modules, mode, ready, made_at, active_at, shard, shard_url, public_host, public_port, profile, ",
            "role_arn, external_id, secret, secret_region, cron from control.database_find(database => $1)"
        );
        let given = PgArguments::default().with(database)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Lists all databases by name, with all that is known about them.
    ///
    /// Mode read, with the rights of the service http.
    pub async fn database_list(&self) -> Result<Vec<DatabaseList>, Error> {
        const SQL: &str = concat!(
            "select name, region, modules, mode, ready, made_at, active_at, shard, shard_url, public_host, public_port, profile, ",
            "role_arn, external_id, secret, secret_region, cron from control.database_list()"
        );
        let given = PgArguments::default();
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Waits for its turn at setting a database up, and has it until the transaction ends.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn database_lock(&self, database: &str) -> Result<Vec<DatabaseLock>, Error> {
        const SQL: &str = "select ready, modules from control.database_lock(database => $1)";
        let given = PgArguments::default().with(database)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Notes which modules a database has, where an upgrade has brought some that the others have come to need.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn database_modules(&self, database: &str, modules: &[String]) -> Result<(), Error> {
        const SQL: &str = "select control.database_modules(database => $1, modules => $2)";
        let given = PgArguments::default().with(database)?.with(modules)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Lists the names of all databases, for a hint at a mistyped one.
    ///
    /// Mode read, with the rights of the service http.
    pub async fn database_names(&self) -> Result<Vec<String>, Error> {
        const SQL: &str = "select control.database_names()";
        let given = PgArguments::default();
        self.calls.values(Mode::Read, SQL, given).await
    }

    /// Writes a new database down before anything is made under its name. Doing it twice is doing it once.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn database_note(&self, database: &str, shard: &str, region: &str) -> Result<(), Error> {
        const SQL: &str = "select control.database_note(database => $1, shard => $2, region => $3)";
        let given = PgArguments::default().with(database)?.with(shard)?.with(region)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Tells where a database is, whether it may be used yet, and the other server of a move that goes on. No row: there is none of that name.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn database_place(&self, database: &str) -> Result<Vec<DatabasePlace>, Error> {
        const SQL: &str = "select ready, shard, shard_url, moving, moving_url from control.database_place(database => $1)";
        let given = PgArguments::default().with(database)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Notes that a database's setup has ended, and which modules it has.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn database_ready(&self, database: &str, modules: &[String]) -> Result<(), Error> {
        const SQL: &str = "select control.database_ready(database => $1, modules => $2)";
        let given = PgArguments::default().with(database)?.with(modules)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Forgets a database with its credentials, lease, runs and schedule.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn database_remove(&self, database: &str) -> Result<(), Error> {
        const SQL: &str = "select control.database_remove(database => $1)";
        let given = PgArguments::default().with(database)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Tells how an administrator reaches a database, and whether it may be used yet. No row: there is none of that name.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn database_way(&self, database: &str) -> Result<Vec<DatabaseWay>, Error> {
        const SQL: &str = "select ready, shard, shard_url from control.database_way(database => $1)";
        let given = PgArguments::default().with(database)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// How a delivery goes.
    ///
    /// Mode read, with the rights of the service http.
    pub async fn delivery_state(&self, id: uuid::Uuid) -> Result<Vec<DeliveryState>, Error> {
        const SQL: &str = "select tries, delivered, status, error from control.delivery_state(id => $1)";
        let given = PgArguments::default().with(id)?;
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Puts a test into the outbox of a database that has a webhook; answers its id.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn delivery_test(&self, database: &str) -> Result<Vec<DeliveryTest>, Error> {
        const SQL: &str = "select id from control.delivery_test(database => $1)";
        let given = PgArguments::default().with(database)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Forgets a database's own Fly organization: then its secret or the engine's environment says whose it is.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn fly_account_remove(&self, database: &str) -> Result<(), Error> {
        const SQL: &str = "select control.fly_account_remove(database => $1)";
        let given = PgArguments::default().with(database)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Keeps whose Fly organization a database is about, and the sealed token for it.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn fly_account_set(&self, database: &str, organization: &str, sealed: &str) -> Result<(), Error> {
        const SQL: &str = "select control.fly_account_set(database => $1, organization => $2, sealed => $3)";
        let given = PgArguments::default().with(database)?.with(organization)?.with(sealed)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Answers with eight letters that tell this installation from others on the same server.
    ///
    /// Mode read, with the rights of the service http.
    pub async fn installation(&self) -> Result<String, Error> {
        const SQL: &str = "select control.installation()";
        let given = PgArguments::default();
        self.calls.value(Mode::Read, SQL, given).await
    }

    /// Notes that a new database was asked for with these modules.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn module_set_asked(&self, modules: &[String]) -> Result<(), Error> {
        const SQL: &str = "select control.module_set_asked(modules => $1)";
        let given = PgArguments::default().with(modules)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Notes, in one step, that a database is on the other server now, and that what is left of it where it was may go.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn move_arrive(&self, database: &str, shard: &str) -> Result<bool, Error> {
        const SQL: &str = "select control.move_arrive(database => $1, shard => $2)";
        let given = PgArguments::default().with(database)?.with(shard)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// Notes that a database is on its way to another server. False: it is on its way elsewhere, not ready, or not there.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn move_begin(&self, database: &str, shard: &str) -> Result<bool, Error> {
        const SQL: &str = "select control.move_begin(database => $1, shard => $2)";
        let given = PgArguments::default().with(database)?.with(shard)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// Notes that nothing of a move is left to do.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn move_end(&self, database: &str) -> Result<(), Error> {
        const SQL: &str = "select control.move_end(database => $1)";
        let given = PgArguments::default().with(database)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Says whether the metadata database can be written to.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn ping(&self) -> Result<bool, Error> {
        const SQL: &str = "select control.ping()";
        let given = PgArguments::default();
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// Asks for a run that carries out the plan with this fingerprint and no other. Asking twice before its start is asking once. No row: there is no such database, or it is not ready.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn run_approve(&self, database: &str, plan: &str, asked_by: &str, request: Option<i64>) -> Result<Vec<RunApprove>, Error> {
        const SQL: &str = "select run from control.run_approve(database => $1, plan => $2, asked_by => $3, request => $4)";
        let given = PgArguments::default().with(database)?.with(plan)?.with(asked_by)?.with(request)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Asks for a run. Asking twice before its start is asking once. No row: there is no such database, or it is not ready.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn run_ask(&self, database: &str, kind: &str, asked_by: &str, request: Option<i64>) -> Result<Vec<RunAsk>, Error> {
        const SQL: &str = "select run from control.run_ask(database => $1, kind => $2, asked_by => $3, request => $4)";
        let given = PgArguments::default().with(database)?.with(kind)?.with(asked_by)?.with(request)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Finds a run as it is now. No row: there is none of that name.
    ///
    /// Mode write, with the rights of the service reconciler.
    pub async fn run_find(&self, run: uuid::Uuid) -> Result<Vec<RunFind>, Error> {
        const SQL: &str =
            "select id, database, kind, state, asked_by, asked_at, started_at, ended_at, outcome from control.run_find(run => $1)";
        let given = PgArguments::default().with(run)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Lists the last runs of a database, the newest first.
    ///
    /// Mode read, with the rights of the service http.
    pub async fn run_list(&self, database: &str, at_most: i64) -> Result<Vec<RunList>, Error> {
        const SQL: &str = concat!(
            "select id, database, kind, state, asked_by, asked_at, started_at, ended_at, outcome from ",
            "control.run_list(database => $1, at_most => $2)"
        );
        let given = PgArguments::default().with(database)?.with(at_most)?;
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Writes down a run that whoever asks does at once: no queue knows it. No row: there is no such database, or it is not ready.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn run_note(&self, database: &str, kind: &str, asked_by: &str) -> Result<Vec<RunNote>, Error> {
        const SQL: &str = "select run from control.run_note(database => $1, kind => $2, asked_by => $3)";
        let given = PgArguments::default().with(database)?.with(kind)?.with(asked_by)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Writes down a run that carries out the plan with this fingerprint, and that whoever asks does at once: no queue knows it. No row: there is no such database, or it is not ready.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn run_note_approval(&self, database: &str, plan: &str, asked_by: &str) -> Result<Vec<RunNoteApproval>, Error> {
        const SQL: &str = "select run from control.run_note_approval(database => $1, plan => $2, asked_by => $3)";
        let given = PgArguments::default().with(database)?.with(plan)?.with(asked_by)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Has a database no longer checked by the clock.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn schedule_remove(&self, database: &str) -> Result<(), Error> {
        const SQL: &str = "select control.schedule_remove(database => $1)";
        let given = PgArguments::default().with(database)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Has a database checked by the clock from now on.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn schedule_set(&self, database: &str, cron: &str, next_at: chrono::DateTime<chrono::Utc>) -> Result<(), Error> {
        const SQL: &str = "select control.schedule_set(database => $1, cron => $2, next_at => $3)";
        let given = PgArguments::default().with(database)?.with(cron)?.with(next_at)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// The public key that secrets are sealed to. No row: no engine has come with one yet.
    ///
    /// Mode read, with the rights of the service http.
    pub async fn sealing_key_in_use(&self) -> Result<Vec<SealingKeyInUse>, Error> {
        const SQL: &str = "select id, key from control.sealing_key_in_use()";
        let given = PgArguments::default();
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Notes an engine's public key; answers for the one in use, which stays the one before where the engine does not have that.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn sealing_key_note(&self, id: &str, key: &[u8], known: &[String]) -> Result<String, Error> {
        const SQL: &str = "select control.sealing_key_note(id => $1, key => $2, known => $3)";
        let given = PgArguments::default().with(id)?.with(key)?.with(known)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// What was last seen of all clusters.
    ///
    /// Mode read, with the rights of the service http.
    pub async fn served_clusters_seen(&self) -> Result<Vec<ServedClustersSeen>, Error> {
        const SQL: &str = "select database, name, seen from control.served_clusters_seen()";
        let given = PgArguments::default();
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Takes one of so many turns at making something on a server, until the transaction ends. False: all are taken.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn setup_turn(&self, shard: &str, at_once: i32) -> Result<bool, Error> {
        const SQL: &str = "select control.setup_turn(shard => $1, at_once => $2)";
        let given = PgArguments::default().with(shard)?.with(at_once)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// Adds a server, or changes how one is reached. False: there is one of that name with databases on it, elsewhere.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn shard_add(&self, shard: &str, url: &str, public_host: Option<&str>, public_port: Option<i32>) -> Result<bool, Error> {
        const SQL: &str = "select control.shard_add(shard => $1, url => $2, public_host => $3, public_port => $4)";
        let given = PgArguments::default().with(shard)?.with(url)?.with(public_host)?.with(public_port)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// Finds the server with the fewest databases, which takes the next one.
    ///
    /// Mode read, with the rights of the service http.
    pub async fn shard_emptiest(&self) -> Result<Vec<ShardEmptiest>, Error> {
        const SQL: &str = "select shard, shard_url, public_host, public_port from control.shard_emptiest()";
        let given = PgArguments::default();
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Lists all servers by name, with how many databases each has.
    ///
    /// Mode read, with the rights of the service http.
    pub async fn shard_list(&self) -> Result<Vec<ShardList>, Error> {
        const SQL: &str = "select shard, shard_url, public_host, public_port, databases from control.shard_list()";
        let given = PgArguments::default();
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Forgets a server that holds no database; answers for how many it still holds. Null: there is none of that name.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn shard_remove(&self, shard: &str) -> Result<Option<i64>, Error> {
        const SQL: &str = "select control.shard_remove(shard => $1)";
        let given = PgArguments::default().with(shard)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// Finds the server with the fewest databases, which takes the next one. No row: each has so many, or there is none.
    ///
    /// Mode read, with the rights of the service http.
    pub async fn shard_with_room(&self, databases: i64) -> Result<Vec<ShardWithRoom>, Error> {
        const SQL: &str = "select shard, shard_url, public_host, public_port from control.shard_with_room(databases => $1)";
        let given = PgArguments::default().with(databases)?;
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// The webhook of a database, and how its deliveries go.
    ///
    /// Mode read, with the rights of the service http.
    pub async fn webhook_find(&self, database: &str) -> Result<Vec<WebhookFind>, Error> {
        const SQL: &str = concat!(
            "select url, events, is_private, made_at, waiting, given_up, delivered_at, status, error from ",
            "control.webhook_find(database => $1)"
        );
        let given = PgArguments::default().with(database)?;
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Has a database tell nobody any more; what is not delivered yet is forgotten.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn webhook_remove(&self, database: &str) -> Result<bool, Error> {
        const SQL: &str = "select control.webhook_remove(database => $1)";
        let given = PgArguments::default().with(database)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// Has a database tell what happens in it; answers what the secret is derived with, and whether that is new.
    ///
    /// Mode write, with the rights of the service http.
    pub async fn webhook_set(
        &self,
        database: &str,
        url: &str,
        events: &[String],
        is_private: bool,
        rotate: bool,
    ) -> Result<Vec<WebhookSet>, Error> {
        const SQL: &str =
            "select salt, is_new from control.webhook_set(database => $1, url => $2, events => $3, is_private => $4, rotate => $5)";
        let given = PgArguments::default().with(database)?.with(url)?.with(events)?.with(is_private)?.with(rotate)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }
}

/// The service gateway: Leads connections to the databases that are served: finds who may come in, and forgets what is gone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gateway;

impl Service for Gateway {
    const SCHEMA: &'static str = "control";
    const NAME: &'static str = "gateway";
    const VERSION: i32 = 3;
    type Procs = GatewayProcs;

    fn procs(calls: Calls) -> GatewayProcs {
        GatewayProcs { calls }
    }
}

/// What the service gateway may call. A call fails where the database refuses it, or does not answer.
#[derive(Clone)]
pub struct GatewayProcs {
    calls: Calls,
}

impl GatewayProcs {
    /// The account that gateways have at an authority, sealed. No row: none yet.
    ///
    /// Mode read, with the rights of the service gateway.
    pub async fn served_account_find(&self, directory: &str) -> Result<Vec<ServedAccountFind>, Error> {
        const SQL: &str = "select sealed, contacts from control.served_account_find(directory => $1)";
        let given = PgArguments::default().with(directory)?;
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Keeps the account that gateways have at an authority.
    ///
    /// Mode write, with the rights of the service gateway.
    pub async fn served_account_set(&self, directory: &str, sealed: &str, contacts: &[String]) -> Result<(), Error> {
        const SQL: &str = "select control.served_account_set(directory => $1, sealed => $2, contacts => $3)";
        let given = PgArguments::default().with(directory)?.with(sealed)?.with(contacts)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// All that gateways show, by domain, sealed; and whether a gateway orders it.
    ///
    /// Mode read, with the rights of the service gateway.
    pub async fn served_certificates(&self) -> Result<Vec<ServedCertificates>, Error> {
        const SQL: &str = "select domain, sealed, fingerprint, not_after, is_ordered from control.served_certificates()";
        let given = PgArguments::default();
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// The database that the gateway serves under a name. No row: there is none.
    ///
    /// Mode read, with the rights of the service gateway.
    pub async fn served_find(&self, domain: &str, label: &str) -> Result<Vec<ServedFind>, Error> {
        const SQL: &str = concat!(
            "select id, role, verifier, idle_seconds, size_limit_bytes, durability, durability_seconds, location, hold, size_bytes, ",
            "engine, machine, machine_sealed, fly_of, fly_organization, fly_sealed, branch_of, branch_label, branch_version, ",
            "replica_of, replica_label from control.served_find(domain => $1, label => $2)"
        );
        let given = PgArguments::default().with(domain)?.with(label)?;
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Forgets a database that is served no longer and whose files are gone.
    ///
    /// Mode write, with the rights of the service gateway.
    pub async fn served_forget(&self, id: uuid::Uuid) -> Result<(), Error> {
        const SQL: &str = "select control.served_forget(id => $1)";
        let given = PgArguments::default().with(id)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Notes that a gateway or node is there, where others reach it if they do, whether it runs databases, where it is, and in which bucket they are; answers with its number, which is another one's when it was silent for an hour. 0: none is free.
    ///
    /// Mode write, with the rights of the service gateway.
    pub async fn served_gateway_beat(
        &self,
        holder: &str,
        address: &str,
        runs_databases: bool,
        location: Option<&str>,
        bucket: uuid::Uuid,
    ) -> Result<i32, Error> {
        const SQL: &str =
            "select control.served_gateway_beat(holder => $1, address => $2, runs_databases => $3, location => $4, bucket => $5)";
        let given = PgArguments::default().with(holder)?.with(address)?.with(runs_databases)?.with(location)?.with(bucket)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// The gateways and nodes that were there within the last minute; those that others reach have an address.
    ///
    /// Mode read, with the rights of the service gateway.
    pub async fn served_gateways(&self) -> Result<Vec<ServedGateways>, Error> {
        const SQL: &str = "select number, holder, address, runs_databases, location, bucket from control.served_gateways()";
        let given = PgArguments::default();
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// The databases whose rows were deleted before so many seconds, and whose files may go.
    ///
    /// Mode read, with the rights of the service gateway.
    pub async fn served_gone(&self, seconds: f64) -> Result<Vec<ServedGone>, Error> {
        const SQL: &str = "select id from control.served_gone(seconds => $1)";
        let given = PgArguments::default().with(seconds)?;
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Has the gateways' DNS say this to who asks whether a domain is ours. False: it is that gateway's order no longer.
    ///
    /// Mode write, with the rights of the service gateway.
    pub async fn served_order_answer(&self, domain: &str, holder: uuid::Uuid, answers: &[String]) -> Result<bool, Error> {
        const SQL: &str = "select control.served_order_answer(domain => $1, holder => $2, answers => $3)";
        let given = PgArguments::default().with(domain)?.with(holder)?.with(answers)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// The domains for which gateways order, and what their DNS says of each.
    ///
    /// Mode read, with the rights of the service gateway.
    pub async fn served_order_answers(&self) -> Result<Vec<ServedOrderAnswers>, Error> {
        const SQL: &str = "select domain, answers from control.served_order_answers()";
        let given = PgArguments::default();
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Has gateways show what was ordered, and has it ordered again at a time. False: it is that gateway's order no longer, and nothing changes.
    ///
    /// Mode write, with the rights of the service gateway.
    #[expect(clippy::too_many_arguments, reason = "as the procedure has them")]
    pub async fn served_order_end(
        &self,
        domain: &str,
        holder: uuid::Uuid,
        sealed: &str,
        sealed_with: &str,
        fingerprint: &str,
        names: &[String],
        not_before: chrono::DateTime<chrono::Utc>,
        not_after: chrono::DateTime<chrono::Utc>,
        again_at: chrono::DateTime<chrono::Utc>,
    ) -> Result<bool, Error> {
        const SQL: &str = concat!(
            "select control.served_order_end(domain => $1, holder => $2, sealed => $3, sealed_with => $4, fingerprint => $5, ",
            "names => $6, not_before => $7, not_after => $8, again_at => $9)"
        );
        let given = PgArguments::default()
            .with(domain)?
            .with(holder)?
            .with(sealed)?
            .with(sealed_with)?
            .with(fingerprint)?
            .with(names)?
            .with(not_before)?
            .with(not_after)?
            .with(again_at)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// Notes why an order came to nothing, and has it tried again after so many seconds. What is shown goes on being shown.
    ///
    /// Mode write, with the rights of the service gateway.
    pub async fn served_order_fail(&self, domain: &str, holder: uuid::Uuid, state: &str, seconds: f64) -> Result<(), Error> {
        const SQL: &str = "select control.served_order_fail(domain => $1, holder => $2, state => $3, seconds => $4)";
        let given = PgArguments::default().with(domain)?.with(holder)?.with(state)?.with(seconds)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Gives a gateway what it is ordering for so many seconds more. False: it is that gateway's no longer.
    ///
    /// Mode write, with the rights of the service gateway.
    pub async fn served_order_hold(&self, domain: &str, holder: uuid::Uuid, seconds: f64) -> Result<bool, Error> {
        const SQL: &str = "select control.served_order_hold(domain => $1, holder => $2, seconds => $3)";
        let given = PgArguments::default().with(domain)?.with(holder)?.with(seconds)?;
        self.calls.value(Mode::Write, SQL, given).await
    }

    /// Gives a gateway what is to be ordered next, for so many seconds. No row: nothing is, or another gateway is ordering something. What was sealed with another key than this one's is ordered anew, once a day at most.
    ///
    /// Mode write, with the rights of the service gateway.
    pub async fn served_order_take(&self, holder: uuid::Uuid, mark: &str, seconds: f64) -> Result<Vec<ServedOrderTake>, Error> {
        const SQL: &str =
            "select domain, issuer, contacts, failures from control.served_order_take(holder => $1, mark => $2, seconds => $3)";
        let given = PgArguments::default().with(holder)?.with(mark)?.with(seconds)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Forgets a pin that was let go of.
    ///
    /// Mode write, with the rights of the service gateway.
    pub async fn served_pin_forget(&self, pin: uuid::Uuid) -> Result<(), Error> {
        const SQL: &str = "select control.served_pin_forget(pin => $1)";
        let given = PgArguments::default().with(pin)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Notes what became of a pin: on which version it is, or why it is not.
    ///
    /// Mode write, with the rights of the service gateway.
    pub async fn served_pin_note(&self, pin: uuid::Uuid, number: Option<i64>, state: &str) -> Result<(), Error> {
        const SQL: &str = "select control.served_pin_note(pin => $1, number => $2, state => $3)";
        let given = PgArguments::default().with(pin)?.with(number)?.with(state)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// The pins that a gateway has to set, or to let go of.
    ///
    /// Mode read, with the rights of the service gateway.
    pub async fn served_pins_wanted(&self) -> Result<Vec<ServedPinsWanted>, Error> {
        const SQL: &str = "select pin, id, number, is_gone from control.served_pins_wanted()";
        let given = PgArguments::default();
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Notes how large a served database is.
    ///
    /// Mode write, with the rights of the service gateway.
    pub async fn served_size(&self, id: uuid::Uuid, size_bytes: i64) -> Result<(), Error> {
        const SQL: &str = "select control.served_size(id => $1, size_bytes => $2)";
        let given = PgArguments::default().with(id)?.with(size_bytes)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// The highest number of a version that is known of a served database; 0 where there is none.
    ///
    /// Mode read, with the rights of the service gateway.
    pub async fn served_version_newest(&self, id: uuid::Uuid) -> Result<i64, Error> {
        const SQL: &str = "select control.served_version_newest(id => $1)";
        let given = PgArguments::default().with(id)?;
        self.calls.value(Mode::Read, SQL, given).await
    }

    /// Which versions of a served database there are: all their numbers, and what is to be known of those that have come.
    ///
    /// Mode write, with the rights of the service gateway.
    pub async fn served_versions_set(&self, id: uuid::Uuid, numbers: &[i64], come: &serde_json::Value) -> Result<(), Error> {
        const SQL: &str = "select control.served_versions_set(id => $1, numbers => $2, come => $3)";
        let given = PgArguments::default().with(id)?.with(numbers)?.with(come)?;
        self.calls.nothing(Mode::Write, SQL, given).await
    }
}

/// A row of `control.database_account`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct DatabaseAccount {
    /// `region`, text.
    pub region: String,
    /// `profile`, text, may be NULL.
    pub profile: Option<String>,
    /// `role_arn`, text, may be NULL.
    pub role_arn: Option<String>,
    /// `external_id`, text, may be NULL.
    pub external_id: Option<String>,
    /// `secret`, text, may be NULL.
    pub secret: Option<String>,
    /// `secret_region`, text, may be NULL.
    pub secret_region: Option<String>,
}

/// A row of `control.database_clouds`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct DatabaseClouds {
    /// `modules`, text\[\].
    pub modules: Vec<String>,
    /// `organization`, text, may be NULL.
    pub organization: Option<String>,
    /// `sealed`, text, may be NULL.
    pub sealed: Option<String>,
}

/// A row of `control.database_find`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct DatabaseFind {
    /// `name`, text.
    pub name: String,
    /// `region`, text.
    pub region: String,
    /// `modules`, text\[\].
    pub modules: Vec<String>,
    /// `mode`, text.
    pub mode: String,
    /// `ready`, boolean.
    pub ready: bool,
    /// `made_at`, timestamptz.
    pub made_at: chrono::DateTime<chrono::Utc>,
    /// `active_at`, timestamptz.
    pub active_at: chrono::DateTime<chrono::Utc>,
    /// `shard`, text.
    pub shard: String,
    /// `shard_url`, text, may be NULL.
    pub shard_url: Option<String>,
    /// `public_host`, text, may be NULL.
    pub public_host: Option<String>,
    /// `public_port`, integer, may be NULL.
    pub public_port: Option<i32>,
    /// `profile`, text, may be NULL.
    pub profile: Option<String>,
    /// `role_arn`, text, may be NULL.
    pub role_arn: Option<String>,
    /// `external_id`, text, may be NULL.
    pub external_id: Option<String>,
    /// `secret`, text, may be NULL.
    pub secret: Option<String>,
    /// `secret_region`, text, may be NULL.
    pub secret_region: Option<String>,
    /// `cron`, text, may be NULL.
    pub cron: Option<String>,
}

/// A row of `control.database_list`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct DatabaseList {
    /// `name`, text.
    pub name: String,
    /// `region`, text.
    pub region: String,
    /// `modules`, text\[\].
    pub modules: Vec<String>,
    /// `mode`, text.
    pub mode: String,
    /// `ready`, boolean.
    pub ready: bool,
    /// `made_at`, timestamptz.
    pub made_at: chrono::DateTime<chrono::Utc>,
    /// `active_at`, timestamptz.
    pub active_at: chrono::DateTime<chrono::Utc>,
    /// `shard`, text.
    pub shard: String,
    /// `shard_url`, text, may be NULL.
    pub shard_url: Option<String>,
    /// `public_host`, text, may be NULL.
    pub public_host: Option<String>,
    /// `public_port`, integer, may be NULL.
    pub public_port: Option<i32>,
    /// `profile`, text, may be NULL.
    pub profile: Option<String>,
    /// `role_arn`, text, may be NULL.
    pub role_arn: Option<String>,
    /// `external_id`, text, may be NULL.
    pub external_id: Option<String>,
    /// `secret`, text, may be NULL.
    pub secret: Option<String>,
    /// `secret_region`, text, may be NULL.
    pub secret_region: Option<String>,
    /// `cron`, text, may be NULL.
    pub cron: Option<String>,
}

/// A row of `control.database_lock`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct DatabaseLock {
    /// `ready`, boolean.
    pub ready: bool,
    /// `modules`, text\[\].
    pub modules: Vec<String>,
}

/// A row of `control.database_place`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct DatabasePlace {
    /// `ready`, boolean.
    pub ready: bool,
    /// `shard`, text.
    pub shard: String,
    /// `shard_url`, text, may be NULL.
    pub shard_url: Option<String>,
    /// `moving`, text, may be NULL.
    pub moving: Option<String>,
    /// `moving_url`, text, may be NULL.
    pub moving_url: Option<String>,
}

/// A row of `control.database_way`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct DatabaseWay {
    /// `ready`, boolean.
    pub ready: bool,
    /// `shard`, text.
    pub shard: String,
    /// `shard_url`, text, may be NULL.
    pub shard_url: Option<String>,
}

/// A row of `control.databases_to_watch`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct DatabasesToWatch {
    /// `database`, text.
    pub database: String,
    /// `shard`, text.
    pub shard: String,
    /// `shard_url`, text, may be NULL.
    pub shard_url: Option<String>,
}

/// A row of `control.delivery_state`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct DeliveryState {
    /// `tries`, integer.
    pub tries: i32,
    /// `delivered`, boolean.
    pub delivered: bool,
    /// `status`, integer, may be NULL.
    pub status: Option<i32>,
    /// `error`, text, may be NULL.
    pub error: Option<String>,
}

/// A row of `control.delivery_take`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct DeliveryTake {
    /// `id`, uuid.
    pub id: uuid::Uuid,
    /// `database`, text.
    pub database: String,
    /// `url`, text.
    pub url: String,
    /// `is_private`, boolean.
    pub is_private: bool,
    /// `salt`, uuid.
    pub salt: uuid::Uuid,
    /// `event`, text.
    pub event: String,
    /// `body`, text.
    pub body: String,
    /// `tries`, integer.
    pub tries: i32,
    /// `age`, double precision.
    pub age: f64,
}

/// A row of `control.delivery_test`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct DeliveryTest {
    /// `id`, uuid.
    pub id: uuid::Uuid,
}

/// A row of `control.lease_acquire`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct LeaseAcquire {
    /// `counter`, bigint.
    pub counter: i64,
}

/// A row of `control.module_sets_lately`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ModuleSetsLately {
    /// `modules`, text\[\].
    pub modules: Vec<String>,
}

/// A row of `control.run_approve`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct RunApprove {
    /// `run`, uuid.
    pub run: uuid::Uuid,
}

/// A row of `control.run_ask`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct RunAsk {
    /// `run`, uuid.
    pub run: uuid::Uuid,
}

/// A row of `control.run_find`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct RunFind {
    /// `id`, uuid.
    pub id: uuid::Uuid,
    /// `database`, text.
    pub database: String,
    /// `kind`, text.
    pub kind: String,
    /// `state`, text.
    pub state: String,
    /// `asked_by`, text.
    pub asked_by: String,
    /// `asked_at`, timestamptz.
    pub asked_at: chrono::DateTime<chrono::Utc>,
    /// `started_at`, timestamptz, may be NULL.
    pub started_at: Option<chrono::DateTime<chrono::Utc>>,
    /// `ended_at`, timestamptz, may be NULL.
    pub ended_at: Option<chrono::DateTime<chrono::Utc>>,
    /// `outcome`, jsonb, may be NULL.
    pub outcome: Option<serde_json::Value>,
}

/// A row of `control.run_list`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct RunList {
    /// `id`, uuid.
    pub id: uuid::Uuid,
    /// `database`, text.
    pub database: String,
    /// `kind`, text.
    pub kind: String,
    /// `state`, text.
    pub state: String,
    /// `asked_by`, text.
    pub asked_by: String,
    /// `asked_at`, timestamptz.
    pub asked_at: chrono::DateTime<chrono::Utc>,
    /// `started_at`, timestamptz, may be NULL.
    pub started_at: Option<chrono::DateTime<chrono::Utc>>,
    /// `ended_at`, timestamptz, may be NULL.
    pub ended_at: Option<chrono::DateTime<chrono::Utc>>,
    /// `outcome`, jsonb, may be NULL.
    pub outcome: Option<serde_json::Value>,
}

/// A row of `control.run_note`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct RunNote {
    /// `run`, uuid.
    pub run: uuid::Uuid,
}

/// A row of `control.run_note_approval`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct RunNoteApproval {
    /// `run`, uuid.
    pub run: uuid::Uuid,
}

/// A row of `control.run_start`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct RunStart {
    /// `id`, uuid.
    pub id: uuid::Uuid,
    /// `database`, text.
    pub database: String,
    /// `kind`, text.
    pub kind: String,
    /// `state`, text.
    pub state: String,
    /// `asked_by`, text.
    pub asked_by: String,
    /// `asked_at`, timestamptz.
    pub asked_at: chrono::DateTime<chrono::Utc>,
    /// `started_at`, timestamptz.
    pub started_at: chrono::DateTime<chrono::Utc>,
    /// `ended_at`, timestamptz, may be NULL.
    pub ended_at: Option<chrono::DateTime<chrono::Utc>>,
    /// `outcome`, jsonb, may be NULL.
    pub outcome: Option<serde_json::Value>,
}

/// A row of `control.schedule_due`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ScheduleDue {
    /// `database`, text.
    pub database: String,
    /// `cron`, text.
    pub cron: String,
    /// `read_at`, timestamptz.
    pub read_at: chrono::DateTime<chrono::Utc>,
}

/// A row of `control.sealing_key_in_use`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct SealingKeyInUse {
    /// `id`, text.
    pub id: String,
    /// `key`, bytea.
    pub key: Vec<u8>,
}

/// A row of `control.served_account_find`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ServedAccountFind {
    /// `sealed`, text.
    pub sealed: String,
    /// `contacts`, text\[\].
    pub contacts: Vec<String>,
}

/// A row of `control.served_certificates`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ServedCertificates {
    /// `domain`, text.
    pub domain: String,
    /// `sealed`, text.
    pub sealed: String,
    /// `fingerprint`, text.
    pub fingerprint: String,
    /// `not_after`, timestamptz.
    pub not_after: chrono::DateTime<chrono::Utc>,
    /// `is_ordered`, boolean.
    pub is_ordered: bool,
}

/// A row of `control.served_certificates_of`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ServedCertificatesOf {
    /// `domain`, text.
    pub domain: String,
    /// `owner`, text.
    pub owner: String,
    /// `version`, uuid, may be NULL.
    pub version: Option<uuid::Uuid>,
    /// `sealed_with`, text, may be NULL.
    pub sealed_with: Option<String>,
    /// `fingerprint`, text, may be NULL.
    pub fingerprint: Option<String>,
    /// `names`, text\[\], may be NULL.
    pub names: Option<Vec<String>>,
    /// `not_before`, timestamptz, may be NULL.
    pub not_before: Option<chrono::DateTime<chrono::Utc>>,
    /// `not_after`, timestamptz, may be NULL.
    pub not_after: Option<chrono::DateTime<chrono::Utc>>,
    /// `issuer`, text, may be NULL.
    pub issuer: Option<String>,
    /// `contact`, text, may be NULL.
    pub contact: Option<String>,
    /// `state`, text, may be NULL.
    pub state: Option<String>,
}

/// A row of `control.served_clusters`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ServedClusters {
    /// `database`, text.
    pub database: String,
    /// `name`, text.
    pub name: String,
    /// `wanted`, jsonb.
    pub wanted: serde_json::Value,
    /// `change`, bigint.
    pub change: i64,
    /// `owner`, text.
    pub owner: String,
    /// `sealed`, text.
    pub sealed: String,
    /// `fly_organization`, text, may be NULL.
    pub fly_organization: Option<String>,
    /// `fly_sealed`, text, may be NULL.
    pub fly_sealed: Option<String>,
}

/// A row of `control.served_clusters_of`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ServedClustersOf {
    /// `name`, text.
    pub name: String,
    /// `owner`, text.
    pub owner: String,
    /// `wanted`, jsonb.
    pub wanted: serde_json::Value,
    /// `change`, bigint.
    pub change: i64,
    /// `since`, double precision.
    pub since: f64,
    /// `sealed_with`, text.
    pub sealed_with: String,
    /// `seen`, jsonb, may be NULL.
    pub seen: Option<serde_json::Value>,
}

/// A row of `control.served_clusters_seen`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ServedClustersSeen {
    /// `database`, text.
    pub database: String,
    /// `name`, text.
    pub name: String,
    /// `seen`, jsonb.
    pub seen: serde_json::Value,
}

/// A row of `control.served_domains_of`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ServedDomainsOf {
    /// `domain`, text.
    pub domain: String,
    /// `owner`, text.
    pub owner: String,
    /// `shared`, boolean.
    pub shared: bool,
}

/// A row of `control.served_find`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ServedFind {
    /// `id`, uuid.
    pub id: uuid::Uuid,
    /// `role`, text.
    pub role: String,
    /// `verifier`, text.
    pub verifier: String,
    /// `idle_seconds`, integer.
    pub idle_seconds: i32,
    /// `size_limit_bytes`, bigint.
    pub size_limit_bytes: i64,
    /// `durability`, text.
    pub durability: String,
    /// `durability_seconds`, integer, may be NULL.
    pub durability_seconds: Option<i32>,
    /// `location`, text, may be NULL.
    pub location: Option<String>,
    /// `hold`, boolean.
    pub hold: bool,
    /// `size_bytes`, bigint, may be NULL.
    pub size_bytes: Option<i64>,
    /// `engine`, text.
    pub engine: String,
    /// `machine`, text, may be NULL.
    pub machine: Option<String>,
    /// `machine_sealed`, text, may be NULL.
    pub machine_sealed: Option<String>,
    /// `fly_of`, text, may be NULL.
    pub fly_of: Option<String>,
    /// `fly_organization`, text, may be NULL.
    pub fly_organization: Option<String>,
    /// `fly_sealed`, text, may be NULL.
    pub fly_sealed: Option<String>,
    /// `branch_of`, uuid, may be NULL.
    pub branch_of: Option<uuid::Uuid>,
    /// `branch_label`, text, may be NULL.
    pub branch_label: Option<String>,
    /// `branch_version`, bigint, may be NULL.
    pub branch_version: Option<i64>,
    /// `replica_of`, uuid, may be NULL.
    pub replica_of: Option<uuid::Uuid>,
    /// `replica_label`, text, may be NULL.
    pub replica_label: Option<String>,
}

/// A row of `control.served_gateways`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ServedGateways {
    /// `number`, integer.
    pub number: i32,
    /// `holder`, text.
    pub holder: String,
    /// `address`, text.
    pub address: String,
    /// `runs_databases`, boolean.
    pub runs_databases: bool,
    /// `location`, text, may be NULL.
    pub location: Option<String>,
    /// `bucket`, uuid.
    pub bucket: uuid::Uuid,
}

/// A row of `control.served_gone`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ServedGone {
    /// `id`, uuid.
    pub id: uuid::Uuid,
}

/// A row of `control.served_machines_of`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ServedMachinesOf {
    /// `machine`, text.
    pub machine: String,
    /// `owner`, text.
    pub owner: String,
    /// `version`, uuid.
    pub version: uuid::Uuid,
    /// `sealed_with`, text.
    pub sealed_with: String,
}

/// A row of `control.served_make`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ServedMake {
    /// `id`, uuid.
    pub id: uuid::Uuid,
}

/// A row of `control.served_of`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ServedOf {
    /// `id`, uuid.
    pub id: uuid::Uuid,
    /// `domain`, text.
    pub domain: String,
    /// `label`, text.
    pub label: String,
    /// `owner`, text.
    pub owner: String,
    /// `role`, text.
    pub role: String,
    /// `password_version`, uuid.
    pub password_version: uuid::Uuid,
    /// `idle_seconds`, integer.
    pub idle_seconds: i32,
    /// `size_limit_bytes`, bigint.
    pub size_limit_bytes: i64,
    /// `durability`, text.
    pub durability: String,
    /// `durability_seconds`, integer, may be NULL.
    pub durability_seconds: Option<i32>,
    /// `location`, text, may be NULL.
    pub location: Option<String>,
    /// `hold`, boolean.
    pub hold: bool,
    /// `size_bytes`, bigint, may be NULL.
    pub size_bytes: Option<i64>,
    /// `engine`, text.
    pub engine: String,
    /// `machine`, text, may be NULL.
    pub machine: Option<String>,
    /// `branch_of`, text, may be NULL.
    pub branch_of: Option<String>,
    /// `branch_version`, bigint, may be NULL.
    pub branch_version: Option<i64>,
    /// `replica_of`, text, may be NULL.
    pub replica_of: Option<String>,
}

/// A row of `control.served_order_answers`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ServedOrderAnswers {
    /// `domain`, text.
    pub domain: String,
    /// `answers`, text\[\].
    pub answers: Vec<String>,
}

/// A row of `control.served_order_take`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ServedOrderTake {
    /// `domain`, text.
    pub domain: String,
    /// `issuer`, text.
    pub issuer: String,
    /// `contacts`, text\[\].
    pub contacts: Vec<String>,
    /// `failures`, integer.
    pub failures: i32,
}

/// A row of `control.served_pin_make`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ServedPinMake {
    /// `pin`, uuid.
    pub pin: uuid::Uuid,
}

/// A row of `control.served_pins_of`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ServedPinsOf {
    /// `pin`, uuid.
    pub pin: uuid::Uuid,
    /// `id`, uuid.
    pub id: uuid::Uuid,
    /// `domain`, text.
    pub domain: String,
    /// `label`, text.
    pub label: String,
    /// `name`, text.
    pub name: String,
    /// `owner`, text.
    pub owner: String,
    /// `number`, bigint, may be NULL.
    pub number: Option<i64>,
    /// `state`, text.
    pub state: String,
}

/// A row of `control.served_pins_wanted`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ServedPinsWanted {
    /// `pin`, uuid.
    pub pin: uuid::Uuid,
    /// `id`, uuid.
    pub id: uuid::Uuid,
    /// `number`, bigint, may be NULL.
    pub number: Option<i64>,
    /// `is_gone`, boolean.
    pub is_gone: bool,
}

/// A row of `control.served_versions_of`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ServedVersionsOf {
    /// `domain`, text.
    pub domain: String,
    /// `label`, text.
    pub label: String,
    /// `number`, bigint.
    pub number: i64,
    /// `kind`, text.
    pub kind: String,
    /// `made_at`, timestamptz.
    pub made_at: chrono::DateTime<chrono::Utc>,
    /// `made_by`, text.
    pub made_by: String,
    /// `size_bytes`, bigint.
    pub size_bytes: i64,
    /// `stored_bytes`, bigint.
    pub stored_bytes: i64,
}

/// A row of `control.setting_find`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct SettingFind {
    /// `value`, text.
    pub value: String,
}

/// A row of `control.shard_emptiest`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ShardEmptiest {
    /// `shard`, text.
    pub shard: String,
    /// `shard_url`, text, may be NULL.
    pub shard_url: Option<String>,
    /// `public_host`, text, may be NULL.
    pub public_host: Option<String>,
    /// `public_port`, integer, may be NULL.
    pub public_port: Option<i32>,
}

/// A row of `control.shard_list`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ShardList {
    /// `shard`, text.
    pub shard: String,
    /// `shard_url`, text, may be NULL.
    pub shard_url: Option<String>,
    /// `public_host`, text, may be NULL.
    pub public_host: Option<String>,
    /// `public_port`, integer, may be NULL.
    pub public_port: Option<i32>,
    /// `databases`, bigint.
    pub databases: i64,
}

/// A row of `control.shard_with_room`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ShardWithRoom {
    /// `shard`, text.
    pub shard: String,
    /// `shard_url`, text, may be NULL.
    pub shard_url: Option<String>,
    /// `public_host`, text, may be NULL.
    pub public_host: Option<String>,
    /// `public_port`, integer, may be NULL.
    pub public_port: Option<i32>,
}

/// A row of `control.webhook_find`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct WebhookFind {
    /// `url`, text.
    pub url: String,
    /// `events`, text\[\].
    pub events: Vec<String>,
    /// `is_private`, boolean.
    pub is_private: bool,
    /// `made_at`, timestamptz.
    pub made_at: chrono::DateTime<chrono::Utc>,
    /// `waiting`, bigint.
    pub waiting: i64,
    /// `given_up`, bigint.
    pub given_up: i64,
    /// `delivered_at`, timestamptz, may be NULL.
    pub delivered_at: Option<chrono::DateTime<chrono::Utc>>,
    /// `status`, integer, may be NULL.
    pub status: Option<i32>,
    /// `error`, text, may be NULL.
    pub error: Option<String>,
}

/// A row of `control.webhook_set`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct WebhookSet {
    /// `salt`, uuid.
    pub salt: uuid::Uuid,
    /// `is_new`, boolean.
    pub is_new: bool,
}
