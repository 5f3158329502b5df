//! Blueprints: what expands into detailed rows, inside a user's database.

use serde_json::Value;

use super::{Database, Error};
use crate::schema;

/// What a blueprint itself raises (invalid_parameter_value), and the constraints that its rows may run into.
const FOR_THE_USER: [&str; 5] = ["22023", "23503", "23505", "23514", "P0001"];

/// What came of asking a blueprint for something: its answer, or its refusal in a sentence for the user.
pub(super) type Answer<T> = Result<Result<T, String>, Error>;

impl Database {
    /// Has a blueprint expand into rows, all or none; answers with the statements that make the same rows.
    ///
    /// # Errors
    /// When the database fails; what the blueprint refuses is an answer.
    pub async fn expand(&self, blueprint: &str, parameters: Value) -> Answer<Vec<String>> {
        answered(self.http.procs.expand(blueprint, &parameters).await)
    }

    /// The script that builds a blueprint's image and pushes it to where the rows say.
    ///
    /// # Errors
    /// As [`expand`](Self::expand).
    pub async fn build_and_push(&self, blueprint: &str) -> Answer<String> {
        answered(self.http.procs.build_and_push(blueprint).await)
    }
}

fn answered<T>(answer: Result<T, schema::Error>) -> Answer<T> {
    match answer {
        Ok(answer) => Ok(Ok(answer)),
        Err(error) if error.code().is_some_and(|code| FOR_THE_USER.contains(&&*code)) => match error.said() {
            Some(said) => Ok(Err(said)),
            None => Err(error.into()),
        },
        Err(error) => Err(error.into()),
    }
}
