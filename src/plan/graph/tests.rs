//! The order of changes, against a cloud that refuses what AWS refuses.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::plan::{Action, a_step};

fn step(id: u8, action: Action) -> Step {
    let observed_id = (action != Action::Create).then_some(i64::from(id));
    Step { row_id: Some(row(id)), observed_id, ..a_step(&id.to_string(), action) }
}

fn row(id: u8) -> Uuid {
    Uuid::from_u128(u128::from(id) + 1)
}

/// The waves in which a plan can be carried out: `+1` is the creation of 1, `-1` its end, `~1` its update.
fn waves(steps: &[Step]) -> Vec<String> {
    let mut graph = Graph::new(steps).unwrap();
    let mut waves = Vec::new();
    let mut ready = graph.ready();
    while !ready.is_empty() {
        ready.sort();
        let name = |node: &Node| {
            format!(
                "{}{}",
                match node.op {
                    Op::Create => "+",
                    Op::Delete => "-",
                    Op::Forget => "(-)",
                    Op::Update => "~",
                    Op::Never => "!",
                },
                steps[node.step].name
            )
        };
        waves.push(ready.iter().map(name).collect::<Vec<_>>().join(" "));
        ready = ready.into_iter().flat_map(|node| graph.done(node)).collect();
    }
    waves
}

#[test]
fn a_parent_is_made_before_its_child() {
    let child = Step { wants: vec![row(1)], ..step(2, Action::Create) };
    assert_eq!(waves(&[child, step(1, Action::Create)]), ["+1", "+2"]);
}

#[test]
fn a_parent_is_removed_after_its_child() {
    let child = Step { holds: vec![1], ..step(2, Action::Delete) };
    assert_eq!(waves(&[step(1, Action::Delete), child]), ["-2", "-1"]);
}

#[test]
fn a_replaced_parent_replaces_all_that_stand_on_it() {
    let subnet = Step { wants: vec![row(1)], holds: vec![1], ..step(2, Action::Replace) };
    let machine = Step { wants: vec![row(2)], holds: vec![2], ..step(3, Action::Replace) };
    assert_eq!(waves(&[step(1, Action::Replace), subnet, machine]), ["-3", "-2", "-1", "+1", "+2", "+3"]);
}

#[test]
fn whoever_refers_mutably_is_moved_between_the_new_ones_beginning_and_the_old_ones_end() {
    let machine = Step { wants: vec![row(1)], holds: vec![1], ..step(2, Action::Update) };
    assert_eq!(waves(&[step(1, Action::Replace), machine]), ["+1", "~2", "-1"]);
}

#[test]
fn what_must_begin_first_makes_what_it_stands_on_begin_first() {
    let group = Step { wants: vec![row(1)], holds: vec![1], ..step(2, Action::Replace) };
    let machine = Step { wants: vec![row(2)], holds: vec![2], ..step(3, Action::Update) };
    assert_eq!(waves(&[step(1, Action::Replace), group, machine]), ["+1", "+2", "~3", "-2", "-1"]);
}

#[test]
fn what_the_cloud_removes_with_its_parent_needs_no_call() {
    let rule = Step { holds: vec![1], goes_with: vec![1], ..step(2, Action::Delete) };
    assert_eq!(waves(&[step(1, Action::Delete), rule.clone()]), ["-1", "(-)2"]);
    assert_eq!(waves(&[rule]), ["-2"]);
}

#[test]
fn what_goes_with_a_replaced_parent_is_made_on_the_new_one_at_once() {
    let rule = Step { wants: vec![row(1)], holds: vec![1], goes_with: vec![1], ..step(2, Action::Replace) };
    let machine = Step { wants: vec![row(1)], holds: vec![1], ..step(3, Action::Update) };
    assert_eq!(waves(&[step(1, Action::Replace), rule.clone(), machine]), ["+1", "+2", "~3", "-1", "(-)2"]);
    assert_eq!(waves(&[step(1, Action::Replace), rule]), ["-1", "+1", "+2", "(-)2"]);
}

#[test]
fn of_two_that_hold_each_other_by_what_goes_with_them_one_is_freed_by_a_call_of_its_own() {
    let rule = |id, with: i64, other: i64| Step { holds: vec![with, other], goes_with: vec![with], ..step(id, Action::Delete) };
    let (one, two) = (step(1, Action::Delete), step(2, Action::Delete));
    assert_eq!(waves(&[one.clone(), two.clone(), rule(3, 1, 2), rule(4, 2, 1)]), ["-3", "-2", "(-)4", "-1"]);
    // the side with fewer of them is freed
    assert_eq!(waves(&[one, two, rule(3, 1, 2), rule(5, 1, 2), rule(4, 2, 1), rule(6, 1, 1)]), ["-4", "-1", "(-)3 (-)5 (-)6", "-2"]);
}

