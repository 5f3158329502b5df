//! The procedures of the schema wide, at version 1. Written by `iasql schema procs`: not to be edited.

use iasql::schema::{Calls, Error, Mode, Service, With};
use sqlx::postgres::PgArguments;

/// The service loop: Sends everything back as it came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Loop;

impl Service for Loop {
    const SCHEMA: &'static str = "wide";
    const NAME: &'static str = "loop";
    const VERSION: i32 = 1;
    type Procs = LoopProcs;

    fn procs(calls: Calls) -> LoopProcs {
        LoopProcs { deprecated: LoopDeprecated { calls: calls.clone() }, calls }
    }
}

/// What the service loop may call. A call fails where the database refuses it, or does not answer.
#[derive(Clone)]
pub struct LoopProcs {
    calls: Calls,
    /// What should not be called any more.
    pub deprecated: LoopDeprecated,
}

impl LoopProcs {
    /// Answers a list of every type as it came.
    ///
    /// Mode read, with the rights of the service loop.
    #[expect(clippy::too_many_arguments, reason = "as the procedure has them")]
    pub async fn every_list(
        &self,
        yes: &[bool],
        small: &[i16],
        whole: &[i32],
        big: &[i64],
        part: &[f64],
        said: &[String],
        id: &[uuid::Uuid],
        document: &[serde_json::Value],
        at: &[chrono::DateTime<chrono::Utc>],
        raw: &[Vec<u8>],
    ) -> Result<Vec<EveryList>, Error> {
        const SQL: &str = concat!(
            "select yes, small, whole, big, part, said, id, document, at, raw from wide.every_list(yes => $1, small => $2, ",
            "whole => $3, big => $4, part => $5, said => $6, id => $7, document => $8, at => $9, raw => $10)"
        );
        let given = PgArguments::default()
            .with(yes)?
            .with(small)?
            .with(whole)?
            .with(big)?
            .with(part)?
            .with(said)?
            .with(id)?
            .with(document)?
            .with(at)?
            .with(raw)?;
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Answers a value of every type as it came.
    ///
    /// Mode write, with the rights of the service loop.
    #[expect(clippy::too_many_arguments, reason = "as the procedure has them")]
    pub async fn every_type(
        &self,
        yes: bool,
        small: i16,
        whole: i32,
        big: i64,
        part: f64,
        said: &str,
        id: uuid::Uuid,
        document: &serde_json::Value,
        at: chrono::DateTime<chrono::Utc>,
        raw: &[u8],
    ) -> Result<Vec<EveryType>, Error> {
        const SQL: &str = concat!(
            "select yes, small, whole, big, part, said, id, document, at, raw from wide.every_type(yes => $1, small => $2, ",
            "whole => $3, big => $4, part => $5, said => $6, id => $7, document => $8, at => $9, raw => $10)"
        );
        let given = PgArguments::default()
            .with(yes)?
            .with(small)?
            .with(whole)?
            .with(big)?
            .with(part)?
            .with(said)?
            .with(id)?
            .with(document)?
            .with(at)?
            .with(raw)?;
        self.calls.rows(Mode::Write, SQL, given).await
    }

    /// Answers what may be NULL.
    ///
    /// Mode read, with the rights of the service loop.
    pub async fn maybe(&self, number: Option<i32>, said: Option<&str>) -> Result<Option<String>, Error> {
        const SQL: &str = "select wide.maybe(number => $1, said => $2)";
        let given = PgArguments::default().with(number)?.with(said)?;
        self.calls.value(Mode::Read, SQL, given).await
    }

    /// Lists names.
    ///
    /// Mode read, with the rights of the service loop.
    pub async fn names(&self) -> Result<Vec<String>, Error> {
        const SQL: &str = "select wide.names()";
        let given = PgArguments::default();
        self.calls.values(Mode::Read, SQL, given).await
    }

    /// Has names that are words of Rust and of SQL.
    ///
    /// Mode read, with the rights of the service loop.
    pub async fn r#type(&self, self_: &str, order: i32, user: &str) -> Result<Vec<Type>, Error> {
        const SQL: &str = "select self, \"order\", \"user\", type from wide.type(self => $1, \"order\" => $2, \"user\" => $3)";
        let given = PgArguments::default().with(self_)?.with(order)?.with(user)?;
        self.calls.rows(Mode::Read, SQL, given).await
    }
}

/// What the service loop can still call, and should not call any more.
#[derive(Clone)]
pub struct LoopDeprecated {
    calls: Calls,
}

impl LoopDeprecated {
    /// Does nothing any more.
    ///
    /// Mode write, with the rights of the service loop.
    #[deprecated(note = "use \"names\", which does something")]
    pub async fn forget(&self) -> Result<(), Error> {
        const SQL: &str = "select wide.forget()";
        let given = PgArguments::default();
        self.calls.nothing(Mode::Write, SQL, given).await
    }

