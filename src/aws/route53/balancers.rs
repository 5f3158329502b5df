//! Load balancers as aliases know them: by a host name, and by the zone that it is in.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_elasticloadbalancingv2::types::LoadBalancer;

use crate::{
    aws::{
        Aws,
        error::{empty, refused},
    },
    resource::{Cloud, Error},
};

/// The host name of a load balancer, and the zone of that name.
pub(super) async fn target(aws: &Aws, arn: &str) -> Result<(String, String), Error> {
    let aws = aws.at(region_of_arn(arn));
    let asked = aws.elbv2().describe_load_balancers().load_balancer_arns(arn).send().await.map_err(refused("DescribeLoadBalancers"))?;
    let found = asked
        .load_balancers
        .and_then(|found| found.into_iter().next())
        .and_then(|found| Some((found.dns_name?, found.canonical_hosted_zone_id?)));
    found.ok_or_else(|| empty("DescribeLoadBalancers"))
}

/// The ARNs by host name, of all load balancers in the regions that these names are of.
pub(super) async fn by_name<'a>(aws: &Aws, names: impl Iterator<Item = &'a str>) -> Result<HashMap<String, String>, Error> {
    let mut known = HashMap::new();
    for region in names.filter_map(region_of_name).collect::<BTreeSet<_>>() {
        let found = aws.at(region).elbv2().describe_load_balancers().page_size(400).into_paginator().items().send();
        let found: Vec<LoadBalancer> = found.try_collect().await.map_err(refused("DescribeLoadBalancers"))?;
        known.extend(found.into_iter().filter_map(|one| Some((one.dns_name?.to_lowercase(), one.load_balancer_arn?))));
    }
    Ok(known)
}

/// The name itself: the console writes this before it.
pub(super) fn plain(name: &str) -> &str {
    name.strip_prefix("dualstack.").unwrap_or(name)
}

/// Where a load balancer is: `arn:aws:elasticloadbalancing:<region>:…`.
pub(super) fn region_of_arn(arn: &str) -> &str {
    arn.split(':').nth(3).unwrap_or_default()
}

/// `shop-1.us-east-1.elb.amazonaws.com`, or, where it balances connections, `shop-1.elb.us-east-1.amazonaws.com`.
fn region_of_name(name: &str) -> Option<&str> {
    let name = name.strip_suffix(".cn").unwrap_or(name).strip_suffix(".amazonaws.com")?;
    match name.strip_suffix(".elb") {
        Some(rest) => rest.rsplit('.').next(),
        None => name.rsplit_once(".elb.").map(|(_, region)| region),
    }
    .filter(|region| !region.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_name_tells_the_region_of_its_load_balancer() {
        assert_eq!(region_of_name("dualstack.shop-1.us-east-1.elb.amazonaws.com"), Some("us-east-1"));
        assert_eq!(region_of_name("shop-1.elb.eu-west-1.amazonaws.com"), Some("eu-west-1"));
        assert_eq!(region_of_name("shop-1.cn-north-1.elb.amazonaws.com.cn"), Some("cn-north-1"));
        assert_eq!(region_of_name("d111.cloudfront.net"), None);
        assert_eq!(region_of_name("s3-website-us-east-1.amazonaws.com"), None);
    }
}
