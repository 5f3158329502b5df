//! A certificate: one that ACM is asked for, or one that was made elsewhere and is imported.

use aws_sdk_acm::{
    primitives::{Blob, DateTimeFormat},
    types::{CertificateExport, CertificateOptions, CertificateType, DomainValidation, KeyAlgorithm, ValidationMethod},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    read::{self, Found},
    tags::{listed, retag},
};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        tags::{Tags, tell},
    },
    resource::{Error, Observed, Owner, Resource, Secret, gone},
};

/// The tag that says which write of the private key the certificate has; ACM keeps no version of it.
const PRIVATE_KEY: &str = "iasql:private_key_version";

/// A row of `acm.certificate`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Certificate {
    region: String,
    name: Option<String>,
    domain_name: Option<String>,
    subject_alternative_names: Option<Vec<String>>,
    validation_method: Option<String>,
    key_algorithm: Option<String>,
    certificate_authority_arn: Option<String>,
    export: Option<String>,
    certificate_body: Option<String>,
    certificate_chain: Option<String>,
    private_key: Option<Secret>,
    private_key_version: Option<Uuid>,
    tags: Tags,
    certificate_arn: Option<String>,
    status: Option<String>,
    not_after: Option<String>,
    domain_validation_options: Option<Value>,
}

impl Resource for Certificate {
    const TABLE: &'static str = "acm.certificate";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        Ok(read::all(aws).await?.into_iter().map(|found| Self::shown(found, aws.region())).collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let tags = self.labels(Some(&owner.tag));
        let (arn, status) = if self.certificate_body.is_some() {
            (self.import(None, Some(tags), aws).await?, "ISSUED")
        } else {
            (self.request(tags, owner, aws).await?, "PENDING_VALIDATION")
        };
        let row = Self { private_key: None, certificate_arn: Some(arn), status: Some(status.to_owned()), ..self };
        Ok(Observed::of(row).owned(Some(owner.tag.clone())))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let arn = was.row.certificate_arn.clone().unwrap_or_default();
        let now = Self {
            certificate_body: self.certificate_body.or_else(|| was.row.certificate_body.clone()),
            certificate_chain: self.certificate_chain.or_else(|| was.row.certificate_chain.clone()),
            private_key_version: self.private_key_version.or(was.row.private_key_version),
            ..self
        };
        let parts = |row: &Self| (row.certificate_body.clone(), row.certificate_chain.clone(), row.private_key_version);
        if parts(&now) != parts(&was.row) {
            now.import(Some(&arn), None, aws).await?;
        }
        let other = |now: &Option<String>, was: &Option<String>| now.clone().filter(|now| Some(now) != was.as_ref());
        let (method, export) = (other(&now.validation_method, &was.row.validation_method), other(&now.export, &was.row.export));
        if method.is_some() || export.is_some() {
            let asked = aws.acm().update_certificate_options().certificate_arn(&arn).options(options(method, export));
            asked.send().await.map_err(refused("UpdateCertificateOptions"))?;
        }
        // after the key itself, so that a tag never tells of one that was not written
        retag(aws, &arn, &was.row.labels(was.owner.as_deref()), &now.labels(Some(&owner.tag))).await?;
        let row = Self {
            name: now.name,
            tags: now.tags,
            certificate_body: now.certificate_body,
            certificate_chain: now.certificate_chain,
            private_key_version: now.private_key_version,
            validation_method: now.validation_method.or(was.row.validation_method),
            export: now.export.or(was.row.export),
            ..was.row
        };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let asked = aws.acm().delete_certificate().certificate_arn(self.certificate_arn.unwrap_or_default());
        gone(asked.send().await.map_err(refused("DeleteCertificate")))?;
        Ok(None)
    }
}

impl Certificate {
    /// The user's tags, the name, the owner's, and what else is kept in tags.
    fn labels(&self, owner: Option<&str>) -> Tags {
        let name = self.name.as_ref().map(|name| ("Name".to_owned(), name.clone()));
        let owner = owner.map(|owner| (Owner::KEY.to_owned(), owner.to_owned()));
        let version = self.private_key_version.map(|version| (PRIVATE_KEY.to_owned(), version.to_string()));
        self.tags.clone().into_iter().chain(name).chain(owner).chain(version).collect()
    }

