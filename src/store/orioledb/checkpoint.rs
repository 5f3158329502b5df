//! A checkpoint as it lies in the bucket: what it stands on, and what of that is not there.

use std::collections::{BTreeMap, HashMap, HashSet};

use futures::{StreamExt, TryStreamExt, stream};

use super::{
    AT_ONCE, LISTS, OWN, Orioledb, SERVER, bundle,
    control::{self, Own, Server},
    files::Files,
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
    pub(super) small: BTreeMap<String, Vec<u8>>,
    /// The files of the WAL that follow it.
    pub(super) wal: Wal,
}

/// What is looked at.
pub(super) struct Look<'a> {
    pub(super) of: &'a Orioledb,
    pub(super) number: u32,
    /// The keys below the folder of each checkpoint that something is of, without that folder's name, and how long the objects are.
    listed: BTreeMap<u32, HashMap<String, u64>>,
    pub(super) lacks: Vec<String>,
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
        let xids = format!("orioledb_data/{number}.xid");
        if !self.names(number).await?.contains_key(&xids) {
            self.lacks(&xids, "");
        }
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
        let Files { large, small } = self.files(lines).await?;
        let mut files: Vec<_> = large.into_iter().collect();
        files.extend(self.trees().await?);
        files.extend(self.undo(said).await?);
        files.extend([xids, LISTS[0].to_owned(), LISTS[1].to_owned()].map(|name| {
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

    /// What lies below a checkpoint's folder, and how long it is.
    pub(super) async fn names(&mut self, checkpoint: u32) -> Result<&HashMap<String, u64>, Error> {
        if !self.listed.contains_key(&checkpoint) {
            let found = self.of.listed(&format!("data/{checkpoint}")).await?;
            self.listed.insert(checkpoint, found.into_iter().map(|one| (one.key, one.size)).collect());
        }
        Ok(&self.listed[&checkpoint])
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
