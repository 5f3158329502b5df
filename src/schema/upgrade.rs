//! A database goes from one version to the next, or back: each in one transaction, which waits for locks only so long.

use std::time::{Duration, Instant};

use sqlx::{Acquire, AssertSqlSafe, PgConnection, error::DatabaseError, postgres::PgDatabaseError};

use super::{
    Done, Error, How, Progress, Schema, book,
    error::code,
    fingerprint, grants, online,
    quoted::{fill, ident},
    script::{self, Cast, Piece, Who},
};

/// Brings a schema up to a version; one that is there already, or higher, is left alone. Online migrations are finished.
///
/// # Errors
/// Where a version can't be made: the database then is at the one before it.
pub async fn upgrade(connection: &mut PgConnection, schema: &Schema, to: i32, how: &How<'_>) -> Result<Done, Error> {
    is_there(schema, to)?;
    let from = book::installed(connection, schema.name()).await?;
    if from == 0 {
        has_needs(connection, schema).await?;
    }
    Walk::begin(connection, schema, how, from).await?.go(Turn::Up(to)).await
}

/// Takes a schema back to a version; one that is there already, or lower, is left alone. 0 takes it away.
///
/// # Errors
/// Where a version can't be taken back: the database then is still at it.
pub async fn downgrade(connection: &mut PgConnection, schema: &Schema, to: i32, how: &How<'_>) -> Result<Done, Error> {
    is_there(schema, to)?;
    let from = book::installed(connection, schema.name()).await?;
    if from > schema.newest() {
        return Err(Error::TooNew { schema: schema.name().to_owned(), found: from, newest: schema.newest() });
    }
    if from == 0 {
        return Ok(Done::default());
    }
    Walk::begin(connection, schema, how, from).await?.go(Turn::Down(to)).await
}

fn is_there(schema: &Schema, version: i32) -> Result<(), Error> {
    let no = || Error::NoVersion { schema: schema.name().to_owned(), version, newest: schema.newest() };
    (0..=schema.newest()).contains(&version).then_some(()).ok_or_else(no)
}

async fn has_needs(connection: &mut PgConnection, schema: &Schema) -> Result<(), Error> {
    for needs in &schema.head.needs {
        if book::installed(connection, needs).await? == 0 {
            return Err(Error::Needs { schema: schema.name().to_owned(), needs: needs.clone() });
        }
    }
    Ok(())
}

/// What the next transaction is for.
#[derive(Clone, Copy)]
enum Turn {
    Up(i32),
    Down(i32),
    /// A batch of the online migrations up to the version that is there.
    Batch,
}

/// What came of a transaction.
enum Turned {
    /// The database is at this version now.
    At(i32),
    /// A batch of so many rows, and what is to be told of it.
    Batch(i64, Progress),
    /// There is nothing to do.
    There(i32),
    /// A migration must be finished first.
    Unfinished,
}

struct Walk<'a> {
    connection: &'a mut PgConnection,
    schema: &'a Schema,
    how: &'a How<'a>,
    cast: Cast,
    done: Done,
}

impl<'a> Walk<'a> {
    async fn begin(connection: &'a mut PgConnection, schema: &'a Schema, how: &'a How<'a>, from: i32) -> Result<Self, Error> {
        let cast = book::open(connection, schema, how).await?;
        Ok(Self { connection, schema, how, cast, done: Done { from, to: from, ..Done::default() } })
    }

    async fn go(mut self, turn: Turn) -> Result<Done, Error> {
        let (Turn::Up(to) | Turn::Down(to)) = turn else { return Ok(self.done) };
        let mut next = if matches!(turn, Turn::Up(_)) { Turn::Batch } else { turn };
        loop {
            let turned = self.patiently(next).await?;
            next = match (turned, next) {
                (Turned::At(version), _) => {
                    self.done.versions.push(if matches!(turn, Turn::Up(_)) { version } else { version + 1 });
                    self.done.to = version;
                    (self.how.tell)(Progress::Version { schema: self.schema.name().to_owned(), version, to });
                    if matches!(turn, Turn::Up(_)) { Turn::Batch } else { turn }
                }
                (Turned::Batch(rows, told), _) => {
                    self.done.rows += rows;
                    (self.how.tell)(told);
                    Turn::Batch
                }
                (Turned::Unfinished, _) => Turn::Batch,
                (Turned::There(_), Turn::Batch) => turn,
                (Turned::There(version), _) => {
                    self.done.to = version;
                    return Ok(self.done);
                }
            };
        }
    }

