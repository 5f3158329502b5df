//! A rule of a network ACL: one kind of traffic that it lets pass, or does not.

use aws_sdk_ec2::types::{IcmpTypeCode, NetworkAcl as Acl, NetworkAclEntry as Answer, PortRange, RuleAction};
use serde::{Deserialize, Serialize};

use super::{cidr::canonical, network_acl::acls};
use crate::{
    aws::{Aws, error::refused},
    resource::{Error, Observed, Owner, Resource, gone},
};

/// The number of the rule at the end of each direction that drops the rest; nobody can change it.
const LAST: i32 = 32767;

/// The protocols that are written by name, as in `ec2.security_group_rule`; the API takes and gives numbers.
///
/// <https://www.iana.org/assignments/protocol-numbers/protocol-numbers.xhtml>
const PROTOCOLS: [(&str, &str); 4] = [("icmp", "1"), ("tcp", "6"), ("udp", "17"), ("icmpv6", "58")];

/// A row of `ec2.network_acl_rule`. It has no tags, and no id but where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct NetworkAclRule {
    region: String,
    network_acl: Option<String>,
    direction: String,
    rule_number: i32,
    #[serde(flatten)]
    content: Content,
    network_acl_rule_id: Option<String>,
}

/// All that changes in place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Content {
    rule_action: String,
    protocol: String,
    cidr_block: Option<String>,
    ipv6_cidr_block: Option<String>,
    from_port: Option<i32>,
    to_port: Option<i32>,
    icmp_type: Option<i32>,
    icmp_code: Option<i32>,
}

impl Resource for NetworkAclRule {
    const TABLE: &'static str = "ec2.network_acl_rule";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let acls = acls(aws).await?;
        let rules = acls.iter().flat_map(|acl| acl.entries().iter().map(|rule| Self::shown(rule, acl, aws.region())));
        Ok(rules.collect())
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let Content { rule_action, cidr_block, ipv6_cidr_block, .. } = self.content.clone();
        let call = aws
            .ec2()
            .create_network_acl_entry()
            .set_network_acl_id(self.network_acl.clone())
            .egress(self.direction == "egress")
            .rule_number(self.rule_number)
            .protocol(self.content.protocol_number())
            .rule_action(RuleAction::from(rule_action.as_str()))
            .set_cidr_block(cidr_block)
            .set_ipv6_cidr_block(ipv6_cidr_block)
            .set_port_range(self.content.ports())
            .set_icmp_type_code(self.content.icmp());
        call.send().await.map_err(refused("CreateNetworkAclEntry"))?;
        Ok(Observed::of(self.known()))
    }

    async fn update(self, was: Observed<Self>, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        if self.content == was.row.content {
            return Ok(was);
        }
        let Content { rule_action, cidr_block, ipv6_cidr_block, .. } = self.content.clone();
        let call = aws
            .ec2()
            .replace_network_acl_entry()
            .set_network_acl_id(was.row.network_acl.clone())
            .egress(was.row.direction == "egress")
            .rule_number(was.row.rule_number)
            .protocol(self.content.protocol_number())
            .rule_action(RuleAction::from(rule_action.as_str()))
            .set_cidr_block(cidr_block)
            .set_ipv6_cidr_block(ipv6_cidr_block)
            .set_port_range(self.content.ports())
            .set_icmp_type_code(self.content.icmp());
        call.send().await.map_err(refused("ReplaceNetworkAclEntry"))?;
        Ok(Observed::of(Self { content: self.content, ..was.row }))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let call = aws.ec2().delete_network_acl_entry().set_network_acl_id(self.network_acl).egress(self.direction == "egress");
        gone(call.rule_number(self.rule_number).send().await.map_err(refused("DeleteNetworkAclEntry")))?;
        Ok(None)
    }
}

impl NetworkAclRule {
    /// With the id that it has by where it stands.
    fn known(self) -> Self {
        let id = format!("{},{},{}", self.network_acl.as_deref().unwrap_or_default(), self.direction, self.rule_number);
        Self { network_acl_rule_id: Some(id), ..self }
    }

    fn shown(rule: &Answer, acl: &Acl, region: &str) -> Observed<Self> {
        let content = Content::shown(rule);
        let row = Self {
            region: region.to_owned(),
            network_acl: acl.network_acl_id().map(str::to_owned),
            direction: if rule.egress().unwrap_or_default() { "egress" } else { "ingress" }.to_owned(),
            rule_number: rule.rule_number().unwrap_or_default(),
            content,
            network_acl_rule_id: None,
        };
        let passes_all = row.content.rule_action == "allow" && row.content.protocol == "-1" && [100, 101].contains(&row.rule_number);
        // every ACL ends with such rules (32767, for IPv6 32768), and a default one begins with those that let all pass
        let implicit = row.rule_number >= LAST || acl.is_default().unwrap_or_default() && passes_all;
        Observed::of(row.known()).implicit(implicit)
    }
}

impl Content {
    fn protocol_number(&self) -> &str {
        PROTOCOLS.iter().find(|(name, _)| *name == self.protocol).map_or(&self.protocol, |(_, number)| number)
    }

    fn ports(&self) -> Option<PortRange> {
        Some(PortRange::builder().from(self.from_port?).to(self.to_port?).build())
    }

    fn icmp(&self) -> Option<IcmpTypeCode> {
        Some(IcmpTypeCode::builder().r#type(self.icmp_type?).code(self.icmp_code?).build())
    }

    fn shown(rule: &Answer) -> Self {
        let number = rule.protocol().unwrap_or_default();
        let protocol = PROTOCOLS.iter().find(|(_, known)| *known == number).map_or(number, |(name, _)| name);
        let ports = rule.port_range().filter(|_| ["tcp", "udp"].contains(&protocol));
        let icmp = rule.icmp_type_code().filter(|_| ["icmp", "icmpv6"].contains(&protocol));
        Self {
            rule_action: rule.rule_action().map_or("", RuleAction::as_str).to_owned(),
            protocol: protocol.to_owned(),
            cidr_block: rule.cidr_block().map(canonical),
            ipv6_cidr_block: rule.ipv6_cidr_block().map(canonical),
            from_port: ports.and_then(PortRange::from),
            to_port: ports.and_then(PortRange::to),
            icmp_type: icmp.and_then(IcmpTypeCode::r#type),
            icmp_code: icmp.and_then(IcmpTypeCode::code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_are_named_as_in_security_groups_and_sent_as_numbers() {
        for (number, name) in [("6", "tcp"), ("17", "udp"), ("1", "icmp"), ("58", "icmpv6"), ("-1", "-1"), ("47", "47")] {
            let shown = Content::shown(&Answer::builder().protocol(number).build());
            assert_eq!((shown.protocol.as_str(), shown.protocol_number()), (name, number));
        }
    }

    #[test]
    fn what_aws_puts_into_an_acl_is_nobodys() {
        let rule = |number| Answer::builder().rule_number(number).protocol("-1").rule_action(RuleAction::Allow).build();
        let implicit = |default, number| {
            NetworkAclRule::shown(&rule(number), &Acl::builder().network_acl_id("acl-1").is_default(default).build(), "us-east-1").implicit
        };
        assert!(implicit(true, 100) && implicit(true, 101) && implicit(false, 32767) && implicit(false, 32768));
        assert!(!implicit(false, 100) && !implicit(true, 200));
    }
}
