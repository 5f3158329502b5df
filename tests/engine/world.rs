//! One user with a database and an account, and an engine between the two.

use iasql::{
    aws::{Aws, register},
    database::{Database, modules::Library, setup},
    engine::{self, Ask, Kind, Outcome, State},
    fly::Fly,
    resource::Registry,
    tigris::Tigris,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, Row};
use uuid::Uuid;

use crate::{
    control::{owner, url_of},
    support,
};

/// One user with a database and an account, and an engine between the two.
pub(crate) struct World {
    pub(crate) account: support::Account,
    pub(crate) database: Database,
    /// Whoever owns what is ours in the database.
    pub(crate) owner: PgPool,
    /// The user's own connection.
    pub(crate) user: PgConnection,
    registry: Registry,
}

impl World {
    /// A database with these modules, and an empty account.
    pub(crate) async fn with(names: &[&str]) -> Self {
        Self::of(names, support::account().await).await
    }

    /// The same in a cloud that has AWS' own policies.
    pub(crate) async fn whole(names: &[&str]) -> Self {
        Self::of(names, support::account_in(support::whole_endpoint().await).await).await
    }

    async fn of(names: &[&str], account: support::Account) -> Self {
        let (name, admin) = (support::database_name(), support::postgres().await);
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let library = Library::carried().expect("modules");
        let modules = library.chosen(Some(&names)).expect("modules");
        let verifier = "md500000000000000000000000000000000";
        let plan = setup::Plan { name: &name, region: "us-east-1", base: library.base(), modules: &modules, verifier };
        setup::make(admin, &plan).await.unwrap_or_else(|error| panic!("{error:?}"));
        let database = Database::open(admin, &name).await.expect("the database").with_keys(support::keys());
        database.lay_key(support::keys().newest().expect("a key"), &[]).await.unwrap_or_else(|error| panic!("{error:?}"));
        let owner = owner(&name).await;
        sqlx::query("update iasql.setting set value = '0' where name = 'list_delay_seconds'").execute(&owner).await.expect("no delay");
        let mut user = PgConnection::connect(&url_of(&name).await).await.expect("a connection");
        sqlx::raw_sql(AssertSqlSafe(format!("set session authorization {name}"))).execute(&mut user).await.expect("the user's role");
        let registry = register(Registry::default(), &account.aws);
        Self { account, database, owner, user, registry }
    }

    /// From now on the engine takes another way to the cloud.
    pub(crate) fn through(&mut self, aws: &Aws) {
        self.registry = register(Registry::default(), aws);
    }

    /// From now on the engine knows this Fly organization, too.
    pub(crate) fn with_fly(&mut self, fly: &Fly) {
        self.registry = iasql::fly::register(register(Registry::default(), &self.account.aws), fly);
    }

    /// From now on the engine knows this account of Tigris, too, and this organization whose apps have keys to it.
    pub(crate) fn with_tigris(&mut self, tigris: &Tigris, fly: &Fly) {
        self.with_fly(fly);
        self.registry = iasql::tigris::register(std::mem::take(&mut self.registry), tigris, fly);
    }

    /// The cloud as another person would reach it.
    pub(crate) async fn outside(&self) -> Aws {
        self.account.outside().await
    }

    /// What the user types.
    pub(crate) async fn sql(&mut self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut self.user).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// What the user gets to hear when something is refused.
    pub(crate) async fn refusal(&mut self, sql: &str) -> String {
        let answer = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut self.user).await;
        answer.expect_err("a refusal").to_string()
    }

    /// The first column of what a query answers, as text.
    pub(crate) async fn ask(&mut self, sql: &str) -> Vec<String> {
        let rows =
            sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).fetch_all(&mut self.user).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        rows.iter().map(|row| row.try_get::<Option<String>, _>(0).expect("text").unwrap_or_default()).collect()
    }

    /// The plan as text.
    pub(crate) async fn diff(&mut self) -> Vec<String> {
        self.ask("select iasql.diff()").await
    }

    /// A run of the engine, whatever comes of it; calls so far are forgotten before it.
    pub(crate) async fn run(&self, kind: Kind) -> Outcome {
        self.go_on(Uuid::new_v4(), kind).await
    }

    /// The same run once more.
    pub(crate) async fn go_on(&self, run: Uuid, kind: Kind) -> Outcome {
        let ask = Ask { run, kind, asked_by: "a test".into() };
        self.account.calls.take();
        engine::run(&self.database, &self.registry, 1, &ask, &|_| {}).await.unwrap_or_else(|error| panic!("{error:?}"))
    }

    /// A run that can't be carried out.
    pub(crate) async fn broken(&self, kind: Kind) -> engine::Error {
        let ask = Ask { run: Uuid::new_v4(), kind, asked_by: "a test".into() };
        engine::run(&self.database, &self.registry, 1, &ask, &|_| {}).await.expect_err("no run")
    }

    /// A check that leaves nothing to do; answers the calls that changed the cloud, in their order.
    pub(crate) async fn check(&mut self) -> Vec<String> {
        let outcome = self.run(Kind::Check).await;
        let changes = self.account.calls.take_changes();
        assert_eq!((outcome.state, &outcome.errors[..], &outcome.blind[..]), (State::Done, &[][..], &[][..]), "{:#?}", outcome.plan);
        self.rests().await;
        changes
    }

    /// The same where the cloud takes its time: the run is gone on with until nothing is waited for.
    pub(crate) async fn settled(&mut self) -> Vec<String> {
        let changes = self.carried_out().await;
        self.rests().await;
        changes
    }

    /// The same, and the plan is empty then; whether a second check finds something to do is not looked at.
    pub(crate) async fn carried_out(&mut self) -> Vec<String> {
        let (mut changes, run) = (Vec::new(), Uuid::new_v4());
        for _ in 0..5 {
            let outcome = self.go_on(run, Kind::Check).await;
            changes.extend(self.account.calls.take_changes());
            assert_eq!((&outcome.errors[..], &outcome.blind[..]), (&[][..], &[][..]), "{:#?}", outcome.plan);
            if outcome.state != State::Waiting {
                break;
            }
        }
        assert_eq!(self.diff().await, ["Nothing to do: the cloud is as the tables say."]);
        changes
    }

    /// Nothing is left to do, and a second check does nothing.
    pub(crate) async fn rests(&mut self) {
        assert_eq!(self.diff().await, ["Nothing to do: the cloud is as the tables say."]);
        let outcome = self.run(Kind::Check).await;
        assert_eq!((outcome.state, outcome.applied, outcome.plan.len()), (State::Done, 0, 0), "{outcome:#?}");
        assert_eq!(self.account.calls.take_changes(), Vec::<String>::new());
    }
}
