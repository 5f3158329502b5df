//! A server that answers EC2's lists with 1,000 security groups and two rules for each, 50 ms after it was asked.

use std::{fmt::Write, time::Duration};

use axum::{Router, extract::State, routing::post};
use tokio::{net::TcpListener, time::sleep};

const LATENCY: Duration = Duration::from_millis(50);
const GROUPS: usize = 1000;

/// The answers, written once.
#[derive(Clone)]
struct Answers {
    vpcs: &'static str,
    groups: &'static str,
    rules: [&'static str; 2],
}

/// Serves what `database` made; answers where.
pub(crate) async fn serve(database: &str) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let endpoint = format!("http://{}", listener.local_addr().expect("its address"));
    let answers = Answers {
        vpcs: list("DescribeVpcs", "vpcSet", &vpc(database), ""),
        groups: list("DescribeSecurityGroups", "securityGroupInfo", &items(|k| group(database, k)), ""),
        rules: [
            list("DescribeSecurityGroupRules", "securityGroupRuleSet", &items(|k| ingress(database, k)), "<nextToken>more</nextToken>"),
            list("DescribeSecurityGroupRules", "securityGroupRuleSet", &items(egress), ""),
        ],
    };
    let router = Router::new().route("/", post(answer)).with_state(answers);
    tokio::spawn(async move { axum::serve(listener, router).await });
    endpoint
}

async fn answer(State(answers): State<Answers>, body: String) -> String {
    sleep(LATENCY).await;
    let value = |name: &str| url::form_urlencoded::parse(body.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let action = value("Action").unwrap_or_default();
    match &*action {
        "DescribeVpcs" => answers.vpcs.to_owned(),
        "DescribeSecurityGroups" => answers.groups.to_owned(),
        "DescribeSecurityGroupRules" => answers.rules[usize::from(value("NextToken").is_some())].to_owned(),
        _ => wrapped(&action, ""),
    }
}

fn wrapped(action: &str, inside: &str) -> String {
    format!(r#"<{action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId>{inside}</{action}Response>"#)
}

fn list(action: &str, name: &str, items: &str, next: &str) -> &'static str {
    wrapped(action, &format!("<{name}>{items}</{name}>{next}")).leak()
}

fn items(item: impl Fn(usize) -> String) -> String {
    (1..=GROUPS).fold(String::new(), |mut all, k| {
        write!(all, "<item>{}</item>", item(k)).expect("a text takes everything");
        all
    })
}

fn vpc(database: &str) -> String {
    let tags = tags(database, Some("main"), 0, 0);
    format!(
        "<item><vpcId>vpc-1</vpcId><state>available</state><cidrBlock>10.0.0.0/16</cidrBlock><instanceTenancy>default</instanceTenancy>{tags}</item>"
    )
}

fn group(database: &str, k: usize) -> String {
    let open = "<ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>443</toPort><ipRanges><item><cidrIp>10.0.0.0/8</cidrIp></item></ipRanges>";
    format!(
        "<ownerId>123456789012</ownerId><groupId>sg-{k}</groupId><groupName>group-{k}-12345678</groupName><groupDescription>Managed by iasql</groupDescription>\
         <vpcId>vpc-1</vpcId><ipPermissions><item>{open}</item></ipPermissions>{}",
        tags(database, Some(&format!("group-{k}")), 1, k)
    )
}

fn ingress(database: &str, k: usize) -> String {
    format!(
        "<securityGroupRuleId>sgr-1{k}</securityGroupRuleId><groupId>sg-{k}</groupId><groupOwnerId>123456789012</groupOwnerId><isEgress>false</isEgress>\
         <ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>443</toPort><cidrIpv4>10.0.0.0/8</cidrIpv4>{}",
        tags(database, None, 2, k)
    )
}

/// The rule that AWS gives to every group by itself.
fn egress(k: usize) -> String {
    format!(
        "<securityGroupRuleId>sgr-2{k}</securityGroupRuleId><groupId>sg-{k}</groupId><groupOwnerId>123456789012</groupOwnerId><isEgress>true</isEgress>\
         <ipProtocol>-1</ipProtocol><fromPort>-1</fromPort><toPort>-1</toPort><cidrIpv4>0.0.0.0/0</cidrIpv4>"
    )
}

/// The tags that our own engine would have set: as `rows/groups.sql` numbers its rows.
fn tags(database: &str, name: Option<&str>, kind: usize, k: usize) -> String {
    let name = name.map(|name| format!("<item><key>Name</key><value>{name}</value></item>")).unwrap_or_default();
    format!("<tagSet>{name}<item><key>iasql:row</key><value>{database}/00000000-0000-4000-800{kind}-{k:012}</value></item></tagSet>")
}
