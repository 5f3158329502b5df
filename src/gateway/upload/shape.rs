//! What a tarball may hold to be a data folder of Postgres: judged entry by entry, before a byte of it is written. No file, no clock.

use std::collections::HashSet;

/// Folders right below a data folder.
pub(super) const FOLDERS: [&str; 17] = [
    "base",
    "global",
    "pg_commit_ts",
    "pg_dynshmem",
    "pg_logical",
    "pg_multixact",
    "pg_notify",
    "pg_replslot",
    "pg_serial",
    "pg_snapshots",
    "pg_stat",
    "pg_stat_tmp",
    "pg_subtrans",
    "pg_tblspc",
    "pg_twophase",
    "pg_wal",
    "pg_xact",
];
/// Files and folders of which nothing is taken: settings are ours, a start makes the others anew.
const LEFT_OUT: [&str; 13] = [
    "postgresql.conf",
    "postgresql.auto.conf",
    "pg_hba.conf",
    "pg_ident.conf",
    "postmaster.opts",
    "postmaster.pid",
    "current_logfiles",
    "backup_manifest",
    "log",
    "pg_log",
    "pg_replslot",
    "pg_dynshmem",
    "pg_stat_tmp",
];
/// What says that the files are no stopped cluster's.
const BACKUP: [&str; 5] = ["backup_label", "tablespace_map", "standby.signal", "recovery.signal", "recovery.conf"];
/// The longest path below the data folder in bytes; Postgres' own have some 60.
const LONGEST: usize = 200;
/// How many folders deep: `pg_logical/snapshots/…` and `base/<database>/…` are the deepest.
const DEEPEST: usize = 3;
/// The most that entries may take of which nothing is kept but which say something of the next one (pax, `tar(5)`), in bytes.
const NOTE: u64 = 64 << 10;

/// How much there may be.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    /// Of all files together, in bytes.
    pub bytes: u64,
    /// Files and folders.
    pub entries: usize,
}

/// What becomes of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A folder of this path below the data folder.
    Folder(String),
    /// A file of this path below the data folder.
    File(String),
    /// It belongs there, and nothing of it is kept.
    Nothing,
}

/// What can't be part of a data folder that is taken in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{entry}: {why}")]
pub struct Refused {
    /// Its name in the tarball, with what can't be shown escaped.
    pub entry: String,
    /// What is wrong with it.
    pub why: Why,
}

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// Its name leads out of the folder.
    #[error("its name leads out of the folder")]
    Outside,
    /// An absolute name, where the others are not.
    #[error("its name is absolute")]
    Absolute,
    /// No name that Postgres gives.
    #[error("its name holds a sign that no name in a data folder has")]
    Sign,
    /// Too long or too deep.
    #[error("its path is longer or deeper than any in a data folder")]
    Long,
    /// A link of either kind.
    #[error("it is a link")]
    Link,
    /// A device, a pipe, a sparse file or something else.
    #[error("it is neither a plain file nor a folder")]
    Special,
    /// A second one of that name.
    #[error("it is there twice")]
    Twice,
    /// Nothing of a data folder.
    #[error("it belongs to no data folder of Postgres")]
    Stranger,
    /// More than the limit.
    #[error("with it there are more than {0} entries")]
    Many(usize),
    /// More than the limit.
    #[error("with it the files have more than {0} bytes")]
    Large(u64),
    /// Part of a backup or of a standby.
    #[error("the files are those of a base backup or a standby, which was not stopped")]
    Backup,
    /// In a tablespace.
    #[error("tablespaces are not taken")]
    Tablespace,
    /// An open transaction.
    #[error("a prepared transaction is open")]
    Prepared,
}

/// The judge of one tarball.
#[derive(Debug)]
pub struct Shape {
    most: Most,
    seen: HashSet<String>,
    bytes: u64,
    entries: usize,
    /// What stands before all names, as the first one has it.
    before: Option<String>,
    /// Whether a server may have worked in it: a file says so.
    pub was_running: bool,
}

impl Shape {
    /// Nothing seen yet.
    pub fn new(most: Most) -> Self {
        Self { most, seen: HashSet::new(), bytes: 0, entries: 0, before: None, was_running: false }
    }

    /// What becomes of an entry: its name, its type (`typeflag` of `tar(5)`) and its size in bytes, as its header has them.
    ///
    /// # Errors
    /// Where it is no part of a data folder, or too much; then nothing more is to be asked.
    pub fn judge(&mut self, name: &[u8], kind: u8, size: u64) -> Result<Verdict, Refused> {
        let verdict = self.count(size).and_then(|()| self.judged(name, kind, size));
        verdict.map_err(|why| Refused { entry: name.escape_ascii().to_string().chars().take(LONGEST).collect(), why })
    }

    fn count(&mut self, size: u64) -> Result<(), Why> {
        self.entries += 1;
        self.bytes = self.bytes.saturating_add(size);
        if self.entries > self.most.entries {
            return Err(Why::Many(self.most.entries));
        }
        if self.bytes > self.most.bytes { Err(Why::Large(self.most.bytes)) } else { Ok(()) }
    }

