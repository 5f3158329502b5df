//! A cloud that refuses every fifth change as one too many.

use std::collections::BTreeMap;

use iasql::engine::{Kind, State};

use super::World;

const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#;

#[tokio::test]
async fn a_hundred_roles_queues_and_log_groups_are_all_made_and_none_twice() {
    let mut world = World::with(&["iam", "sqs", "logs"]).await;
    world
        .sql(&format!(
            "begin;
             insert into iam.role (name, assume_role_policy_document) select 'role-' || n, '{TRUST}' from generate_series(1, 100) n;
             insert into sqs.queue (name) select 'queue-' || n from generate_series(1, 100) n;
             insert into logs.log_group (name) select 'group-' || n from generate_series(1, 100) n;
             commit"
        ))
        .await;
    world.account.calls.throttle(5);
    let mut calls = BTreeMap::<String, usize>::new();
    let mut state = State::Waiting;
    for _ in 0..20 {
        state = world.run(Kind::Check).await.state;
        world.account.calls.take_changes().into_iter().for_each(|call| *calls.entry(call).or_default() += 1);
        if state == State::Done {
            break;
        }
    }
    assert_eq!(state, State::Done);
    assert!(calls.values().sum::<usize>() > 300, "some were refused and asked again: {calls:?}");
    world.account.calls.throttle(0);
    assert_eq!(world.account.calls.refused(), Vec::<String>::new(), "the cloud itself refused none: none was made twice");
    let aws = world.outside().await;
    let roles = aws.iam().list_roles().into_paginator().items().send().try_collect().await.unwrap();
    let queues = aws.sqs().list_queues().into_paginator().items().send().try_collect().await.unwrap();
    let groups = aws.logs().describe_log_groups().into_paginator().items().send().try_collect().await.unwrap();
    assert_eq!((roles.len(), queues.len(), groups.len()), (100, 100, 100));
    world.rests().await;
}
