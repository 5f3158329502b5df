//! The command itself, ended in the middle and started again.

use std::process::Stdio;

use iasql::{
    control::{Control, Setup},
    database::modules::Library,
    schema,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use crate::{
    control::{Own, admin, own},
    support,
};

/// Databases as release 0.1 lays them: what each starts with at version 1, and no modules.
async fn old_ones(control: &Control, count: usize) -> Vec<String> {
    let carried = Library::carried().unwrap();
    let control = control.clone().with_library(Library::of(carried.base().up_to(1), []));
    let mut names = Vec::new();
    for _ in 0..count {
        let name = support::database_name();
        control.setup(&name, Setup { modules: Some(vec![]), ..Setup::default() }).await.unwrap_or_else(|error| panic!("{error:?}"));
        names.push(name);
    }
    names
}

fn upgrade(url: &str) -> Command {
    let mut command = Command::new(support::binary());
    command.args(["schema", "upgrade", "--all", "--at-once", "1", "--database-url", url]).kill_on_drop(true);
    command
}

#[tokio::test]
async fn an_upgrade_of_all_that_is_killed_half_way_is_gone_on_with_and_nothing_is_applied_twice() {
    let Own { control, url } = own().await;
    let names = old_ones(&control, 6).await;
    let mut first = upgrade(&url).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(first.stdout.take().unwrap()).lines();
    for _ in 0..2 {
        lines.next_line().await.unwrap().expect("a line for a database that was upgraded");
    }
    first.kill().await.unwrap();
    let second = upgrade(&url).output().await.unwrap();
    let said = String::from_utf8_lossy(&second.stdout).into_owned();
    assert!(second.status.success(), "{said}{}", String::from_utf8_lossy(&second.stderr));
    let newest = Library::carried().unwrap().base().newest();
    for name in &names {
        assert_eq!(schema::installed(&mut admin(name).await, "iasql").await.unwrap(), newest);
    }
    // those that the first one came through with have nothing to be done
    let again = names.iter().filter(|name| said.contains(name.as_str())).count();
    assert!(again <= 4, "{said}");
    let third = upgrade(&url).output().await.unwrap();
    assert!(String::from_utf8_lossy(&third.stdout).contains("6 databases are as they should be"), "{third:?}");
}
