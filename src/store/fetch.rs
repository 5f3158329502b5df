//! From the bucket to a folder: the template's copy is made while the first blob is on its way, and the folder is there only once it is whole.

use std::{path::Path, sync::Arc};

use futures::{StreamExt, TryStreamExt, stream};

use super::{
    Error, Id, Manifest, Owner, Store, Writer,
    log::Ended,
    manifest::{Content, PACK, Pack},
    put::on_a_thread,
    rebuild::{Building, by_pack, open},
};
use crate::postgres::Engine;

/// How much is read from a blob in one call, in bytes.
const RANGE: u64 = 4 * PACK;
/// How many calls are on their way at a time.
const AT_ONCE: usize = 2;

/// Packs that stand one after the other in a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Range {
    blob: String,
    from: u64,
    to: u64,
    packs: Vec<usize>,
}

impl Store {
    /// The newest version's files; `None` where there is none yet. Of whom they are to be is `owner`.
    ///
    /// # Errors
    /// Where the folder is there already, the template is another one, or the store does not answer or answers with something broken. No folder is there then.
    pub async fn fetch(&self, database: &Id, folder: &Path, owner: Option<Owner>) -> Result<Option<Manifest>, Error> {
        let ((), newest) = futures::try_join!(self.alive(database), self.newest(database))?;
        let Some(manifest) = newest else { return Ok(None) };
        self.fetch_content(manifest, folder, None, owner).await
    }

    /// A certain version's files.
    ///
    /// # Errors
    /// As with [`Store::fetch`], and where there is no such version.
    pub async fn fetch_version(&self, database: &Id, number: u64, folder: &Path, owner: Option<Owner>) -> Result<Manifest, Error> {
        let missing = || Error::NoVersion { database: database.clone(), number };
        let manifest = self.manifest(database, number).await?.ok_or_else(missing)?;
        self.fetch_content(manifest, folder, None, owner).await?.ok_or_else(missing)
    }

    pub(super) async fn fetch_content(
        &self,
        manifest: Manifest,
        folder: &Path,
        spare: Option<&Path>,
        owner: Option<Owner>,
    ) -> Result<Option<Manifest>, Error> {
        let Some(content) = &manifest.content else { return Ok(None) };
        let (template, content) = (self.template(&content.template)?, Arc::new(content.clone()));
        if !content.template.is_empty() && template.engine() != content.engine {
            return Err(Error::OtherEngine { version: content.engine, template: template.engine() });
        }
        // what is ready is a copy of the ordinary engine's
        let spare = spare.filter(|_| content.engine == Engine::Postgres);
        let (wanted, version, spare) = (folder.to_owned(), content.clone(), spare.map(Path::to_owned));
        let begin = on_a_thread(folder, move || Building::begin(&wanted, &version, &template, spare.as_deref(), owner).map(Arc::new));
        let mut parts = stream::iter(ranges(&content.packs)).map(|range| self.read(range)).buffered(AT_ONCE);
        // the first ones are on their way while the template is copied
        let (building, first) = futures::join!(begin, parts.next());
        let building = building?;
        let mut parts = stream::iter(first).chain(parts);
        while let Some((range, bytes)) = parts.try_next().await? {
            let (building, content) = (building.clone(), content.clone());
            on_a_thread(folder, move || lay(&building, &content, &range, &bytes)).await?;
        }
        drop(parts);
        let whole = Arc::into_inner(building).ok_or_else(|| Error::Thread(folder.display().to_string()))?;
        on_a_thread(folder, move || whole.finish()).await?;
        Ok(Some(manifest))
    }

    /// One page of a file, where the version has it otherwise than the template.
    pub(super) async fn page(&self, content: &Content, path: &str, page: u64) -> Result<Option<Vec<u8>>, Error> {
        let file = content.entries.iter().find(|entry| entry.path == path).and_then(|entry| entry.file.as_ref());
        let Some((pack, at, length)) = file.and_then(|file| file.find(page)) else { return Ok(None) };
        let pack = content.packs.get(pack).ok_or_else(|| Error::broken(path, "it stands in no pack"))?;
        let opened = open(pack, &self.bucket().range(&pack.blob, pack.at, pack.at + pack.stored).await?)?;
        let (from, to) = (at as usize, (at + length) as usize);
        opened.get(from..to).map(|bytes| Some(bytes.to_vec())).ok_or_else(|| Error::broken(&pack.blob, "a pack is too short"))
    }

