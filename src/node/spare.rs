//! A copy of the template that is made before anybody asks: so a new database does not wait for a thousand files.

use std::{
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use super::{
    Error, copy,
    home::{Owner, Place},
    keeper::Keeper,
};

impl Keeper {
    /// Fills an empty data folder with what the template has: the spare copy where there is one, else a new one.
    pub(super) async fn fill(&self, place: &Place, owner: Owner) -> Result<(), Error> {
        let (template, spare, data) = (self.template.clone(), ready(&self.home.path), place.data());
        let filled = tokio::task::spawn_blocking(move || fill(&template, &spare, &data, owner)).await;
        filled.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(Error::folder("copy the template to", place.data()))
    }

    /// Makes the next spare copy, unless somebody does or there is one. Without it all goes as well, only slower.
    pub(super) fn lay_in_a_spare(&self) {
        let Ok(making) = self.spare.clone().try_lock_owned() else { return };
        if self.closing.is_cancelled() {
            return;
        }
        let (template, home) = (self.template.clone(), self.home.path.clone());
        self.runtime.spawn_blocking(move || {
            if let Err(error) = make(&template, &home) {
                tracing::warn!(%error, folder = %home.display(), "no spare copy of the template could be made");
                drop(copy::remove(&aside(&home)));
            }
            drop(making);
        });
    }
}

/// Removes what an earlier node left: it may be of another template.
pub(super) fn clear(home: &Path) -> Result<(), Error> {
    let left = [ready(home), aside(home)];
    left.into_iter().try_for_each(|left| copy::remove(&left).map_err(Error::folder("remove", left)))
}

fn fill(template: &Path, spare: &Path, data: &Path, owner: Owner) -> io::Result<()> {
    match fs::rename(spare, data) {
        Ok(()) => copy::settle(data, owner).and_then(|()| copy::give(data, owner)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => copy::tree(template, data, owner),
        Err(error) => Err(error),
    }
}

fn make(template: &Path, home: &Path) -> io::Result<()> {
    let (ready, aside) = (ready(home), aside(home));
    if ready.try_exists()? {
        return Ok(());
    }
    copy::remove(&aside)?;
    fs::DirBuilder::new().mode(0o700).create(&aside)?;
    copy::tree(template, &aside, None)?;
    fs::rename(aside, ready)
}

fn ready(home: &Path) -> PathBuf {
    home.join("spare")
}

fn aside(home: &Path) -> PathBuf {
    home.join("spare.new")
}
