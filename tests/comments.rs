//! `\d+` is the manual: everything of ours in a user's database has its comment.

use crate::engine::World;

#[tokio::test]
async fn every_schema_table_column_and_function_of_ours_has_its_comment() {
    let mut world = World::with(&["ec2", "s3", "secretsmanager", "rds"]).await;
    assert_eq!(world.ask(include_str!("comments/missing.sql")).await, Vec::<String>::new());
}
