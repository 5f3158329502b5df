//! A checkpoint as it lies in the bucket: what it stands on, and what of that is not there.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use futures::{StreamExt, TryStreamExt, stream};

use super::{
    AT_ONCE, LISTS, OWN, Orioledb, SERVER,
    bundle::{self, BUNDLES, Line},
    control::{self, Own, Server},
    parts::{self, Trees},
    wal::{self, Candidates, Wal},
};
use crate::store::{Error, bucket::Listed};

/// One that is whole.
#[derive(Debug)]
pub(super) struct Checkpoint {
    pub(super) number: u32,
    /// `pg_control` as it is to be started on.
    pub(super) server: Vec<u8>,
    /// OrioleDB's control file.
    pub(super) own: Vec<u8>,
    /// Files that lie in the bucket as they are: their names in the data folder, and their keys.
    pub(super) files: Vec<(String, String)>,
    /// Small ones, with what is in them.
    pub(super) small: Vec<(String, Vec<u8>)>,
    /// The files of the WAL that follow it.
    pub(super) wal: Wal,
}

/// What is looked at.
struct Look<'a> {
    of: &'a Orioledb,
    number: u32,
    /// The keys below the folder of each checkpoint that something is of, without that folder's name.
    listed: BTreeMap<u32, HashSet<String>>,
    lacks: Vec<String>,
}

impl Orioledb {
    /// What a checkpoint has; else the keys that it lacks.
    pub(super) async fn look(&self, number: u32) -> Result<Result<Checkpoint, Vec<String>>, Error> {
        let mut look = Look { of: self, number, listed: BTreeMap::new(), lacks: vec![] };
        let checkpoint = look.checkpoint().await?;
        let lacks = look.lacks;
        Ok(checkpoint.filter(|_| lacks.is_empty()).ok_or(lacks))
    }

    /// What is below a key, by what follows it.
    pub(super) async fn listed(&self, below: &str) -> Result<Vec<Listed>, Error> {
        let folder = self.key(below);
        let mut found = self.bucket.list(&folder).await?;
        for one in &mut found {
            one.key = one.key.strip_prefix(&folder).unwrap_or(&one.key).trim_start_matches('/').to_owned();
        }
        Ok(found)
    }
}

