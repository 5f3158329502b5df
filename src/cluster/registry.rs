//! Where everybody is: each member and each pooler writes that into the cluster's bucket itself. Nobody has to know addresses before machines exist.

use std::{collections::BTreeMap, net::SocketAddr};

use futures::future::join_all;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Error, book::Book, home::named};
use crate::failover::Member;

/// Where a member listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// Its agent, for controllers and other agents.
    pub agent: SocketAddr,
    /// Its Postgres, for the other members.
    pub server: SocketAddr,
    /// Where its agent lets clients through to Postgres for as long as it may.
    pub door: SocketAddr,
}

/// A member, as it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    /// Where it listens.
    pub at: Addresses,
    /// Which Postgres it has.
    pub postgres: String,
    /// Which version of ours it is.
    pub version: String,
    /// From which image it runs, where it is told.
    pub image: Option<String>,
}

/// A pooler, as it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolerPlace {
    /// Where it serves clients.
    pub pooler: SocketAddr,
    /// Where it is told things.
    pub control: SocketAddr,
    /// Which version of ours it is.
    pub version: String,
    /// From which image it runs, where it is told.
    pub image: Option<String>,
}

impl PoolerPlace {
    /// By what it is told from others.
    pub(super) fn name(&self) -> String {
        let plain = |sign: char| if sign.is_ascii_alphanumeric() { sign } else { '-' };
        format!("pooler-{}", self.control.to_string().replace(['[', ']'], "").chars().map(plain).collect::<String>())
    }
}

/// From which image this process runs: Fly says so.
pub(super) fn image() -> Option<String> {
    std::env::var("FLY_IMAGE_REF").ok()
}

/// What of all this was read. Entries are never written over, so each is read once.
#[derive(Clone, Debug, Default)]
pub(super) struct Directory(BTreeMap<String, (String, Vec<u8>)>);

impl Directory {
    /// Reads what is new among these keys. Answers whether anything is.
    pub(super) async fn update(&mut self, book: &Book, keys: Vec<String>) -> Result<bool, Error> {
        let mut newest: BTreeMap<String, String> = BTreeMap::new();
        for key in keys {
            let Some(who) = key.rsplit('/').nth(1) else { continue };
            // keys come in order, and the last of each counts
            newest.insert(who.to_owned(), key);
        }
        let before = self.0.len();
        self.0.retain(|who, _| newest.contains_key(who));
        let gone = self.0.len() != before;
        let new = newest.into_iter().filter(|(who, key)| self.0.get(who).is_none_or(|(known, _)| known != key));
        let read = join_all(new.map(async |(who, key)| Ok::<_, Error>((who, book.entry(&key).await?, key)))).await;
        let mut changed = gone;
        for found in read {
            let (who, bytes, key) = found?;
            if let Some(bytes) = bytes {
                self.0.insert(who, (key, bytes));
                changed = true;
            }
        }
        Ok(changed)
    }

    pub(super) fn members(&self) -> BTreeMap<Member, Peer> {
        let number = |who: &str| who.strip_prefix('m')?.parse().ok().map(Member);
        self.all(|who| number(who).filter(|member| named(*member) == who))
    }

    pub(super) fn poolers(&self) -> BTreeMap<String, PoolerPlace> {
        self.all(|who| who.starts_with("pooler-").then(|| who.to_owned()))
    }

    fn all<K: Ord, T: DeserializeOwned>(&self, of: impl Fn(&str) -> Option<K>) -> BTreeMap<K, T> {
        self.0.iter().filter_map(|(who, (_, bytes))| Some((of(who)?, serde_json::from_slice(bytes).ok()?))).collect()
    }
}