    /// Does nothing at all any more.
    ///
    /// Mode write, with the rights of the service loop.
    #[deprecated(note = "there is nothing to forget")]
    pub async fn forget_all(&self) -> Result<i64, Error> {
        const SQL: &str = "select wide.forget_all()";
        let given = PgArguments::default();
        self.calls.value(Mode::Write, SQL, given).await
    }
}

/// The service error: Has a name that is taken.
#[derive(Clone, Copy, Debug, Default)]
pub struct ErrorService;

impl Service for ErrorService {
    const SCHEMA: &'static str = "wide";
    const NAME: &'static str = "error";
    const VERSION: i32 = 1;
    type Procs = ErrorServiceProcs;

    fn procs(calls: Calls) -> ErrorServiceProcs {
        ErrorServiceProcs { deprecated: ErrorServiceDeprecated { calls: calls.clone() }, calls }
    }
}

/// What the service error may call. A call fails where the database refuses it, or does not answer.
#[derive(Clone)]
pub struct ErrorServiceProcs {
    calls: Calls,
    /// What should not be called any more.
    pub deprecated: ErrorServiceDeprecated,
}

impl ErrorServiceProcs {
    /// Has names that are words of Rust and of SQL.
    ///
    /// Mode read, with the rights of the service loop.
    pub async fn r#type(&self, self_: &str, order: i32, user: &str) -> Result<Vec<Type>, Error> {
        const SQL: &str = "select self, \"order\", \"user\", type from wide.type(self => $1, \"order\" => $2, \"user\" => $3)";
        let given = PgArguments::default().with(self_)?.with(order)?.with(user)?;
        self.calls.rows(Mode::Read, SQL, given).await
    }

    /// Has a name that other crates have too.
    ///
    /// Mode read, with the rights of the service error.
    pub async fn value(&self) -> Result<Vec<Value>, Error> {
        const SQL: &str = "select note from wide.value()";
        let given = PgArguments::default();
        self.calls.rows(Mode::Read, SQL, given).await
    }
}

/// What the service error can still call, and should not call any more.
#[derive(Clone)]
pub struct ErrorServiceDeprecated {
    calls: Calls,
}

impl ErrorServiceDeprecated {
    /// Does nothing any more.
    ///
    /// Mode write, with the rights of the service loop.
    #[deprecated(note = "use \"names\", which does something")]
    pub async fn forget(&self) -> Result<(), Error> {
        const SQL: &str = "select wide.forget()";
        let given = PgArguments::default();
        self.calls.nothing(Mode::Write, SQL, given).await
    }
}

/// The service idle: Calls nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Idle;

impl Service for Idle {
    const SCHEMA: &'static str = "wide";
    const NAME: &'static str = "idle";
    const VERSION: i32 = 1;
    type Procs = IdleProcs;

    fn procs(_: Calls) -> IdleProcs {
        IdleProcs
    }
}

/// What the service idle may call. A call fails where the database refuses it, or does not answer.
#[derive(Clone)]
pub struct IdleProcs;

/// A row of `wide.every_list`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct EveryList {
    /// `yes`, boolean\[\].
    pub yes: Vec<bool>,
    /// `small`, smallint\[\].
    pub small: Vec<i16>,
    /// `whole`, integer\[\].
    pub whole: Vec<i32>,
    /// `big`, bigint\[\].
    pub big: Vec<i64>,
    /// `part`, double precision\[\].
    pub part: Vec<f64>,
    /// `said`, text\[\].
    pub said: Vec<String>,
    /// `id`, uuid\[\].
    pub id: Vec<uuid::Uuid>,
    /// `document`, jsonb\[\].
    pub document: Vec<serde_json::Value>,
    /// `at`, timestamptz\[\].
    pub at: Vec<chrono::DateTime<chrono::Utc>>,
    /// `raw`, bytea\[\].
    pub raw: Vec<Vec<u8>>,
}

/// A row of `wide.every_type`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct EveryType {
    /// `yes`, boolean.
    pub yes: bool,
    /// `small`, smallint.
    pub small: i16,
    /// `whole`, integer.
    pub whole: i32,
    /// `big`, bigint.
    pub big: i64,
    /// `part`, double precision.
    pub part: f64,
    /// `said`, text.
    pub said: String,
    /// `id`, uuid.
    pub id: uuid::Uuid,
    /// `document`, jsonb.
    pub document: serde_json::Value,
    /// `at`, timestamptz.
    pub at: chrono::DateTime<chrono::Utc>,
    /// `raw`, bytea.
    pub raw: Vec<u8>,
}

/// A row of `wide.type`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Type {
    /// `self`, text.
    #[sqlx(rename = "self")]
    pub self_: String,
    /// `order`, integer.
    pub order: i32,
    /// `user`, text.
    pub user: String,
    /// `type`, text.
    pub r#type: String,
}

/// A row of `wide.value`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Value {
    /// `note`, text, may be NULL.
    pub note: Option<String>,
}
