//! What somebody brings along becomes a database of ours: it is opened beside, and only what its own login may make of it is made anew.
//!
//! Nothing that was uploaded is ever run as a database, but for what is a PGlite and stays one: that is run in WebAssembly, apart, as it always is. A data folder may hold anything: superusers, functions in C, libraries to be loaded,
//! catalogs that lie. So it is opened apart ([`Side`]: a user of its own, no network, little memory), dumped, and restored into a fresh
//! cluster by the login, who may do nothing there that a user may not. An archive of `pg_dump` goes the second half of the way.
//!
//! In reading order: `pour` and `unpack` take it in, [`shape`] judges its entries, `control` its control file; `source` reads its databases,
//! `pglite` those of PGlite; `restore` makes the new ones.

mod control;
mod error;
mod pglite;
mod pour;
mod restore;
pub mod shape;
mod source;
mod unpack;

use std::{fs, path::Path, time::Duration};

use axum::body::Body;
use serde::Serialize;
use tokio::time::timeout;

pub(super) use error::Error;

use self::{
    control::Control,
    shape::Most,
    unpack::{Came, Into},
};
use crate::node::{Engine, First, Node, Side};

/// Files and folders: an empty cluster has a thousand, a table three or more.
const ENTRIES: usize = 100_000;
/// What a cluster may have beside what is limited, in bytes: WAL, and what initdb made. As it comes, and as ours is.
const BESIDE: u64 = 512 << 20;
const OURS: u64 = 128 << 20;
/// How long an upload may take in all.
const IN_ALL: Duration = Duration::from_secs(3600);
/// What gzip may take, in bytes.
const GZIP: u64 = 64 << 20;

/// What became of an upload.
#[derive(Debug, Serialize)]
pub(super) struct Taken {
    /// What it was: `folder`, `pglite` or `archive`.
    kind: &'static str,
    /// What of it no user may have, and was left out.
    left_out: Vec<String>,
    /// The new files together, in bytes.
    pub(super) size_bytes: u64,
}

/// What an upload is for, and how much it may be.
pub(super) struct Upload<'a> {
    pub(super) node: &'a Node,
    /// The node's name for the database.
    pub(super) id: &'a str,
    pub(super) first: First,
    /// By what it is run.
    pub(super) engine: Engine,
    /// Of the database's files, in bytes.
    pub(super) limit: u64,
    /// Where PGlite is installed.
    pub(super) pglite: Option<&'a Path>,
}

