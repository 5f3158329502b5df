//! The order in which changes may happen: what waits for what.
//!
//! 1. Nobody comes before those he wants there.
//! 2. Nobody goes while somebody holds on to him; who holds on lets go by going, by being replaced or by an update.
//! 3. A replacement is an end and a beginning. The beginning comes first where somebody must be moved over in between,
//!    or where whoever stands on it begins first; else the end does.
//! 4. Whoever the cloud removes together with his parent goes after the parent, without a call of his own; but before
//!    him with one, where the parent could else not go: two groups whose rules refer to each other.
//! 5. Whoever would stand on what can't be made stays as he is: an end that no beginning follows is none.
//! 6. Whoever is moved over to a replacement comes after what is replaced along with it: a machine gets a new group when
//!    the group has its rules.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use super::{Action, Step};

/// What is asked of the cloud. A replacement is two of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Op {
    /// Remove what is there.
    Delete,
    /// It went with its parent: nothing to ask, only to note.
    Forget,
    /// Make it.
    Create,
    /// Change it in place, or take it over.
    Update,
    /// Nothing, and not before something else has happened: whoever waits for this waits in vain for now.
    Never,
}

/// One thing to do: what, and for which step of the plan (its place in the list of steps).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// The step's place in the plan.
    pub step: usize,
    /// What to do for it.
    pub op: Op,
}

/// Steps that wait for one another.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these steps wait for one another: {}", .0.join(", "))]
pub struct Cycle(pub Vec<String>);

/// Which steps wait for which, as far as they are not done.
#[derive(Debug)]
pub struct Graph {
    nodes: Vec<Node>,
    /// How many others each one still waits for.
    waits: Vec<usize>,
    /// Who waits for each one.
    after: Vec<Vec<usize>>,
    place: HashMap<Node, usize>,
}

impl Graph {
    /// Orders a plan. Steps that are blocked, or that wait for the cloud, hold up whoever depends on them.
    pub fn new(steps: &[Step]) -> Result<Self, Cycle> {
        let steps = &*without_dead_ends(steps);
        let (mut first, mut apart) = (creates_first(steps), BTreeSet::new());
        loop {
            let graph = Self::with(steps, &first, &apart);
            let stuck = graph.stuck();
            if stuck.is_empty() {
                return Ok(graph);
            }
            // beginning before the end unties whoever is bound from both sides
            let untied: Vec<usize> =
                stuck.iter().map(|node| node.step).filter(|&step| steps[step].action == Action::Replace && first.insert(step)).collect();
            if !untied.is_empty() {
                continue;
            }
            let along = fewest_along(&stuck, steps);
            if along.is_empty() {
                let names: BTreeSet<String> =
                    stuck.iter().map(|node| format!("{} {}", steps[node.step].resource, steps[node.step].name)).collect();
                return Err(Cycle(names.into_iter().collect()));
            }
            apart.extend(along);
        }
    }

    /// All that can be done now.
    pub fn ready(&self) -> Vec<Node> {
        self.nodes.iter().zip(&self.waits).filter(|(node, waits)| **waits == 0 && node.op != Op::Never).map(|(node, _)| *node).collect()
    }

    /// Takes note that one is done; answers what can be done because of that.
    pub fn done(&mut self, node: Node) -> Vec<Node> {
        let Some(&place) = self.place.get(&node) else { return Vec::new() };
        let mut ready = Vec::new();
        for after in std::mem::take(&mut self.after[place]) {
            self.waits[after] -= 1;
            if self.waits[after] == 0 && self.nodes[after].op != Op::Never {
                ready.push(self.nodes[after]);
            }
        }
        ready
    }

    fn with(steps: &[Step], first: &BTreeSet<usize>, apart: &BTreeSet<usize>) -> Self {
        let mut graph = Self { nodes: Vec::new(), waits: Vec::new(), after: Vec::new(), place: HashMap::new() };
        let index = Index::new(steps);
        for (step, it) in steps.iter().enumerate() {
            for op in ops(it, index.goes_along(it) && !apart.contains(&step)) {
                graph.add(Node { step, op });
            }
        }
        for (step, it) in steps.iter().enumerate() {
            graph.tie_ends(step, it, first.contains(&step));
            graph.tie_to_parents(step, it, &index, steps, apart.contains(&step));
        }
        graph
    }