    async fn read(&self, range: Range) -> Result<(Range, Vec<u8>), Error> {
        let bytes = self.bucket().range(&range.blob, range.from, range.to).await?;
        Ok((range, bytes))
    }
}

impl Writer {
    /// The files of the version that this writer took over, or wrote last, and the log behind it; `false` where there is none. Where there is a log,
    /// `recovery.signal` lies among the files, and Postgres has to start with it before it stands for the database.
    ///
    /// # Errors
    /// As with [`Store::fetch`].
    pub async fn fetch(&self, folder: &Path, owner: Option<Owner>) -> Result<bool, Error> {
        self.files().fetch_by(&self.store, folder, None, owner).await
    }

    /// What there is to be fetched, which takes its time: the writer renews its lease meanwhile.
    pub(super) fn files(&self) -> Files {
        Files { store: self.store.clone(), database: self.database.clone(), newest: self.last.clone(), ended: self.ended }
    }
}

/// The newest version of a database that was taken, and the log behind it.
pub(super) struct Files {
    pub(super) store: Store,
    pub(super) database: Id,
    newest: Manifest,
    pub(super) ended: Option<Ended>,
}

impl Files {
    /// Brings them by way of a store that has the template. A copy of that may be used up.
    pub(super) async fn fetch_by(&self, store: &Store, folder: &Path, spare: Option<&Path>, owner: Option<Owner>) -> Result<bool, Error> {
        let found = store.fetch_content(self.newest.clone(), folder, spare, owner).await?.is_some();
        if !found {
            return Ok(false);
        }
        if let Err(error) = self.lay_log(folder).await {
            // files without their log are not the database
            std::fs::remove_dir_all(folder).map_err(Error::disk("remove", folder))?;
            return Err(error);
        }
        Ok(true)
    }
}

fn lay(building: &Building, content: &Content, range: &Range, bytes: &[u8]) -> Result<(), Error> {
    let pieces = by_pack(content, &range.packs);
    for index in &range.packs {
        let pack = &content.packs[*index];
        let from = (pack.at - range.from) as usize;
        building.lay(pack, &bytes[from..from + pack.stored as usize], pieces.get(index).map(Vec::as_slice).unwrap_or_default())?;
    }
    Ok(())
}

/// All packs, and as few calls as they can be had with.
fn ranges(packs: &[Pack]) -> Vec<Range> {
    let mut ranges: Vec<Range> = vec![];
    let mut order: Vec<_> = packs.iter().enumerate().collect();
    order.sort_by(|(_, one), (_, other)| (&one.blob, one.at).cmp(&(&other.blob, other.at)));
    for (index, pack) in order {
        let to = pack.at + pack.stored;
        match ranges.last_mut() {
            Some(range) if range.blob == pack.blob && pack.at <= range.to && to.saturating_sub(range.from) <= RANGE => {
                range.to = range.to.max(to);
                range.packs.push(index);
            }
            _ => ranges.push(Range { blob: pack.blob.clone(), from: pack.at, to, packs: vec![index] }),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack(blob: &str, at: u64, stored: u64) -> Pack {
        Pack { blob: blob.into(), at, stored, raw: stored, sum: String::new() }
    }

    #[test]
    fn packs_that_stand_together_are_read_in_one_call() {
        let packs = [pack("a", 100, 50), pack("b", 0, 10), pack("a", 0, 100), pack("a", 300, 5), pack("a", 305, RANGE)];
        let found: Vec<_> = ranges(&packs).into_iter().map(|range| (range.blob, range.from, range.to, range.packs)).collect();
        let expected = [("a", 0, 150, vec![2, 0]), ("a", 300, 305, vec![3]), ("a", 305, 305 + RANGE, vec![4]), ("b", 0, 10, vec![1])];
        assert_eq!(found, expected.map(|(blob, from, to, packs)| (blob.to_owned(), from, to, packs)));
    }
}