impl Look<'_> {
    async fn checkpoint(&mut self) -> Result<Option<Checkpoint>, Error> {
        let number = self.number;
        let (server, own) = (self.bytes(SERVER).await?, self.bytes(OWN).await?);
        let mut lines = [vec![], vec![]];
        for (list, lines) in LISTS.into_iter().zip(&mut lines) {
            let bytes = self.bytes(list).await?;
            match bytes.as_deref().map(bundle::lines) {
                Some(Some(found)) => *lines = found,
                Some(None) => self.lacks(list, " in a form that is known here"),
                None => {}
            }
        }
        let (Some(server), Some(own)) = (server, own) else { return Ok(None) };
        let (Some(at), Some(said)) = (control::server(&server), control::own(&own).filter(|own| own.number == number)) else {
            self.lacks(SERVER, " and the control file beside it, of this checkpoint");
            return Ok(None);
        };
        let [large, small] = lines;
        let mut files = self.large(large).await?;
        let small = self.small(small).await?;
        files.extend(self.trees().await?);
        files.extend(self.undo(said).await?);
        files.extend([format!("orioledb_data/{number}.xid"), LISTS[0].to_owned(), LISTS[1].to_owned()].map(|name| {
            let key = self.of.key(&format!("data/{number}/{name}"));
            (name, key)
        }));
        let Some(wal) = self.wal(at).await? else { return Ok(None) };
        let server = control::to_be_recovered(&server).unwrap_or_default();
        Ok(Some(Checkpoint { number, server, own, files, small, wal }))
    }

    fn lacks(&mut self, name: &str, how: &str) {
        self.lacks.push(format!("data/{}/{name}{how}", self.number));
    }

    /// One of its own objects; noted where it is not there.
    async fn bytes(&mut self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let found = self.of.bucket.get(&self.of.key(&format!("data/{}/{name}", self.number))).await?;
        if found.is_none() {
            self.lacks(name, "");
        }
        Ok(found)
    }

    /// The names below a checkpoint's folder.
    async fn names(&mut self, checkpoint: u32) -> Result<&HashSet<String>, Error> {
        if !self.listed.contains_key(&checkpoint) {
            let found = self.of.listed(&format!("data/{checkpoint}")).await?;
            self.listed.insert(checkpoint, found.into_iter().map(|one| one.key).collect());
        }
        Ok(&self.listed[&checkpoint])
    }

    async fn large(&mut self, lines: Vec<Line>) -> Result<Vec<(String, String)>, Error> {
        let own = Line { name: format!("orioledb_data/{}.xid", self.number), checkpoint: self.number };
        let mut files = vec![];
        for Line { name, checkpoint } in lines.into_iter().chain([own.clone()]) {
            let key = format!("data/{checkpoint}/{name}");
            if !self.names(checkpoint).await?.contains(&name) {
                self.lacks.push(key);
            } else if name != own.name {
                files.push((name, self.of.key(&key)));
            }
        }
        Ok(files)
    }

    /// Of the objects of a checkpoint that was begun twice, the first one that has a file is of the second time.
    async fn small(&mut self, lines: Vec<Line>) -> Result<Vec<(String, Vec<u8>)>, Error> {
        let mut wanted: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
        for Line { name, checkpoint } in lines {
            wanted.entry(checkpoint).or_default().insert(name);
        }
        let mut files = vec![];
        for (checkpoint, mut names) in wanted {
            let there = self.names(checkpoint).await?;
            let mut bundles: Vec<u32> = there.iter().filter_map(|name| name.strip_prefix(BUNDLES)?.parse().ok()).collect();
            bundles.sort_unstable();
            for bundle in bundles {
                let key = format!("data/{checkpoint}/{BUNDLES}{bundle}");
                let bytes = self.of.bucket.get(&self.of.key(&key)).await?.unwrap_or_default();
                let Some(unpacked) = bundle::unpack(&bytes) else {
                    self.lacks.push(format!("{key} in a form that is known here"));
                    continue;
                };
                files.extend(unpacked.into_iter().filter(|(name, _)| names.remove(name)).map(|(name, bytes)| (name, bytes.to_vec())));
            }
            self.lacks.extend(names.into_iter().map(|name| format!("data/{checkpoint}/{name}")));
        }
        Ok(files)
    }

    /// The maps of the trees that this checkpoint wrote; whatever else of them is needed the server fetches itself.
    async fn trees(&mut self) -> Result<Vec<(String, String)>, Error> {
        let below = format!("orioledb_data/{}", self.number);
        let trees = Trees::of(self.of.listed(&below).await?);
        let mut files = vec![];
        for (map, tree) in &trees.maps {
            let key = self.of.key(&format!("{below}/{map}"));
            let head = self.of.bucket.get(&key).await?.unwrap_or_default();
            if parts::writes(&head) && !trees.parts.contains_key(&(tree.clone(), 0, 0)) {
                self.lacks.push(format!("{below}/{}", parts::name(tree, 0, 0)));
            }
            files.push((format!("orioledb_data/{tree}-{}.map", self.number), key));
        }
        self.lacks.extend(trees.gaps().into_iter().map(|part| format!("{below}/{part}")));
        Ok(files)
    }

    async fn undo(&mut self, own: Own) -> Result<Vec<(String, String)>, Error> {
        let there = self.of.listed("orioledb_undo").await?;
        let there: HashSet<_> = there.into_iter().map(|one| one.key).collect();
        let wanted = own.undo.unwrap_or_else(|| there.iter().cloned().collect());
        self.lacks.extend(wanted.iter().filter(|name| !there.contains(*name)).map(|name| format!("orioledb_undo/{name}")));
        Ok(wanted.into_iter().map(|name| format!("orioledb_undo/{name}")).map(|name| (name.clone(), self.of.key(&name))).collect())
    }

    async fn wal(&mut self, at: Server) -> Result<Option<Wal>, Error> {
        let listed: Vec<_> = self.of.listed("wal").await?.into_iter().map(|one| (one.key, one.size)).collect();
        let mut found = None;
        if let Some(candidates) = Candidates::of(&listed, at) {
            let of = self.of;
            let keys: Vec<_> = candidates.names().map(|name| of.key(&format!("wal/{name}"))).collect();
            let heads = stream::iter(keys).map(async |key| of.bucket.range(&key, 0, wal::HEAD).await).buffered(AT_ONCE);
            found = candidates.followers(&heads.try_collect::<Vec<_>>().await?);
        }
        if found.is_none() {
            self.lacks.push(format!("the WAL from {:X} to {:X}", at.redo, at.checkpoint));
        }
        Ok(found)
    }
}
