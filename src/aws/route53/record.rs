//! A record: what a name in a hosted zone leads to.

use std::collections::HashMap;

use aws_sdk_route53::types::{ChangeAction, ResourceRecordSet};
use futures::{StreamExt, TryStreamExt, stream};

pub(crate) use super::record_set::Record;
use super::{balancers, record_set::Answer, sets, zones};
use crate::{
    aws::Aws,
    resource::{Error, Observed, Owner, Resource, Scope},
};

/// Zones that are read at the same time: Route 53 takes five questions in a second.
const ASIDE: usize = 3;

/// Where the values of records end that certificates ask for.
const VALIDATES: &str = ".acm-validations.aws";

impl Resource for Record {
    const TABLE: &'static str = "route53.record";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let zones = zones::all(aws).await?;
        let found = stream::iter(zones).map(|zone| async move {
            let id = zones::id(&zone);
            let found = sets::all(aws, id).await?;
            Ok(found.iter().map(|set| Self::of_zone(set, id, zone.name(), zone.linked_service().is_some())).collect::<Vec<_>>())
        });
        let mut found: Vec<Observed<Self>> = found.buffer_unordered(ASIDE).try_concat().await?;
        let known = balancers::by_name(aws, found.iter().filter_map(|record| record.row.answer.target())).await?;
        found.iter_mut().for_each(|record| record.row.answer.lead(&known));
        Ok(found)
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let row = self.aimed(aws).await?;
        sets::change(aws, &row.hosted_zone, vec![(ChangeAction::Create, row.sent()?)]).await?;
        Ok(row.made()?)
    }

    // a renamed one goes and comes in one step
    async fn update(self, was: Observed<Self>, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let key = |row: &Self| (row.name.clone(), row.r#type.clone(), row.set_identifier.clone());
        let is_renamed = key(&self) != key(&was.row);
        let row = self.after(&was.row).aimed(aws).await?;
        let (before, now) = (was.row.sent()?, row.sent()?);
        let changes = match (is_renamed, before == now) {
            (true, _) => vec![(ChangeAction::Delete, before), (ChangeAction::Create, now)],
            (false, false) => vec![(ChangeAction::Upsert, now)],
            (false, true) => return Ok(was),
        };
        sets::change(aws, &row.hosted_zone, changes).await?;
        Ok(row.made()?)
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        sets::remove(aws, &self.hosted_zone, self.sent()?).await?;
        Ok(None)
    }
}

impl Record {
    /// The same, with the host name and zone of its load balancer where it leads to one.
    async fn aimed(self, aws: &Aws) -> Result<Self, Error> {
        let Some(arn) = self.answer.load_balancer.clone() else { return Ok(self) };
        let (name, zone) = balancers::target(aws, &arn).await?;
        let answer = Answer { alias_dns_name: Some(name.to_lowercase()), alias_hosted_zone_id: Some(zone), ..self.answer };
        Ok(Self { answer, ..self })
    }

    /// As Route 53 will show it.
    fn made(self) -> Result<Observed<Self>, Error> {
        let shown = Self::shown(&self.sent()?, &self.hosted_zone);
        let answer =
            Answer { load_balancer_region: self.answer.load_balancer_region, load_balancer: self.answer.load_balancer, ..shown.answer };
        Ok(Observed::of(Self { answer, ..shown }))
    }

    /// The zone's own records come and go with it, another service's with that, and those that validate certificates have a table of
    /// their own.
    fn of_zone(set: &ResourceRecordSet, id: &str, domain: &str, is_linked: bool) -> Observed<Self> {
        let row = Self::shown(set, id);
        let is_first = set.name() == domain && ["NS", "SOA"].contains(&row.r#type.as_str());
        let validates =
            row.r#type == "CNAME" && row.answer.values.iter().flatten().any(|value| value.trim_end_matches('.').ends_with(VALIDATES));
        Observed::of(row).implicit(is_first || validates || is_linked)
    }
}

impl Answer {
    /// Notes which load balancer an alias leads to, of those that are known by their host names.
    fn lead(&mut self, known: &HashMap<String, String>) {
        self.load_balancer = self.target().and_then(|name| known.get(name)).cloned();
        self.load_balancer_region = self.load_balancer.as_deref().map(|arn| balancers::region_of_arn(arn).to_owned());
    }
}
