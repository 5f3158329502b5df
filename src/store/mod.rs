//! A database's files in a bucket: versions as numbered manifests over write-once blobs, one writer at a time by a lease.
//!
//! In reading order: [`layout`](Id) says where what lies; `manifest` what a version is; `delta` and `rebuild` are the way from a folder and back,
//! `cluster` what of a stopped Postgres is worth storing; `bucket` is any S3 with conditional writes, or a folder; `lease` and `writer` are the one who
//! may write, `entry` and `log` what a running one writes between two versions, `replay` the way back from that, and `follow` how others read it; `put`, `fetch`, `versions`, `branch`, `shared` and `collect` are what is done; `shelf` is all of it by a database's name.
//! [`Orioledb`] is what another server keeps there itself.

mod branch;
mod bucket;
pub(crate) mod clock;
mod cluster;
mod collect;
mod delta;
mod entry;
mod error;
mod fetch;
mod follow;
mod known;
mod layout;
mod lease;
mod log;
mod manifest;
mod orioledb;
mod put;
mod rebuild;
mod replay;
mod shared;
mod shelf;
mod template;
mod versions;
mod walk;
mod writer;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::{Duration, Instant},
};

pub use bucket::{Access, Bucket};
pub use collect::Collected;
pub use entry::Piece;
pub use error::Error;
pub use follow::{Came, Follower};
pub use layout::Id;
pub use log::Log;
pub use manifest::{Content, Kind, Manifest, Parent, Role};
pub use orioledb::{Door, FOLDER as ORIOLEDB_FOLDER, MayWrite, Orioledb, lock_of};
pub use rebuild::Owner;
pub use shelf::Shelf;
pub use template::Template;
pub use versions::Version;
pub use writer::{Taken, Writer};

use crate::postgres::Engine;

/// How databases are kept.
#[derive(Clone)]
pub struct Options {
    /// For how long a lease counts without being renewed.
    pub lease: Duration,
    /// How long a version that is neither the newest nor pinned is kept.
    pub keep: Duration,
    /// How long it takes until what was let go of is removed: a deleted database, a version, a blob. Who reads it has as long to end.
    pub grace: Duration,
    /// What a database's files may have in all, in bytes, where a call says nothing else.
    pub quota: Option<u64>,
    /// Where this node is reached by others that are asked for a database that it has; they find it in the lease.
    pub address: Option<String>,
    /// The clock by which leases are watched, and last: it goes on while the machine is suspended.
    pub clock: Arc<dyn Fn() -> Instant + Send + Sync>,
}

impl Default for Options {
    fn default() -> Self {
        let (minute, hour) = (Duration::from_secs(60), Duration::from_secs(3600));
        Self { lease: minute / 4, keep: 7 * 24 * hour, grace: 24 * hour, quota: None, address: None, clock: Arc::new(clock::now) }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Options");
        shown.field("lease", &self.lease).field("keep", &self.keep).field("grace", &self.grace).field("quota", &self.quota);
        shown.finish_non_exhaustive()
    }
}

/// All databases of a bucket, as this node keeps them. A clone is the same one.
#[derive(Clone, Debug)]
pub struct Store(Arc<Kept>);

#[derive(Debug)]
struct Kept {
    bucket: Bucket,
    templates: RwLock<Vec<Template>>,
    options: Options,
    watch: Mutex<lease::Watch>,
}

impl Store {
    /// Over a bucket, with a template for each engine and major version of Postgres. Of two for one version, the first is for what is stored; the other opens
    /// what was stored with it.
    pub fn new(bucket: Bucket, templates: Vec<Template>, options: Options) -> Self {
        Self(Arc::new(Kept { bucket, templates: RwLock::new(templates), options, watch: Mutex::default() }))
    }

    /// How databases are kept.
    pub fn options(&self) -> &Options {
        &self.0.options
    }

    fn bucket(&self) -> &Bucket {
        &self.0.bucket
    }

    fn watching(&self) -> &Mutex<lease::Watch> {
        &self.0.watch
    }

    fn now(&self) -> Instant {
        (self.0.options.clock)()
    }

    /// Has one more template.
    pub fn add_template(&self, template: Template) {
        self.0.templates.write().unwrap_or_else(PoisonError::into_inner).push(template);
    }

    /// Whether there is a template for what this engine makes.
    pub fn has_template_for(&self, engine: Engine, major: u32) -> bool {
        self.template_for(engine, major).is_ok()
    }

    fn template_for(&self, engine: Engine, major: u32) -> Result<Template, Error> {
        let found = self.template_where(|template| (template.engine(), template.major()) == (engine, major));
        found.ok_or(Error::NoTemplate { engine, major })
    }

    fn template_where(&self, is_it: impl Fn(&Template) -> bool) -> Option<Template> {
        let templates = self.0.templates.read().unwrap_or_else(PoisonError::into_inner);
        templates.iter().find(|template| is_it(template)).cloned()
    }

    fn template(&self, fingerprint: &str) -> Result<Template, Error> {
        if fingerprint.is_empty() {
            return Ok(Template::nothing());
        }
        let found = self.template_where(|template| template.fingerprint() == fingerprint);
        found.ok_or_else(|| Error::OtherTemplate { wanted: fingerprint.to_owned() })
    }
}
