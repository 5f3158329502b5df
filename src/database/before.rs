//! Databases as release 0.1 left them: what has become a procedure since is asked of the tables themselves, as that release did.

use sqlx::PgPool;
use uuid::Uuid;

use super::{Error, Listing, Request, observe::Blind, plan::Raw};

/// The owner's connections to a database that is not upgraded yet.
#[derive(Clone)]
pub(super) struct Before {
    pool: PgPool,
}

impl Before {
    pub(super) fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    pub(super) async fn setting(&self, name: &str) -> Result<Option<String>, Error> {
        sqlx::query_scalar("select iasql.setting($1)").bind(name).fetch_one(&self.pool).await.map_err(Error::of("reading a setting"))
    }

    pub(super) async fn steps(&self) -> Result<Vec<Raw>, Error> {
        sqlx::query_as(include_str!("sql/steps.sql")).fetch_all(&self.pool).await.map_err(Error::of("reading the plan"))
    }

    pub(super) async fn plan_as_text(&self) -> Result<Vec<String>, Error> {
        sqlx::query_scalar("select iasql.diff()").fetch_all(&self.pool).await.map_err(Error::of("reading the plan"))
    }

    pub(super) async fn busy_listings(&self) -> Result<Vec<Listing>, Error> {
        sqlx::query_as(include_str!("sql/busy.sql")).fetch_all(&self.pool).await.map_err(Error::of("reading what to wait for"))
    }

    pub(super) async fn unread_listings(&self) -> Result<Vec<Listing>, Error> {
        let unread = sqlx::query_as(include_str!("sql/unread.sql")).fetch_all(&self.pool);
        unread.await.map_err(Error::of("reading which lists were never read"))
    }

    pub(super) async fn blind_listings(&self) -> Result<Vec<Blind>, Error> {
        let blind = sqlx::query_as("select resource, region, blind from iasql.listing where blind is not null order by resource, region");
        blind.fetch_all(&self.pool).await.map_err(Error::of("reading what can't be seen"))
    }

    pub(super) async fn clock(&self) -> Result<chrono::DateTime<chrono::Utc>, Error> {
        sqlx::query_scalar("select clock_timestamp()").fetch_one(&self.pool).await.map_err(Error::of("reading the clock"))
    }

    pub(super) async fn requests(&self) -> Result<Vec<Request>, Error> {
        let open = sqlx::query_as(include_str!("sql/open_requests.sql"));
        open.fetch_all(&self.pool).await.map_err(Error::of("reading the requests"))
    }

    pub(super) async fn take_request(&self, id: i64, run: Uuid) -> Result<bool, Error> {
        let taken = sqlx::query("update iasql.request set run = $2 where id = $1 and run is null").bind(id).bind(run);
        Ok(taken.execute(&self.pool).await.map_err(Error::of("taking a request"))?.rows_affected() == 1)
    }

    pub(super) async fn answer_request(&self, id: i64, said: &str) -> Result<(), Error> {
        let answered = sqlx::query("update iasql.request set said = $2 where id = $1").bind(id).bind(said);
        answered.execute(&self.pool).await.map(drop).map_err(Error::of("answering a request"))
    }

    pub(super) async fn answer_run(&self, run: Uuid, said: &str) -> Result<(), Error> {
        let answered = sqlx::query("update iasql.request set said = $2 where run = $1 and said is null").bind(run).bind(said);
        answered.execute(&self.pool).await.map(drop).map_err(Error::of("answering who waits for a run"))
    }
}