    fn add(&mut self, node: Node) {
        self.place.insert(node, self.nodes.len());
        self.nodes.push(node);
        self.waits.push(0);
        self.after.push(Vec::new());
    }

    fn wait(&mut self, later: Option<Node>, earlier: Option<Node>) {
        let places = later.zip(earlier).and_then(|(later, earlier)| self.place.get(&later).copied().zip(self.place.get(&earlier).copied()));
        // what can't be done now waits for nobody, so that it stands in no circle
        if let Some((later, earlier)) = places.filter(|(later, earlier)| later != earlier && self.nodes[*later].op != Op::Never) {
            self.waits[later] += 1;
            self.after[earlier].push(later);
        }
    }

    fn tie_ends(&mut self, step: usize, it: &Step, begins_first: bool) {
        if it.action == Action::Replace {
            let (begin, end) = (self.beginning(step), self.end(step));
            if begins_first { self.wait(end, begin) } else { self.wait(begin, end) }
        }
    }

    fn tie_to_parents(&mut self, step: usize, it: &Step, index: &Index, steps: &[Step], is_apart: bool) {
        for parent in it.wants.iter().filter_map(|row| index.rows.get(row).copied()).filter(|&parent| parent != step) {
            // a parent that is only changed in place is there already
            if steps[parent].action != Action::Update || steps[parent].blocked {
                self.wait(self.beginning(step), self.beginning(parent));
            }
            for &along in
                steps[parent].observed_id.iter().filter(|_| it.action == Action::Update).flat_map(|thing| index.replaced_along(*thing))
            {
                self.wait(self.beginning(step), self.beginning(along));
            }
        }
        for held in &it.holds {
            let Some(parent) = index.things.get(held).copied().filter(|&parent| parent != step) else { continue };
            let (end, parent_end) = (self.end(step), self.end(parent));
            // what is not to go keeps even those that it would go along with
            if it.goes_with.contains(held) && !is_apart && !it.blocked {
                self.wait(end, parent_end);
            } else {
                self.wait(parent_end, end.or_else(|| self.beginning(step)));
            }
        }
    }

    /// The node by which a step's thing is there as wanted.
    fn beginning(&self, step: usize) -> Option<Node> {
        [Op::Create, Op::Update, Op::Never].map(|op| Node { step, op }).into_iter().find(|node| self.place.contains_key(node))
    }

    /// The node by which a step's old thing is gone.
    fn end(&self, step: usize) -> Option<Node> {
        [Op::Delete, Op::Forget].map(|op| Node { step, op }).into_iter().find(|node| self.place.contains_key(node))
    }

    /// Those that wait for one another, if any do: what is left when all that can be done is done.
    fn stuck(&self) -> Vec<Node> {
        let mut waits = self.waits.clone();
        let mut ready: Vec<usize> = (0..waits.len()).filter(|&place| waits[place] == 0).collect();
        while let Some(place) = ready.pop() {
            for &after in &self.after[place] {
                waits[after] -= 1;
                if waits[after] == 0 {
                    ready.push(after);
                }
            }
        }
        // whoever merely waits for the circle is no part of it
        let mut left: BTreeSet<usize> = (0..waits.len()).filter(|&place| waits[place] > 0).collect();
        while let Some(&last) = left.iter().find(|&&place| !self.after[place].iter().any(|after| left.contains(after))) {
            left.remove(&last);
        }
        left.into_iter().map(|place| self.nodes[place]).collect()
    }
}

/// Where the steps are, by desired row and by observed thing.
struct Index {
    rows: HashMap<uuid::Uuid, usize>,
    things: HashMap<i64, usize>,
    leaving: BTreeSet<i64>,
    /// The replacements of what goes along with a thing.
    along: HashMap<i64, Vec<usize>>,
}

