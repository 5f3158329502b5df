//! Servers: adding one adds room.

use std::process::Command;

use iasql::control::{BadShard, Error, Setup};

use super::{made, second, server_of, two};
use crate::{
    control::{admin, own},
    support,
};

#[tokio::test]
async fn a_new_database_goes_to_the_server_with_the_fewest_and_its_user_is_told_where_it_is() {
    let own = two().await;
    let (one, other) = (made(&own.control, &[]).await, made(&own.control, &[]).await);
    assert_ne!(server_of(&own, &one.database.name).await, server_of(&own, &other.database.name).await);
    assert_ne!(one.database.port, other.database.port);
    for made in [&one, &other] {
        let mut tenant = super::connect(made.url().expose()).await;
        super::sql(&mut tenant, "table iasql.plan").await;
    }
    let shards = own.control.shards().await.unwrap();
    assert_eq!(shards.iter().map(|shard| (&*shard.name, shard.databases)).collect::<Vec<_>>(), [("b", 1), ("home", 1)]);
}

#[tokio::test]
async fn a_server_with_databases_is_not_forgotten_and_one_without_is() {
    let own = two().await;
    made(&own.control, &[]).await;
    let said = own.control.remove_shard("b").await.unwrap_err().to_string();
    assert_eq!(said, "the server b holds one database: move them first (iasql move)");
    let elsewhere = own.control.add_shard("b", "postgres://postgres@localhost:1/postgres", None, None).await;
    assert!(elsewhere.is_err(), "a server that does not answer is none");
    own.run("update control.database set shard = 'home'").await;
    own.control.remove_shard("b").await.unwrap();
    assert!(matches!(own.control.remove_shard("b").await, Err(Error::Shard(BadShard::Unknown(_)))));
}

#[tokio::test]
async fn where_every_server_is_full_a_setup_says_so_and_makes_nothing() {
    let own = own().await;
    own.run("insert into control.setting (name, value) values ('databases_per_server', '1')").await;
    made(&own.control, &[]).await;
    let name = support::database_name();
    let refused = own.control.setup(&name, Setup { modules: Some(vec![]), ..Setup::default() }).await.unwrap_err();
    assert!(refused.is_for_the_user());
    assert_eq!(
        refused.to_string(),
        "every server is full, with 1 databases on each: iasql shard add adds one, the setting databases_per_server says how many fit"
    );
    let query = sqlx::query_scalar("select count(*) from pg_database where datname = $1").bind(&name);
    let there: i64 = query.fetch_one(&mut admin("postgres").await).await.unwrap();
    assert_eq!((there, own.ask::<i64>("select count(*) from control.database").await), (0, 1));
}

#[tokio::test]
async fn the_command_line_adds_a_server_with_a_password_file_and_refuses_a_password_in_the_address() {
    let (own, second) = (own().await, second().await);
    let iasql = |words: &[&str]| {
        let mut command = Command::new(support::binary());
        command.arg("shard").args(words).args(["--database-url", &own.url]);
        command.env_clear().env("PATH", "/usr/bin:/bin").env("PGPASSFILE", &second.passwords);
        let output = command.output().expect("the binary runs");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, _, said) = iasql(&["add", "b", "--url", &second.admin_url]);
    assert_eq!(code, Some(1));
    assert!(said.contains("libpq's password file") && !said.contains(second.admin_url.split([':', '@']).nth(2).unwrap()), "{said}");
    assert_eq!(iasql(&["add", "b", "--url", &second.url, "--public-host", "b.example.com"]).0, Some(0));
    let (_, listed, _) = iasql(&["list"]);
    assert!(listed.lines().any(|line| line.starts_with("b ") && line.contains("0 of 400") && line.contains("b.example.com:")), "{listed}");
    assert_eq!(iasql(&["remove", "b"]).0, Some(0));
    assert_eq!(iasql(&["remove", "b"]).0, Some(1));
}
