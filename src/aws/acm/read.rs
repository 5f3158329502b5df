//! How certificates are read: a list of their ARNs, and a few questions about each.

use aws_sdk_acm::types::{CertificateDetail, CertificateType, Filters, KeyAlgorithm, Tag};
use futures::{StreamExt, TryStreamExt, future::try_join3, stream};

use crate::{
    aws::{
        Aws,
        error::{empty, refused},
    },
    resource::Error,
};

/// Certificates that are asked about at the same time: ACM takes ten questions of a kind in a second.
const ASIDE: usize = 4;

/// All that ACM tells of one certificate.
pub(super) struct Found {
    pub(super) detail: CertificateDetail,
    pub(super) tags: Vec<Tag>,
    /// The certificate and its chain, of an imported one.
    pub(super) body: Option<String>,
    pub(super) chain: Option<String>,
}

/// All certificates of the region.
pub(super) async fn all(aws: &Aws) -> Result<Vec<Found>, Error> {
    // without this filter only those with RSA keys of 1024 and 2048 bits are listed
    let every = KeyAlgorithm::values().iter().map(|algorithm| KeyAlgorithm::from(*algorithm)).collect();
    let every = Filters::builder().set_key_types(Some(every)).build();
    let summaries = aws.acm().list_certificates().includes(every).max_items(1000).into_paginator().items().send();
    let summaries = summaries.try_collect().await.map_err(refused("ListCertificates"))?;
    let arns = summaries.into_iter().filter_map(|summary| summary.certificate_arn);
    let found: Vec<Option<Found>> = stream::iter(arns).map(|arn| one(aws, arn)).buffer_unordered(ASIDE).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

/// `None` where it went while it was asked about.
async fn one(aws: &Aws, arn: String) -> Result<Option<Found>, Error> {
    let detail = match detail(aws, &arn).await {
        Err(error) if error.is_absent() => return Ok(None),
        detail => detail?,
    };
    let is_imported = detail.r#type() == Some(&CertificateType::Imported);
    match try_join3(async { Ok(detail) }, tags(aws, &arn), body(aws, &arn, is_imported)).await {
        Err(error) if error.is_absent() => Ok(None),
        Err(error) => Err(error),
        Ok((detail, tags, (body, chain))) => Ok(Some(Found { detail, tags, body, chain })),
    }
}

/// What ACM says of one certificate.
pub(in crate::aws) async fn detail(aws: &Aws, arn: &str) -> Result<CertificateDetail, Error> {
    let answer = aws.acm().describe_certificate().certificate_arn(arn).send().await.map_err(refused("DescribeCertificate"))?;
    answer.certificate.ok_or_else(|| empty("DescribeCertificate"))
}

async fn tags(aws: &Aws, arn: &str) -> Result<Vec<Tag>, Error> {
    let answer = aws.acm().list_tags_for_certificate().certificate_arn(arn).send().await.map_err(refused("ListTagsForCertificate"))?;
    Ok(answer.tags.unwrap_or_default())
}

async fn body(aws: &Aws, arn: &str, is_imported: bool) -> Result<(Option<String>, Option<String>), Error> {
    if !is_imported {
        return Ok((None, None));
    }
    let answer = aws.acm().get_certificate().certificate_arn(arn).send().await.map_err(refused("GetCertificate"))?;
    Ok((answer.certificate.as_deref().map(spelt), answer.certificate_chain.as_deref().map(spelt)))
}

/// As `acm.spell_certificate` keeps it: nothing but a line's end around it.
fn spelt(pem: &str) -> String {
    format!("{}\n", pem.replace('\r', "").trim())
}
