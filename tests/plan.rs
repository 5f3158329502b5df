//! The plan's SQL on its own: files of rows, and beside each the plan that is expected of it.

use sqlx::{AssertSqlSafe, Row};

use crate::engine::World;

/// Runs one case inside a transaction, as the database's owner, and compares the plan with the file beside it.
async fn case(name: &str) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plan");
    let world = World::with(&["ec2"]).await;
    let sql = std::fs::read_to_string(format!("{folder}/{name}.sql")).unwrap();
    let mut open = world.owner.begin().await.unwrap();
    for sql in [include_str!("plan/prelude.sql").to_owned(), sql] {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *open).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let rows = sqlx::query(include_str!("plan/shown.sql")).fetch_all(&mut *open).await.unwrap();
    let shown: String = rows.iter().map(|row| row.get::<String, _>(0) + "\n").collect();
    let file = format!("{folder}/{name}.expected");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&file, &shown).unwrap();
    }
    assert_eq!(shown, std::fs::read_to_string(&file).unwrap_or_default(), "{name}: see {file}");
}

macro_rules! cases {
    ($($name:ident)*) => {
        $(#[tokio::test] async fn $name() { case(stringify!($name)).await; })*

        #[test]
        fn every_file_of_rows_is_a_case() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plan");
            let is_case = |name: &str| name.ends_with(".sql") && name != "prelude.sql" && name != "shown.sql";
            let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
            let mut files: Vec<String> = files.filter(|name| is_case(name)).map(|name| name.replace(".sql", "")).collect();
            files.sort();
            let mut names = vec![$(stringify!($name)),*];
            names.sort_unstable();
            assert_eq!(files, names);
        }
    };
}

cases! {
    a_child_that_the_user_deleted_stays_a_delete_when_its_parent_is_replaced
    a_list_is_folded_into_its_owner
    a_list_refers_to_several_things
    a_parent_deleted_outside_replaces_its_children
    a_rename_of_a_row_that_others_refer_to_is_one_update
    a_replaced_group_moves_its_machines_over_in_between
    a_replaced_network_drags_along_all_that_stands_on_it
    a_row_deleted_and_inserted_again_keeps_its_thing
    a_row_that_is_only_referred_to_and_not_there_blocks
    a_row_that_is_only_referred_to_is_matched_and_never_changed
    a_stranger_in_the_way_blocks_the_step_and_is_named
    a_type_that_can_not_be_seen_is_left_out_and_named
    deleted_rows_go_children_first
    new_rows_are_created_parents_first
    nothing_differs_after_everything_was_made
    null_means_that_the_cloud_decides
    the_same_key_in_two_regions_is_two_things
    what_has_no_name_is_called_by_its_id
    what_is_new_on_both_sides_is_adopted_by_key
    what_somebody_else_made_is_shown_and_left_alone
    what_the_cloud_is_busy_with_is_waited_for
    what_was_replaced_and_not_yet_removed_is_removed
    with_the_setting_delete_the_tables_are_the_whole_truth
}
