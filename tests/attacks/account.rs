//! Attacks on the neighbour in the same account: what carries their tag stays theirs.

use iasql::{
    control::Control,
    engine::{self, Ask, Kind},
};
use uuid::Uuid;

use super::Tenant;
use crate::{
    control::{Own, own},
    support,
};

/// A neighbour's network, and a tenant in the same account.
struct Street {
    tenant: Tenant,
    control: Control,
    account: support::Account,
    /// The neighbour's network.
    id: String,
}

async fn street() -> Street {
    let account = support::account().await;
    let Own { control, url } = own().await;
    let control = control.with_cloud(Some(account.config.clone()));
    let mut neighbour = Tenant::of(Own { control: control.clone(), url: url.clone() }, &["ec2"]).await;
    neighbour.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    check(&neighbour).await;
    let id = neighbour.ask("select vpc_id from ec2.vpc").await.remove(0);
    let tenant = Tenant::of(Own { control: control.clone(), url }, &["ec2"]).await;
    Street { tenant, control, account, id }
}

async fn check(tenant: &Tenant) {
    let (database, registry) =
        (tenant.own.control.open(tenant.name()).await.unwrap(), tenant.own.control.registry(tenant.name()).await.unwrap());
    let ask = Ask { run: Uuid::new_v4(), kind: Kind::Check, asked_by: "a test".into() };
    engine::run(&database, &registry, 1, &ask, &|_| {}).await.unwrap_or_else(|error| panic!("{error:?}"));
}

impl Street {
    /// The neighbour's network is as it was, and still theirs.
    async fn is_untouched(&self) {
        let vpcs = self.account.outside().await.ec2().describe_vpcs().vpc_ids(&self.id).send().await.unwrap();
        let tags = vpcs.vpcs()[0].tags();
        assert!(!tags.iter().any(|tag| tag.key() == Some("stolen")), "{tags:?}");
        let owner = tags.iter().find(|tag| tag.key() == Some("iasql:row")).and_then(|tag| tag.value()).unwrap_or_default();
        assert!(!owner.starts_with(self.tenant.name()), "{owner}");
        assert_eq!(self.control.databases().await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn who_refers_to_a_neighbours_thing_does_not_get_it_by_taking_that_back() {
    let mut street = street().await;
    let refers =
        format!("insert into ec2.vpc (name, cidr_block, vpc_id, reference_only) values ('core', '10.0.0.0/16', '{}', true)", street.id);
    street.tenant.sql(&refers).await;
    check(&street.tenant).await;
    street.tenant.sql("update ec2.vpc set reference_only = false, tags = '{\"stolen\": \"yes\"}'").await;
    assert_eq!(street.tenant.ask("select action from iasql.plan where action <> 'unmanaged'").await, ["create"]);
    check(&street.tenant).await;
    street.tenant.sql("delete from ec2.vpc").await;
    check(&street.tenant).await;
    street.is_untouched().await;
}

#[tokio::test]
async fn who_refers_to_a_neighbours_thing_does_not_get_it_by_another_row_of_the_same_id() {
    let mut street = street().await;
    let refers = format!(
        "insert into ec2.vpc (row_id, name, cidr_block, vpc_id, reference_only) values ('00000000-0000-0000-0000-000000000001', 'core', '10.0.0.0/16', '{}', true)",
        street.id
    );
    street.tenant.sql(&refers).await;
    check(&street.tenant).await;
    street.tenant.sql("delete from ec2.vpc").await;
    street.tenant.sql("insert into ec2.vpc (row_id, name, cidr_block, tags) values ('00000000-0000-0000-0000-000000000001', 'core', '10.0.0.0/16', '{\"stolen\": \"yes\"}')").await;
    assert_eq!(street.tenant.ask("select action from iasql.plan where action <> 'unmanaged'").await, ["create"]);
    check(&street.tenant).await;
    street.tenant.sql("delete from ec2.vpc").await;
    check(&street.tenant).await;
    street.is_untouched().await;
}
