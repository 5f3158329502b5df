//! A copy of the template that is made before anybody asks: so a database that is new, or comes from the shelf, does not wait for a thousand files.

use std::{
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use super::{
    Error, copy,
    home::{Owner, Place, owner_of},
    keeper::Keeper,
};

static CLAIMS: AtomicU32 = AtomicU32::new(0);

/// Whether there is to be one, and who makes it.
pub(super) struct Spares {
    wanted: bool,
    /// Whoever holds it makes it.
    making: Arc<tokio::sync::Mutex<()>>,
}

impl Spares {
    pub(super) fn new(wanted: bool) -> Self {
        Self { wanted, making: Arc::default() }
    }

    /// When none is being made.
    pub(super) async fn made(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.making.lock().await
    }
}

/// The spare copy, taken for one database: nobody else can have it.
pub(super) struct Claimed {
    pub(super) path: PathBuf,
    /// Whose files they are, and no others: it is quicker to make a database this user's than to give a thousand files away.
    pub(super) owner: Owner,
}

impl Keeper {
    /// Fills an empty data folder with what the template has: the spare copy where there is one, else a new one.
    pub(super) async fn fill(&self, place: &Place, owner: Owner, spare: Option<Claimed>) -> Result<(), Error> {
        let (template, data) = (self.template.clone(), place.data());
        let (spare, theirs) = spare.map(|claimed| (claimed.path, claimed.owner)).unzip();
        let filled = copy::off_thread(move || match spare {
            Some(spare) => {
                fs::rename(spare, &data)?;
                if theirs == Some(owner) { Ok(()) } else { copy::settle(&data, owner).and_then(|()| copy::give(&data, owner)) }
            }
            None => copy::tree(&template, &data, owner),
        });
        filled.await.map_err(Error::folder("copy the template to", place.data()))?;
        if theirs != Some(owner) {
            self.home.free(theirs.flatten());
        }
        Ok(())
    }

    /// Takes the spare copy, where there is one.
    pub(super) fn claim(&self) -> Option<Claimed> {
        let path = self.home.path.join(format!("spare.{}", CLAIMS.fetch_add(1, Ordering::Relaxed)));
        fs::rename(ready(&self.home.path), &path).ok()?;
        let owner = owner_of(&path).ok()?;
        Some(Claimed { path, owner })
    }

    /// Puts back what nobody needed, or was used for a database of another user.
    pub(super) fn unclaim(&self, Claimed { path, owner }: Claimed) {
        if fs::rename(&path, ready(&self.home.path)).is_err() {
            drop(copy::remove(&path));
            self.home.free(owner);
        }
    }

    /// Makes the next spare copy, unless somebody does or there is one. Without it all goes as well, only slower.
    pub(super) fn lay_in_a_spare(&self) {
        let Ok(making) = self.spares.making.clone().try_lock_owned() else { return };
        if !self.spares.wanted || self.closing.is_cancelled() {
            return;
        }
        let (home, template) = (Arc::clone(&self.home), self.template.clone());
        self.runtime.spawn_blocking(move || {
            let owner = home.user();
            let made = make(&template, &home.path, owner);
            if let Err(error) = &made {
                tracing::warn!(%error, folder = %home.path.display(), "no spare copy of the template could be made");
                drop(copy::remove(&aside(&home.path)));
            }
            if !made.unwrap_or_default() {
                home.free(owner);
            }
            drop(making);
        });
    }
}

/// Removes what an earlier node left: it may be of another template.
pub(super) fn clear(home: &Path) -> Result<(), Error> {
    let found =
        fs::read_dir(home).into_iter().flatten().flatten().filter(|entry| entry.file_name().as_encoded_bytes().starts_with(b"spare"));
    found.map(|entry| entry.path()).try_for_each(|left| copy::remove(&left).map_err(Error::folder("remove", left)))
}

/// Whether there was none yet.
fn make(template: &Path, home: &Path, owner: Owner) -> io::Result<bool> {
    let (ready, aside) = (ready(home), aside(home));
    if ready.try_exists()? {
        return Ok(false);
    }
    copy::remove(&aside)?;
    fs::DirBuilder::new().mode(0o700).create(&aside)?;
    copy::tree(template, &aside, owner)?;
    copy::give(&aside, owner)?;
    fs::rename(aside, ready)?;
    Ok(true)
}

fn ready(home: &Path) -> PathBuf {
    home.join("spare")
}

fn aside(home: &Path) -> PathBuf {
    home.join("spare.new")
}
