//! A world that misbehaves: each test ends with exactly one thing in the cloud for each row, and with nothing left to do.

mod answers;
mod chance;
mod credentials;
mod lists;
mod refusals;
mod twice;

use iasql::{
    aws::Aws,
    engine::{Kind, Outcome, State},
    resource::Cloud,
};

use crate::{
    engine::World,
    support::faults::{Faults, on},
};

const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#;

/// A world whose engine tries each call three times, one right after the other.
async fn hasty(modules: &[&str]) -> World {
    let mut world = World::with(modules).await;
    world.through(&Aws::new(world.account.hasty(3)));
    world
}

fn faults(world: &World) -> &Faults {
    world.account.calls.faults()
}

/// A check that ends with nothing to do, whatever went wrong on its way.
async fn done(world: &World) -> Outcome {
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, &outcome.errors[..]), (State::Done, &[][..]), "{:#?} {:#?}", outcome.plan, faults(world).injected());
    outcome
}

/// Nothing goes wrong any more: it takes at most so many checks until the cloud is as the tables say, and holds nothing else.
async fn ends_right(world: &mut World, checks: usize) {
    faults(world).calm();
    let injected = faults(world).injected();
    for _ in 0..checks {
        if world.run(Kind::Check).await.state == State::Done {
            break;
        }
    }
    assert_eq!(census(world).await, wanted(world).await, "{injected:#?}");
    assert_eq!(world.diff().await, ["Nothing to do: the cloud is as the tables say."], "{injected:#?}");
    world.rests().await;
}

/// What is in the cloud, past the proxy: of what the rows of [`wanted`] are about, in two regions.
async fn census(world: &World) -> Vec<String> {
    let aws = world.outside().await;
    let mut there = vec![];
    for region in ["eu-west-1", "us-east-1"] {
        there.extend(network(&aws.at(region)).await);
    }
    let roles = aws.iam().list_roles().into_paginator().items().send().try_collect().await.unwrap();
    there.extend(roles.iter().map(|role| format!("iam.role {}", role.role_name())));
    let queues = aws.sqs().list_queues().into_paginator().items().send().try_collect().await.unwrap();
    there.extend(queues.iter().map(|url| format!("sqs.queue {}", url.rsplit('/').next().unwrap_or_default())));
    let groups = aws.logs().describe_log_groups().into_paginator().items().send().try_collect().await.unwrap();
    there.extend(groups.iter().map(|group| format!("logs.log_group {}", group.log_group_name().unwrap_or_default())));
    let secrets = aws.secretsmanager().list_secrets().send().await.unwrap();
    there.extend(secrets.secret_list().iter().map(|secret| format!("secretsmanager.secret {}", secret.name().unwrap_or_default())));
    let buckets = aws.s3().list_buckets().send().await.unwrap();
    there.extend(buckets.buckets().iter().map(|bucket| format!("s3.bucket {}", bucket.name().unwrap_or_default())));
    let keys = aws.kms().list_keys().into_paginator().items().send().try_collect().await.unwrap();
    for key in keys {
        let told = aws.kms().list_resource_tags().key_id(key.key_id().unwrap_or_default()).send().await.unwrap();
        there.extend(told.tags().iter().filter(|tag| tag.tag_key() == "Name").map(|tag| format!("kms.key {}", tag.tag_value())));
    }
    there.sort();
    there
}

async fn network(aws: &Aws) -> Vec<String> {
    let (mut there, ec2) = (vec![], aws.ec2());
    let vpcs = ec2.describe_vpcs().send().await.unwrap();
    let ours: Vec<_> = vpcs.vpcs().iter().filter(|vpc| vpc.is_default() != Some(true)).collect();
    there.extend(ours.iter().map(|vpc| format!("ec2.vpc {}", vpc.cidr_block().unwrap_or_default())));
    let subnets = ec2.describe_subnets().send().await.unwrap();
    let subnets = subnets.subnets().iter().filter(|subnet| subnet.default_for_az() != Some(true));
    there.extend(subnets.map(|subnet| format!("ec2.subnet {}", subnet.cidr_block().unwrap_or_default())));
    let groups = ec2.describe_security_groups().send().await.unwrap();
    // the name that AWS knows is made anew for each attempt
    let groups = groups.security_groups().iter().filter(|group| group.group_name() != Some("default"));
    there.extend(groups.map(|group| format!("ec2.security_group {}", group.description().unwrap_or_default())));
    let gateways = ec2.describe_internet_gateways().send().await.unwrap();
    there.extend(gateways.internet_gateways().iter().map(|_| "ec2.internet_gateway".to_owned()));
    there
}

/// What the tables say should be there, in the same words.
async fn wanted(world: &mut World) -> Vec<String> {
    const WORDS: [(&str, &str); 10] = [
        ("ec2.vpc", "' ' || cidr_block"),
        ("ec2.subnet", "' ' || cidr_block"),
        ("ec2.security_group", "' ' || description"),
        ("ec2.internet_gateway", "''"),
        ("iam.role", "' ' || name"),
        ("sqs.queue", "' ' || name"),
        ("logs.log_group", "' ' || name"),
        ("secretsmanager.secret", "' ' || name"),
        ("s3.bucket", "' ' || name"),
        ("kms.key", "' ' || name"),
    ];
    let installed = world.ask("select name from iasql.resource").await;
    let mut rows = vec![];
    for (table, rest) in WORDS.iter().filter(|(table, _)| installed.iter().any(|name| name == table)) {
        rows.extend(world.ask(&format!("select '{table}' || {rest} from {table}")).await);
    }
    rows.sort();
    rows
}
