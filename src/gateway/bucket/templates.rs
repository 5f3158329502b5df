//! To what versions are told apart: the node's own templates, and those of other nodes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{BucketShelf, Failure};
use crate::{
    node::Engine,
    postgres,
    store::{Store, Template},
};

impl BucketShelf {
    /// The databases that were stored with a template of another node's, which is read once: that takes longer than most of them.
    pub(super) async fn store_of_another(&self, fingerprint: &str) -> Result<Store, Failure> {
        let mut others = self.0.others.lock().await;
        if let Some(store) = others.get(fingerprint) {
            return Ok(store.clone());
        }
        let folders = self.0.home.join("templates-of-others");
        fs::create_dir_all(&folders)?;
        let folder = folders.join(fingerprint);
        let template = if folder.exists() {
            Template::open(folder).await?
        } else {
            self.wired()?.store.fetch_template(fingerprint, &folder, None).await?
        };
        let store = Store::new(self.0.bucket.clone(), vec![template], self.0.options.clone());
        others.insert(fingerprint.to_owned(), store.clone());
        Ok(store)
    }

    /// Has a template for what made these files: that of a PGlite is there when it is first needed.
    pub(super) async fn tells_apart(&self, folder: &Path) -> Result<(), Failure> {
        let (wired, engine) = (self.wired()?, Engine::of(folder));
        let major = String::from_utf8_lossy(&postgres::note(&folder.join("PG_VERSION"))?).trim().parse().unwrap_or_default();
        if engine == Engine::Postgres || wired.store.has_template_for(engine, major) {
            return Ok(());
        }
        has_template(&wired.store, wired.node.template_of(engine, major).await?, &wired.holder).await
    }
}

/// Tells a store of a template, which other nodes find in the bucket.
pub(super) async fn has_template(store: &Store, folder: PathBuf, holder: &str) -> Result<(), Failure> {
    let template = Template::open(folder).await?;
    store.share_template(&template, holder).await?;
    store.add_template(template);
    Ok(())
}
