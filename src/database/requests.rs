//! What was asked for from inside the database.

use sqlx::FromRow;
use uuid::Uuid;

use super::{Database, Error};

/// Something that was asked for with `CALL iasql.check()` or one of its like.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Request {
    /// Its number.
    pub id: i64,
    /// `refresh`, `plan`, `apply` or `check`.
    pub kind: String,
    /// The login that asked.
    pub asked_by: String,
}

impl Database {
    /// The requests that nobody has taken yet, oldest first.
    pub async fn requests(&self) -> Result<Vec<Request>, Error> {
        let open = sqlx::query_as("select id, kind, asked_by from iasql.request where run is null and said is null order by id");
        open.fetch_all(self.pool()).await.map_err(Error::of("reading the requests"))
    }

    /// Takes a request for a run; `false` where somebody else was quicker.
    pub async fn take(&self, id: i64, run: Uuid) -> Result<bool, Error> {
        let taken = sqlx::query("update iasql.request set run = $2 where id = $1 and run is null").bind(id).bind(run);
        Ok(taken.execute(self.pool()).await.map_err(Error::of("taking a request"))?.rows_affected() == 1)
    }

    /// Answers a request that no run will: says why.
    pub async fn answer(&self, id: i64, said: &str) -> Result<(), Error> {
        let answered = sqlx::query("update iasql.request set said = $2 where id = $1").bind(id).bind(said);
        answered.execute(self.pool()).await.map(drop).map_err(Error::of("answering a request"))
    }
}
