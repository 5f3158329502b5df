//! Which Postgres servers this machine has, in Debian's layout: a folder per major version.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::Error;

const FOLDER: &str = "/usr/lib/postgresql";
const OLDEST: u32 = 15;
const SERVER: [&str; 2] = ["postgres", "initdb"];

/// The installation that fits the data: the same major version where there is data, else the newest.
pub(crate) fn fitting(data: &Path) -> Result<PathBuf, Error> {
    let found = fs::read_to_string(data.join("PG_VERSION")).ok();
    let Some(version) = found.as_deref().map(str::trim) else {
        return newest().ok_or_else(|| Error::NoPostgres(FOLDER.into()));
    };
    let folder = Path::new(FOLDER).join(version);
    if has_server(&folder) { Ok(folder) } else { Err(Error::OtherVersion { data: data.to_owned(), version: version.to_owned() }) }
}

/// The folder with these programs of the newest version.
pub(super) fn programs(names: &[&str]) -> Result<PathBuf, Error> {
    newest_with(names).map(|folder| folder.join("bin")).ok_or_else(|| Error::NoPostgres(FOLDER.into()))
}

fn newest() -> Option<PathBuf> {
    newest_with(&SERVER)
}

fn newest_with(programs: &[&str]) -> Option<PathBuf> {
    let versions = fs::read_dir(FOLDER).ok()?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    let newest = versions.filter(|version| *version >= OLDEST && has(&Path::new(FOLDER).join(version.to_string()), programs)).max()?;
    Some(Path::new(FOLDER).join(newest.to_string()))
}

fn has_server(folder: &Path) -> bool {
    has(folder, &SERVER)
}

fn has(folder: &Path, programs: &[&str]) -> bool {
    programs.iter().all(|program| folder.join("bin").join(program).exists())
}
