//! A hosted zone: the records of one domain, and which networks see a private one.

use aws_sdk_route53::types::{HostedZone as Answer, HostedZoneConfig, Vpc as Sent, VpcRegion};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use super::{names, zones};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        tags::{Tags, Told},
    },
    resource::{Error, Kind, Observed, Owner, Resource, Scope, gone},
};

/// Zones that are asked about at the same time: Route 53 takes five questions in a second.
const ASIDE: usize = 3;

/// A row of `route53.hosted_zone`, with its rows of `route53.hosted_zone_vpc`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct HostedZone {
    name: String,
    domain_name: String,
    private_zone: bool,
    comment: Option<String>,
    delegation_set_id: Option<String>,
    vpcs: Option<Vec<Vpc>>,
    tags: Tags,
    hosted_zone_id: Option<String>,
    name_servers: Option<Vec<String>>,
}

/// A network that sees a private zone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Vpc {
    region: String,
    vpc: String,
}

impl Resource for HostedZone {
    const TABLE: &'static str = "route53.hosted_zone";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let found = zones::all(aws).await?;
        let mut tags = zones::tags(aws, &found).await?;
        let rows = stream::iter(found).map(|zone| {
            let told = tags.remove(zones::id(&zone)).unwrap_or_default();
            async move {
                let seen = Self::shown(&zone, told);
                // asked one by one: what is ours, and those whose networks only this tells
                if seen.owner.is_some() || seen.row.private_zone { Self::asked(seen, aws).await } else { Ok(Some(seen)) }
            }
        });
        let rows: Vec<Option<_>> = rows.buffer_unordered(ASIDE).try_collect().await?;
        Ok(rows.into_iter().flatten().collect())
    }

    // tags can't go out in the creating call: until they are there, it is found again by its caller reference
    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let vpcs = self.vpcs.clone().unwrap_or_default();
        let config = HostedZoneConfig::builder().set_comment(self.comment.clone()).private_zone(self.private_zone).build();
        let asked = aws
            .route53()
            .create_hosted_zone()
            .name(names::written(&self.domain_name))
            .caller_reference(&owner.token)
            .hosted_zone_config(config)
            .set_delegation_set_id(self.delegation_set_id.clone())
            .set_vpc(vpcs.first().map(Vpc::sent));
        let zone = match asked.send().await.map_err(refused("CreateHostedZone")) {
            Err(error) if error.kind == Kind::Taken => Self::made_before(owner, aws).await?.ok_or(error)?,
            made => made?.hosted_zone.ok_or_else(|| empty("CreateHostedZone"))?,
        };
        let made = Self::shown(&zone, Told::default());
        let made = Self::asked(made, aws).await?.ok_or_else(|| empty("GetHostedZone"))?;
        self.update(made, owner, aws).await
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let id = was.row.hosted_zone_id.clone().unwrap_or_default();
        zones::retag(aws, &id, &was.row.labels(was.owner.as_deref()), &self.labels(Some(&owner.tag))).await?;
        let comment = self.comment.filter(|comment| Some(comment) != was.row.comment.as_ref());
        if let Some(comment) = &comment {
            let asked = aws.route53().update_hosted_zone_comment().id(&id).comment(comment);
            asked.send().await.map_err(refused("UpdateHostedZoneComment"))?;
        }
        let before = was.row.vpcs.clone().unwrap_or_default();
        let now = self.vpcs.unwrap_or_else(|| before.clone());
        // the new ones first, for a private zone keeps one at least
        for vpc in now.iter().filter(|vpc| !before.contains(vpc)) {
            let asked = aws.route53().associate_vpc_with_hosted_zone().hosted_zone_id(&id).vpc(vpc.sent());
            asked.send().await.map_err(refused("AssociateVPCWithHostedZone"))?;
        }
        for vpc in before.iter().filter(|vpc| !now.contains(vpc)) {
            let asked = aws.route53().disassociate_vpc_from_hosted_zone().hosted_zone_id(&id).vpc(vpc.sent());
            gone(asked.send().await.map_err(refused("DisassociateVPCFromHostedZone")))?;
        }
        let row = Self {
            name: self.name,
            comment: comment.or_else(|| was.row.comment.clone()),
            vpcs: was.row.vpcs.as_ref().map(|_| now),
            tags: self.tags,
            ..was.row
        };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let asked = aws.route53().delete_hosted_zone().id(self.hosted_zone_id.unwrap_or_default());
        gone(asked.send().await.map_err(refused("DeleteHostedZone")))?;
        Ok(None)
    }
}

impl HostedZone {
    /// What a zone without a Name tag is called.
    fn plain_name(&self) -> String {
        format!("{}{}", self.domain_name, if self.private_zone { "/private" } else { "" })
    }

    /// The user's tags, the owner's, and the name where it is not the plain one.
    fn labels(&self, owner: Option<&str>) -> Tags {
        let name = (self.name != self.plain_name()).then(|| ("Name".to_owned(), self.name.clone()));
        let owner = owner.map(|owner| (Owner::KEY.to_owned(), owner.to_owned()));
        self.tags.clone().into_iter().chain(name).chain(owner).collect()
    }

    /// What an earlier attempt has made, whose answer was lost.
    async fn made_before(owner: &Owner, aws: &Aws) -> Result<Option<Answer>, Error> {
        Ok(zones::all(aws).await?.into_iter().find(|zone| zone.caller_reference() == owner.token))
    }

    /// The same with what only asking tells: its networks, its name servers, its delegation set. `None` where it went meanwhile.
    async fn asked(seen: Observed<Self>, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let asked = aws.route53().get_hosted_zone().id(seen.row.hosted_zone_id.as_deref().unwrap_or_default());
        let answer = match asked.send().await.map_err(refused("GetHostedZone")) {
            Err(error) if error.is_absent() => return Ok(None),
            answer => answer?,
        };
        let mut vpcs: Vec<Vpc> = answer.vpcs.unwrap_or_default().into_iter().filter_map(Vpc::shown).collect();
        vpcs.sort_unstable();
        let set = answer.delegation_set.as_ref();
        let row = Self {
            vpcs: seen.row.private_zone.then_some(vpcs),
            name_servers: set.map(|set| set.name_servers().to_vec()),
            delegation_set_id: set.and_then(|set| set.id()).and_then(|id| id.rsplit('/').next()).map(str::to_owned),
            ..seen.row
        };
        Ok(Some(Observed { row, ..seen }))
    }

    fn shown(zone: &Answer, told: Told) -> Observed<Self> {
        let config = zone.config();
        let row = Self {
            name: String::new(),
            domain_name: names::read(zone.name()),
            private_zone: config.is_some_and(|config| config.private_zone()),
            comment: Some(config.and_then(|config| config.comment()).unwrap_or_default().to_owned()),
            delegation_set_id: None,
            vpcs: None,
            tags: told.tags,
            hosted_zone_id: Some(zones::id(zone).to_owned()),
            name_servers: None,
        };
        let row = Self { name: told.name.unwrap_or_else(|| row.plain_name()), ..row };
        // what another service made goes with it
        Observed::of(row).owned(told.owner).implicit(zone.linked_service().is_some())
    }
}

impl Vpc {
    fn sent(&self) -> Sent {
        Sent::builder().vpc_region(VpcRegion::from(self.region.as_str())).vpc_id(&self.vpc).build()
    }

    fn shown(vpc: Sent) -> Option<Self> {
        Some(Self { region: vpc.vpc_region?.as_str().to_owned(), vpc: vpc.vpc_id? })
    }
}
