//! A listener: a port of a load balancer, and what becomes of the requests there.

use aws_sdk_elasticloadbalancingv2::types::{Certificate, Listener as Answer, ProtocolEnum};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use super::{
    ASIDE,
    action::Action,
    load_balancer,
    tags::{self, Labels, retag},
};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        tags::{Tags, Told},
    },
    resource::{Error, Kind, Observed, Owner, Resource, gone},
};

/// A row of `elbv2.listener`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Listener {
    region: String,
    name: Option<String>,
    load_balancer: Option<String>,
    port: Option<i32>,
    protocol: Option<String>,
    ssl_policy: Option<String>,
    certificate: Option<String>,
    alpn_policy: Option<String>,
    #[serde(flatten)]
    action: Action,
    tags: Tags,
    arn: Option<String>,
}

impl Resource for Listener {
    const TABLE: &'static str = "elbv2.listener";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let found = all(aws).await?;
        let mut told = tags::told(aws, found.iter().filter_map(|one| one.listener_arn.clone()).collect()).await?;
        let rows = found.into_iter().map(|one| {
            let told = told.remove(one.listener_arn().unwrap_or_default()).unwrap_or_default();
            Self::shown(one, told, aws.region())
        });
        Ok(rows.collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        issued(aws, self.certificate.as_deref()).await?;
        let labels = Labels { name: self.name.as_deref(), tags: Some(&self.tags), owner: Some(&owner.tag) };
        let asked = aws
            .elbv2()
            .create_listener()
            .set_load_balancer_arn(self.load_balancer.clone())
            .set_port(self.port)
            .set_protocol(self.protocol.as_deref().map(ProtocolEnum::from))
            .set_ssl_policy(self.ssl_policy.clone())
            .set_certificates(certificates(self.certificate.as_deref()))
            .set_alpn_policy(self.alpn_policy.clone().map(|policy| vec![policy]))
            .set_default_actions(Some(self.action.sent()))
            .set_tags(labels.listed());
        let made = asked.send().await.map_err(refused("CreateListener"))?;
        let made = made.listeners.and_then(|made| made.into_iter().next()).ok_or_else(|| empty("CreateListener"))?;
        let told = Told { name: self.name, tags: self.tags, owner: Some(owner.tag.clone()), ..Told::default() };
        Ok(Self::shown(made, told, aws.region()))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let arn = was.row.arn.clone().unwrap_or_default();
        let row = self.clone().modified(was.row.clone(), &arn, aws).await?;
        let is = Labels { name: row.name.as_deref(), tags: Some(&row.tags), owner: was.owner.as_deref() };
        retag(aws, &arn, is, Labels { name: self.name.as_deref(), tags: Some(&self.tags), owner: Some(&owner.tag) }).await?;
        let row = Self { name: self.name, tags: self.tags, ..row };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let asked = aws.elbv2().delete_listener().listener_arn(self.arn.unwrap_or_default());
        gone(asked.send().await.map_err(refused("DeleteListener")))?;
        Ok(None)
    }
}

