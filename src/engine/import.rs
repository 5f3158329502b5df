//! Cloud to desired tables: all that is there is read, and what no row asks for becomes rows. Nothing in the cloud is changed.

use serde::Serialize;

use super::{
    Error, Progress, Watch,
    refresh::{Names, refresh},
};
use crate::{
    database::{Adopted, Database, Listing},
    resource::{self, Reads, Registry},
};

/// What an import did with the things of one resource type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// The resource type.
    pub resource: String,
    /// How many became rows.
    pub imported: usize,
    /// What was left as it is, and why.
    pub left: Vec<Told>,
    /// What became rows that don't say all there is to say, and why.
    pub incomplete: Vec<Told>,
}

/// A thing, and what there is to say about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// What it is called in the cloud.
    pub name: String,
    /// A sentence.
    pub said: String,
}

/// Reads these lists, and afterwards, parents first, those that have to be asked for thing by thing: for all there is, with or without a row.
pub(super) async fn read_all(
    database: &Database,
    registry: &Registry,
    counter: i64,
    lists: Vec<Listing>,
    watch: &Watch<'_>,
) -> Result<Vec<resource::Error>, Error> {
    let is_named = |list: &Listing| registry.driver(&list.resource).is_some_and(|driver| driver.reads() == Reads::Named);
    let (named, listed): (Vec<_>, Vec<_>) = lists.into_iter().partition(is_named);
    let mut unread = refresh(database, registry, counter, listed, Names::Managed, watch).await?;
    for group in named.chunk_by(|one, next| one.resource == next.resource) {
        unread.extend(refresh(database, registry, counter, group.to_vec(), Names::All, watch).await?);
    }
    Ok(unread)
}

/// Makes rows of what was read.
pub(super) async fn adopt(database: &Database, counter: i64, watch: &Watch<'_>) -> Result<Vec<Imported>, Error> {
    let imported = by_type(database.adopt_unknown(counter).await?);
    let count = |of: fn(&Imported) -> usize| imported.iter().map(of).sum();
    watch(Progress::Imported { things: count(|it| it.imported), left: count(|it| it.left.len()) });
    Ok(imported)
}

/// By resource type, in the order in which these come first.
fn by_type(things: Vec<Adopted>) -> Vec<Imported> {
    let mut all: Vec<Imported> = Vec::new();
    for Adopted { resource, name, is_left, said } in things {
        let known = all.iter().position(|it| it.resource == resource);
        let at = known.unwrap_or_else(|| {
            all.push(Imported { resource, ..Imported::default() });
            all.len() - 1
        });
        let it = &mut all[at];
        it.imported += usize::from(!is_left);
        let told = said.map(|said| Told { name, said });
        if is_left { it.left.extend(told) } else { it.incomplete.extend(told) }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_things_is_counted_by_type_and_what_was_left_is_named() {
        let thing = |resource: &str, is_left, said: Option<&str>| Adopted {
            resource: resource.into(),
            name: "it".into(),
            is_left,
            said: said.map(str::to_owned),
        };
        let things =
            vec![thing("a.a", false, None), thing("b.b", false, Some("x")), thing("a.a", false, None), thing("a.a", true, Some("y"))];
        let told = |said: &str| vec![Told { name: "it".into(), said: said.into() }];
        let expected = [
            Imported { resource: "a.a".into(), imported: 2, left: told("y"), incomplete: vec![] },
            Imported { resource: "b.b".into(), imported: 1, left: vec![], incomplete: told("x") },
        ];
        assert_eq!(by_type(things), expected);
    }
}
