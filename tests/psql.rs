//! What a person sees who sits before psql: the real one, with an engine behind it.

use std::process::Output;

use iasql::{
    control::{Made, Setup},
    worker,
};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use crate::{
    control::{Own, own},
    support,
};

struct Seat {
    made: Made,
    shutdown: CancellationToken,
    task: tokio::task::JoinHandle<Result<(), worker::Error>>,
    _own: Own,
}

impl Seat {
    /// A person with a database, an account and an engine that works.
    async fn take() -> Self {
        let account = support::account().await;
        let Own { control, url } = own().await;
        let control = control.with_cloud(Some(account.config.clone()));
        let setup = Setup { modules: Some(vec!["ec2".into()]), ..Setup::default() };
        let made = control.setup(&support::database_name(), setup).await.unwrap();
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(worker::run(control.clone(), shutdown.clone()));
        Self { made, shutdown, task, _own: Own { control, url } }
    }

    /// What psql prints: on standard output, and where notices and errors go.
    async fn types(&self, sql: &str) -> (bool, String, String) {
        let url = self.made.url();
        let psql = Command::new("psql").args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql]).arg(url.expose()).output().await;
        let Output { status, stdout, stderr } = psql.expect("psql");
        (status.success(), String::from_utf8_lossy(&stdout).into_owned(), String::from_utf8_lossy(&stderr).into_owned())
    }

    async fn leave(self) {
        self.shutdown.cancel();
        self.task.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_check_tells_of_every_step_while_it_goes() {
    let seat = Seat::take().await;
    let insert = "insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16'); insert into ec2.subnet (name, vpc, cidr_block) values ('a', 'core', '10.0.1.0/24')";
    assert!(seat.types(insert).await.0);
    let (done, _, told) = seat.types("call iasql.check()").await;
    let told: Vec<&str> = told.lines().map(|line| line.split(" in ").next().unwrap_or_default()).collect();
    assert_eq!(
        (done, &told[..]),
        (
            true,
            &[
                "NOTICE:  ok     create ec2.vpc core (us-east-1)",
                "NOTICE:  ok     create ec2.subnet a (us-east-1)",
                "NOTICE:  2 changes made; the cloud is as the tables say"
            ][..]
        )
    );
    assert!(seat.types("call iasql.refresh()").await.2.contains("the cloud was read"));
    assert_eq!(seat.types("select iasql.diff()").await.1, "Nothing to do: the cloud is as the tables say.\n");
    assert!(seat.types("call iasql.apply()").await.2.contains("nothing to do"));
    seat.leave().await;
}

#[tokio::test]
async fn a_check_inside_a_transaction_block_is_refused_and_the_name_of_the_procedure_says_why() {
    let seat = Seat::take().await;
    let (done, _, told) = seat.types("begin; call iasql.check(); commit").await;
    assert!(!done && told.contains("invalid transaction termination") && told.contains("runs_only_outside_a_transaction_block"), "{told}");
    assert_eq!(seat.types("select count(*) from iasql.request").await.1, "0\n");
    seat.leave().await;
}

#[tokio::test]
async fn the_plan_sees_the_callers_own_uncommitted_rows_and_nobody_elses() {
    let seat = Seat::take().await;
    let sql = "begin; insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16'); select action, name from iasql.plan; rollback; select count(*) from iasql.plan";
    assert_eq!(seat.types(sql).await.1, "create|core\n0\n");
    seat.leave().await;
}

#[tokio::test]
async fn what_is_refused_is_refused_with_its_reason() {
    let seat = Seat::take().await;
    let cases = [
        ("insert into ec2.subnet (name, vpc, cidr_block) values ('a', 'nowhere', '10.0.1.0/24')", "violates foreign key constraint"),
        ("insert into ec2.vpc (name, cidr_block) values ('a', '10.0.0.0/8')", "a_vpc_has_16_to_65536_ipv4_addresses"),
        (
            "insert into ec2.vpc (name, cidr_block, vpc_id) values ('a', '10.0.0.0/16', 'vpc-1')",
            "column vpc_id of ec2.vpc is filled by the cloud",
        ),
        ("insert into ec2.vpc (name, cidr_block, tags) values ('a', '10.0.0.0/16', '{\"Name\": \"b\"}')", "tags_are_texts_by_key"),
        ("select iasql.set('colour', 'red')", "there is no setting colour"),
        ("select iasql.set('mode', 'sometimes')", "mode_is_manual_or_on_commit"),
        ("select iasql.set('tenant', 'me')", "the setting tenant belongs to the engine"),
        ("insert into iasql.change (run, resource, name, action) values (gen_random_uuid(), 'x', 'x', 'create')", "permission denied"),
        ("update observed.ec2_vpc set name = 'x'", "permission denied"),
        ("select iasql.take(99)", "permission denied"),
        ("select iasql.observe(0, 'ec2.vpc', 'us-east-1', '[]', now())", "permission denied"),
    ];
    for (sql, reason) in cases {
        let (done, _, told) = seat.types(sql).await;
        assert!(!done && told.contains(reason), "{sql}: {told}");
    }
    seat.leave().await;
}

#[tokio::test]
async fn every_change_of_a_row_is_kept_with_who_made_it_and_what_the_cloud_filled_in_is_none() {
    let seat = Seat::take().await;
    seat.types("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    seat.types("call iasql.check()").await;
    seat.types("update ec2.vpc set name = 'kern'; delete from ec2.vpc").await;
    let (_, kept, _) =
        seat.types("select operation, was ->> 'name', became ->> 'name', who = current_user from iasql.history order by id").await;
    assert_eq!(kept, "insert||core|t\nupdate|core|kern|t\ndelete|kern||t\n");
    seat.leave().await;
}

#[tokio::test]
async fn what_a_tenant_makes_in_public_is_never_taken_for_ours() {
    let seat = Seat::take().await;
    // a better match than the one in pg_catalog, if public were looked into
    let trap = "create table caught (who text); grant insert on caught to public; create function format(text, text) returns text language plpgsql as $$ begin insert into public.caught values (current_user); return pg_catalog.format($1, $2); end $$";
    assert!(seat.types(trap).await.0);
    seat.types("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    assert!(seat.types("call iasql.check()").await.0);
    assert_eq!(seat.types("select count(*) from caught where who <> current_user").await.1, "0\n");
    seat.leave().await;
}

#[tokio::test]
async fn a_list_has_its_history_too() {
    let seat = Seat::take().await;
    let rows = "insert into ec2.vpc (name, cidr_block) values ('v', '10.0.0.0/16'); insert into ec2.subnet (name, vpc, cidr_block) values ('s', 'v', '10.0.1.0/24'); insert into ec2.security_group (name, vpc) values ('g', 'v'); insert into ec2.instance (name, subnet, image_id, instance_type) values ('i', 's', 'ami-1', 't3.micro'); insert into ec2.instance_security_group (instance, security_group) values ('i', 'g'); delete from ec2.instance_security_group";
    assert!(seat.types(rows).await.0);
    let kept = "select operation, coalesce(was, became) ->> 'security_group' from iasql.history where resource = 'ec2.instance_security_group' order by id";
    assert_eq!(seat.types(kept).await.1, "insert|g\ndelete|g\n");
    seat.leave().await;
}

#[tokio::test]
async fn help_answers_inside_psql() {
    let seat = Seat::take().await;
    assert!(seat.types("select iasql.help()").await.1.contains("call iasql.check();"));
    assert!(
        seat.types("select iasql.help('ec2.vpc')").await.1.contains("cidr_block cidr, required, a change is a replacement: The IPv4 range")
    );
    seat.leave().await;
}