    /// Tries again, after longer and longer pauses, where somebody was in the way.
    async fn patiently(&mut self, turn: Turn) -> Result<Turned, Error> {
        const SHORTEST: Duration = Duration::from_millis(50);
        const LONGEST: Duration = Duration::from_secs(2);
        let started = Instant::now();
        for tries in 1.. {
            let error = match self.once(turn).await {
                Ok(turned) => return Ok(turned),
                Err(error) if !is_in_the_way(&error) => return Err(error),
                Err(error) => error,
            };
            let pause = LONGEST.min(SHORTEST * 2_u32.saturating_pow(tries - 1));
            if started.elapsed() + pause > self.how.patience {
                return Err(self.given_up(turn, tries, error).await);
            }
            (self.how.tell)(Progress::Retry { schema: self.schema.name().to_owned(), tries, pause });
            tokio::time::sleep(pause).await;
        }
        Ok(Turned::Unfinished)
    }

    async fn given_up(&mut self, turn: Turn, tries: u32, error: Error) -> Error {
        let source = match error {
            Error::Script { source, .. } => source,
            Error::Statement { source, .. } => Box::new(source),
            other => return other,
        };
        let schemas: Vec<_> = std::iter::once(&self.schema.head.name).chain(&self.schema.head.also).collect();
        let holders = sqlx::query_scalar(include_str!("sql/holders.sql")).bind(schemas).fetch_all(&mut *self.connection).await;
        let holders: Vec<String> = holders.unwrap_or_default();
        let holders = if holders.is_empty() { String::new() } else { format!(": {}", holders.join("; ")) };
        let version = self.done.to + i32::from(matches!(turn, Turn::Up(_)));
        Error::InTheWay { schema: self.schema.name().to_owned(), version, tries, holders, source }
    }

    /// One transaction; where it fails nothing of it stays.
    async fn once(&mut self, turn: Turn) -> Result<Turned, Error> {
        let mut inside = self.connection.begin().await.map_err(Error::of("opening a transaction"))?;
        let work = Work { schema: self.schema, how: self.how, cast: &self.cast };
        work.settings(&mut inside).await?;
        let turned = match turn {
            Turn::Batch => match online::batch(&mut inside, &work).await? {
                None => Turned::There(0),
                Some((rows, told)) => Turned::Batch(rows, told),
            },
            Turn::Up(to) => work.up(&mut inside, to).await?,
            Turn::Down(to) => work.down(&mut inside, to).await?,
        };
        inside.commit().await.map_err(Error::of("committing"))?;
        Ok(turned)
    }
}

/// What a transaction works with.
pub(super) struct Work<'a> {
    pub(super) schema: &'a Schema,
    pub(super) how: &'a How<'a>,
    pub(super) cast: &'a Cast,
}

