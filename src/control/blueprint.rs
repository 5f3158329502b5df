//! Blueprints: one name that stands for many rows, in a user's database.

use serde_json::Value;

use super::{Control, Error};

impl Control {
    /// Has a blueprint expand into rows of a database, all or none. Answers with the statements that make the same rows; there are
    /// none where the rows stood already.
    ///
    /// # Errors
    /// [`Error::Blueprint`] with the blueprint's own sentence, or that the database is not to be had.
    pub async fn expand(&self, database: &str, blueprint: &str, parameters: Value) -> Result<Vec<String>, Error> {
        let answer = self.enter(database, 1).await?.expand(blueprint, parameters).await;
        answer.map_err(opened(database))?.map_err(Error::Blueprint)
    }

    /// The script that builds a blueprint's image and pushes it to the repository that the rows of a database name.
    ///
    /// # Errors
    /// As [`expand`](Self::expand).
    pub async fn build_and_push(&self, database: &str, blueprint: &str) -> Result<String, Error> {
        let answer = self.enter(database, 1).await?.build_and_push(blueprint).await;
        answer.map_err(opened(database))?.map_err(Error::Blueprint)
    }
}

fn opened(name: &str) -> impl FnOnce(crate::database::Error) -> Error {
    let name = name.to_owned();
    move |source| Error::Open { name, source: Box::new(source) }
}
