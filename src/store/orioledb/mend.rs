//! What a stopped server has not put into the bucket, found before its disk is given up, and put there as far as that can be done from here.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};

use super::{LISTS, OWN, Orioledb, control, parts};
use crate::store::Error;

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
        let others = self.look(number).await?.err().unwrap_or_default();
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
            if !there.contains_key(&piece.checkpoint) {
                let listed = self.listed(&below).await?;
                there.insert(piece.checkpoint, listed.into_iter().map(|one| (one.key, one.size)).collect());
            }
            if there[&piece.checkpoint].get(&piece.name).is_some_and(|size| *size >= piece.size) {
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
