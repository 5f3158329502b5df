//! The calls of a check that changes nothing, counted on their way to the local cloud.

use std::collections::BTreeMap;

use iasql::engine::Kind;

use crate::{ground::Ground, support, table::Figure};

const TERRAFORM: &str = "Terraform 1.11: 3,207 for 1 VPC + 200 groups + 200 buckets; the original IaSQL: 1,926 †";

/// 200 security groups with rules and 200 buckets, twenty of them versioned.
pub(crate) async fn figures(ground: &Ground) -> Vec<Figure> {
    let mut user = ground.user(&["ec2", "s3"]).await;
    user.sql(include_str!("rows/things.sql")).await;
    user.sql(include_str!("rows/settings.sql")).await;
    let account = support::account().await;
    user.run(Kind::Check, &account.aws).await;
    account.calls.take();
    let outcome = user.run(Kind::Check, &account.aws).await;
    let calls = account.calls.take();
    assert_eq!((outcome.applied, outcome.plan.len(), calls.iter().filter(|call| call.is_change()).count()), (0, 0, 0), "{outcome:#?}");
    let counted = count(calls.iter().map(|call| &*call.action));
    let of = |names: &[&str]| names.iter().filter_map(|name| counted.get(*name)).sum::<usize>();
    let what = |what: &str| format!("calls of a check that changes nothing, 200 groups with rules and 200 buckets: {what}");
    vec![
        figure(what("groups and rules"), of(&["DescribeSecurityGroups", "DescribeSecurityGroupRules"]).to_string(), "≤ 3", ""),
        figure(
            what("buckets"),
            format!("{} ListBuckets + {} GetBucketVersioning", of(&["ListBuckets"]), of(&["GetBucketVersioning"])),
            "one list + the 20 managed facets",
            "the local cloud tells no bucket's region, which costs a second list; AWS does",
        ),
        figure(what("all, with the lists of 7 other types"), calls.len().to_string(), "", TERRAFORM),
    ]
}

fn figure(what: String, measured: String, goal: &'static str, beside: &str) -> Figure {
    Figure { what, measured, goal, beside: beside.to_owned() }
}

fn count<'a>(actions: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut counted = BTreeMap::new();
    actions.for_each(|action| *counted.entry(action).or_default() += 1);
    counted
}
