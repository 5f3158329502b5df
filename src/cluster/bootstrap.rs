//! What a cluster that is new begins with: what initdb makes, or a copy of what an image has brought along, which takes a tenth of the time.

use std::{
    fs, io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    process,
    sync::Arc,
    time::Duration,
};

use chrono::Utc;
use tokio::time::timeout;

use super::{Error, agent::Agent, home::Home, home::clear, tools::Tools};
use crate::{
    causes::in_one_line,
    failover::Member,
    local,
    node::{shown, taken},
    postgres::identified,
};

/// With checksums, and not synced: all of the disk is, afterwards. Who may come is said elsewhere: nobody by what stands in the data.
const INITDB: [&str; 10] =
    ["-U", "postgres", "-k", "-N", "-E", "UTF8", "--locale=C.UTF-8", "--auth-local=peer", "--auth-host=reject", "--no-instructions"];

/// Where a file of the log has the identifier: behind the head that each page has, of 20 bytes which are aligned to eight.
const IN_THE_LOG: u64 = 24;

/// Who begins mostly: the first of the wanted members, unless another one is preferred.
const FIRST: Member = Member(0);
/// How long the store may take to say whether there is anything yet.
const READ: Duration = Duration::from_secs(2);

impl Agent {
    /// Copies what a new cluster begins with before anybody asks for it, where this is one and its first member.
    pub(super) async fn lay_ready(self: Arc<Self>) {
        let mut laid = self.laid.lock().await;
        let laying = async {
            clear(&self.home.ready())?;
            if self.me != FIRST || self.home.has_data() {
                return Ok(false);
            }
            let read = timeout(READ, self.book.read()).await;
            if read.map_err(|_| Error::Said("the store takes too long".to_owned()))??.is_some() {
                return Ok(false);
            }
            Ok::<_, Error>(self.tools.lay(&self.home, self.brought.as_deref()).await? && self.home.sync().await.map(|()| true)?)
        };
        match laying.await {
            Ok(is) => *laid = is,
            // it is tried again when it is asked for
            Err(error) => tracing::debug!(error = in_one_line(&error), "what a cluster begins with could not be laid ready"),
        }
    }

    /// It begins with something else: what lies ready goes.
    pub(super) async fn lay_aside(&self) -> Result<(), Error> {
        *self.laid.lock().await = false;
        clear(&self.home.ready())
    }

    /// Makes the data of a new cluster: a copy of what the image has brought along, or what initdb makes.
    pub(super) async fn make_first(&self) -> Result<(), Error> {
        let mut laid = self.laid.lock().await;
        let is_laid = std::mem::take(&mut *laid) || self.tools.lay(&self.home, self.brought.as_deref()).await?;
        let (ready, data) = (self.home.ready(), self.home.data());
        if is_laid { fs::rename(&ready, &data).map_err(Error::disk("rename", ready)) } else { self.tools.initdb(&data).await }
    }
}

impl Tools {
    /// Copies the template of the Postgres that is here to where it lies ready, if that folder has one, and makes it another cluster than all that were made of it:
    /// servers tell by the identifier whose log they are sent.
    async fn lay(&self, home: &Home, brought: Option<&Path>) -> Result<bool, Error> {
        let template = brought.map(|brought| Ok::<_, Error>(brought.join(major(home)?))).transpose()?;
        let Some(template) = template.filter(|template| template.exists()) else { return Ok(false) };
        let ready = home.ready();
        clear(&ready)?;
        taken(template, &ready, home.owner).await.map_err(|error| Error::Said(in_one_line(&error)))?;
        let (control, identifier) = (ready.join("global/pg_control"), identifier());
        let was = fs::read(&control).map_err(Error::disk("read", &control))?;
        let is = identified(&was, identifier).ok_or_else(|| Error::Said(format!("{} is no control file", control.display())))?;
        home.write(&control, &is)?;
        logged(&ready.join("pg_wal"), identifier).map_err(Error::disk("write into", ready))?;
        Ok(true)
    }

    async fn initdb(&self, data: &Path) -> Result<(), Error> {
        self.done("initdb", &[&["-D", &data.display().to_string()], &INITDB[..]].concat()).await
    }

    /// Adds the pooler's role and a database to a template, for a primary to be furnished with: another name is given in no time, and with nothing of the log and
    /// the memory that a database takes to be made.
    async fn furnish(&self, home: &Home) -> Result<(), Error> {
        let words = home.folder().join("furnish.sql");
        home.write(&words, include_bytes!("sql/spare.sql"))?;
        let mut command = self.command("postgres")?;
        command.args(["--single", "-j", "-D"]).arg(home.data()).arg("postgres");
        let said = self.output("postgres", command.stdin(fs::File::open(&words).map_err(Error::disk("open", &words))?)).await?;
        // one that is alone goes on behind what it refuses
        if said.well && !said.error.contains("ERROR:") { Ok(()) } else { Err(Error::Said(format!("postgres: {}", said.error))) }
    }
}

/// Writes an identifier into the head of each file of the log (`XLogLongPageHeaderData` in `access/xlog_internal.h`), of which no checksum is kept.
/// `pg_resetwal` would begin a log from which no standby can go on.
fn logged(wal: &Path, identifier: u64) -> io::Result<()> {
    for entry in fs::read_dir(wal)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::OpenOptions::new().write(true).open(entry.path())?.write_all_at(&identifier.to_le_bytes(), IN_THE_LOG)?;
        }
    }
    Ok(())
}

/// As initdb makes it (`BootStrapXLOG`): the time in the upper half, and below it what tells those apart that are made at once.
fn identifier() -> u64 {
    let now = Utc::now();
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    seconds << 32 | u64::from(now.timestamp_subsec_micros()) << 12 | u64::from(process::id() & 0xfff)
}

/// The Postgres that is here.
fn major(home: &Home) -> Result<PathBuf, Error> {
    Ok(local::installation(&home.data())?.file_name().map(PathBuf::from).unwrap_or_default())
}

/// Makes the template of a member's data below this folder, for all to read, and says where it is. One that is there stays.
///
/// # Errors
/// When no Postgres is installed, initdb fails, or the folder can't be written.
pub async fn template(into: &Path) -> Result<PathBuf, Error> {
    fs::create_dir_all(into).map_err(Error::disk("make the folder", into))?;
    let aside = into.join(format!("new.{}", process::id()));
    let home = Home::own(&aside)?;
    let template = into.join(major(&home)?);
    if !template.exists() {
        let tools = Tools::new(&home);
        tools.initdb(&home.data()).await?;
        tools.furnish(&home).await?;
        shown(vec![home.data()], into).await.map_err(|error| Error::Said(in_one_line(&error)))?;
        fs::rename(home.data(), &template).map_err(Error::disk("rename", home.data()))?;
    }
    clear(&aside)?;
    Ok(template)
}
