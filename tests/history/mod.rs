//! The history and the way back: who changed what and why, tables as they were, and all rows put back.

mod by_chance;
mod drift;
mod left_over;
mod page;
mod past;
mod revert;
pub(crate) mod webhooks;

use crate::engine::World;

/// The database's own time.
async fn now(world: &mut World) -> String {
    world.ask("select clock_timestamp()::text").await.remove(0)
}

/// Rows that refer to themselves and in a circle, and have a list.
async fn tree(world: &World) {
    sqlx::raw_sql(include_str!("tree.sql")).execute(&world.owner).await.unwrap();
}
