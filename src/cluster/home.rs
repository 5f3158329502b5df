//! The folder of a member: its data, what its agent has to remember, and what its server is told.

use std::{
    collections::BTreeMap,
    fs, io,
    net::SocketAddr,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    time::Duration,
};

use nix::unistd::{Gid, Uid, geteuid, syncfs};

use super::{Error, registry::Addresses, site::MEMBER};
use crate::{authority::Leaf, failover::Member, local};

/// Whoever starts with this file follows.
const TO_FOLLOW: &str = "standby.signal";
/// What holds for every member, whatever its role is.
const FIXED: &str = include_str!("member.conf");
const HBA: &str = include_str!("member_hba.conf");
/// The longest name of a socket (`sun_path` of unix(7)), without the name of its file.
const SOCKETS: usize = 90;

/// The folder, and who runs the server in it.
#[derive(Clone, Debug)]
pub(super) struct Home {
    folder: PathBuf,
    /// `None`: we ourselves.
    pub(super) owner: Option<(Uid, Gid)>,
}

/// Settings of Postgres by their names.
pub(super) type Settings = BTreeMap<String, String>;

/// What a server is told that changes while it runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Orders {
    /// Where it receives from.
    pub(super) follow: Option<(Member, Addresses)>,
    /// A folder in which it finds what only a stopped member had.
    pub(super) salvage: bool,
    /// Whose word a commit waits for, as Postgres writes it.
    pub(super) names: String,
}

impl Home {
    /// Makes the folder, or finds it as it was left. As root it becomes an unprivileged user's.
    pub(super) fn open(folder: &Path) -> Result<Self, Error> {
        let home = Self::own(folder)?;
        let folder = &home.folder;
        if folder.as_os_str().len() > SOCKETS || folder.to_string_lossy().contains(['\'', '"', '\\', ' ', '\n']) {
            return Err(Error::Said(format!(
                "{} can't be the folder of a member: its name is too long, or has signs that no setting takes",
                folder.display()
            )));
        }
        make(&home.sockets()).map_err(Error::disk("make the folder", home.sockets()))?;
        home.give(&home.sockets())?;
        Ok(home)
    }

