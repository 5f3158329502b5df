//! How large a database is: its tables, indexes and temporary files, without what its server needs for itself.

use std::{fs, io, path::Path};

use super::{Error, Node, copy};

/// The folders of `template1` and `template0` (`catalog/pg_database.dat`), which nobody but the node writes.
const TEMPLATES: [&str; 2] = ["1", "4"];

impl Node {
    /// How large a database is whose files are on this disk, in bytes. `None`: they are not, or not any more.
    ///
    /// An empty one has 7 MB: what Postgres writes down about itself. Its WAL is not counted, for that does not grow with it.
    ///
    /// # Errors
    /// When the id is none, or the folder can't be read.
    pub async fn size(&self, id: &str) -> Result<Option<u64>, Error> {
        let place = self.place(id)?;
        let base = place.data().join("base");
        let measured = copy::off_thread(move || if place.is_whole() { of(&base).map(Some) } else { Ok(None) });
        measured.await.map_err(Error::folder("measure the database", id))
    }
}

fn of(base: &Path) -> io::Result<u64> {
    let mut all = 0;
    for database in fs::read_dir(base)? {
        let database = database?;
        if !TEMPLATES.iter().any(|template| database.file_name() == *template) {
            all += below(&database.path())?;
        }
    }
    Ok(all)
}

/// All files in a folder and below, in bytes.
pub(super) fn below(folder: &Path) -> io::Result<u64> {
    let mut all = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // a table may be dropped while it is looked at
        let found = match entry.metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            found => found?,
        };
        all += if found.is_dir() { below(&entry.path())? } else { found.len() };
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_is_what_a_tenant_can_fill() {
        let base = std::env::temp_dir().join(format!("iasql-node-size-{}", std::process::id()));
        for (folder, bytes) in [("1", 100), ("4", 100), ("5", 7), ("16400", 20), ("pgsql_tmp", 300), ("pgsql_tmp/more.sharedfileset", 4000)]
        {
            fs::create_dir_all(base.join(folder)).unwrap();
            fs::write(base.join(folder).join("2619"), vec![0; bytes]).unwrap();
        }
        assert_eq!(of(&base).unwrap(), 4327);
        fs::remove_dir_all(&base).unwrap();
        assert!(of(&base).is_err());
    }
}
