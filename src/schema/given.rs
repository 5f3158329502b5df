//! The arguments of a call, one after the other, as generated code gives them.

use sqlx::{Arguments, Encode, Postgres, Type, postgres::PgArguments};

use super::Error;

/// Adds arguments in a chain. For generated code.
pub trait With: Sized {
    /// These arguments and one more.
    ///
    /// # Errors
    /// Where the value can't be put on the wire, as a text of more than 2 GiB.
    fn with<'q, T: Encode<'q, Postgres> + Type<Postgres>>(self, value: T) -> Result<Self, Error>;
}

impl With for PgArguments {
    fn with<'q, T: Encode<'q, Postgres> + Type<Postgres>>(mut self, value: T) -> Result<Self, Error> {
        self.add(value).map_err(|error| Error::of("giving a procedure its arguments")(sqlx::Error::Encode(error)))?;
        Ok(self)
    }
}
