//! The files of a database that runs, beside it, as they were at one moment: its sessions go on meanwhile.

use std::{
    fs, io,
    path::Path,
    process::{Command, Stdio},
};

use super::{Engine, Error, Node, Side, copy};

/// A [base backup](https://www.postgresql.org/docs/15/app-pgbasebackup.html) as one tarball, with the log that it takes to open it.
const WORDS: [&str; 7] =
    ["--pgdata=-", "--format=tar", "--wal-method=fetch", "--checkpoint=fast", "--no-manifest", "--no-password", "--username=postgres"];
/// What is left of how it was opened.
const LABEL: &str = "backup_label.old";

impl Node {
    /// Copies a database that runs here, whoever uses it, into a stopped cluster beside it: all that was committed when it was asked for, and
    /// maybe more.
    ///
    /// # Errors
    /// [`Error::Unknown`] when it does not run here, [`Error::OtherEngine`] for a PGlite, which can't be copied while it runs; when the disk is full, or
    /// the copy does not open.
    pub async fn backup(&self, id: &str) -> Result<Side, Error> {
        let unknown = || Error::Unknown(id.to_owned());
        let database = self.keeper().known().into_iter().find(|database| database.id() == id).ok_or_else(unknown)?;
        let engine = database.place.engine();
        if engine != Engine::Postgres {
            return Err(Error::OtherEngine { id: id.to_owned(), wanted: Engine::Postgres, found: engine });
        }
        // it is used already, and is not to be put to sleep meanwhile
        let session = self.wake(id, database.terms()).await?;
        let mut side = self.side(id)?;
        let (command, data) = (session.postgres("pg_basebackup")?.into_std(), side.data());
        copy::off_thread(move || unpacked(command, &data)).await.map_err(Error::folder("copy what runs to", side.data()))?;
        drop(session);
        side.settle().await?;
        // it reads its log up to where the copy was whole
        side.start().await?;
        side.stop().await?;
        let label = side.data().join(LABEL);
        fs::remove_file(&label).map_err(Error::folder("remove", label))?;
        Ok(side)
    }
}

fn unpacked(mut command: Command, data: &Path) -> io::Result<()> {
    let mut child = command.args(WORDS).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let unpacked = unpack(output, data);
    if unpacked.is_err() {
        child.kill()?;
    }
    let ended = child.wait_with_output()?;
    unpacked?;
    if ended.status.success() { Ok(()) } else { Err(io::Error::other(String::from_utf8_lossy(&ended.stderr).trim().to_owned())) }
}

/// The server that sends it is a user's: nothing but files and folders, and nothing that leads out of the folder.
fn unpack(output: impl io::Read, data: &Path) -> io::Result<()> {
    let mut archive = tar::Archive::new(output);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let kind = entry.header().entry_type();
        if !(kind.is_file() || kind.is_dir()) || !entry.unpack_in(data)? {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "there is something in it that no data folder has"));
        }
    }
    // to its very end, for who sends it minds
    io::copy(&mut archive.into_inner(), &mut io::sink()).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tarball with one entry, and what becomes of it in an empty folder.
    fn unpacked(kind: tar::EntryType, name: &[u8]) -> io::Result<Vec<String>> {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(0o600);
        header.set_size(0);
        header.as_mut_bytes()[..name.len()].copy_from_slice(name);
        if !kind.is_file() {
            header.set_link_name("/etc/passwd")?;
        }
        header.set_cksum();
        let mut builder = tar::Builder::new(vec![]);
        builder.append(&header, io::empty())?;
        let folder = std::env::temp_dir().join(format!("iasql-backup-{}", uuid::Uuid::new_v4()));
        fs::create_dir(&folder)?;
        let done = unpack(&builder.into_inner()?[..], &folder);
        let found = fs::read_dir(&folder)?.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        fs::remove_dir_all(&folder)?;
        done.map(|()| found)
    }

    #[test]
    fn a_copy_holds_nothing_but_files_and_leads_nowhere_else() {
        assert_eq!(unpacked(tar::EntryType::Regular, b"PG_VERSION").expect("a file"), ["PG_VERSION"]);
        for (kind, name) in [
            (tar::EntryType::Symlink, &b"base"[..]),
            (tar::EntryType::Link, b"base"),
            (tar::EntryType::Char, b"base"),
            (tar::EntryType::Regular, b"../base"),
        ] {
            assert!(unpacked(kind, name).is_err_and(|error| error.kind() == io::ErrorKind::InvalidData), "{kind:?}");
        }
    }
}
