//! Clusters on AWS: a row becomes a server of RDS in two zones and read replicas of it, and takes them along.

use super::rows::{over, refusal};
use crate::{crash::Site, machines};

const PLAN: &str = "select concat_ws(' ', action, resource, name) from iasql.plan order by 1";
const SHOP: &str =
    "insert into postgres.cluster (name, provider, standbys, password, version) values ('shop', 'aws', 2, 'correct-horse', '16.4')";

#[tokio::test]
async fn a_cluster_on_aws_needs_the_module_rds_and_has_nothing_of_machines() {
    let mut without = Site::with(&["postgres"]).await;
    let said = refusal(&mut without, SHOP).await;
    assert!(said.contains("a cluster on AWS needs the module rds"), "{said}");
    assert_eq!(without.ask("select member::text from postgres.cluster_status").await, Vec::<String>::new());

    let mut site = Site::with(&["postgres", "rds"]).await;
    let with = |columns: &str, values: &str| {
        format!("insert into postgres.cluster (name, provider, standbys, {columns}) values ('shop', 'aws', 0, {values})")
    };
    for (sql, why) in [
        (with("app", "'shop'"), "a cluster with provider aws has no app"),
        (with("memory_mb, image", "512, 'x'"), "a cluster with provider aws has no image, memory_mb"),
        (with("preferred_primary", "0"), "has no preferred_primary"),
        (with("synchronous", "true"), "has no synchronous"),
        (with("bucket, endpoint", "'x', 'http://x'"), "has no bucket, endpoint"),
        (with("key", "repeat('x', 40)"), "has no key"),
        (with("backup_schedule", "'0 3 * * *'"), "of the cluster shop RDS makes the backups"),
        (with("size_gb", "19"), "a_disk_has_1_to_500_gb_and_one_of_rds_20_to_65536"),
        (with("version", "'16'"), "a_version_is_in_full_as_in_16_4"),
        (with("instance_class", "'large'"), "an_instance_class_starts_with_db"),
        (with("settings", "'{\"work_mem\": \"4096\"}'"), "settings on AWS need a version of Postgres"),
        (with("settings, version", "'{\"work_mem\": \"4MB\"}', '16.4'"), "the setting work_mem has a unit"),
        (with("databases", "'{main,other}'"), "a cluster on AWS has one database"),
        (SHOP.replace("'correct-horse'", "null"), "standbys on AWS need a password"),
        (
            "insert into postgres.cluster (name, instance_class) values ('other', 'db.t4g.micro')".to_owned(),
            "provider machines has no instance_class",
        ),
        ("insert into postgres.cluster (name, version) values ('other', '16.4')".to_owned(), "provider machines has no version"),
    ] {
        let said = refusal(&mut site, &sql).await;
        assert!(said.contains(why), "{sql}: {said}");
    }
    site.sql(SHOP).await;
    for (sql, why) in [
        ("update postgres.cluster set region = 'eu-west-1'", "of a cluster region can't be changed"),
        ("update postgres.cluster set version = '17.1'", "a cluster on AWS stays with Postgres 16"),
        ("update postgres.cluster set databases = '{other}'", "databases can't be changed"),
        ("update postgres.cluster set memory_mb = 1024", "a cluster with provider aws has no memory_mb"),
        ("update postgres.cluster set provider = 'machines'", "of a cluster provider can't be changed"),
        ("update postgres.cluster set size_gb = 19", "does not become smaller"),
        (
            "insert into postgres.cron_job (cluster, name, schedule, command) values ('shop', 'x', '* * * * *', 'select 1')",
            "the cluster shop is on AWS",
        ),
    ] {
        let said = refusal(&mut site, sql).await;
        assert!(said.contains(why), "{sql}: {said}");
    }
    site.sql("delete from postgres.cluster").await;
    site.sql("insert into rds.db_instance (name, engine, db_instance_class, allocated_storage, master_username) values ('shop-1', 'postgres', 'db.t4g.micro', 20, 'me')").await;
    let said = refusal(&mut site, SHOP).await;
    assert!(said.contains("RDS has a server shop already"), "{said}");
}

/// What AWS has: name, class, storage, zones, and what each follows.
async fn servers(site: &Site) -> Vec<String> {
    let asked = site.account.outside().await.rds().describe_db_instances().send().await;
    let mut servers: Vec<_> = asked.expect("servers").db_instances.unwrap_or_default();
    servers.sort_by(|one, other| one.db_instance_identifier.cmp(&other.db_instance_identifier));
    let said = servers.iter().map(|server| {
        let (name, class) = (server.db_instance_identifier().unwrap_or_default(), server.db_instance_class().unwrap_or_default());
        let follows = server.read_replica_source_db_instance_identifier().unwrap_or("nobody");
        format!("{name} {class} {} {} {follows}", server.allocated_storage().unwrap_or_default(), server.multi_az().unwrap_or_default())
    });
    said.collect()
}

