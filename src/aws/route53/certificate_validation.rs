//! The record by which a certificate's domain is validated.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_acm::types::{CertificateDetail, ValidationMethod};
use aws_sdk_route53::types::{ChangeAction, HostedZone, ResourceRecord, ResourceRecordSet, RrType};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use super::{names, sets, zones};
use crate::{
    aws::{Aws, acm::read::detail},
    resource::{Error, Kind, Observed, Owner, Reads, Resource},
};

/// Records that are looked for at the same time: Route 53 takes five questions in a second.
const ASIDE: usize = 3;

/// For how many seconds answers may be kept.
const TTL: i64 = 300;

/// A row of `route53.certificate_validation`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct CertificateValidation {
    region: String,
    certificate: String,
    domain_name: String,
    hosted_zone: String,
    record_name: Option<String>,
    record_value: Option<String>,
    certificate_validation_id: Option<String>,
}

impl Resource for CertificateValidation {
    const TABLE: &'static str = "route53.certificate_validation";
    // a record does not say which certificate it is for
    const READS: Reads = Reads::Named;
    type Cloud = Aws;

    async fn list(aws: &Aws, named: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let named: Vec<Self> = named.iter().filter(|row| row.region == aws.region()).cloned().collect();
        if named.is_empty() {
            return Ok(Vec::new());
        }
        let zones = zones::all(aws).await?;
        let certificates: BTreeSet<String> = named.iter().map(|row| row.certificate.clone()).collect();
        let certificates = stream::iter(certificates).map(|arn| async move {
            match detail(aws, &arn).await {
                Err(error) if error.is_absent() => Ok(None),
                found => found.map(|found| Some((arn, found))),
            }
        });
        let certificates: Vec<_> = certificates.buffer_unordered(ASIDE).try_collect().await?;
        let certificates: HashMap<String, CertificateDetail> = certificates.into_iter().flatten().collect();
        let rows = stream::iter(named).map(|row| {
            // where the certificate is gone, or tells no longer, it is the record that is known
            let asked = certificates.get(&row.certificate).and_then(|found| asked_for(found, &row.domain_name).ok());
            let row = match asked {
                Some(record) => row.of(record),
                None => row,
            };
            let zones = &zones;
            async move { row.seen(zones, aws).await }
        });
        let rows: Vec<Option<_>> = rows.buffer_unordered(ASIDE).try_collect().await?;
        Ok(rows.into_iter().flatten().collect())
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let record = asked_for(&detail(aws, &self.certificate).await?, &self.domain_name)?;
        let row = self.of(record);
        sets::change(aws, &row.hosted_zone, vec![(ChangeAction::Upsert, row.sent()?)]).await?;
        Ok(Observed::of(row))
    }

    // one that is taken over may stand in another zone
    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        if self.hosted_zone == was.row.hosted_zone { Ok(was) } else { self.create(owner, aws).await }
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        if let Some(record) = self.found(aws).await? {
            sets::remove(aws, &self.hosted_zone, record).await?;
        }
        Ok(None)
    }
}

impl CertificateValidation {
    fn of(self, (name, value): (String, String)) -> Self {
        let id = format!("{},{}", self.certificate, self.domain_name);
        Self { record_name: Some(name), record_value: Some(value), certificate_validation_id: Some(id), ..self }
    }

    /// As it is: in its zone, or still in another one that its name could be in.
    async fn seen(self, zones: &[HostedZone], aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let name = self.record_name.clone().unwrap_or_default();
        let others = zones.iter().filter(|zone| name.ends_with(&format!(".{}", names::read(zone.name())))).map(zones::id);
        let others: Vec<String> = others.filter(|id| *id != self.hosted_zone).map(str::to_owned).collect();
        for hosted_zone in std::iter::once(self.hosted_zone.clone()).chain(others) {
            let row = Self { hosted_zone, ..self.clone() };
            if row.found(aws).await?.is_some() {
                return Ok(Some(Observed::of(row)));
            }
        }
        Ok(None)
    }

    /// The record as the zone has it, if it has it as it should be.
    async fn found(&self, aws: &Aws) -> Result<Option<ResourceRecordSet>, Error> {
        let Some(name) = self.record_name.as_deref() else { return Ok(None) };
        let found = sets::one(aws, &self.hosted_zone, name, RrType::Cname.as_str(), None).await?;
        let is_value = |record: &ResourceRecord| Some(names::read(record.value())) == self.record_value;
        Ok(found.filter(|found| found.resource_records().iter().any(is_value)))
    }

    fn sent(&self) -> Result<ResourceRecordSet, Error> {
        let value = ResourceRecord::builder().value(self.record_value.as_deref().unwrap_or_default()).build();
        let set = value.and_then(|value| {
            let name = names::written(self.record_name.as_deref().unwrap_or_default());
            ResourceRecordSet::builder().name(name).r#type(RrType::Cname).ttl(TTL).resource_records(value).build()
        });
        set.map_err(|error| Error::new("ChangeResourceRecordSets", Kind::Row, error.to_string()))
    }
}

/// The name and value of the record that a certificate asks for, for one of its domains.
fn asked_for(certificate: &CertificateDetail, domain: &str) -> Result<(String, String), Error> {
    let refuse = |kind, said: &str| Err(Error::new("DescribeCertificate", kind, said));
    let checks = certificate.domain_validation_options();
    // a domain and all below it are validated by one record
    let check = checks.iter().find(|check| check.domain_name().trim_start_matches("*.") == domain);
    match (check, check.and_then(|check| check.resource_record())) {
        (_, Some(record)) => Ok((names::read(record.name()), names::read(record.value()))),
        (Some(check), None) if check.validation_method() == Some(&ValidationMethod::Email) => {
            refuse(Kind::Invalid, "the certificate is validated by mail, not by a record")
        }
        (None, None) if !checks.is_empty() => refuse(Kind::Invalid, "the domain is none of the certificate's"),
        // a few seconds after the request
        _ => refuse(Kind::Held, "the certificate does not say yet which record it asks for"),
    }
}
