//! A service's way into a database: its procedures, and nothing else.

use std::{str::FromStr, sync::Arc, time::Duration};

use sqlx::{
    FromRow, PgPool, Postgres,
    postgres::{PgArguments, PgConnectOptions, PgPoolOptions, PgRow},
};
use tokio::sync::Mutex;

use super::{Error, Mode, Schema, error::code};

/// What generated code says of a service: whose procedures, and which version of the schema they are of.
pub trait Service {
    /// The schema's name.
    const SCHEMA: &'static str;
    /// The service's name in it.
    const NAME: &'static str;
    /// The oldest version of the schema that has all of these procedures.
    const VERSION: i32;
    /// Its procedures, as typed calls.
    type Procs: Clone + Send + Sync;
    /// The procedures over a way to call them.
    fn procs(calls: Calls) -> Self::Procs;
}

/// What a database is opened with.
#[derive(Clone, Copy, Debug)]
pub struct Setup<'a, S> {
    /// The directory that the program was built with.
    pub schema: &'a Schema,
    /// The primary, as the service's login.
    pub write_url: &'a str,
    /// Where procedures that only read go: a replica, or the primary again.
    pub read_url: &'a str,
    /// Whose procedures.
    pub service: S,
}

/// A database as one service sees it: `db.procs` is all there is.
pub struct Database<S: Service> {
    /// The procedures of the service; those that read go to the read connection, the others to the write connection.
    pub procs: S::Procs,
    write: PgPool,
}

impl<S: Service> Clone for Database<S> {
    fn clone(&self) -> Self {
        Self { procs: self.procs.clone(), write: self.write.clone() }
    }
}

impl<S: Service> std::fmt::Debug for Database<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} as {}", S::SCHEMA, S::NAME)
    }
}

impl<S: Service> Database<S> {
    /// Connects, and looks whether the database is new enough.
    ///
    /// # Errors
    /// Where a server can't be reached, or its database is at an older version than the program was built with.
    pub async fn setup(setup: Setup<'_, S>) -> Result<Self, Error> {
        if (setup.schema.name(), true) != (S::SCHEMA, setup.schema.newest() >= S::VERSION) {
            let named = |name: &str, version: i32| format!("{name} at version {version}");
            let (expected, found) = (named(S::SCHEMA, S::VERSION), named(setup.schema.name(), setup.schema.newest()));
            return Err(Error::OtherSchema { expected, found });
        }
        let write = connect(setup.write_url, Mode::Write).await?;
        new_enough::<S>(&write, Mode::Write).await?;
        let read = connect(setup.read_url, Mode::Read).await?;
        new_enough::<S>(&read, Mode::Read).await?;
        Ok(Self::over(write, read))
    }

    /// The same over connections that are there already; nothing is asked.
    pub fn over(write: PgPool, read: PgPool) -> Self {
        Self { procs: S::procs(Calls { way: Way::Pools { write: write.clone(), read } }), write }
    }

    /// Opens a transaction on the write connection; all procedures called on it, reading ones too, see what it has written.
    ///
    /// # Errors
    /// Where no connection is to be had.
    pub async fn begin(&self) -> Result<Transaction<S>, Error> {
        let open = self.write.begin().await.map_err(Error::of("opening a transaction"))?;
        let open: Open = Arc::new(Mutex::new(Some(open)));
        Ok(Transaction { procs: S::procs(Calls { way: Way::Transaction(open.clone()) }), open })
    }
}

async fn connect(url: &str, mode: Mode) -> Result<PgPool, Error> {
    let failed = |source| Error::Connect { mode, source };
    let read_only = if mode == Mode::Read { "on" } else { "off" };
    let options = PgConnectOptions::from_str(url).map_err(failed)?.options([("default_transaction_read_only", read_only)]);
    PgPoolOptions::new().max_connections(8).acquire_timeout(Duration::from_secs(30)).connect_with(options).await.map_err(failed)
}

async fn new_enough<S: Service>(pool: &PgPool, mode: Mode) -> Result<(), Error> {
    // no schema, no function in it, or no right to look into it: all mean that nothing was laid for this service
    const NOT_THERE: [&str; 3] = ["3F000", "42883", "42501"];
    let asked = sqlx::query_scalar("select schema_versions.version_of($1)").bind(S::SCHEMA).fetch_one(pool).await;
    let found = asked.or_else(|source| match code(&source) {
        Some(code) if NOT_THERE.contains(&&*code) => Ok(0),
        _ => Err(Error::Connect { mode, source }),
    })?;
    match found {
        0 => Err(Error::Missing(S::SCHEMA.to_owned())),
        found if found < S::VERSION => Err(Error::TooOld { schema: S::SCHEMA.to_owned(), found, needed: S::VERSION }),
        _ => Ok(()),
    }
}

