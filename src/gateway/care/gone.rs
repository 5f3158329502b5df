//! What becomes of a database whose row was deleted: nobody is served there any more, and when the grace is over its files go.

use std::{collections::HashSet, time::Duration};

use uuid::Uuid;

use super::{Failure, Kept};
use crate::{
    control::Control,
    node::{Status, Tier},
};

impl Kept {
    /// Ends what runs of databases whose rows are gone, puts it away, and removes those whose grace is over.
    pub(super) async fn gone(&self) -> Result<(), Failure> {
        let Some(control) = &self.control else { return Ok(()) };
        let gone: HashSet<String> = control.gone_served(Duration::ZERO).await?.iter().map(ToString::to_string).collect();
        if gone.is_empty() {
            return Ok(());
        }
        let mut failed = None;
        // one that can't be ended or removed does not keep the others
        for status in self.node.status().into_iter().filter(|status| gone.contains(&status.id)) {
            failed = self.end(&status).await.err().or(failed);
        }
        for id in control.gone_served(self.grace).await? {
            failed = self.remove(control, id).await.err().or(failed);
        }
        failed.map_or(Ok(()), Err)
    }

    async fn end(&self, status: &Status) -> Result<(), Failure> {
        if status.tier >= Tier::Frozen {
            tracing::info!(database = status.id, "its row was deleted: its sessions end");
            self.node.end(&status.id).await?;
        }
        // its last state is in the bucket before anybody removes it, and its lease is free
        if self.bucket.is_some() {
            self.node.lay_down(&status.id).await?;
        }
        Ok(())
    }

    /// Here first, then in the bucket, and then it is forgotten: whoever is killed in between leaves a row behind by which all this is done again.
    async fn remove(&self, control: &Control, id: Uuid) -> Result<(), Failure> {
        let name = id.to_string();
        self.node.delete(&name).await?;
        if let Some(bucket) = &self.bucket
            && !bucket.remove(&name).await?
        {
            // another gateway has it still, and will let go of it
            return Ok(());
        }
        control.forget_served(id).await?;
        tracing::info!(database = name, "its row was deleted long ago: its files are gone");
        Ok(())
    }
}