    /// The same for data in which no server will run.
    pub(super) fn own(folder: &Path) -> Result<Self, Error> {
        make(folder).map_err(Error::disk("make the folder", folder))?;
        let folder = fs::canonicalize(folder).map_err(Error::disk("find the folder", folder))?;
        let found = fs::metadata(&folder).map_err(Error::disk("look at", &folder))?;
        let owner = match (geteuid().is_root(), found.uid()) {
            (false, _) => None,
            (true, 0) => Some(local::server_user()?),
            (true, uid) => Some((Uid::from_raw(uid), Gid::from_raw(found.gid()))),
        };
        let home = Self { folder, owner };
        home.give(&home.folder)?;
        Ok(home)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Where what a new cluster begins with lies ready.
    pub(super) fn ready(&self) -> PathBuf {
        self.folder.join("ready")
    }

    pub(super) fn wal(&self) -> PathBuf {
        self.data().join("pg_wal")
    }

    /// Outside of the data, or a rewind stumbles over them.
    pub(super) fn sockets(&self) -> PathBuf {
        self.folder.join("s")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.folder.join("postgres.log")
    }

    pub(super) fn conf(&self) -> PathBuf {
        self.folder.join("postgresql.conf")
    }

    pub(super) fn salvage(&self) -> PathBuf {
        self.folder.join("salvage")
    }

    /// Key and certificate in one file, so that nobody finds one without the other.
    fn identity(&self) -> PathBuf {
        self.folder.join("member.pem")
    }

    pub(super) fn authority(&self) -> PathBuf {
        self.folder.join("authority.crt")
    }

    fn settings(&self) -> PathBuf {
        self.folder.join("settings.json")
    }

    /// Whether there is data that is whole.
    pub(super) fn has_data(&self) -> bool {
        self.data().join("PG_VERSION").exists() && !self.unwhole().exists()
    }

    /// Here while data is copied or rewound: what is interrupted at that is no data.
    fn unwhole(&self) -> PathBuf {
        self.folder.join("unwhole")
    }

    pub(super) fn mark_unwhole(&self) -> Result<(), Error> {
        self.write(&self.unwhole(), b"")
    }

    /// All of it is on the disk first.
    pub(super) async fn mark_whole(&self) -> Result<(), Error> {
        self.sync().await?;
        remove(&self.unwhole())
    }

    /// Has all be on the disk that was written: Postgres' programs leave that to us, for one call does what they do file by file.
    pub(super) async fn sync(&self) -> Result<(), Error> {
        let folder = self.folder.clone();
        let open = fs::File::open(&folder).map_err(Error::disk("open", &folder))?;
        // it takes as long as the disk does, and nobody else is to wait for that
        let synced = tokio::task::spawn_blocking(move || Ok(syncfs(open)?)).await;
        synced.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(Error::disk("have the disk keep", folder))
    }

    pub(super) fn is_to_follow(&self) -> bool {
        self.data().join(TO_FOLLOW).exists()
    }

    pub(super) fn follows(&self, follows: bool) -> Result<(), Error> {
        let file = self.data().join(TO_FOLLOW);
        if follows { self.write(&file, b"") } else { remove(&file) }
    }

    /// The newest term the agent was told of.
    pub(super) fn term(&self) -> u64 {
        fs::read_to_string(self.folder.join("term")).ok().and_then(|text| text.trim().parse().ok()).unwrap_or_default()
    }

    pub(super) fn note_term(&self, term: u64) -> Result<(), Error> {
        self.write(&self.folder.join("term"), term.to_string().as_bytes())
    }

    /// For how long this member has promised not to lead, where it has not forgotten that.
    pub(super) fn noted_promise(&self) -> Option<Duration> {
        let text = fs::read_to_string(self.promised()).ok()?;
        text.trim().parse().ok().map(Duration::from_millis)
    }

    pub(super) fn note_promise(&self, lasts: Duration) -> Result<(), Error> {
        self.write(&self.promised(), lasts.as_millis().to_string().as_bytes())
    }

    pub(super) fn forget_promise(&self) -> Result<(), Error> {
        remove(&self.promised())
    }

    fn promised(&self) -> PathBuf {
        self.folder.join("promised_ms")
    }

    /// Writes down what this server and its tools show, and whom they believe.
    pub(super) fn note_identity(&self, leaf: &Leaf, authority: &str) -> Result<(), Error> {
        self.write(&self.authority(), authority.as_bytes())?;
        self.write(&self.identity(), leaf.pem().expose().as_bytes())
    }

    /// The settings that were wanted last.
    pub(super) fn noted_settings(&self) -> BTreeMap<String, String> {
        fs::read(self.settings()).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    pub(super) fn note_settings(&self, settings: &BTreeMap<String, String>) -> Result<(), Error> {
        let bytes = serde_json::to_vec(settings).map_err(|error| Error::Said(error.to_string()))?;
        self.write(&self.settings(), &bytes)
    }

    /// Writes what the server is told.
    pub(super) fn tell(&self, me: Member, server: SocketAddr, settings: &Settings, orders: &Orders) -> Result<(), Error> {
        let text = self.conf_text(me, server, settings, orders);
        if fs::read(self.hba()).is_ok_and(|there| there == HBA.as_bytes()) {
            // it is written anew before each start, so what a machine forgets that goes down is not missed
            return self.lay(&self.conf(), text.as_bytes(), false);
        }
        self.write(&self.hba(), HBA.as_bytes())?;
        self.write(&self.conf(), text.as_bytes())
    }

    /// The same beside it, to try whether a server would take it.
    pub(super) fn try_out(&self, me: Member, server: SocketAddr, settings: &Settings, orders: &Orders) -> Result<PathBuf, Error> {
        let file = self.folder.join("tried.conf");
        self.write(&file, self.conf_text(me, server, settings, orders).as_bytes())?;
        Ok(file)
    }

    fn conf_text(&self, me: Member, server: SocketAddr, settings: &Settings, orders: &Orders) -> String {
        // of its own accord it takes four, all of them at its start; where somebody says how much it shares, it goes by that
        let small = (!settings.contains_key("shared_buffers")).then(|| ("wal_buffers".to_owned(), "1MB".to_owned()));
        let mut set: Vec<(String, String)> =
            small.into_iter().chain(settings.iter().map(|(name, value)| (name.clone(), value.clone()))).collect();
        let mut add = |name: &str, value: String| set.push((name.to_owned(), value));
        add("listen_addresses", server.ip().to_string());
        add("port", server.port().to_string());
        add("unix_socket_directories", self.sockets().display().to_string());
        add("hba_file", self.hba().display().to_string());
        add("ssl_cert_file", self.identity().display().to_string());
        add("ssl_key_file", self.identity().display().to_string());
        add("ssl_ca_file", self.authority().display().to_string());
        add("synchronous_standby_names", orders.names.clone());
        let slot = if orders.follow.is_some() { named(me) } else { String::new() };
        let info = orders.follow.as_ref().map(|(_, at)| format!("{} application_name={slot} connect_timeout=3", self.way(at.server)));
        let info = info.unwrap_or_default();
        add("primary_conninfo", info);
        add("primary_slot_name", slot);
        let restore = if orders.salvage { format!("cp {}/%f %p", self.salvage().display()) } else { String::new() };
        add("restore_command", restore);
        super::backup::archiving(settings, &self.folder).into_iter().for_each(|(name, value)| add(name, value));
        let lines = set.into_iter().map(|(name, value)| format!("{name} = '{}'\n", value.replace('\'', "''"))).collect::<String>();
        format!("{FIXED}\n{lines}")
    }

    /// How this member reaches another one's server, in libpq's words.
    pub(super) fn way(&self, to: SocketAddr) -> String {
        let (identity, authority) = (self.identity(), self.authority());
        let tls = format!("sslmode=verify-full sslcert={0} sslkey={0} sslrootcert={1}", identity.display(), authority.display());
        format!("host={} port={} user={MEMBER} {tls} gssencmode=disable", to.ip(), to.port())
    }

    fn hba(&self) -> PathBuf {
        self.folder.join("pg_hba.conf")
    }

    /// Writes a file whole or not at all, for the server's user alone to read.
    pub(super) fn write(&self, file: &Path, bytes: &[u8]) -> Result<(), Error> {
        self.lay(file, bytes, true)
    }

    fn lay(&self, file: &Path, bytes: &[u8], lasts: bool) -> Result<(), Error> {
        let aside = file.with_extension("aside");
        let written = || {
            let mut open = fs::File::create(&aside)?;
            fs::set_permissions(&aside, fs::Permissions::from_mode(0o600))?;
            io::Write::write_all(&mut open, bytes)?;
            if lasts {
                open.sync_all()?;
            }
            give(&aside, self.owner)?;
            fs::rename(&aside, file)?;
            if !lasts {
                return Ok(());
            }
            fs::File::open(file.parent().unwrap_or(Path::new("/")))?.sync_all()
        };
        written().map_err(Error::disk("write", file))
    }

    pub(super) fn give(&self, path: &Path) -> Result<(), Error> {
        give(path, self.owner).map_err(Error::disk("give away", path))
    }

    /// An empty folder of the server's user.
    pub(super) fn empty(&self, folder: &Path) -> Result<(), Error> {
        clear(folder)?;
        make(folder).map_err(Error::disk("make the folder", folder))?;
        self.give(folder)
    }
}

/// What a member is called among servers.
pub(super) fn named(member: Member) -> String {
    format!("m{}", member.0)
}

/// Removes a folder and all in it. One that is not there is content.
pub(super) fn clear(folder: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::disk("remove", folder)(error)),
        _ => Ok(()),
    }
}

fn remove(file: &Path) -> Result<(), Error> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::disk("remove", file)(error)),
        _ => Ok(()),
    }
}

fn make(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn give(path: &Path, owner: Option<(Uid, Gid)>) -> io::Result<()> {
    let Some((user, group)) = owner else { return Ok(()) };
    chown(path, Some(user.as_raw()), Some(group.as_raw()))
}
