//! A walk through the loop: section by section, what is done, which step the plan must show for it, and which calls carry it out.
//!
//! A section begins with `-- <section>[: <the changing calls, in any order>]`:
//!
//! - `modules: ec2 …` which modules the database has; the table's own where nothing is said.
//! - `never: replace rename` what does not exist for this type, and so has no section.
//! - `elsewhere: drift` what another test shows for this type; the body names the tests, a line each: `engine::network::what_somebody_else…`.
//! - `ground` SQL: what it stands on. All of it is made before anything is looked at.
//! - `create`, `update`, `replace`, `rename`, `delete` SQL that leads to just this step in the plan.
//! - `drift` a JSON object: what somebody else changes in the thing. The plan shows an update (or a replacement), and the check repairs it.
//! - `lost` nothing: somebody else removes the thing. The plan shows a create.
//! - `adopt` SQL: rows for a thing that somebody else has just made as they say. The plan shows that it is taken over.
//!
//! Each ends with an empty plan. The calls of the next section show whether the cloud was read as it is; after the last one a second check
//! changes nothing.

use iasql::{
    aws::register,
    engine::Kind,
    resource::{Change, Owner, Registry},
};
use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, Row};

use crate::engine::World;

/// One section of a file.
#[derive(Debug)]
pub(super) struct Section<'a> {
    pub(super) kind: &'a str,
    /// What stands behind the colon: the changing calls, or names.
    pub(super) words: Option<Vec<&'a str>>,
    pub(super) body: String,
}

const KINDS: [&str; 12] =
    ["modules", "never", "elsewhere", "ground", "create", "update", "replace", "rename", "drift", "lost", "delete", "adopt"];

/// The sections of a file, in their order.
pub(super) fn sections(text: &str) -> Vec<Section<'_>> {
    let mut all: Vec<Section<'_>> = Vec::new();
    for line in text.lines() {
        let head = line.strip_prefix("-- ").map(|head| head.split_once(':').map_or((head, None), |(kind, words)| (kind, Some(words))));
        match head {
            Some((kind, words)) if KINDS.contains(&kind) => {
                let words = words.map(|words| words.split_whitespace().collect());
                all.push(Section { kind, words, body: String::new() });
            }
            _ => all.last_mut().into_iter().for_each(|section| {
                section.body.push_str(line);
                section.body.push('\n');
            }),
        }
    }
    all
}

/// Walks a file from its first section to its last.
pub(super) async fn walk(file: &str, text: &str) {
    let table = file.replace('/', ".");
    let all = sections(text);
    let service = [file.split('/').next().unwrap_or_default()];
    let modules = all.iter().find(|section| section.kind == "modules").and_then(|section| section.words.as_deref());
    let mut walker = Walker { world: World::with(modules.unwrap_or(&service)).await, table };
    for section in all.iter().filter(|section| !["modules", "never", "elsewhere"].contains(&section.kind)) {
        walker.section(section).await;
    }
    walker.world.rests().await;
}

struct Walker {
    world: World,
    table: String,
}

impl Walker {
    async fn section(&mut self, section: &Section<'_>) {
        let mut calls = vec![];
        match section.kind {
            // what the local cloud forgets of a creation is made good before anything is looked at
            "ground" => {
                self.world.sql(&section.body).await;
                self.world.run(Kind::Check).await;
                calls = self.world.account.calls.take_changes();
            }
            "drift" => self.drift(serde_json::from_str(&section.body).expect("a JSON object")).await,
            "lost" => self.lose().await,
            "adopt" => self.foreign(&section.body).await,
            _ => self.world.sql(&section.body).await,
        }
        if ["drift", "lost", "adopt"].contains(&section.kind) {
            self.world.run(Kind::Refresh).await;
        }
        self.expect_step(section).await;
        calls.extend(self.world.carried_out().await);
        if let Some(expected) = &section.words {
            let mut expected = expected.clone();
            expected.sort_unstable();
            calls.sort();
            assert_eq!(calls, expected, "{} of {}", section.kind, self.table);
        }
    }

    /// The plan shows the step that the section is about, for this table.
    async fn expect_step(&mut self, section: &Section<'_>) {
        let query = format!("select action from iasql.plan where resource = '{}' and action <> 'unmanaged'", self.table);
        let steps = self.world.ask(&query).await;
        let proves = |step: &str| match section.kind {
            "ground" => true,
            "rename" => step == "update",
            "drift" => step == "update" || step == "replace",
            "lost" => step == "create" || step == "replace",
            kind => step == kind,
        };
        let diff = self.world.diff().await;
        assert!(section.kind == "ground" || !steps.is_empty() && steps.iter().all(|step| proves(step)), "{section:#?}: {diff:#?}");
    }

    /// The thing as it was last seen: the first of its table that is ours.
    async fn seen(&self) -> (Value, String) {
        let query = format!(
            "select to_jsonb(o.*) as seen, coalesce(o.owner, '') as owner from observed.{} o where o.managed and o.row_id is not null order by o.id limit 1",
            self.table.replace('.', "_")
        );
        let row = sqlx::query(AssertSqlSafe(query)).fetch_one(&self.world.owner).await.expect("something that was seen");
        (row.get("seen"), row.get("owner"))
    }

    async fn outside(&self, region: &str, change: Change, tag: &str) {
        let registry = register(Registry::default(), &self.world.outside().await);
        let owner = Owner { tag: tag.to_owned(), token: uuid::Uuid::new_v4().to_string() };
        let driver = registry.driver(&self.table).expect("a registered table");
        driver.apply(region, change, &owner).await.unwrap_or_else(|error| panic!("from outside: {error}"));
    }

    async fn drift(&mut self, other: Map<String, Value>) {
        let (observed, tag) = self.seen().await;
        let mut desired = observed.clone();
        desired.as_object_mut().expect("an object").extend(other);
        let region = region_of(&observed);
        self.outside(&region, Change::Update { desired, observed }, &tag).await;
    }

    async fn lose(&mut self) {
        let (observed, tag) = self.seen().await;
        let region = region_of(&observed);
        self.outside(&region, Change::Delete { observed }, &tag).await;
    }

    /// What the rows say is made by somebody who has no tag to put on it.
    async fn foreign(&mut self, sql: &str) {
        self.world.sql(sql).await;
        let query = format!(
            "select row_id from iasql.resolved_{} where not exists (select from observed.{0} o where o.row_id = resolved_{0}.row_id)",
            self.table.replace('.', "_")
        );
        let rows = sqlx::query(AssertSqlSafe(query)).fetch_all(&self.world.owner).await.expect("rows");
        assert!(!rows.is_empty(), "nothing new to adopt");
        for row in rows {
            let found = self.world.database.desired(&self.table, row.get("row_id")).await.expect("an answer").expect("a row");
            self.outside(&found.region.unwrap_or_default(), Change::Create { desired: found.desired }, "").await;
        }
    }
}

fn region_of(row: &Value) -> String {
    row["region"].as_str().unwrap_or_default().to_owned()
}
