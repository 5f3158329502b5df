//! The plan over many resources in twenty tables, inside an open transaction.

use std::time::{Duration, Instant};

use sqlx::AssertSqlSafe;

use crate::{
    ground::{Ground, User},
    table::{Figure, median, ratio, time},
};

const RUNS: usize = 7;
const GOAL: &str = "≤ 0.3 s at 100,000 on two idle cores";

/// How it grows from 1,000 to 100,000, and what the largest takes in other cases.
pub(crate) async fn figures(ground: &Ground) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (resources, goal) in [(1_000, ""), (10_000, ""), (100_000, GOAL)] {
        let mut user = filled(ground, resources).await;
        let changed = "update b.box_2 set size = 'large' where name = 'box-7'";
        let (bare, _) = asked(&mut user, changed, "select row_id from b.bare").await;
        let (took, steps) = asked(&mut user, changed, "select * from iasql.plan").await;
        assert_eq!(steps, 1, "one row was changed");
        let beside = format!("{} for a bare join of the same tables: {} times", time(bare), ratio(took, bare));
        figures.push(Figure {
            what: format!("`iasql.plan` over {resources} resources after one UPDATE in an open transaction"),
            measured: time(took),
            goal,
            beside,
        });
        if resources == 100_000 {
            figures.extend(others(&mut user).await);
        }
    }
    figures
}

async fn others(user: &mut User) -> Vec<Figure> {
    let one = "update b.box_2 set size = 'large' where name = 'box-7'";
    let renamed = "update b.net_1 set name = 'renamed' where name = 'net-1'";
    let replaced = "update b.net_1 set cidr_block = '10.255.255.0/24' where name = 'net-1'";
    let cases = [
        ("the same as text: `iasql.diff()`", one, "select iasql.diff()"),
        ("the plan after renaming what 500 rows refer to", renamed, "select * from iasql.plan"),
        ("the plan after a change that replaces what 1,000 rows stand on", replaced, "select * from iasql.plan"),
    ];
    let mut figures = Vec::new();
    for (what, change, question) in cases {
        let (took, rows) = asked(user, change, question).await;
        let rows = if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
        figures.push(Figure {
            what: format!("{what} (100000 resources, {rows} long)"),
            measured: time(took),
            goal: "",
            beside: String::new(),
        });
    }
    figures
}

/// A database with so many rows, all of them as the cloud has them.
async fn filled(ground: &Ground, resources: usize) -> User {
    let user = ground.user(&[]).await;
    user.as_owner(include_str!("plan/tables.sql")).await;
    user.as_owner(include_str!("plan/rows.sql")).await;
    let each = resources / 20;
    user.as_owner(&format!("select b.fill_desired(i, {each}) from generate_series(1, 4) i")).await;
    user.as_owner("select b.fill_observed(i) from generate_series(1, 4) i; select b.make_bare()").await;
    // as autovacuum would, sooner or later
    user.as_owner("vacuum analyze").await;
    user
}

/// How long the question takes after a change that nobody has committed, and how many rows the answer has.
async fn asked(user: &mut User, change: &str, question: &str) -> (Duration, usize) {
    user.sql(&format!("begin; {change}")).await;
    let mut took = Vec::new();
    let mut rows = 0;
    // the first one only warms up
    for _ in 0..=RUNS {
        let started = Instant::now();
        rows = sqlx::raw_sql(AssertSqlSafe(question.to_owned())).fetch_all(&mut user.connection).await.expect("an answer").len();
        took.push(started.elapsed());
    }
    user.sql("rollback").await;
    (median(took.split_off(1)), rows)
}