impl Index {
    fn new(steps: &[Step]) -> Self {
        let mut along: HashMap<i64, Vec<usize>> = HashMap::new();
        for (step, it) in steps.iter().enumerate().filter(|(_, it)| it.action == Action::Replace) {
            it.goes_with.iter().for_each(|thing| along.entry(*thing).or_default().push(step));
        }
        let numbered = || steps.iter().enumerate().filter(|(_, it)| it.action != Action::Unmanaged);
        Self {
            rows: numbered().filter_map(|(step, it)| Some((it.row_id?, step))).collect(),
            things: numbered().filter_map(|(step, it)| Some((it.observed_id?, step))).collect(),
            leaving: numbered()
                .filter(|(_, it)| !it.blocked && matches!(it.action, Action::Delete | Action::Replace))
                .filter_map(|(_, it)| it.observed_id)
                .collect(),
            along,
        }
    }

    fn replaced_along(&self, thing: i64) -> &[usize] {
        self.along.get(&thing).map_or(&[], Vec::as_slice)
    }

    /// Whether the cloud removes it together with something that leaves in this very plan.
    fn goes_along(&self, it: &Step) -> bool {
        it.goes_with.iter().any(|thing| self.leaving.contains(thing))
    }
}

fn ops(it: &Step, goes_along: bool) -> Vec<Op> {
    let end = if goes_along { Op::Forget } else { Op::Delete };
    match it.action {
        Action::Unmanaged => vec![],
        _ if it.blocked => vec![Op::Never],
        Action::Wait => vec![Op::Never],
        Action::Create => vec![Op::Create],
        Action::Adopt | Action::Update => vec![Op::Update],
        Action::Delete => vec![end],
        Action::Replace => vec![end, Op::Create],
    }
}

/// The plan with those replacements blocked whose new one would stand on what can't be made.
fn without_dead_ends(steps: &[Step]) -> Cow<'_, [Step]> {
    let mut steps = Cow::Borrowed(steps);
    loop {
        let unmade = |it: &&Step| it.blocked && matches!(it.action, Action::Create | Action::Replace);
        let unmade: BTreeSet<uuid::Uuid> = steps.iter().filter(unmade).filter_map(|it| it.row_id).collect();
        let is_dead_end = |it: &Step| !it.blocked && it.action == Action::Replace && it.wants.iter().any(|row| unmade.contains(row));
        let dead_ends: Vec<usize> = (0..steps.len()).filter(|&step| is_dead_end(&steps[step])).collect();
        if dead_ends.is_empty() {
            return steps;
        }
        dead_ends.into_iter().for_each(|step| steps.to_mut()[step].blocked = true);
    }
}

/// Of those in a circle that would go along with a parent: all of the parent who has the fewest.
fn fewest_along(stuck: &[Node], steps: &[Step]) -> Vec<usize> {
    let mut along: BTreeMap<&[i64], Vec<usize>> = BTreeMap::new();
    for node in stuck.iter().filter(|node| node.op == Op::Forget) {
        along.entry(&steps[node.step].goes_with).or_default().push(node.step);
    }
    along.into_values().min_by_key(Vec::len).unwrap_or_default()
}

/// The replacements whose beginning must come before their end.
fn creates_first(steps: &[Step]) -> BTreeSet<usize> {
    let index = Index::new(steps);
    let is_replaced = |step: &usize| steps[*step].action == Action::Replace;
    let wanted = |it: &Step| it.wants.iter().filter_map(|row| index.rows.get(row).copied()).filter(is_replaced).collect::<Vec<_>>();
    let mut first: BTreeSet<usize> =
        (0..steps.len()).filter(is_replaced).filter(|&step| steps[step].creates_first || index.goes_along(&steps[step])).collect();
    for it in steps.iter().filter(|it| it.action == Action::Update) {
        let held: BTreeSet<usize> = it.holds.iter().filter_map(|thing| index.things.get(thing).copied()).collect();
        first.extend(wanted(it).into_iter().filter(|parent| held.contains(parent)));
    }
    // whoever begins first needs his parents to have begun before they end; not so one that ends with his parent
    let mut frontier: Vec<usize> = first.iter().copied().collect();
    while let Some(step) = frontier.pop() {
        if !index.goes_along(&steps[step]) {
            frontier.extend(wanted(&steps[step]).into_iter().filter(|&parent| first.insert(parent)));
        }
    }
    first
}

#[cfg(test)]
mod tests;
