//! Where in a bucket what lies: names and keys, none of which leads out of a database's own folder. No bucket, no clock.

use std::fmt;

use super::Error;

/// A database's or a pin's name: 1 to 63 of `a` to `z`, digits and dashes. It is a part of keys, so nothing else ever becomes one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(String);

impl Id {
    /// The name, checked.
    ///
    /// # Errors
    /// Where it has another sign, none, or too many.
    pub fn new(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        let fits = |sign: u8| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == b'-';
        let is_one = (1..=63).contains(&text.len()) && text.bytes().all(fits);
        if is_one { Ok(Self(text)) } else { Err(Error::Name(text)) }
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Below which a database's numbered manifests lie.
pub(super) fn manifests(database: &Id) -> String {
    format!("{database}/manifests")
}

/// One manifest. Twenty digits hold any number, so that the order of the names is that of the numbers.
pub(super) fn manifest(database: &Id, number: u64) -> String {
    format!("{database}/manifests/{number:020}")
}

/// Below which a database's blobs lie.
pub(super) fn blobs(database: &Id) -> String {
    format!("{database}/blobs")
}

/// One blob, written once.
pub(super) fn blob(database: &Id, epoch: u64, id: uuid::Uuid) -> String {
    format!("{database}/blobs/{epoch:020}/{id}")
}

/// Below which the numbered states of a database's lease lie.
pub(super) fn leases(database: &Id) -> String {
    format!("{database}/lease")
}

/// One state of the lease.
pub(super) fn lease(database: &Id, sequence: u64) -> String {
    format!("{database}/lease/{sequence:020}")
}

/// Below which all logs of a database lie.
pub(super) fn logs(database: &Id) -> String {
    format!("{database}/wal")
}

/// Below which the log lies that a manifest began.
pub(super) fn log(database: &Id, manifest: u64) -> String {
    format!("{database}/wal/{manifest:020}")
}

/// One entry of a log.
pub(super) fn piece(database: &Id, manifest: u64, number: u64) -> String {
    format!("{database}/wal/{manifest:020}/{number:020}")
}

/// Below which a database's pins lie.
pub(super) fn pins(database: &Id) -> String {
    format!("{database}/pins")
}

/// One pin.
pub(super) fn pin(database: &Id, name: &Id) -> String {
    format!("{database}/pins/{name}")
}

/// Below which it stands who holds on to versions of this database: databases that were branched off, and restores at work.
pub(super) fn holds(database: &Id) -> String {
    format!("{database}/holds")
}

/// That one holds on to one version.
pub(super) fn hold(database: &Id, by: &Id, number: u64) -> String {
    format!("{database}/holds/{by}/{number:020}")
}

/// Who holds on to a version, by a hold's key.
pub(super) fn holder(key: &str) -> Option<Id> {
    Id::new(key.rsplit('/').nth(1)?).ok()
}

/// Below which it stands which versions are about to go.
pub(super) fn marks(database: &Id) -> String {
    format!("{database}/going")
}

/// That one version is about to go.
pub(super) fn mark(database: &Id, number: u64) -> String {
    format!("{database}/going/{number:020}")
}

/// The folder that OrioleDB has in that of a database.
pub(super) const ORIOLEDB: &str = "orioledb";

/// Below which OrioleDB has what it keeps itself: no two have the same, for the database's name is in it.
pub(super) fn orioledb(database: &Id) -> String {
    format!("{database}/{ORIOLEDB}")
}

/// That a database is deleted, and waits for the end of its grace.
pub(super) fn deleted(database: &Id) -> String {
    format!("{database}/deleted")
}

/// Where the bucket's own name stands.
pub(super) const NAME: &str = "_name";

/// What is written to try a bucket. No database's name has an underscore.
pub(super) fn probe(id: uuid::Uuid) -> String {
    format!("_probe/{id}")
}

/// The number that a key ends in.
pub(super) fn number(key: &str) -> Option<u64> {
    let last = key.rsplit('/').next()?;
    (last.len() == 20).then(|| last.parse().ok())?
}

/// The epoch that a blob's key names, and the manifest that an entry's does.
pub(super) fn epoch(key: &str) -> Option<u64> {
    number(key.rsplit_once('/')?.0)
}

/// Whose blob a key names.
pub(super) fn owner(key: &str) -> Option<Id> {
    let (first, rest) = key.split_once('/')?;
    rest.starts_with("blobs/").then(|| Id::new(first).ok())?
}

/// Whether this is a blob's key as we make them.
pub(super) fn is_blob(key: &str) -> bool {
    let parts: Vec<_> = key.split('/').collect();
    parts.len() == 4 && owner(key).is_some() && epoch(key).is_some() && uuid::Uuid::parse_str(parts[3]).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_looks_like_a_name_never_becomes_a_key() {
        for wrong in ["", "..", "a/b", "A", "a.b", "a_b", "ä", "a b", "a\0", &"a".repeat(64)] {
            assert!(Id::new(wrong).is_err(), "{wrong}");
        }
        for right in ["a", "12345", "my-shop", &"a".repeat(63)] {
            assert_eq!(Id::new(right).expect("a name").as_str(), right);
        }
    }

    #[test]
    fn what_a_key_says_is_read_back_from_it() {
        let shop = Id::new("shop").expect("a name");
        let key = blob(&shop, 7, uuid::Uuid::nil());
        assert_eq!((epoch(&key), owner(&key), is_blob(&key)), (Some(7), Some(shop.clone()), true));
        assert_eq!(number(&manifest(&shop, 12)), Some(12));
        for wrong in ["shop/blobs/7/x", "../blobs/00000000000000000007/x", "shop/blobs/00000000000000000007/../x", "shop/pins/x"] {
            assert!(!is_blob(wrong), "{wrong}");
        }
    }

    #[test]
    fn names_of_manifests_are_in_the_order_of_their_numbers() {
        let shop = Id::new("shop").expect("a name");
        assert!(manifest(&shop, 9) < manifest(&shop, 10) && manifest(&shop, 10) < manifest(&shop, u64::MAX));
    }
}
