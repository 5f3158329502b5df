//! A rule of a listener: which requests it takes, and what becomes of them.

use aws_sdk_elasticloadbalancingv2::types::{Rule as Answer, RulePriorityPair};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use super::{
    ASIDE,
    action::Action,
    conditions::Conditions,
    listener,
    tags::{self, Labels, retag},
};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        tags::{Tags, Told},
    },
    resource::{Error, Observed, Owner, Resource, gone},
};

/// A row of `elbv2.listener_rule`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ListenerRule {
    region: String,
    listener: String,
    priority: i32,
    conditions: Conditions,
    #[serde(flatten)]
    action: Action,
    tags: Tags,
    arn: Option<String>,
}

impl Resource for ListenerRule {
    const TABLE: &'static str = "elbv2.listener_rule";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let found = stream::iter(listener::with_rules(aws).await?).map(|listener| async move { all(aws, listener).await });
        let found: Vec<Vec<(String, Answer)>> = found.buffer_unordered(ASIDE).try_collect().await?;
        let found: Vec<(String, Answer)> = found.into_iter().flatten().collect();
        let mut told = tags::told(aws, found.iter().filter_map(|(_, rule)| rule.rule_arn.clone()).collect()).await?;
        let rows = found.into_iter().filter_map(|(listener, rule)| {
            let told = told.remove(rule.rule_arn().unwrap_or_default()).unwrap_or_default();
            Self::shown(&rule, listener, told, aws.region())
        });
        Ok(rows.collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let labels = Labels { name: None, tags: Some(&self.tags), owner: Some(&owner.tag) };
        let asked = aws
            .elbv2()
            .create_rule()
            .listener_arn(&self.listener)
            .priority(self.priority)
            .set_conditions(Some(self.conditions.sent()))
            .set_actions(Some(self.action.sent()))
            .set_tags(labels.listed());
        let made = asked.send().await.map_err(refused("CreateRule"))?;
        let made = made.rules.and_then(|made| made.into_iter().next()).ok_or_else(|| empty("CreateRule"))?;
        let told = Told { tags: self.tags, owner: Some(owner.tag.clone()), ..Told::default() };
        Self::shown(&made, self.listener, told, aws.region()).ok_or_else(|| empty("CreateRule"))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let arn = was.row.arn.clone().unwrap_or_default();
        let action = self.action.other_than(&was.row.action);
        let conditions = Some(self.conditions.clone()).filter(|conditions| *conditions != was.row.conditions);
        if action.is_some() || conditions.is_some() {
            let asked = aws.elbv2().modify_rule().rule_arn(&arn).set_actions(action.as_ref().map(Action::sent));
            asked.set_conditions(conditions.as_ref().map(Conditions::sent)).send().await.map_err(refused("ModifyRule"))?;
        }
        if self.priority != was.row.priority {
            let place = RulePriorityPair::builder().rule_arn(&arn).priority(self.priority).build();
            aws.elbv2().set_rule_priorities().rule_priorities(place).send().await.map_err(refused("SetRulePriorities"))?;
        }
        let is = Labels { name: None, tags: Some(&was.row.tags), owner: was.owner.as_deref() };
        retag(aws, &arn, is, Labels { name: None, tags: Some(&self.tags), owner: Some(&owner.tag) }).await?;
        let action = action.unwrap_or(was.row.action);
        let row = Self { priority: self.priority, conditions: self.conditions, action, tags: self.tags, ..was.row };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        gone(aws.elbv2().delete_rule().rule_arn(self.arn.unwrap_or_default()).send().await.map_err(refused("DeleteRule")))?;
        Ok(None)
    }
}

impl ListenerRule {
    /// `None` for the last one of a listener, which is the listener's own action.
    fn shown(rule: &Answer, listener: String, told: Told, region: &str) -> Option<Observed<Self>> {
        let told = told.name_is_a_tag();
        let row = Self {
            region: region.to_owned(),
            listener,
            priority: rule.priority()?.parse().ok()?,
            conditions: Conditions::shown(rule.conditions()),
            action: Action::shown(rule.actions()),
            tags: told.tags,
            arn: rule.rule_arn().map(str::to_owned),
        };
        Some(Observed::of(row).owned(told.owner))
    }
}

/// All rules of a listener but the last, with the listener's ARN; none where it is gone.
async fn all(aws: &Aws, listener: String) -> Result<Vec<(String, Answer)>, Error> {
    let found = aws.elbv2().describe_rules().listener_arn(&listener).page_size(400).into_paginator().items().send();
    let found: Vec<Answer> = match found.try_collect().await.map_err(refused("DescribeRules")) {
        Err(error) if error.is_absent() => Vec::new(),
        found => found?,
    };
    let own = found.into_iter().filter(|rule| !rule.is_default().unwrap_or_default());
    Ok(own.map(|rule| (listener.clone(), rule)).collect())
}
