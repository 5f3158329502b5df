//! When databases are checked by the clock.

use super::{Control, Cron, CronError, Error, runs::word};
use crate::engine::Kind;

impl Control {
    /// Has a database checked by the clock from now on; `None` ends that.
    ///
    /// # Errors
    /// [`Error::Unknown`]; [`Error::Cron`], which names the wrong field.
    pub async fn schedule(&self, database: &str, cron: Option<&str>) -> Result<(), Error> {
        self.find(database).await?;
        let Some(cron) = cron else {
            return Ok(self.services.http.procs.schedule_remove(database).await?);
        };
        let cron: Cron = cron.parse()?;
        let next = cron.next(self.services.http.procs.clock().await?).ok_or_else(|| CronError::Never(cron.text().to_owned()))?;
        Ok(self.services.http.procs.schedule_set(database, cron.text(), next).await?)
    }

    /// Asks for a check of every database whose time has come; answers for how many. What was missed is made up for once.
    ///
    /// # Errors
    /// When the metadata database fails; then they stay due.
    pub async fn ask_for_due(&self) -> Result<usize, Error> {
        let asking = self.services.scheduler.begin().await?;
        let due = asking.procs.schedule_due().await?;
        for due in &due {
            // none is answered for one whose setup is still going on, which has nothing to check
            asking.procs.run_ask(&due.database, word(Kind::Check), "schedule", None).await?;
            let next = due.cron.parse::<Cron>().ok().and_then(|cron| cron.next(due.read_at));
            asking.procs.schedule_next(&due.database, next).await?;
        }
        asking.commit().await?;
        Ok(due.len())
    }
}