#[test]
fn two_replaced_ones_that_hold_each_other_by_what_goes_with_them_come_apart() {
    let wants = |a, b| vec![row(a), row(b)];
    let rule = |id, with: u8, other: u8| Step {
        wants: wants(with, other),
        holds: vec![with.into(), other.into()],
        goes_with: vec![with.into()],
        ..step(id, Action::Replace)
    };
    assert_eq!(
        waves(&[step(1, Action::Replace), step(2, Action::Replace), rule(3, 1, 2), rule(4, 2, 1)]),
        ["+1 +2", "+3 +4", "-3", "-2", "(-)4", "-1"]
    );
}

#[test]
fn whoever_lets_go_does_so_before_the_end() {
    let child = Step { holds: vec![1], ..step(2, Action::Update) };
    assert_eq!(waves(&[step(1, Action::Delete), child]), ["~2", "-1"]);
}

#[test]
fn nobody_starts_who_needs_something_the_cloud_is_busy_with_or_that_is_blocked() {
    let child = Step { wants: vec![row(1)], ..step(2, Action::Create) };
    assert_eq!(waves(&[step(1, Action::Wait), child.clone()]), Vec::<String>::new());
    assert_eq!(waves(&[Step { blocked: true, ..step(1, Action::Replace) }, child]), Vec::<String>::new());
    let leaving = Step { wants: vec![row(1)], holds: vec![1], ..step(2, Action::Wait) };
    assert_eq!(waves(&[step(1, Action::Replace), leaving]), Vec::<String>::new());
}

#[test]
fn a_circle_is_told_with_its_steps() {
    let one = Step { wants: vec![row(2)], ..step(1, Action::Create) };
    let two = Step { wants: vec![row(1)], ..step(2, Action::Create) };
    let three = Step { wants: vec![row(2)], ..step(3, Action::Create) };
    assert_eq!(Graph::new(&[one, two, three]).unwrap_err(), Cycle(vec!["ec2.thing 1".into(), "ec2.thing 2".into()]));
}

/// What a row is: something that can't change in place, and those it refers to (immutably, mutably).
#[derive(Clone, Debug, PartialEq)]
struct Row {
    kind: u8,
    firm: BTreeSet<u8>,
    loose: BTreeSet<u8>,
}

type Tables = BTreeMap<u8, Row>;

/// A row refers only to rows of a lower number, as tables refer to tables below them.
fn tables() -> impl Strategy<Value = Tables> {
    let row = |id: u8| (0..3u8, prop::collection::btree_set(0..id.max(1), 0..3), prop::collection::btree_set(0..id.max(1), 0..3));
    let rows: Vec<_> = (0..10u8).map(|id| prop::option::weighted(0.75, row(id))).collect();
    rows.prop_map(|rows| {
        let there: BTreeSet<u8> = (0..).zip(&rows).filter(|(_, row)| row.is_some()).map(|(id, _)| id).collect();
        let rows = (0..).zip(rows).filter_map(|(id, row)| Some((id, row?)));
        rows.map(|(id, (kind, firm, loose))| {
            let keep = |set: BTreeSet<u8>| set.into_iter().filter(|parent| *parent < id && there.contains(parent)).collect::<BTreeSet<_>>();
            let firm = keep(firm);
            (id, Row { kind, loose: keep(loose).difference(&firm).copied().collect(), firm })
        })
        .collect()
    })
}

