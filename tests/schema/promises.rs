//! What was released is kept: each way of breaking it is named with its file.

use iasql::schema::{Schema, generate};

use super::laid::{files, queue, text};

/// What is said of the directory with some files changed.
fn said(changes: &[(&str, Option<&str>)]) -> Vec<String> {
    let faults = Schema::from_files("tests/queue", "queue", files(changes)).expect_err("a promise is broken");
    faults.faults.iter().map(ToString::to_string).collect()
}

#[test]
fn the_queue_was_released_and_is_called_as_it_is() {
    let queue = queue();
    assert_eq!((queue.released, queue.release()), (4, text("released")));
    assert_eq!(generate(&queue, "iasql"), include_str!("queue.rs"));
    assert_eq!(generate(&queue.up_to(1), "iasql"), include_str!("queue_at_1.rs"));
}

#[test]
fn a_released_procedure_keeps_its_arguments_and_its_columns() {
    let later = format!("{}procedures/put_task@5\n", "about Puts tasks differently.\n");
    for (from, to) in
        [("payload jsonb)", "payload jsonb, note text)"), ("payload jsonb)", "payload text)"), ("returns bigint", "returns integer")]
    {
        let changed = text("procedures/put_task@3.sql").replace(from, to);
        let said = said(&[("versions/0005", Some(&later)), ("procedures/put_task@5.sql", Some(&changed))]);
        let promise =
            "procedures/put_task@5.sql:1: a released procedure never changes: it was put_task(kind text, payload jsonb) returns bigint";
        assert!(said.iter().any(|said| said.starts_with(promise)), "{said:?}");
    }
    let changed = text("procedures/task_state.sql").replace("attempts integer", "tries integer");
    let said =
        said(&[("versions/0005", Some("about Other words.\nprocedures/task_state@5\n")), ("procedures/task_state@5.sql", Some(&changed))]);
    assert!(said.iter().any(|said| said.starts_with("procedures/task_state@5.sql:1: a released procedure never changes")), "{said:?}");
}

#[test]
fn a_released_procedure_never_disappears() {
    let manifest = text("versions/0001").replace("procedures/health\n", "");
    let said = said(&[("versions/0001", Some(&manifest)), ("procedures/health.sql", None)]);
    assert!(said.iter().any(|said| said.contains("the procedure health was released and is not there any more")), "{said:?}");
    assert!(said.iter().any(|said| said.contains("procedures/health.sql was released and is not there any more")), "{said:?}");
}

#[test]
fn a_released_file_is_frozen_be_it_a_table_a_change_or_a_manifest() {
    for name in
        ["task.sql", "priority.up.sql", "split_task.down.sql", "procedures/take_task@3.sql", "online/fill_payload.sql", "versions/0002"]
    {
        let edited = format!("{}\n-- and one more line\n", text(name));
        let edited = if name.starts_with("versions") { edited.replace("-- ", "# ") } else { edited };
        assert_eq!(said(&[(name, Some(&edited))]), [format!("{name}: it was released and has been edited since; make a new version")]);
    }
}

#[test]
fn nothing_is_put_into_a_released_version() {
    let down = "-- Takes the table of tasks back.\ndrop table queue.task;\n";
    assert_eq!(said(&[("task.down.sql", Some(down))]), ["task.down.sql: it was added to version 1, which is released; make a new version"]);
}

#[test]
fn no_number_is_skipped() {
    let said = said(&[("versions/0006", Some("about Nothing.\npriority\n"))]);
    assert!(said.contains(&"versions/0006: version 0005 was skipped: numbers count from 0001 without a gap".to_owned()), "{said:?}");
}

#[test]
fn a_new_version_may_add_and_redefine() {
    let body = text("procedures/health.sql").replace("count(*)", "count(t.id)");
    let changes = [("versions/0005", Some("about Counts otherwise.\nprocedures/health@5\n")), ("procedures/health@5.sql", Some(&*body))];
    let schema = Schema::from_files("tests/queue", "queue", files(&changes)).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!((schema.newest(), schema.released), (5, 4));
}
