//! Templates for other nodes: kept in the bucket beside the databases that stand on them, for initdb never makes the same one twice.

use std::path::Path;

use super::{Content, Error, Id, Owner, Store, Taken, Template};
use crate::postgres::Engine;

/// What such a template is named after, with a part of its fingerprint. A database named like one would be one.
const PREFIX: &str = "template-";
/// How many signs of the fingerprint: a name has at most 63.
const SIGNS: usize = 40;

impl Store {
    /// Keeps a template in the bucket, where it is not there yet: to be done before the first version that stands on it.
    ///
    /// # Errors
    /// [`Error::Held`] where another node does so at the moment; else as with [`Writer::put`](super::Writer::put).
    pub async fn share_template(&self, template: &Template, holder: &str) -> Result<(), Error> {
        let name = named(template.fingerprint())?;
        if self.newest(&name).await?.is_some_and(|newest| newest.content.is_some()) {
            return Ok(());
        }
        let mut writer = match self.take(&name, holder).await? {
            Taken::Ours(writer) => writer,
            Taken::Held { by, address, .. } => return Err(Error::Held { database: name, by, address }),
        };
        let stored = writer.put_whole(template.folder(), &Template::nothing(), None).await.map(drop);
        let given_back = writer.give_back().await;
        stored.and(given_back)
    }

    /// Brings the template that nodes share for a major version of Postgres into a folder that does not exist yet: of several the first by name, so that
    /// all who come later have the same. `None` where there is none.
    ///
    /// # Errors
    /// As with [`Store::fetch`].
    pub async fn fetch_shared_template(&self, major: u32, folder: &Path) -> Result<Option<Template>, Error> {
        let mut names: Vec<_> = self.bucket().folders().await?.into_iter().filter(|name| is_template(name)).collect();
        names.sort();
        let is_it = |content: &Content| content.engine == Engine::Postgres && content.major == major;
        for name in names.into_iter().map(Id::new) {
            let name = name?;
            if self.newest(&name).await?.and_then(|newest| newest.content).is_some_and(|content| is_it(&content)) {
                return self.bring_template(&name, folder, None).await;
            }
        }
        Ok(None)
    }

    /// Brings a template, as [`Error::OtherTemplate`] names it, into a folder that does not exist yet.
    ///
    /// # Errors
    /// Where it is not in the bucket, or is another one; else as with [`Store::fetch`].
    pub async fn fetch_template(&self, fingerprint: &str, folder: &Path, owner: Option<Owner>) -> Result<Template, Error> {
        let found = self.bring_template(&named(fingerprint)?, folder, owner).await?;
        found.ok_or_else(|| Error::OtherTemplate { wanted: fingerprint.to_owned() })
    }

    async fn bring_template(&self, name: &Id, folder: &Path, owner: Option<Owner>) -> Result<Option<Template>, Error> {
        if self.fetch(name, folder, owner).await?.is_none() {
            return Ok(None);
        }
        let template = Template::open(folder).await?;
        if named(template.fingerprint())? == *name {
            return Ok(Some(template));
        }
        std::fs::remove_dir_all(folder).map_err(Error::disk("remove", folder))?;
        Err(Error::broken(name.as_str(), "it is another template"))
    }
}

fn named(fingerprint: &str) -> Result<Id, Error> {
    Id::new(format!("{PREFIX}{}", fingerprint.get(..SIGNS).unwrap_or(fingerprint)))
}

/// Whether this is the name of a template, and of no database.
pub(super) fn is_template(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(|rest| rest.len() == SIGNS && rest.bytes().all(|sign| sign.is_ascii_hexdigit()))
}
