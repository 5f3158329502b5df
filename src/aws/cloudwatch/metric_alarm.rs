//! An alarm: what happens when a metric stays beyond a threshold.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types::{AlarmType, Dimension, MetricAlarm as Answer};
use serde::{Deserialize, Serialize};

use crate::{
    aws::{Aws, caller, error::refused},
    resource::{Error, Observed, Owner, Resource, gone},
};

/// A row of `cloudwatch.metric_alarm`, with its rows of `cloudwatch.metric_alarm_action`. It has no tags, since AWS tells them alarm by alarm: its name is its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct MetricAlarm {
    region: String,
    name: String,
    alarm_description: Option<String>,
    namespace: Option<String>,
    metric_name: Option<String>,
    dimensions: BTreeMap<String, String>,
    statistic: Option<String>,
    extended_statistic: Option<String>,
    unit: Option<String>,
    period: Option<i32>,
    evaluation_periods: Option<i32>,
    datapoints_to_alarm: Option<i32>,
    comparison_operator: Option<String>,
    threshold: Option<f64>,
    treat_missing_data: Option<String>,
    evaluate_low_sample_count_percentile: Option<String>,
    actions_enabled: Option<bool>,
    actions: Option<Vec<Action>>,
    state_value: Option<String>,
    arn: Option<String>,
}

/// What is done in one state: a topic, or something else by its ARN.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Action {
    state: String,
    #[serde(default)]
    topic: Option<String>,
    #[serde(default)]
    arn: Option<String>,
}

impl Resource for MetricAlarm {
    const TABLE: &'static str = "cloudwatch.metric_alarm";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let asked = aws.cloudwatch().describe_alarms().alarm_types(AlarmType::MetricAlarm).max_records(100);
        let mut pages = asked.into_paginator().send();
        let mut all = Vec::new();
        while let Some(page) = pages.next().await {
            let alarms = page.map_err(refused("DescribeAlarms"))?.metric_alarms.unwrap_or_default();
            all.extend(alarms.into_iter().map(|alarm| Self::shown(alarm, aws.region())));
        }
        Ok(all)
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        self.put(aws).await?;
        let arn = Some(caller::arn(aws, "cloudwatch", &format!("alarm:{}", self.name)).await?);
        Ok(Observed::of(Self { arn, ..self }))
    }

    async fn update(self, was: Observed<Self>, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let row = self.over(was.row.clone());
        if row != was.row {
            row.put(aws).await?;
        }
        Ok(Observed { row, ..was })
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        gone(aws.cloudwatch().delete_alarms().alarm_names(self.name).send().await.map_err(refused("DeleteAlarms")))?;
        Ok(None)
    }
}

impl MetricAlarm {
    /// One call sets all of it, whether the alarm is there or not; what is left out of it gets its first value again.
    async fn put(&self, aws: &Aws) -> Result<(), Error> {
        let dimension = |(name, value): (&String, &String)| Dimension::builder().name(name).value(value).build();
        let asked = aws
            .cloudwatch()
            .put_metric_alarm()
            .alarm_name(&self.name)
            .set_alarm_description(self.alarm_description.clone())
            .set_namespace(self.namespace.clone())
            .set_metric_name(self.metric_name.clone())
            .set_dimensions(Some(self.dimensions.iter().map(dimension).collect()))
            .set_statistic(self.statistic.as_deref().map(Into::into))
            .set_extended_statistic(self.extended_statistic.clone())
            .set_unit(self.unit.as_deref().map(Into::into))
            .set_period(self.period)
            .set_evaluation_periods(self.evaluation_periods)
            .set_datapoints_to_alarm(self.datapoints_to_alarm)
            .set_comparison_operator(self.comparison_operator.as_deref().map(Into::into))
            .set_threshold(self.threshold)
            .set_treat_missing_data(self.treat_missing_data.clone())
            .set_evaluate_low_sample_count_percentile(self.evaluate_low_sample_count_percentile.clone())
            .set_actions_enabled(self.actions_enabled)
            .set_alarm_actions(self.done("ALARM"))
            .set_ok_actions(self.done("OK"))
            .set_insufficient_data_actions(self.done("INSUFFICIENT_DATA"));
        asked.send().await.map(drop).map_err(refused("PutMetricAlarm"))
    }

    /// What is done in a state, as AWS takes it.
    fn done(&self, state: &str) -> Option<Vec<String>> {
        let of_state = self.actions.as_ref()?.iter().filter(|action| action.state == state);
        Some(of_state.filter_map(|action| action.topic.clone().or_else(|| action.arn.clone())).collect())
    }