    fn judged(&mut self, name: &[u8], kind: u8, size: u64) -> Result<Verdict, Why> {
        let folder = match kind {
            b'0' | 0 => false,
            b'5' => true,
            b'1' | b'2' => return Err(Why::Link),
            // what they say of the next entry is not heard: its name is in its own header or refused as too long
            b'x' | b'g' if size <= NOTE => return Ok(Verdict::Nothing),
            b'L' | b'K' | b'x' | b'g' => return Err(Why::Long),
            _ => return Err(Why::Special),
        };
        let Some(path) = self.path(name)? else { return Ok(Verdict::Nothing) };
        if !self.seen.insert(path.clone()) {
            return Err(Why::Twice);
        }
        if folder && size > 0 {
            return Err(Why::Special);
        }
        self.place(path, folder)
    }

    /// The path below the data folder; none for the folder itself.
    fn path(&mut self, name: &[u8]) -> Result<Option<String>, Why> {
        if name.len() > LONGEST {
            return Err(Why::Long);
        }
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-".contains(byte);
        if !name.iter().all(plain) {
            return Err(Why::Sign);
        }
        let name = std::str::from_utf8(name).map_err(|_| Why::Sign)?;
        let name = name.strip_suffix('/').unwrap_or(name);
        let name = name.strip_prefix("./").unwrap_or(name);
        if name.split('/').any(|part| part == "..") {
            return Err(Why::Outside);
        }
        // the folder itself; some programs write it and then leave the dot out
        if name.is_empty() || name == "." {
            return Ok(None);
        }
        let before = self.before.get_or_insert_with(|| before(name)).clone();
        let below = match name.strip_prefix(&*before) {
            Some(below) => below,
            None if name == before.trim_end_matches('/') => return Ok(None),
            None if name.starts_with('/') => return Err(Why::Absolute),
            None => return Err(Why::Stranger),
        };
        if below.starts_with('/') {
            return Err(Why::Absolute);
        }
        if below.split('/').any(|part| part.is_empty() || part == ".") {
            return Err(Why::Sign);
        }
        Ok(Some(below.to_owned()))
    }

    fn place(&mut self, path: String, folder: bool) -> Result<Verdict, Why> {
        let parts: Vec<_> = path.split('/').collect();
        let deep = parts.len();
        if BACKUP.contains(&&*path) {
            return Err(Why::Backup);
        }
        self.was_running |= path == "postmaster.pid";
        // a socket's lock, as older ones of PGlite leave it
        if LEFT_OUT.contains(&parts[0]) || parts[0].starts_with(".s.PGSQL.") {
            return Ok(Verdict::Nothing);
        }
        if deep > DEEPEST {
            return Err(Why::Long);
        }
        let verdict = if folder { Verdict::Folder(path.clone()) } else { Verdict::File(path.clone()) };
        match (&*parts, folder) {
            (["PG_VERSION"], false) => Ok(verdict),
            ([top], true) if FOLDERS.contains(top) => Ok(verdict),
            (["pg_tblspc", ..], _) => Err(Why::Tablespace),
            (["pg_twophase", ..], _) => Err(Why::Prepared),
            (["base", "pgsql_tmp", ..], _) => Ok(Verdict::Nothing),
            (["base", database], true) if is_number(database) => Ok(verdict),
            (["base", database, file], false) if is_number(database) => relation(file, verdict),
            (["global", file], false) if *file == "pg_control" => Ok(verdict),
            (["global", file], false) => relation(file, verdict),
            (["base" | "global", ..], _) => Err(Why::Stranger),
            ([top, ..], _) if FOLDERS.contains(top) => Ok(verdict),
            _ => Err(Why::Stranger),
        }
    }
}

/// What stands before all names, where it is not `./`: nothing, `/` (as PGlite has it), or the name of one folder.
fn before(first: &str) -> String {
    let bare = first.strip_prefix('/').unwrap_or(first);
    let top = bare.split('/').next().unwrap_or_default();
    let is_known = FOLDERS.contains(&top) || LEFT_OUT.contains(&top) || BACKUP.contains(&top) || top == "PG_VERSION";
    match (is_known, bare.len() < first.len()) {
        (true, true) => "/".to_owned(),
        (true, false) | (false, true) => String::new(),
        // the folder itself comes first, and what follows has its name before it
        (false, false) => format!("{top}/"),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A file of a table or index: `<number>[_fsm|_vm|_init][.<number>]`; a temporary one, `t<number>_…`, is left out.
fn relation(file: &str, verdict: Verdict) -> Result<Verdict, Why> {
    if ["PG_VERSION", "pg_filenode.map"].contains(&file) {
        return Ok(verdict);
    }
    if file.starts_with("pg_internal.init") || file.starts_with("pgsql_tmp") {
        return Ok(Verdict::Nothing);
    }
    let (stem, segment) = file.split_once('.').map_or((file, None), |(stem, segment)| (stem, Some(segment)));
    let (number, fork) = stem.split_once('_').map_or((stem, None), |(number, fork)| (number, Some(fork)));
    if let Some(session) = number.strip_prefix('t')
        && is_number(session)
        && fork.is_some()
    {
        return Ok(Verdict::Nothing);
    }
    let known = is_number(number) && segment.is_none_or(is_number) && fork.is_none_or(|fork| ["fsm", "vm", "init"].contains(&fork));
    if known { Ok(verdict) } else { Err(Why::Stranger) }
}

#[cfg(test)]
#[path = "shape/tests.rs"]
mod tests;