    async fn request(&self, tags: Tags, owner: &Owner, aws: &Aws) -> Result<String, Error> {
        let first = self.certificate_authority_arn.is_none().then_some(ValidationMethod::Dns);
        let asked = aws
            .acm()
            .request_certificate()
            .set_domain_name(self.domain_name.clone())
            // an empty list is refused
            .set_subject_alternative_names(self.subject_alternative_names.clone().filter(|names| !names.is_empty()))
            .set_validation_method(self.validation_method.as_deref().map(ValidationMethod::from).or(first))
            .set_key_algorithm(self.key_algorithm.as_deref().map(KeyAlgorithm::from))
            .set_certificate_authority_arn(self.certificate_authority_arn.clone())
            .set_options(self.export.clone().map(|export| options(None, Some(export))))
            // of 32 letters and digits at most
            .idempotency_token(owner.token.replace('-', ""))
            .set_tags(listed(tags));
        let made = asked.send().await.map_err(refused("RequestCertificate"))?;
        made.certificate_arn.ok_or_else(|| empty("RequestCertificate"))
    }

    /// Makes a new one, or gives the one of this ARN another body; tags can be told only to a new one.
    async fn import(&self, arn: Option<&str>, tags: Option<Tags>, aws: &Aws) -> Result<String, Error> {
        let blob = |text: &String| Blob::new(text.as_bytes());
        let asked = aws
            .acm()
            .import_certificate()
            .set_certificate_arn(arn.map(str::to_owned))
            .set_certificate(self.certificate_body.as_ref().map(blob))
            .set_certificate_chain(self.certificate_chain.as_ref().map(blob))
            .set_private_key(self.private_key.as_ref().map(|key| Blob::new(key.expose().trim().as_bytes())))
            .set_tags(tags.and_then(listed));
        let made = asked.send().await.map_err(refused("ImportCertificate"))?;
        made.certificate_arn.ok_or_else(|| empty("ImportCertificate"))
    }

    fn shown(found: Found, region: &str) -> Observed<Self> {
        let told = tell(found.tags.into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())));
        let detail = found.detail;
        let is_imported = detail.r#type == Some(CertificateType::Imported);
        // of an imported one all this stands in its body
        let asked = (!is_imported).then_some(());
        let further = detail.subject_alternative_names.into_iter().flatten().filter(|name| Some(name) != detail.domain_name.as_ref());
        let mut further: Vec<String> = further.collect();
        further.sort_unstable();
        let checks = detail.domain_validation_options.unwrap_or_default();
        let export = detail.options.and_then(|options| options.export);
        let row = Self {
            region: region.to_owned(),
            name: told.name,
            domain_name: asked.and(detail.domain_name),
            subject_alternative_names: asked.map(|()| further),
            validation_method: checks.iter().find_map(|check| check.validation_method()).map(|method| method.as_str().to_owned()),
            // some answers say RSA-2048
            key_algorithm: asked.and(detail.key_algorithm).map(|algorithm| algorithm.as_str().replace('-', "_")),
            certificate_authority_arn: detail.certificate_authority_arn,
            export: asked.and(export).map(|export| export.as_str().to_owned()),
            certificate_body: found.body,
            certificate_chain: found.chain,
            private_key: None,
            private_key_version: told.ours.get(PRIVATE_KEY).and_then(|version| version.parse().ok()),
            tags: told.tags,
            certificate_arn: detail.certificate_arn,
            status: detail.status.map(|status| status.as_str().to_owned()),
            not_after: detail.not_after.and_then(|end| end.fmt(DateTimeFormat::DateTime).ok()),
            domain_validation_options: asked.map(|()| asked_for(&checks)),
        };
        // one that another service asked for goes with it
        Observed::of(row).owned(told.owner).implicit(detail.managed_by.is_some())
    }
}

fn options(method: Option<String>, export: Option<String>) -> CertificateOptions {
    let method = method.as_deref().map(ValidationMethod::from);
    CertificateOptions::builder().set_validation_method(method).set_export(export.as_deref().map(CertificateExport::from)).build()
}

/// What must be shown for each domain, by domain.
fn asked_for(checks: &[DomainValidation]) -> Value {
    let mut checks: Vec<_> = checks.iter().collect();
    checks.sort_unstable_by_key(|check| check.domain_name());
    let check = |check: &&DomainValidation| {
        let record = check.resource_record();
        json!({
            "domain_name": check.domain_name(),
            "validation_status": check.validation_status().map(|status| status.as_str()),
            "name": record.map(|record| record.name().trim_end_matches('.')),
            "type": record.map(|record| record.r#type().as_str()),
            "value": record.map(|record| record.value().trim_end_matches('.')),
        })
    };
    checks.iter().map(check).collect()
}