    /// This one, and where it asks for nothing as it was.
    fn over(self, was: Self) -> Self {
        Self {
            name: was.name,
            alarm_description: self.alarm_description.or(was.alarm_description),
            treat_missing_data: self.treat_missing_data.or(was.treat_missing_data),
            evaluate_low_sample_count_percentile: self.evaluate_low_sample_count_percentile.or(was.evaluate_low_sample_count_percentile),
            actions_enabled: self.actions_enabled.or(was.actions_enabled),
            actions: self.actions.or(was.actions),
            state_value: was.state_value,
            arn: was.arn,
            ..self
        }
    }

    fn shown(alarm: Answer, region: &str) -> Observed<Self> {
        let dimensions = alarm.dimensions.unwrap_or_default().into_iter();
        let dimensions = dimensions.map(|dimension| (dimension.name.unwrap_or_default(), dimension.value.unwrap_or_default()));
        Observed::of(Self {
            region: region.to_owned(),
            name: alarm.alarm_name.unwrap_or_default(),
            alarm_description: Some(alarm.alarm_description.unwrap_or_default()),
            namespace: alarm.namespace,
            metric_name: alarm.metric_name,
            dimensions: dimensions.collect(),
            statistic: alarm.statistic.map(|statistic| statistic.as_str().to_owned()),
            extended_statistic: alarm.extended_statistic,
            unit: alarm.unit.map(|unit| unit.as_str().to_owned()),
            period: alarm.period,
            evaluation_periods: alarm.evaluation_periods,
            datapoints_to_alarm: alarm.datapoints_to_alarm,
            comparison_operator: alarm.comparison_operator.map(|operator| operator.as_str().to_owned()),
            threshold: alarm.threshold,
            // AWS says nothing where it is as it was at first
            treat_missing_data: Some(alarm.treat_missing_data.unwrap_or_else(|| "missing".to_owned())),
            evaluate_low_sample_count_percentile: alarm.evaluate_low_sample_count_percentile,
            actions_enabled: alarm.actions_enabled,
            actions: Some(
                [of("ALARM", alarm.alarm_actions), of("OK", alarm.ok_actions), of("INSUFFICIENT_DATA", alarm.insufficient_data_actions)]
                    .concat(),
            ),
            state_value: alarm.state_value.map(|state| state.as_str().to_owned()),
            arn: alarm.alarm_arn,
        })
    }
}

/// What is done in a state. An ARN of SNS is that of a topic.
fn of(state: &str, arns: Option<Vec<String>>) -> Vec<Action> {
    let action = |arn: String| {
        let (topic, arn) = if arn.split(':').nth(2) == Some("sns") { (Some(arn), None) } else { (None, Some(arn)) };
        Action { state: state.to_owned(), topic, arn }
    };
    arns.into_iter().flatten().map(action).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:shop";
    const STOP: &str = "arn:aws:automate:us-east-1:ec2:stop";

    fn shown() -> MetricAlarm {
        let dimension = Dimension::builder().name("InstanceId").value("i-0a1b2c3d").build();
        let alarm = Answer::builder().alarm_name("busy").threshold(90.0).period(300).dimensions(dimension);
        MetricAlarm::shown(alarm.alarm_actions(TOPIC).alarm_actions(STOP).ok_actions(TOPIC).build(), "us-east-1").row
    }

    #[test]
    fn an_alarm_is_shown_as_the_database_prints_it() {
        let row = serde_json::to_value(shown()).expect("a row");
        assert_eq!((&row["dimensions"], &row["threshold"]), (&json!({ "InstanceId": "i-0a1b2c3d" }), &json!(90.0)));
        assert_eq!((&row["alarm_description"], &row["treat_missing_data"], &row["unit"]), (&json!(""), &json!("missing"), &Value::Null));
        assert_eq!(row["actions"][0], json!({ "state": "ALARM", "topic": TOPIC, "arn": null }));
        assert_eq!(row["actions"][1], json!({ "state": "ALARM", "topic": null, "arn": STOP }));
        assert_eq!(row["actions"][2]["state"], json!("OK"));
    }

    #[test]
    fn a_change_says_all_of_an_alarm_and_keeps_what_it_does_not_ask_for() {
        let kept = MetricAlarm { threshold: Some(80.5), actions: None, ..shown() }.over(shown());
        assert_eq!((kept.threshold, kept.period, kept.done("OK")), (Some(80.5), Some(300), Some(vec![TOPIC.to_owned()])));
        let changed = MetricAlarm { actions: Some(of("OK", Some(vec![STOP.to_owned()]))), ..shown() }.over(shown());
        assert_eq!((changed.done("ALARM"), changed.done("OK")), (Some(Vec::new()), Some(vec![STOP.to_owned()])));
    }
}
