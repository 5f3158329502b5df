//! Templates for other nodes: kept in the bucket beside the databases that stand on them, for initdb never makes the same one twice.

use std::path::Path;

use super::{Error, Id, Owner, Store, Taken, Template};

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
            Taken::Held { by, .. } => return Err(Error::Held { database: name, by }),
        };
        let stored = writer.put_whole(template.folder(), &Template::nothing(), None).await.map(drop);
        let given_back = writer.give_back().await;
        stored.and(given_back)
    }

    /// Brings a template, as [`Error::OtherTemplate`] names it, into a folder that does not exist yet.
    ///
    /// # Errors
    /// Where it is not in the bucket, or is another one; else as with [`Store::fetch`].
    pub async fn fetch_template(&self, fingerprint: &str, folder: &Path, owner: Option<Owner>) -> Result<Template, Error> {
        let name = named(fingerprint)?;
        let missing = || Error::OtherTemplate { wanted: fingerprint.to_owned() };
        self.fetch(&name, folder, owner).await?.ok_or_else(missing)?;
        let template = Template::open(folder).await?;
        if template.fingerprint() == fingerprint {
            return Ok(template);
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