type Open = Arc<Mutex<Option<sqlx::Transaction<'static, Postgres>>>>;

/// Calls that count together or not at all. Dropped before [`commit`](Self::commit), none of them counts.
pub struct Transaction<S: Service> {
    /// The procedures of the service, all on this transaction.
    pub procs: S::Procs,
    open: Open,
}

impl<S: Service> Transaction<S> {
    /// Makes what was called count.
    ///
    /// # Errors
    /// Where the database did not say that it did.
    pub async fn commit(self) -> Result<(), Error> {
        let open = self.open.lock().await.take();
        let Some(open) = open else { return Err(Error::Over("commit".to_owned())) };
        open.commit().await.map_err(Error::of("committing a transaction"))
    }
}

impl<S: Service> Drop for Transaction<S> {
    fn drop(&mut self) {
        // somebody may have kept a copy of the procedures: the transaction ends all the same
        if let Ok(mut open) = self.open.try_lock() {
            drop(open.take());
        }
    }
}

/// A way to call procedures. Generated code calls it; nothing else can be done with it.
#[derive(Clone)]
pub struct Calls {
    way: Way,
}

#[derive(Clone)]
enum Way {
    Pools { write: PgPool, read: PgPool },
    Transaction(Open),
}

/// Does the same on whichever connection the mode asks for.
macro_rules! on {
    ($self:ident, $mode:ident, $sql:ident, $query:expr, $fetch:ident) => {
        match &$self.way {
            Way::Pools { read, .. } if $mode == Mode::Read => $query.$fetch(read).await,
            Way::Pools { write, .. } => $query.$fetch(write).await,
            Way::Transaction(open) => match &mut *open.lock().await {
                Some(open) => $query.$fetch(&mut **open).await,
                None => return Err(Error::Over(name($sql))),
            },
        }
        .map_err(|source| Error::Procedure { name: name($sql), source })
    };
}

impl Calls {
    /// Any number of rows.
    ///
    /// # Errors
    /// Where the procedure failed.
    pub async fn rows<T>(&self, mode: Mode, sql: &'static str, arguments: PgArguments) -> Result<Vec<T>, Error>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        on!(self, mode, sql, sqlx::query_as_with(sql, arguments), fetch_all)
    }

    /// One value, which a type like `Option<i64>` lets be NULL.
    ///
    /// # Errors
    /// Where the procedure failed, or answered NULL to a type that is never NULL.
    pub async fn value<T>(&self, mode: Mode, sql: &'static str, arguments: PgArguments) -> Result<T, Error>
    where
        (T,): for<'r> FromRow<'r, PgRow>,
        T: Send + Unpin,
    {
        on!(self, mode, sql, sqlx::query_scalar_with(sql, arguments), fetch_one)
    }

    /// Any number of values.
    ///
    /// # Errors
    /// Where the procedure failed.
    pub async fn values<T>(&self, mode: Mode, sql: &'static str, arguments: PgArguments) -> Result<Vec<T>, Error>
    where
        (T,): for<'r> FromRow<'r, PgRow>,
        T: Send + Unpin,
    {
        on!(self, mode, sql, sqlx::query_scalar_with(sql, arguments), fetch_all)
    }

    /// No answer but that it is done.
    ///
    /// # Errors
    /// Where the procedure failed.
    pub async fn nothing(&self, mode: Mode, sql: &'static str, arguments: PgArguments) -> Result<(), Error> {
        on!(self, mode, sql, sqlx::query_with(sql, arguments), execute).map(drop)
    }
}

impl std::fmt::Debug for Calls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("calls")
    }
}

/// `select * from queue.take_task($1, $2)` calls `queue.take_task`.
fn name(sql: &str) -> String {
    let called = sql.split('(').next().unwrap_or_default();
    called.split_whitespace().last().unwrap_or_default().replace('"', "")
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn an_error_names_the_procedure_as_its_schema_does() {
        assert_eq!(name("select * from \"queue\".\"take_task\"($1, $2)"), "queue.take_task");
        assert_eq!(name("select queue.clock()"), "queue.clock");
    }
}