/// What the plan's view says of two states of the tables.
fn plan(is: &Tables, should: &Tables) -> Vec<Step> {
    let mut actions: BTreeMap<u8, Action> = BTreeMap::new();
    for id in is.keys().chain(should.keys()) {
        let action = match (is.get(id), should.get(id)) {
            (None, _) => Action::Create,
            (_, None) => Action::Delete,
            (Some(a), Some(b)) if a == b => continue,
            (Some(a), Some(b)) if a.kind != b.kind || a.firm != b.firm => Action::Replace,
            _ => Action::Update,
        };
        actions.insert(*id, action);
    }
    // a replacement drags along what refers to it firmly; what refers to it loosely needs an update
    for id in is.keys().filter(|id| should.contains_key(id)) {
        let replaced = |set: &BTreeSet<u8>| set.iter().any(|parent| actions.get(parent) == Some(&Action::Replace));
        let both = |a: &BTreeSet<u8>, b: &BTreeSet<u8>| a.intersection(b).copied().collect::<BTreeSet<u8>>();
        if replaced(&both(&is[id].firm, &should[id].firm)) {
            actions.insert(*id, Action::Replace);
        } else if replaced(&both(&is[id].loose, &should[id].loose)) {
            actions.entry(*id).or_insert(Action::Update);
        }
    }
    let all = |row: &Row| row.firm.union(&row.loose).copied().collect::<Vec<u8>>();
    let make = |(id, action): (u8, Action)| Step {
        wants: should.get(&id).map(all).unwrap_or_default().into_iter().map(row).collect(),
        holds: is.get(&id).map(all).unwrap_or_default().into_iter().map(i64::from).collect(),
        ..step(id, action)
    };
    actions.into_iter().map(make).collect()
}

/// A cloud that refuses what AWS refuses: a child without its parent, and a parent's end under its child. Every
/// incarnation of a row is a thing of its own.
#[derive(Default)]
struct Cloud {
    things: BTreeMap<u32, (u8, Row, BTreeSet<u32>)>,
    newest: BTreeMap<u8, u32>,
    old: BTreeMap<u8, u32>,
    made: u32,
}

impl Cloud {
    fn of(tables: &Tables) -> Self {
        let mut cloud = Self::default();
        for (&id, row) in tables {
            cloud.make(id, row).unwrap();
        }
        cloud.old = cloud.newest.clone();
        cloud
    }

    fn parents(&self, row: &Row) -> Result<BTreeSet<u32>, String> {
        row.firm.union(&row.loose).map(|parent| self.newest.get(parent).copied().ok_or_else(|| format!("there is no {parent}"))).collect()
    }

    fn make(&mut self, id: u8, row: &Row) -> Result<(), String> {
        let parents = self.parents(row)?;
        self.made += 1;
        self.things.insert(self.made, (id, row.clone(), parents));
        self.newest.insert(id, self.made);
        Ok(())
    }

    fn remove(&mut self, id: u8) -> Result<(), String> {
        let thing = self.old.remove(&id).ok_or_else(|| format!("{id} was not there before"))?;
        if let Some((child, ..)) = self.things.values().find(|(_, _, parents)| parents.contains(&thing)) {
            return Err(format!("{id} is still held by {child}"));
        }
        self.things.remove(&thing);
        if self.newest.get(&id) == Some(&thing) {
            self.newest.remove(&id);
        }
        Ok(())
    }

    fn update(&mut self, id: u8, row: &Row) -> Result<(), String> {
        let parents = self.parents(row)?;
        let thing = self.newest[&id];
        self.things.insert(thing, (id, row.clone(), parents));
        Ok(())
    }

    fn run(&mut self, op: Op, id: u8, should: &Tables) -> Result<(), String> {
        match op {
            Op::Create => self.make(id, &should[&id]),
            Op::Update => self.update(id, &should[&id]),
            Op::Delete | Op::Forget => self.remove(id),
            Op::Never => Err("this can never be run".into()),
        }
    }

    /// The tables that this cloud shows, and whether everybody refers to the newest of his parents.
    fn tables(&self) -> (Tables, bool) {
        let newest: BTreeSet<u32> = self.newest.values().copied().collect();
        let is_current = self.things.iter().all(|(thing, (_, _, parents))| newest.contains(thing) && parents.is_subset(&newest));
        (self.things.values().map(|(id, row, _)| (*id, row.clone())).collect(), is_current)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_cloud_becomes_any_other_without_a_refusal(is in tables(), should in tables(), backwards: bool) {
        let steps = plan(&is, &should);
        let mut cloud = Cloud::of(&is);
        let mut graph = Graph::new(&steps).map_err(|cycle| TestCaseError::fail(cycle.to_string()))?;
        let mut ready = graph.ready();
        let mut count = 0;
        while let Some(node) = if backwards { ready.pop() } else { (!ready.is_empty()).then(|| ready.remove(0)) } {
            let id: u8 = steps[node.step].name.parse().unwrap();
            cloud.run(node.op, id, &should).map_err(|said| TestCaseError::fail(format!("{:?} {id}: {said}", node.op)))?;
            ready.extend(graph.done(node));
            count += 1;
        }
        prop_assert_eq!(cloud.tables(), (should, true));
        prop_assert_eq!(count, steps.iter().map(|step| if step.action == Action::Replace { 2 } else { 1 }).sum::<usize>());
    }
}