impl Upload<'_> {
    /// Takes it in, and makes of it a stopped cluster that can become the database's next version.
    ///
    /// # Errors
    /// Whatever is wrong with it. Nothing is left of it then.
    pub(super) async fn take(&self, body: Body) -> Result<(Side, Taken), Error> {
        timeout(IN_ALL, self.taken(body)).await.map_err(|_| Error::Slow(IN_ALL.as_secs()))?
    }

    async fn taken(&self, body: Body) -> Result<(Side, Taken), Error> {
        let mut source = self.node.side(self.id).map_err(Error::here("making room"))?;
        let mut target = self.node.side(self.id).map_err(Error::here("making room"))?;
        let came = self.receive(&source, body).await?;
        if self.engine == Engine::Pglite {
            return self.kept(source, came).await;
        }
        let (kind, left_out) = match came {
            Came::Archive => {
                target.begin(&self.first).await.map_err(Error::here("making a fresh cluster"))?;
                let archive = source.file(ARCHIVE);
                ("archive", restore::archive(&target, &archive, &self.first.role, &self.first.database).await?)
            }
            Came::Folder { was_running } => match self.look(&source, was_running).await? {
                Whose::Ours => ("folder", self.restore_folder(&mut source, &mut target).await?),
                Whose::Pglite => ("pglite", self.restore_pglite(&source, &mut target).await?),
            },
        };
        target.stop().await.map_err(Error::here("stopping the fresh cluster"))?;
        self.sized(target, kind, left_out).await
    }

    async fn sized(&self, target: Side, kind: &'static str, left_out: Vec<String>) -> Result<(Side, Taken), Error> {
        let size = target.size().await.map_err(Error::here("measuring the files"))?;
        if size > self.limit.saturating_add(OURS) {
            return Err(Error::Large { size, limit: self.limit });
        }
        Ok((target, Taken { kind, left_out, size_bytes: size }))
    }

    /// For a database that is a PGlite: the files of one are taken as they are, where they open.
    async fn kept(&self, mut source: Side, came: Came) -> Result<(Side, Taken), Error> {
        let Came::Folder { was_running } = came else { return Err(Error::NotPglite("an archive of pg_dump")) };
        if let Whose::Ours = self.look(&source, was_running).await? {
            return Err(Error::NotPglite("a data folder of PostgreSQL"));
        }
        pglite::opened(&mut source).await?;
        self.sized(source, "pglite", vec![]).await
    }

    async fn receive(&self, source: &Side, body: Body) -> Result<Came, Error> {
        let (poured, pumping) = pour::pour(body);
        let gzip = source.program(Path::new("/bin/gzip"), GZIP).await;
        let mut gzip = gzip.into_std();
        gzip.arg("-dc");
        let most = Most { bytes: self.limit.saturating_add(BESIDE), entries: ENTRIES };
        let into = Into { folder: source.data(), file: source.file(ARCHIVE), most, archive: self.limit, gzip };
        let unpacking = tokio::task::spawn_blocking(move || unpack::unpack(poured, into));
        let (unpacked, ()) = tokio::join!(unpacking, pumping);
        let ended = |error| Error::Here { doing: "reading the upload", source: Box::new(error) };
        unpacked.map_err(ended)?
    }

    /// Whose data folder it is, where anybody here can open it.
    async fn look(&self, source: &Side, was_running: bool) -> Result<Whose, Error> {
        let (folder, template) = (source.data(), self.node.template().to_owned());
        let looked = tokio::task::spawn_blocking(move || look(&folder, &template, was_running)).await;
        looked.map_err(|error| Error::Here { doing: "reading the upload", source: Box::new(error) })?
    }

    async fn restore_folder(&self, source: &mut Side, target: &mut Side) -> Result<Vec<String>, Error> {
        let found = source::open(source, &self.first.database).await?;
        target.begin(&self.first).await.map_err(Error::here("making a fresh cluster"))?;
        let (mut left_out, role) = (vec![], &self.first.role);
        for name in found.names() {
            let archive = found.dump(source, name, self.limit).await?;
            let database = if *name == found.main { &self.first.database } else { name };
            if database != &self.first.database {
                restore::another(target, role, database).await?;
            }
            left_out.extend(restore::archive(target, &archive, role, database).await?);
            // its room may be needed for the next one's
            drop(fs::remove_file(archive));
        }
        source.stop().await.map_err(Error::here("stopping what was uploaded"))?;
        Ok(left_out)
    }

    async fn restore_pglite(&self, source: &Side, target: &mut Side) -> Result<Vec<String>, Error> {
        let script = pglite::dump(source, self.pglite.ok_or(Error::NoPglite)?, self.limit).await?;
        target.begin(&self.first).await.map_err(Error::here("making a fresh cluster"))?;
        restore::script(target, &script, &self.first.role, &self.first.database).await?;
        Ok(vec![])
    }
}

/// The name under which an archive lies beside.
const ARCHIVE: &str = "archive";

enum Whose {
    Ours,
    Pglite,
}

fn look(folder: &Path, template: &Path, was_running: bool) -> Result<Whose, Error> {
    let text = |folder: &Path| fs::read_to_string(folder.join("PG_VERSION")).map(|text| text.trim().to_owned());
    let found = text(folder).map_err(|_| Error::Missing("PG_VERSION"))?;
    let wanted = text(template).map_err(Error::disk("reading the template"))?;
    let control = |folder: &Path| fs::read(folder.join("global/pg_control"));
    let bytes = control(folder).map_err(|_| Error::Missing("global/pg_control"))?;
    let read = Control::read(&bytes);
    // only PGlite is of a machine of 32 bits by now, and what it leaves looks as if it ran
    if read.is_ok_and(|control| !control.is_wide) {
        return Ok(Whose::Pglite);
    }
    if was_running {
        return Err(Error::Running);
    }
    if found != wanted {
        return Err(Error::Version { found, wanted });
    }
    let ours = control(template).map_err(Error::disk("reading the template"))?;
    read?.fits(&Control::read(&ours)?)?;
    Ok(Whose::Ours)
}
