//! Everything at once, by chance: with fixed seeds each plan of faults ends right.

use iasql::engine::{Kind, State};

use super::{TRUST, ends_right, faults, hasty};
use crate::support::faults::Rates;

/// How many plans are tried, and from which seed on.
const SEEDS: std::ops::Range<u64> = 4711..4715;

/// One plan: a small network is made, changed and taken down while each call may go wrong.
async fn plays(seed: u64) {
    let mut world = hasty(&["ec2", "iam", "sqs", "s3"]).await;
    let id = world.account.id.clone();
    faults(&world).play(seed, Rates::of_each(45));
    let make = format!(
        "begin;
         insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16');
         insert into ec2.subnet (name, vpc, cidr_block, availability_zone) values ('a', 'core', '10.0.0.0/24', 'us-east-1a'), ('b', 'core', '10.0.1.0/24', 'us-east-1b');
         insert into ec2.security_group (name, vpc, description) values ('web', 'core', 'web'), ('db', 'core', 'db');
         insert into ec2.internet_gateway (name, vpc) values ('way', 'core');
         insert into iam.role (name, assume_role_policy_document) values ('reader', '{TRUST}');
         insert into sqs.queue (name, delay_seconds) values ('jobs', 1);
         insert into s3.bucket (name) values ('chance-{id}');
         commit"
    );
    let change = "update sqs.queue set delay_seconds = 2; update ec2.subnet set cidr_block = '10.0.2.0/24' where name = 'a'; delete from ec2.security_group where name = 'db'";
    for sql in [&make, change] {
        world.sql(sql).await;
        for _ in 0..3 {
            if world.run(Kind::Check).await.state == State::Done {
                break;
            }
        }
    }
    ends_right(&mut world, 4).await;
}

#[tokio::test]
async fn whatever_goes_wrong_by_chance_ends_with_one_thing_for_each_row_and_none_besides() {
    for seed in SEEDS {
        plays(seed).await;
    }
}
