//! What a stopped server has not put into the bucket, found before its disk is given up, and put there as far as that can be done from here.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet, btree_map::Entry},
    fs, io,
    path::Path,
};

use super::{Checkpoint, LISTS, OWN, Orioledb, control, parts};
use crate::store::Error;

/// What is in no checkpoint: what a start makes anew (`src/s3/checkpoint.c`), what is written when the last one is over, and what lies elsewhere in the
/// bucket.
const ANEW: [&str; 12] = [
    "global/pg_control",
    "orioledb_data/",
    "orioledb_undo/",
    "pg_dynshmem/",
    "pg_notify/",
    "pg_replslot/",
    "pg_serial/",
    "pg_snapshots/",
    "pg_stat/",
    "pg_stat_tmp/",
    "pg_subtrans/",
    "pg_wal/",
];

impl Orioledb {
    /// Compares a stopped server's data folder with the bucket, and puts there the parts of its tables that are missing. What is still missing then is
    /// answered: nothing, where the disk may be given up. Else the server's next checkpoint brings it, for the folder is changed so that it brings all.
    ///
    /// # Errors
    /// Where the bucket does not answer, or the folder can't be read.
    pub async fn mend(&self, data: &Path) -> Result<Vec<String>, Error> {
        let own = data.join(OWN);
        let own = fs::read(&own).map_err(Error::disk("read", own))?;
        let number = control::own(&own).map(|own| own.number).unwrap_or_default();
        let mut lacks: BTreeSet<_> = self.mend_trees(data, number).await?.into_iter().collect();
        let others = match self.look(number).await? {
            Ok(checkpoint) => left_out(data, &checkpoint)?,
            Err(lacks) => lacks,
        };
        if !others.is_empty() {
            // without these lists nothing counts as there already
            for list in LISTS.map(|list| data.join(list)) {
                let removed =
                    fs::remove_file(&list).or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) });
                removed.map_err(Error::disk("remove", list))?;
            }
        }
        lacks.extend(others);
        Ok(lacks.into_iter().collect())
    }

    /// No checkpoint writes a part again that an earlier one wrote: what of those is missing is put there from this disk.
    async fn mend_trees(&self, data: &Path, number: u32) -> Result<Vec<String>, Error> {
        let (mut there, mut lacks): (BTreeMap<u32, BTreeMap<String, u64>>, _) = (BTreeMap::new(), vec![]);
        for piece in parts::pieces(data, number)? {
            let below = format!("orioledb_data/{}", piece.checkpoint);
            let there = match there.entry(piece.checkpoint) {
                Entry::Occupied(found) => found.into_mut(),
                Entry::Vacant(free) => free.insert(self.listed(&below).await?.into_iter().map(|one| (one.key, one.size)).collect()),
            };
            if there.get(&piece.name).is_some_and(|size| *size >= piece.size) {
                continue;
            }
            let key = format!("{below}/{}", piece.name);
            match piece.read()? {
                Some(bytes) => {
                    tracing::warn!(database = %self.database, object = key, "the bucket lacks what OrioleDB was to put there: it is put there from this disk");
                    self.bucket.replace(&self.key(&key), bytes).await?;
                }
                None => lacks.push(key),
            }
        }
        Ok(lacks)
    }
}

/// The files of a stopped server that its last checkpoint does not have.
fn left_out(data: &Path, checkpoint: &Checkpoint) -> Result<Vec<String>, Error> {
    let had: HashSet<_> =
        checkpoint.files.iter().map(|(name, _)| name.as_str()).chain(checkpoint.small.keys().map(String::as_str)).collect();
    let mut files = vec![];
    below(data, "", &mut files)?;
    let is_new = |name: &str| ANEW.iter().any(|anew| name.starts_with(anew));
    let left_out = files.iter().filter(|name| !had.contains(name.as_str()) && !is_new(name) && !is_passing(data, name));
    Ok(left_out.map(|name| format!("data/{}/{name}", checkpoint.number)).collect())
}

/// Whether no checkpoint has a file of this name: of a running server, temporary ones, and those of tables that are not logged.
fn is_passing(data: &Path, name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    let is_temporary =
        name.starts_with("base/") && last.strip_prefix('t').is_some_and(|rest| rest.starts_with(|sign: char| sign.is_ascii_digit()));
    let fork = |name: &str| name.split(['_', '.']).next().unwrap_or_default().to_owned();
    let init = data.join(name).with_file_name(format!("{}_init", fork(last)));
    let of_a_server =
        ["postmaster.", "pg_internal.init", "pgsql_tmp", "backup_", "tablespace_map"].iter().any(|begin| last.starts_with(begin));
    of_a_server || last.ends_with(".tmp") || is_temporary || init.exists()
}

fn below(folder: &Path, within: &str, files: &mut Vec<String>) -> Result<(), Error> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(Error::disk("read", folder))?;
    for entry in entries {
        let name = format!("{within}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() { below(&entry.path(), &format!("{name}/"), files)? } else { files.push(name) }
    }
    Ok(())
}