#[tokio::test]
async fn a_row_becomes_a_server_of_rds_and_its_replicas_and_changes_them_and_takes_them_along() {
    let machines = machines::Site::open(&[]);
    let (mut site, _) = over(&machines, &["postgres", "rds"]).await;
    site.sql(&SHOP.replace("2, 'correct", "1, 'correct")).await;
    assert_eq!(site.ask(PLAN).await, ["create postgres.cluster shop", "create rds.db_instance shop", "create rds.db_instance shop-1"]);
    site.check().await;
    site.rests().await;
    assert_eq!(servers(&site).await, ["shop db.t4g.micro 20 true nobody", "shop-1 db.t4g.micro 20 false shop"]);
    let host = site.ask("select endpoint_address from rds.db_instance where name = 'shop'").await;
    assert!(host[0].contains("shop"), "{host:?}");
    assert_eq!(site.ask("select host from postgres.cluster").await, host);
    assert_eq!(site.ask("select status from postgres.cluster").await, ["steady"]);
    let members = "select concat_ws(' ', member, role, reachable, status, server_version) from postgres.cluster_status";
    assert_eq!(site.ask(members).await, ["0 primary t steady 16.4", "1 standby t steady 16.4"]);
    let planted = "select count(*)::text from (select to_jsonb(i) from observed.rds_db_instance as i union all select to_jsonb(c) from observed.postgres_cluster as c) as o (it) where position('correct-horse' in it::text) > 0";
    assert_eq!(site.ask(planted).await, ["0"]);
    assert_eq!(site.registry("select place from control.served_cluster").await, [format!("rds:{}/shop", site.name)]);

    site.sql("update postgres.cluster set standbys = 2, size_gb = 40").await;
    let changes =
        ["create rds.db_instance shop-2", "update postgres.cluster shop", "update rds.db_instance shop", "update rds.db_instance shop-1"];
    assert_eq!(site.ask(PLAN).await, changes);
    site.check().await;
    site.rests().await;
    let three = ["shop db.t4g.micro 40 true nobody", "shop-1 db.t4g.micro 40 false shop", "shop-2 db.t4g.micro 40 false shop"];
    assert_eq!(servers(&site).await, three);

    site.sql("update postgres.cluster set standbys = 1, instance_class = 'db.t4g.small', settings = '{\"work_mem\": \"8192\"}'").await;
    site.check().await;
    site.rests().await;
    assert_eq!(servers(&site).await, ["shop db.t4g.small 40 true nobody", "shop-1 db.t4g.small 40 false shop"]);
    let groups = "select distinct db_parameter_group from observed.rds_db_instance";
    assert_eq!(site.ask(groups).await, ["shop-postgres16"]);
    assert_eq!(site.ask("select name || ' ' || value from rds.db_parameter_group_parameter").await, ["work_mem 8192"]);
    assert_eq!(site.ask(members).await, ["0 primary t steady 16.4", "1 standby t steady 16.4"]);

    let said = refusal(&mut site, "update postgres.cluster set version = '16.6'").await;
    assert!(said.contains("the replicas of shop are older than 16.6"), "{said}");
    site.sql("update rds.db_instance set engine_version = '16.6' where replicate_source = 'shop'").await;
    site.check().await;
    site.sql("update postgres.cluster set version = '16.6', password = 'battery-staple'").await;
    assert_eq!(site.ask(PLAN).await, ["update postgres.cluster shop", "update rds.db_instance shop"]);
    site.check().await;
    site.rests().await;

    // the data is counted by the guards, also here
    site.sql("select iasql.set('max_deletes_percent', '100'); delete from postgres.cluster").await;
    let ends = [
        "delete postgres.cluster shop",
        "delete rds.db_instance shop",
        "delete rds.db_instance shop-1",
        "delete rds.db_parameter_group shop-postgres16",
    ];
    assert_eq!(site.ask(PLAN).await, ends);
    site.check().await;
    site.rests().await;
    assert_eq!(servers(&site).await, Vec::<String>::new());
    let order = "select resource || ' ' || name from iasql.change where action = 'delete' and resource = 'rds.db_instance' order by id";
    println!("{:?}", site.ask(order).await);
}
