//! Load balancers: what a walk does not show.

use iasql::resource::Kind;
use serde_json::{Value, json};

use super::table::Table;
use crate::support::account;

fn listener(certificate: &str) -> Value {
    json!({
        "region": "us-east-1", "name": "https", "load_balancer": "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/a/b",
        "port": 443, "protocol": "HTTPS", "ssl_policy": null, "certificate": certificate, "alpn_policy": null,
        "target_group": null, "redirect": null, "fixed_response": { "status_code": "404" }, "tags": {}, "arn": null,
    })
}

#[tokio::test]
async fn a_listener_waits_for_its_certificate() {
    let account = account().await;
    let requested = account.aws.acm().request_certificate().domain_name("example.org").validation_method("DNS".into()).send().await;
    let certificate = requested.expect("a certificate").certificate_arn.expect("its ARN");
    account.calls.take();
    let refusal = Table::of(&account, "elbv2.listener").create(listener(&certificate)).await.expect_err("not yet");
    assert_eq!((refusal.kind, refusal.operation), (Kind::Held, "CreateListener"));
    assert_eq!(account.calls.take_actions(), ["DescribeCertificate"], "AWS is not even asked for it");
}