impl Work<'_> {
    async fn settings(&self, inside: &mut PgConnection) -> Result<(), Error> {
        let timeout = format!("{}ms", self.how.lock_timeout.as_millis().max(1));
        let sql = fill(include_str!("sql/settings.sql"), &[("lock_timeout", &timeout)]);
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(inside).await.map(drop).map_err(Error::of("setting up a transaction"))
    }

    async fn up(&self, inside: &mut PgConnection, to: i32) -> Result<Turned, Error> {
        let name = self.schema.name();
        let there = book::hold(inside, name).await?;
        if there >= to {
            // a row of a schema that nothing is made of
            return if there == 0 {
                book::note_back(inside, name, 0, "").await.map(|_| Turned::There(0))
            } else {
                Ok(Turned::There(there))
            };
        }
        if book::is_unfinished(inside, name, there).await? {
            return Ok(Turned::Unfinished);
        }
        let number = there + 1;
        let transaction = book::transaction(inside).await?;
        self.run(inside, number, "made", script::up(self.schema, number, self.cast)).await?;
        let noted = book::note(inside, self.schema, number, &transaction).await?;
        self.ended(number, noted)?;
        self.check(inside, number).await?;
        Ok(Turned::At(number))
    }

    async fn down(&self, inside: &mut PgConnection, to: i32) -> Result<Turned, Error> {
        let name = self.schema.name();
        let number = book::hold(inside, name).await?;
        if number <= to {
            return Ok(Turned::There(number));
        }
        let transaction = book::transaction(inside).await?;
        book::forget_online(inside, name, number).await?;
        // a procedure gets its earlier body before what that one works with is there again
        let unread = sqlx::raw_sql("set local check_function_bodies = off").execute(&mut *inside).await;
        unread.map_err(Error::of("setting up a transaction"))?;
        self.run(inside, number, "taken back", script::down(self.schema, number, self.cast)).await?;
        let noted = book::note_back(inside, name, number - 1, &transaction).await?;
        self.ended(number, noted)?;
        self.check(inside, number - 1).await?;
        Ok(Turned::At(number - 1))
    }

    async fn run(&self, inside: &mut PgConnection, version: i32, doing: &'static str, pieces: Vec<Piece>) -> Result<(), Error> {
        let mut now = Who::Administrator;
        for piece in pieces {
            if piece.who != now {
                self.become_one(inside, piece.who).await?;
                now = piece.who;
            }
            let run = sqlx::raw_sql(AssertSqlSafe(piece.sql.clone())).execute(&mut *inside).await;
            run.map_err(|source| self.failed(version, doing, &piece, source))?;
        }
        self.become_one(inside, Who::Administrator).await?;
        // what a script has put off until its transaction ends belongs to the version too
        let settled = sqlx::raw_sql("set constraints all immediate").execute(&mut *inside).await;
        settled.map_err(Error::of("doing what was put off"))?;
        grants::set(inside, self.schema).await
    }

    /// Whatever a script has done to the role or the search path ends here.
    pub(super) async fn become_one(&self, inside: &mut PgConnection, who: Who) -> Result<(), Error> {
        let role = if who == Who::Owner { &self.cast.owner } else { &self.cast.administrator };
        let sql = format!("set local role {}; set local search_path = pg_catalog, pg_temp", ident(role));
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(inside).await.map(drop).map_err(Error::of("changing the role"))
    }

    pub(super) fn failed(&self, version: i32, doing: &'static str, piece: &Piece, source: sqlx::Error) -> Error {
        let database = source.as_database_error();
        let said = database.map_or_else(|| source.to_string(), |error| error.message().to_owned());
        let line = database.and_then(|error| line(error, &piece.sql));
        Error::Script {
            schema: self.schema.name().to_owned(),
            version,
            doing,
            file: piece.file.clone(),
            line,
            said,
            source: Box::new(source),
        }
    }

    fn ended(&self, version: i32, noted: bool) -> Result<(), Error> {
        noted.then_some(()).ok_or_else(|| Error::Ended { schema: self.schema.name().to_owned(), version })
    }

    /// What the catalog looks like must be what a fresh database looks like, and everything in it must say what it is.
    async fn check(&self, inside: &mut PgConnection, version: i32) -> Result<(), Error> {
        let names = self.how.names.iter().copied().chain([(self.cast.owner.as_str(), ":owner")]).collect::<Vec<_>>();
        let found = fingerprint::read(inside, self.schema, &names).await?;
        let schema = self.schema.name().to_owned();
        if !found.silent.is_empty() {
            return Err(Error::Silent { schema, version, objects: found.silent.into_iter().collect() });
        }
        let expected = self.how.golden.and_then(|golden| golden.at(version));
        let differences = expected.map(|expected| found.differences(expected)).unwrap_or_default();
        if differences.is_empty() { Ok(()) } else { Err(Error::Differs { schema, version, differences }) }
    }
}

/// Where in a text the database found the fault.
fn line(error: &dyn DatabaseError, sql: &str) -> Option<usize> {
    use sqlx::postgres::PgErrorPosition::Original;
    let Original(position) = error.try_downcast_ref::<PgDatabaseError>()?.position()? else { return None };
    Some(sql.chars().take(position.saturating_sub(1)).filter(|sign| *sign == '\n').count() + 1)
}

/// Whether the same may well go the next time: a lock that was not to be had, a deadlock, a row that two changed at once.
fn is_in_the_way(error: &Error) -> bool {
    let source = match error {
        Error::Script { source, .. } => source,
        Error::Statement { source, .. } => source,
        _ => return false,
    };
    match code(source).as_deref() {
        Some("55P03" | "40P01" | "40001") => true,
        Some("XX000") => source.as_database_error().is_some_and(|error| error.message() == "tuple concurrently updated"),
        _ => false,
    }
}
