//! To what versions are told apart: the node's own templates, and those of other nodes.

use std::{fs, path::Path};

use futures::future;
use tokio::sync::OnceCell;

use super::{BucketShelf, Failure};
use crate::{
    node::{Engine, Node},
    postgres,
    store::{Store, Template},
};

/// The node's own templates, as it was opened.
pub(super) struct Own {
    templates: Vec<Template>,
    shared: OnceCell<()>,
}

impl Own {
    pub(super) async fn of(node: &Node) -> Result<Self, Failure> {
        let templates = future::try_join_all(node.templates().into_iter().map(Template::open)).await?;
        Ok(Self { templates, shared: OnceCell::new() })
    }

    pub(super) fn templates(&self) -> Vec<Template> {
        self.templates.clone()
    }
}

impl BucketShelf {
    /// Brings the node's templates into the bucket, where they are not there yet: once, however many ask.
    ///
    /// # Errors
    /// When the bucket does not answer, or another node does so at the moment.
    pub async fn shares(&self) -> Result<(), Failure> {
        let wired = self.wired()?;
        let share = async || {
            for template in &wired.own.templates {
                wired.store.share_template(template, &wired.holder).await?;
            }
            Ok::<_, Failure>(())
        };
        wired.own.shared.get_or_try_init(share).await.copied()
    }

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

    /// Has a template for what made these files, and has it in the bucket: that of a PGlite is there when it is first needed.
    pub(super) async fn tells_apart(&self, folder: &Path) -> Result<(), Failure> {
        self.shares().await?;
        let (wired, engine) = (self.wired()?, Engine::of(folder));
        let major = String::from_utf8_lossy(&postgres::note(&folder.join("PG_VERSION"))?).trim().parse().unwrap_or_default();
        if engine == Engine::Postgres || wired.store.has_template_for(engine, major) {
            return Ok(());
        }
        let template = Template::open(wired.node.template_of(engine, major).await?).await?;
        wired.store.share_template(&template, &wired.holder).await?;
        wired.store.add_template(template);
        Ok(())
    }
}