impl Listener {
    /// One call for whatever differs besides tags, none where nothing does.
    async fn modified(self, was: Self, arn: &str, aws: &Aws) -> Result<Self, Error> {
        let port = self.port.filter(|_| self.port != was.port);
        let protocol = self.protocol.filter(|protocol| Some(protocol) != was.protocol.as_ref());
        let ssl_policy = self.ssl_policy.filter(|policy| Some(policy) != was.ssl_policy.as_ref());
        let certificate = self.certificate.filter(|certificate| Some(certificate) != was.certificate.as_ref());
        let alpn_policy = self.alpn_policy.filter(|policy| Some(policy) != was.alpn_policy.as_ref());
        let action = self.action.other_than(&was.action);
        let asks = [protocol.is_some(), ssl_policy.is_some(), certificate.is_some(), alpn_policy.is_some(), action.is_some()];
        if port.is_some() || asks.contains(&true) {
            issued(aws, certificate.as_deref()).await?;
            let asked = aws
                .elbv2()
                .modify_listener()
                .listener_arn(arn)
                .set_port(port)
                .set_protocol(protocol.as_deref().map(ProtocolEnum::from))
                .set_ssl_policy(ssl_policy.clone())
                .set_certificates(certificates(certificate.as_deref()))
                .set_alpn_policy(alpn_policy.clone().map(|policy| vec![policy]))
                .set_default_actions(action.as_ref().map(Action::sent));
            asked.send().await.map_err(refused("ModifyListener"))?;
        }
        let is_plain = protocol.as_deref().is_some_and(|protocol| !matches!(protocol, "HTTPS" | "TLS"));
        Ok(Self {
            port: port.or(was.port),
            protocol: protocol.or(was.protocol),
            ssl_policy: ssl_policy.or(was.ssl_policy).filter(|_| !is_plain),
            certificate: certificate.or(was.certificate).filter(|_| !is_plain),
            alpn_policy: alpn_policy.or(was.alpn_policy),
            action: action.unwrap_or(was.action),
            ..was
        })
    }

    fn shown(one: Answer, told: Told, region: &str) -> Observed<Self> {
        let action = Action::shown(one.default_actions());
        let row = Self {
            region: region.to_owned(),
            name: told.name,
            load_balancer: one.load_balancer_arn,
            port: one.port,
            protocol: one.protocol.map(|protocol| protocol.as_str().to_owned()),
            ssl_policy: one.ssl_policy,
            certificate: one.certificates.and_then(|all| all.into_iter().next()).and_then(|first| first.certificate_arn),
            alpn_policy: one.alpn_policy.and_then(|all| all.into_iter().next()),
            action,
            tags: told.tags,
            arn: one.listener_arn,
        };
        Observed::of(row).owned(told.owner)
    }
}

fn certificates(arn: Option<&str>) -> Option<Vec<Certificate>> {
    arn.map(|arn| vec![Certificate::builder().certificate_arn(arn).build()])
}

/// Refuses what AWS would refuse: a certificate that somebody must still prove to be theirs.
async fn issued(aws: &Aws, certificate: Option<&str>) -> Result<(), Error> {
    let Some(arn) = certificate.filter(|arn| arn.contains(":acm:")) else { return Ok(()) };
    let told = aws.acm().describe_certificate().certificate_arn(arn).send().await.map_err(refused("DescribeCertificate"))?;
    let status = told.certificate.and_then(|certificate| certificate.status);
    if status == Some(aws_sdk_acm::types::CertificateStatus::PendingValidation) {
        let said = "the certificate is not issued yet: its records in DNS, or the mail about it, are waited for";
        return Err(Error::new("CreateListener", Kind::Held, said));
    }
    Ok(())
}

/// All listeners of the region: a call for each load balancer.
async fn all(aws: &Aws) -> Result<Vec<Answer>, Error> {
    let found = stream::iter(load_balancer::arns(aws).await?).map(|balancer| async move {
        let found = aws.elbv2().describe_listeners().load_balancer_arn(balancer).page_size(400).into_paginator().items().send();
        match found.try_collect().await.map_err(refused("DescribeListeners")) {
            // it went meanwhile, and its listeners with it
            Err(error) if error.is_absent() => Ok(Vec::new()),
            found => found,
        }
    });
    let found: Vec<Vec<Answer>> = found.buffer_unordered(ASIDE).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

/// Their ARNs, of those that can have rules: the listeners of network load balancers have none.
pub(super) async fn with_rules(aws: &Aws) -> Result<Vec<String>, Error> {
    let http = |one: &Answer| matches!(one.protocol, Some(ProtocolEnum::Http | ProtocolEnum::Https));
    Ok(all(aws).await?.into_iter().filter(http).filter_map(|one| one.listener_arn).collect())
}
