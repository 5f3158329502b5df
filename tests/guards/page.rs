//! What docs/guards.md shows, done again.

use crate::readme::Here;

#[test]
fn what_the_page_about_guards_shows_is_what_happens() {
    let here = Here::start("guards", "iasql setup shop --modules ec2 --json");
    let differences = here.differences(include_str!("../../docs/guards.md"));
    assert!(differences.is_empty(), "the page shows something else than:\n{}", differences.join("\n"));
}
