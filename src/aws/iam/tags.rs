//! Tags as IAM takes them: in the creating call, and by name afterwards.

use aws_sdk_iam::types::Tag;

use crate::{
    aws::tags::{Tags, Told, tell},
    resource::{Error, Kind, Owner},
};

/// Tells the tags of one answer apart; names are the API's own here.
pub(super) fn told(tags: Option<Vec<Tag>>) -> Told {
    tell(tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value))).name_is_a_tag()
}

/// The user's tags and the owner's, where there is one.
pub(super) fn labels(tags: &Tags, owner: Option<&str>) -> Tags {
    let owner = owner.map(|owner| (Owner::KEY.to_owned(), owner.to_owned()));
    tags.clone().into_iter().chain(owner).collect()
}

/// The same as IAM takes them.
pub(super) fn listed(operation: &'static str, tags: Tags) -> Result<Vec<Tag>, Error> {
    let tag = |(key, value)| Tag::builder().key(key).value(value).build();
    tags.into_iter().map(tag).collect::<Result<_, _>>().map_err(|error| Error::new(operation, Kind::Row, error.to_string()))
}
