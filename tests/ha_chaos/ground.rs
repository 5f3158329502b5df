//! What a campaign is played on: a cluster of ours, or a peer's.

use std::path::Path;

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use super::{
    clients::Clients,
    fault::{Done, Fault},
    until,
};
use crate::chaos::dice::Dice;

pub(super) const MEMBERS: u16 = 3;

/// A cluster of three.
pub(super) trait Ground {
    fn folder(&self) -> &Path;
    /// Whether commits wait.
    fn synchronous(&self) -> bool;
    /// How clients come to the primary: through a pooler, or trying one after the other.
    fn ways(&self) -> Vec<PgConnectOptions>;
    /// The way to a member, whoever leads, as its superuser.
    fn door(&self, number: u16) -> PgConnectOptions;
    /// The same as libpq understands it.
    fn door_in_words(&self, number: u16) -> String;
    /// What a command begins with that runs where this member is.
    fn where_it_is(&self, _number: u16) -> Vec<String> {
        vec![]
    }
    async fn leader(&self) -> Result<u16, String>;
    /// Waits until one leads and all others follow and stream.
    async fn well(&self) -> Result<(), String>;
    /// Does it to the primary.
    async fn played(&mut self, fault: Fault, clients: &Clients, dice: Dice) -> Result<Done, String>;
    /// Everything that was said goes there.
    fn keep_logs(&self, to: &Path);
}

/// The table of numbered rows.
pub(super) async fn table(way: &PgConnectOptions) -> Result<(), String> {
    until("a table", async || {
        let mut session = PgConnection::connect_with(way).await.ok()?;
        sqlx::raw_sql("create table if not exists public.rows (number bigint primary key)").execute(&mut session).await.ok().map(drop)
    })
    .await
}
