//! Changes by chance: whatever was done to the tables, they can be seen and put back as they were.

use sqlx::{AssertSqlSafe, Connection};

use super::{now, tree};
use crate::engine::World;

/// All rows of the tree, by everything that a user writes.
const ALL: &str = "select x::text from (
    select to_jsonb(n.*) as x from tree.node n union all select to_jsonb(l.*) from tree.leaf l union all select to_jsonb(m.*) from tree.mark m) a order by 1";

/// The same as they were.
fn as_of(time: &str) -> String {
    let past = |table: &str| format!("select to_jsonb(r.*) as x from iasql.as_of(null::tree.{table}, '{time}') r");
    format!("select x::text from ({} union all {} union all {}) a order by 1", past("node"), past("leaf"), past("mark"))
}

/// Numbers that look like chance, and are the same for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    /// Few names, so that they are taken, swapped and used again.
    fn name(&mut self) -> char {
        ['a', 'b', 'c', 'd', 'e'][usize::try_from(self.below(5)).unwrap()]
    }

    fn statement(&mut self) -> String {
        let (one, two, number) = (self.name(), self.name(), self.below(9));
        match self.below(12) {
            0 | 1 => format!("insert into tree.node (name, note) values ('{one}', '{number}')"),
            2 | 3 => format!("insert into tree.leaf values ('{one}', '{two}')"),
            4 => format!("insert into tree.mark values ('{one}', '{two}', {number})"),
            5 => format!("update tree.node set name = '{two}' where name = '{one}'"),
            6 => format!("update tree.node set parent = '{two}', note = '{number}' where name = '{one}'"),
            7 => format!("update tree.node set best = '{two}' where name = '{one}'"),
            8 => format!("update tree.leaf set name = '{two}' where name = '{one}'"),
            9 => format!("update tree.mark set weight = {number} where node = '{one}'"),
            10 => format!("delete from tree.node where name = '{one}'"),
            _ => format!("delete from tree.leaf where name = '{one}'"),
        }
    }

    /// A few statements in one transaction; what is refused is left out, and some end in a rollback.
    async fn transaction(&mut self, world: &mut World) {
        let mut open = world.user.begin().await.unwrap();
        for _ in 0..=self.below(4) {
            let mut inner = open.begin().await.unwrap();
            match sqlx::raw_sql(AssertSqlSafe(self.statement())).execute(&mut *inner).await {
                Ok(_) => inner.commit().await.unwrap(),
                Err(_) => inner.rollback().await.unwrap(),
            }
        }
        if self.below(6) == 0 { open.rollback().await.unwrap() } else { open.commit().await.unwrap() }
    }
}

async fn goes_back_to_whatever_was(seed: u64) {
    let mut world = World::with(&["secretsmanager"]).await;
    tree(&world).await;
    world.sql("insert into tree.node (name) values ('a'), ('b'); insert into tree.leaf values ('a', 'a'), ('b', 'a')").await;
    let (mut chance, mut past) = (Chance(seed), Vec::new());
    for _ in 0..12 {
        past.push((now(&mut world).await, world.ask(ALL).await));
        for _ in 0..6 {
            chance.transaction(&mut world).await;
        }
    }
    assert!(past.iter().map(|(_, rows)| rows).collect::<std::collections::BTreeSet<_>>().len() > 6, "seed {seed}: something happens");
    for (time, rows) in &past {
        assert_eq!(&world.ask(&as_of(time)).await, rows, "seed {seed}, as of {time}");
        world.sql(&format!("begin; call iasql.revert_to('{time}')")).await;
        assert_eq!(&world.ask(ALL).await, rows, "seed {seed}, back to {time}");
        world.sql("rollback").await;
    }
    // for good, and back again to where it came from
    let (end, last) = (now(&mut world).await, world.ask(ALL).await);
    for (time, rows) in past.iter().rev() {
        world.sql(&format!("call iasql.revert_to('{time}')")).await;
        assert_eq!(&world.ask(ALL).await, rows, "seed {seed}, for good to {time}");
    }
    world.sql(&format!("call iasql.revert_to('{end}')")).await;
    assert_eq!(world.ask(ALL).await, last, "seed {seed}");
    assert_eq!(world.ask("select name from iasql.revert_diff(clock_timestamp())").await, Vec::<String>::new());
}

#[tokio::test]
async fn whatever_was_done_to_the_tables_they_are_seen_and_put_back_as_they_were() {
    for seed in [1, 2] {
        goes_back_to_whatever_was(seed).await;
    }
}
