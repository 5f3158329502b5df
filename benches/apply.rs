//! Making 200 security groups and 200 buckets, beside a bare loop that makes the same calls.

use std::{
    process,
    time::{Duration, Instant},
};

use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};
use futures::{StreamExt, stream};
use iasql::{aws::Aws, engine::Kind};

use crate::{
    child::cpu,
    ground::Ground,
    support,
    table::{Figure, median, ratio, time},
};

const RUNS: usize = 5;
/// How many calls to one service the engine makes at a time.
const AT_ONCE: usize = 10;
const EACH: usize = 200;

/// Both, in turns.
pub(crate) async fn figures(ground: &Ground) -> Vec<Figure> {
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        bare.push(by_hand().await);
        ours.push(by_rows(ground).await);
    }
    let (ours, our_cpu) = medians(&ours);
    let (bare, bare_cpu) = medians(&bare);
    vec![Figure {
        what: "apply of 1 VPC + 200 groups + 200 buckets".to_owned(),
        measured: format!("{} times a bare loop ({}, {} of processor time)", ratio(ours, bare), time(ours), time(our_cpu)),
        goal: "≤ 1.2 times",
        beside: format!(
            "{} ({} of processor time) for a bare SDK loop of the same 401 calls, 10 at a time to each service; Terraform makes 5,809 calls †",
            time(bare),
            time(bare_cpu)
        ),
    }]
}

/// How long it took, and how much of the processor.
type Took = (Duration, Duration);

fn medians(took: &[Took]) -> Took {
    (median(took.iter().map(|took| took.0).collect()), median(took.iter().map(|took| took.1).collect()))
}

async fn by_rows(ground: &Ground) -> Took {
    let mut user = ground.user(&["ec2", "s3"]).await;
    let aws = support::account().await.outside().await;
    user.run(Kind::Refresh, &aws).await;
    user.sql(include_str!("rows/things.sql")).await;
    let (started, before) = (Instant::now(), cpu(process::id()));
    let outcome = user.run(Kind::Apply, &aws).await;
    assert_eq!((outcome.applied, outcome.plan.len()), (1 + 2 * EACH, 0));
    (started.elapsed(), cpu(process::id()) - before)
}

async fn by_hand() -> Took {
    let account = support::account().await;
    let aws = account.outside().await;
    let (started, before) = (Instant::now(), cpu(process::id()));
    let vpc = aws.ec2().create_vpc().cidr_block("10.0.0.0/16").tag_specifications(tags(ResourceType::Vpc, "main")).send().await;
    let vpc = vpc.expect("a network").vpc.and_then(|vpc| vpc.vpc_id).expect("its id");
    let groups = stream::iter(0..EACH).map(|k| group(&aws, &vpc, k)).buffer_unordered(AT_ONCE).count();
    let buckets = stream::iter(0..EACH).map(|k| bucket(&aws, &account.id, k)).buffer_unordered(AT_ONCE).count();
    futures::join!(groups, buckets);
    (started.elapsed(), cpu(process::id()) - before)
}

async fn group(aws: &Aws, vpc: &str, k: usize) {
    let name = format!("group-{k}");
    let call = aws.ec2().create_security_group().group_name(&name).description("Managed by iasql").vpc_id(vpc);
    call.tag_specifications(tags(ResourceType::SecurityGroup, &name)).send().await.expect("a group");
}

async fn bucket(aws: &Aws, account: &str, k: usize) {
    aws.s3().create_bucket().bucket(format!("bare-{account}-{k}")).send().await.expect("a bucket");
}

/// The name, and a tag as long as the one that tells whose a thing is.
fn tags(kind: ResourceType, name: &str) -> TagSpecification {
    let tag = |key, value| Tag::builder().key(key).value(value).build();
    let whose = "someone/00000000-0000-4000-8000-000000000000";
    TagSpecification::builder().resource_type(kind).tags(tag("Name", name)).tags(tag("whose", whose)).build()
}
