//! The schemas that this binary carries, where no directory is named.

use std::path::PathBuf;

use iasql::{control, database::modules::Library, schema::Schema};

use super::directory::read;
use crate::cli::error::Error;

/// The schemas of the directories; where none is named, those that are carried, which are there without fault.
pub(super) fn named_or_carried(dirs: &[PathBuf]) -> Result<Vec<Schema>, Error> {
    if !dirs.is_empty() {
        return dirs.iter().map(|dir| read(dir)).collect();
    }
    let failed = |error: iasql::database::modules::Error| Error::Said(error.to_string());
    let library = Library::carried().map_err(failed)?;
    let modules = library.chosen(None).map_err(failed)?;
    let control = control::carried().map_err(|faults| Error::Said(faults.to_string()))?;
    let schemas = [library.base()].into_iter().chain(&modules).map(|schema| Schema::clone(schema));
    Ok(schemas.chain([control.clone()]).collect())
}
