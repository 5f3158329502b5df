//! Tags: the user's, the name, and whose it is.

use std::collections::BTreeMap;

use crate::resource::Owner;

/// A thing's tags by key.
pub(super) type Tags = BTreeMap<String, String>;

/// All the tags of one thing, told apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Told {
    /// The `Name` tag.
    pub name: Option<String>,
    /// The ownership tag; an empty one is nobody's.
    pub owner: Option<String>,
    /// The rest, without those that AWS reserves (`aws:…`) and those that are ours (`iasql:…`).
    pub tags: Tags,
    /// The rest of ours, by key: `iasql:…`.
    pub ours: Tags,
}

impl Told {
    /// The same for a thing whose name is no tag: `Name` is a tag like any other.
    pub(super) fn name_is_a_tag(mut self) -> Self {
        self.tags.extend(self.name.take().map(|name| ("Name".to_owned(), name)));
        self
    }
}

/// Tells the tags of one thing apart.
pub(super) fn tell(all: impl IntoIterator<Item = (String, String)>) -> Told {
    let mut told = Told::default();
    for (key, value) in all {
        match key.as_str() {
            "Name" => told.name = Some(value),
            Owner::KEY => told.owner = Some(value).filter(|owner| !owner.is_empty()),
            key if key.starts_with("aws:") => {}
            key if key.starts_with("iasql:") => _ = told.ours.insert(key.to_owned(), value),
            _ => _ = told.tags.insert(key, value),
        }
    }
    told
}

/// All the tags that a thing should carry: the user's, the name where the name is a tag, and the owner's.
pub(super) fn all(tags: &Tags, name: Option<&str>, owner: &str) -> Tags {
    let mut all = tags.clone();
    all.extend(name.map(|name| ("Name".to_owned(), name.to_owned())));
    all.insert(Owner::KEY.to_owned(), owner.to_owned());
    all
}

/// What must be set, and which keys must go, to turn `is` into `should`.
pub(super) fn difference(is: &Tags, should: &Tags) -> (Tags, Vec<String>) {
    let set = should.iter().filter(|(key, value)| is.get(*key) != Some(value)).map(|(key, value)| (key.clone(), value.clone())).collect();
    let unset = is.keys().filter(|key| !should.contains_key(*key)).cloned().collect();
    (set, unset)
}
