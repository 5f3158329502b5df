//! What is in the account, asked past every fault: a line for each thing, as the tables would have it.

use aws_sdk_ec2::types::{SecurityGroup, Tag};
use aws_sdk_sqs::{operation::get_queue_attributes::GetQueueAttributesError, types::QueueAttributeName};
use iasql::aws::Aws;

/// A line for each thing, in order.
pub(super) async fn inventory(aws: &Aws) -> Vec<String> {
    let mut lines = networks(aws).await;
    lines.extend(names(aws).await);
    lines.extend(queues(aws).await);
    lines.sort();
    lines
}

fn tag<'a>(tags: &'a [Tag], key: &str) -> &'a str {
    tags.iter().find(|tag| tag.key() == Some(key)).and_then(Tag::value).unwrap_or("-")
}

async fn networks(aws: &Aws) -> Vec<String> {
    let ec2 = aws.ec2();
    let (vpcs, subnets, groups) =
        tokio::join!(ec2.describe_vpcs().send(), ec2.describe_subnets().send(), ec2.describe_security_groups().send());
    let (vpcs, subnets, groups) = (vpcs.expect("networks"), subnets.expect("subnets"), groups.expect("groups"));
    let vpcs = vpcs.vpcs().iter().map(|it| format!("vpc {} {}", tag(it.tags(), "Name"), it.cidr_block().unwrap_or_default()));
    let subnets = subnets.subnets().iter().map(|it| {
        let (name, round) = (tag(it.tags(), "Name"), tag(it.tags(), "round"));
        format!("subnet {name} {} {round}", it.cidr_block().unwrap_or_default())
    });
    // each network has one that it made by itself
    let ours = groups.security_groups().iter().filter(|group| group.group_name() != Some("default"));
    let groups = ours.flat_map(|it| [format!("group {}", tag(it.tags(), "Name"))].into_iter().chain(rules(it)));
    vpcs.chain(subnets).chain(groups).collect()
}

fn rules(group: &SecurityGroup) -> impl Iterator<Item = String> {
    let ranges = group.ip_permissions().iter().flat_map(|rule| rule.ip_ranges().iter().map(move |range| (rule, range)));
    ranges.map(|(rule, range)| {
        let (name, port) = (tag(group.tags(), "Name"), rule.from_port().unwrap_or_default());
        format!("rule {name} {port} {}", range.cidr_ip().unwrap_or_default())
    })
}

async fn names(aws: &Aws) -> Vec<String> {
    let (s3, iam, secrets) = (aws.s3(), aws.iam(), aws.secretsmanager());
    let (buckets, roles, secrets) = tokio::join!(s3.list_buckets().send(), iam.list_roles().send(), secrets.list_secrets().send());
    let (buckets, roles, secrets) = (buckets.expect("buckets"), roles.expect("roles"), secrets.expect("secrets"));
    let buckets = buckets.buckets().iter().map(|it| format!("bucket {}", it.name().unwrap_or_default()));
    let roles = roles.roles().iter().map(|it| format!("role {} {}", it.role_name(), it.description().unwrap_or("-")));
    let secrets = secrets.secret_list().iter().map(|it| format!("secret {}", it.name().unwrap_or_default()));
    buckets.chain(roles).chain(secrets).collect()
}

async fn queues(aws: &Aws) -> Vec<String> {
    let (queues, topics) = (aws.sqs().list_queues().send().await, aws.sns().list_topics().send().await);
    let (queues, topics) = (queues.expect("queues"), topics.expect("topics"));
    let last = |text: &str, mark: char| text.rsplit(mark).next().unwrap_or_default().to_owned();
    let mut lines: Vec<String> =
        topics.topics().iter().map(|it| format!("topic {}", last(it.topic_arn().unwrap_or_default(), ':'))).collect();
    for url in queues.queue_urls() {
        let asked = aws.sqs().get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::VisibilityTimeout).send().await;
        // one that a run which began meanwhile has deleted
        if asked.as_ref().is_err_and(|error| error.as_service_error().is_some_and(GetQueueAttributesError::is_queue_does_not_exist)) {
            continue;
        }
        let told = asked.expect("a queue's attributes");
        let patience = told.attributes().and_then(|all| all.get(&QueueAttributeName::VisibilityTimeout)).map_or("-", String::as_str);
        lines.push(format!("queue {} {patience}", last(url, '/')));
    }
    lines
}
