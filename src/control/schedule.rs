//! When databases are checked by the clock.

use chrono::{DateTime, Utc};

use super::{Control, Cron, Error, error::asking};
use crate::engine::Kind;

impl Control {
    /// Has a database checked by the clock from now on; `None` ends that.
    ///
    /// # Errors
    /// [`Error::Unknown`]; [`Error::Cron`], which names the wrong field.
    pub async fn schedule(&self, database: &str, cron: Option<&str>) -> Result<(), Error> {
        self.find(database).await?;
        let Some(cron) = cron else {
            let query = sqlx::query("delete from control.schedule where database = $1").bind(database);
            return query.execute(&self.pool).await.map(drop).map_err(asking("ending a schedule"));
        };
        let cron: Cron = cron.parse()?;
        let next = cron.next(self.now().await?);
        let query = sqlx::query(include_str!("sql/schedule_set.sql")).bind(database).bind(cron.text()).bind(next);
        query.execute(&self.pool).await.map(drop).map_err(asking("setting a schedule"))
    }

    /// Asks for a check of every database whose time has come; answers for how many. What was missed is made up for once.
    ///
    /// # Errors
    /// When the metadata database fails; then they stay due.
    pub async fn ask_for_due(&self) -> Result<usize, Error> {
        let mut transaction = self.pool.begin().await.map_err(asking("looking at the schedules"))?;
        let query = sqlx::query_as(include_str!("sql/schedule_due.sql"));
        let due: Vec<(String, String, DateTime<Utc>)> =
            query.fetch_all(&mut *transaction).await.map_err(asking("looking at the schedules"))?;
        for (database, cron, now) in &due {
            match self.request(database, Kind::Check, "schedule").await {
                // one whose setup is still going on has nothing to check
                Ok(_) | Err(Error::Unready(_) | Error::Unknown { .. }) => {}
                Err(error) => return Err(error),
            }
            let next = cron.parse::<Cron>().ok().and_then(|cron| cron.next(*now));
            let query =
                sqlx::query("update control.schedule set next_at = coalesce($2, 'infinity') where database = $1").bind(database).bind(next);
            query.execute(&mut *transaction).await.map_err(asking("setting a schedule's next time"))?;
        }
        transaction.commit().await.map_err(asking("setting the schedules' next times"))?;
        Ok(due.len())
    }

    async fn now(&self) -> Result<DateTime<Utc>, Error> {
        sqlx::query_scalar("select clock_timestamp()").fetch_one(&self.pool).await.map_err(asking("asking the time"))
    }
}
