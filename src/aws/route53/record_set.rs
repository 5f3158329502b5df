//! A row of `route53.record` as Route 53 takes it, and back.

use aws_sdk_route53::types::{
    AliasTarget, GeoLocation, ResourceRecord, ResourceRecordSet, ResourceRecordSetFailover, ResourceRecordSetRegion, RrType,
};
use serde::{Deserialize, Serialize};

use super::{balancers, names};
use crate::resource::{Error, Kind};

/// For how many seconds answers may be kept where nothing is said.
const TTL: i64 = 300;

/// A row of `route53.record`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(super) hosted_zone: String,
    pub(super) name: String,
    pub(super) r#type: String,
    pub(super) set_identifier: Option<String>,
    #[serde(flatten)]
    pub(super) answer: Answer,
    #[serde(flatten)]
    pub(super) choice: Choice,
    pub(super) health_check_id: Option<String>,
    pub(super) record_id: Option<String>,
}

/// What the name leads to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) ttl: Option<i64>,
    pub(super) values: Option<Vec<String>>,
    pub(super) load_balancer_region: Option<String>,
    pub(super) load_balancer: Option<String>,
    pub(super) alias_dns_name: Option<String>,
    pub(super) alias_hosted_zone_id: Option<String>,
    pub(super) evaluate_target_health: Option<bool>,
}

/// When it is the answer, where there are several.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Choice {
    weight: Option<i64>,
    latency_region: Option<String>,
    failover: Option<String>,
    continent_code: Option<String>,
    country_code: Option<String>,
    subdivision_code: Option<String>,
    multi_value_answer: Option<bool>,
}

impl Record {
    /// What it will be when it was `was`: the same where nothing is said, but one way to answer shuts out the others.
    pub(super) fn after(self, was: &Self) -> Self {
        let before = if self.answer.is_an_alias() == was.answer.is_an_alias() { was.answer.clone() } else { Answer::default() };
        let answer = Answer {
            ttl: self.answer.ttl.or(before.ttl),
            evaluate_target_health: self.answer.evaluate_target_health.or(before.evaluate_target_health),
            ..self.answer
        };
        Self { answer, health_check_id: self.health_check_id.or_else(|| was.health_check_id.clone()), ..self }
    }

    /// As Route 53 takes it; an alias has the host name and zone of its target by now.
    pub(super) fn sent(&self) -> Result<ResourceRecordSet, Error> {
        let health_check = self.health_check_id.clone().filter(|id| !id.is_empty());
        let set = ResourceRecordSet::builder()
            .name(names::written(&self.name))
            .r#type(RrType::from(self.r#type.as_str()))
            .set_set_identifier(self.set_identifier.clone())
            .set_weight(self.choice.weight)
            .set_region(self.choice.latency_region.as_deref().map(ResourceRecordSetRegion::from))
            .set_failover(self.choice.failover.as_deref().map(ResourceRecordSetFailover::from))
            .set_geo_location(self.choice.place())
            .set_multi_value_answer(self.choice.multi_value_answer)
            .set_health_check_id(health_check);
        let wrong = |error: aws_sdk_route53::error::BuildError| Error::new("ChangeResourceRecordSets", Kind::Row, error.to_string());
        let set = match &self.answer.values {
            Some(values) => {
                let values = values.iter().map(|value| ResourceRecord::builder().value(value).build());
                set.ttl(self.answer.ttl.unwrap_or(TTL)).set_resource_records(Some(values.collect::<Result<_, _>>().map_err(wrong)?))
            }
            None => set.alias_target(
                AliasTarget::builder()
                    .dns_name(self.answer.alias_dns_name.as_deref().unwrap_or_default())
                    .hosted_zone_id(self.answer.alias_hosted_zone_id.as_deref().unwrap_or_default())
                    .evaluate_target_health(self.answer.evaluate_target_health.unwrap_or_default())
                    .build()
                    .map_err(wrong)?,
            ),
        };
        set.build().map_err(wrong)
    }

    /// As the table has it; which load balancer an alias leads to is looked up by the caller.
    pub(super) fn shown(set: &ResourceRecordSet, zone: &str) -> Self {
        let values = set.resource_records.as_ref().filter(|_| set.alias_target.is_none()).map(|listed| {
            let mut values: Vec<String> = listed.iter().map(|record| record.value().to_owned()).collect();
            values.sort_unstable();
            values.dedup();
            values
        });
        let alias = set.alias_target();
        let key =
            [Some(zone.to_owned()), Some(names::read(set.name())), Some(set.r#type().as_str().to_owned()), set.set_identifier.clone()];
        let id = key.into_iter().flatten().collect::<Vec<_>>().join(",");
        let place = set.geo_location();
        let place = |part: fn(&GeoLocation) -> Option<&str>| place.and_then(part).map(str::to_owned);
        Self {
            hosted_zone: zone.to_owned(),
            name: names::read(set.name()),
            r#type: set.r#type().as_str().to_owned(),
            set_identifier: set.set_identifier().map(str::to_owned),
            answer: Answer {
                ttl: set.ttl(),
                values,
                load_balancer_region: None,
                load_balancer: None,
                alias_dns_name: alias.map(|alias| names::read(alias.dns_name())),
                alias_hosted_zone_id: alias.map(|alias| alias.hosted_zone_id().to_owned()),
                evaluate_target_health: alias.map(|alias| alias.evaluate_target_health()),
            },
            choice: Choice {
                weight: set.weight(),
                latency_region: set.region().map(|region| region.as_str().to_owned()),
                failover: set.failover().map(|failover| failover.as_str().to_owned()),
                continent_code: place(GeoLocation::continent_code),
                country_code: place(GeoLocation::country_code),
                subdivision_code: place(GeoLocation::subdivision_code),
                multi_value_answer: set.multi_value_answer().filter(|is_one| *is_one),
            },
            health_check_id: Some(set.health_check_id().unwrap_or_default().to_owned()),
            record_id: Some(id),
        }
    }
}

impl Answer {
    pub(super) fn is_an_alias(&self) -> bool {
        self.values.is_none()
    }

    /// The host name that an alias leads to, as the load balancer has it.
    pub(super) fn target(&self) -> Option<&str> {
        self.alias_dns_name.as_deref().map(balancers::plain)
    }
}

impl Choice {
    fn place(&self) -> Option<GeoLocation> {
        let place = GeoLocation::builder()
            .set_continent_code(self.continent_code.clone())
            .set_country_code(self.country_code.clone())
            .set_subdivision_code(self.subdivision_code.clone());
        (self.continent_code.is_some() || self.country_code.is_some()).then(|| place.build())
    }
}
