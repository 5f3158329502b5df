//! Records as Route 53 has them: how they are read, and changed in one step.

use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, ResourceRecordSet, RrType};

use super::names;
use crate::{
    aws::{Aws, error::refused},
    resource::{Error, Kind},
};

/// All records of a zone; none where it went meanwhile.
pub(super) async fn all(aws: &Aws, zone: &str) -> Result<Vec<ResourceRecordSet>, Error> {
    let mut all = Vec::new();
    let mut from = (None, None, None);
    loop {
        let asked = aws.route53().list_resource_record_sets().hosted_zone_id(zone).max_items(300);
        let asked = asked.set_start_record_name(from.0).set_start_record_type(from.1).set_start_record_identifier(from.2);
        let page = match asked.send().await.map_err(refused("ListResourceRecordSets")) {
            Err(error) if error.is_absent() => return Ok(all),
            page => page?,
        };
        all.extend(page.resource_record_sets);
        if !page.is_truncated {
            return Ok(all);
        }
        from = (page.next_record_name, page.next_record_type, page.next_record_identifier);
    }
}

/// The record of this name, type and set, if it is there.
pub(super) async fn one(aws: &Aws, zone: &str, name: &str, kind: &str, set: Option<&str>) -> Result<Option<ResourceRecordSet>, Error> {
    let asked = aws
        .route53()
        .list_resource_record_sets()
        .hosted_zone_id(zone)
        .start_record_name(names::written(name))
        .start_record_type(RrType::from(kind))
        .set_start_record_identifier(set.map(str::to_owned))
        .max_items(1);
    let answer = match asked.send().await.map_err(refused("ListResourceRecordSets")) {
        Err(error) if error.is_absent() => return Ok(None),
        answer => answer?,
    };
    let is_it =
        |found: &ResourceRecordSet| names::read(found.name()) == name && found.r#type().as_str() == kind && found.set_identifier() == set;
    Ok(answer.resource_record_sets.into_iter().find(is_it))
}

/// Makes these changes, all of them or none.
pub(super) async fn change(aws: &Aws, zone: &str, changes: Vec<(ChangeAction, ResourceRecordSet)>) -> Result<(), Error> {
    let changes = changes.into_iter().map(|(action, set)| Change::builder().action(action).resource_record_set(set).build());
    let changes = changes.collect::<Result<Vec<_>, _>>().and_then(|changes| ChangeBatch::builder().set_changes(Some(changes)).build());
    let batch = changes.map_err(|error| Error::new("ChangeResourceRecordSets", Kind::Row, error.to_string()))?;
    let asked = aws.route53().change_resource_record_sets().hosted_zone_id(zone).change_batch(batch);
    asked.send().await.map(|_| ()).map_err(refused("ChangeResourceRecordSets"))
}

/// Removes a record; that it is not there is no failure, but Route 53 tells that from other faults only in words.
pub(super) async fn remove(aws: &Aws, zone: &str, set: ResourceRecordSet) -> Result<(), Error> {
    let (name, kind, identifier) = (names::read(set.name()), set.r#type().clone(), set.set_identifier().map(str::to_owned));
    match change(aws, zone, vec![(ChangeAction::Delete, set)]).await {
        Err(error) if error.is_absent() => Ok(()),
        Err(error) if error.kind == Kind::Invalid => match one(aws, zone, &name, kind.as_str(), identifier.as_deref()).await? {
            None => Ok(()),
            Some(_) => Err(error),
        },
        answer => answer,
    }
}
