//! What is done, in order, when nothing else goes wrong.

use std::rc::Rc;

use super::{
    super::{Act, Look, Member, Millis, Standing, Step, decide::Rules, decide::decide_by},
    world::{Left, NOW, TICK, World},
};

const NOTHING: Left = Left { faults: 0, late: 0, commits: 0, losses: 0 };

/// Everything that is done until the cluster rests, and what it is then.
fn until_it_rests(mut world: World) -> (Vec<String>, World) {
    let mut done = vec![];
    for _ in 0..16 {
        while let Some((act, next)) = world.first(decide_by(&Rules::ALL, &world.record, &world.look(), NOW)) {
            done.push(said(&act));
            world = next;
            world.settle();
        }
        if world.rests() {
            return (done, world);
        }
        world.pass();
        world.settle();
    }
    panic!("it does not come to rest: {}", done.join(", "))
}

fn said(act: &Act) -> String {
    let Act::Write(next) = act else { return format!("{act:?}").replace("Member", "").replace(", names: None", "") };
    let step = match next.step {
        Step::Fence(Some(_)) => "Fence as planned".to_owned(),
        Step::Pause(planned) => format!("Pause for {:?}", planned.to),
        Step::Drain(planned) => format!("Drain for {:?}", planned.to),
        Step::Promote { to } => format!("Promote {to:?}"),
        step => format!("{step:?}").replace("(None)", ""),
    };
    let standings: Vec<_> = next.members.values().map(|standing| format!("{standing:?}")).collect();
    format!("[{}: {step}; {}]", next.term, standings.join(" ")).replace("Member", "").replace("Following", "F").replace("Apart", "A")
}

fn world(synchronous: bool, change: impl FnOnce(&mut World)) -> World {
    let mut world = World::new(synchronous, false, Left { commits: 2, ..NOTHING });
    change(&mut world);
    world
}

#[test]
fn a_killed_primary_is_fenced_salvaged_and_followed_by_the_furthest() {
    let (done, world) = until_it_rests(world(false, |world| {
        world.commit(0);
        world.settle();
        *world = world.streamed(2).unwrap_or_else(|| world.clone());
        world.commit(0);
        world.settle();
        world.nodes[0].stop();
    }));
    assert_eq!(world.acknowledged & !world.nodes[2].commits(), 0);
    assert_eq!(done.join("\n"), include_str!("killed.txt").trim());
}

#[test]
fn a_planned_change_loses_no_commit_and_the_old_one_follows_without_a_rewind() {
    let (done, _) = until_it_rests(world(true, |world| {
        world.commit(0);
        Rc::make_mut(&mut world.record).preferred = Some(Member(1));
    }));
    assert_eq!(done.join("\n"), include_str!("planned.txt").trim());
}

#[test]
fn a_candidate_that_is_not_there_in_time_gives_the_old_one_back() {
    let (done, world) = until_it_rests({
        let mut world = world(false, |world| Rc::make_mut(&mut world.record).preferred = Some(Member(1)));
        while !matches!(world.record.step, Step::Drain(_)) {
            world = world.after_an_act(&Rules::ALL).unwrap_or(world);
        }
        world.nodes[1].disk = false;
        world.nodes[1].stop();
        world
    });
    assert_eq!((world.record.primary, world.record.preferred), (Member(0), None), "{done:?}");
}

#[test]
fn a_primary_that_is_to_go_hands_over_first() {
    let mut world = world(true, |world| {
        Rc::make_mut(&mut world.record).members.insert(Member(0), Standing::Leaving);
    });
    for _ in 0..60 {
        let led = world.record.primary;
        match world.after_an_act(&Rules::ALL) {
            Some(next) => world = next,
            None => world.pass(),
        }
        world.settle();
        assert!(world.record.members.contains_key(&led) || world.record.primary != led);
    }
    assert_eq!(world.record.members.keys().copied().collect::<Vec<_>>(), [Member(1), Member(2)]);
    assert!(world.record.step == Step::Steady && world.takes_commits(world.record.primary.0.into()) && !world.nodes[0].alive);
}

#[test]
fn one_that_is_alone_starts_again_in_place() {
    let alone = |world: &mut World| {
        world.nodes.0.truncate(1);
        Rc::make_mut(&mut world.record).members.retain(|member, _| *member == Member(0));
        world.nodes[0].asks.clear();
    };
    let (done, _) = until_it_rests(world(false, |world| {
        alone(world);
        world.nodes[0].stop();
    }));
    assert!(done.contains(&"Promote { member: (0), term: 2 }".to_owned()), "{done:?}");
    let (done, _) = until_it_rests(world(false, |world| {
        alone(world);
        world.nodes[0].outdated = true;
    }));
    assert!(done.contains(&"Stop((0))".to_owned()), "{done:?}");
}

#[test]
fn one_that_has_made_its_timeline_and_does_not_lead_begins_another_term() {
    let (done, _) = until_it_rests(world(false, |world| {
        world.nodes.0.truncate(1);
        world.nodes[0].asks.clear();
        let record = Rc::make_mut(&mut world.record);
        record.members = [(Member(0), Standing::Apart)].into();
        (record.term, record.step) = (2, Step::Promote { to: Member(0) });
        // it lost the lease behind the promotion, and more than once
        world.nodes[0].stop();
        world.nodes[0].fenced = true;
        world.nodes[0].term = 2;
        world.nodes[0].timelines.extend([(2, 0), (3, 0)]);
    }));
    assert!(done.contains(&"Promote { member: (0), term: 4 }".to_owned()), "{done:?}");
}

#[test]
fn a_server_hangs_that_answers_neither_probe_or_one_of_them_not_for_long() {
    let world = world(false, |_| {});
    let lost = |warm: Option<Millis>, fresh: Option<Millis>, of_all: bool| {
        let mut look = world.look();
        for (_, seen) in look.members.iter_mut().filter(|(member, _)| of_all || **member == Member(0)) {
            (seen.warm_silent_since, seen.fresh_silent_since) = (warm.map(|ago| NOW - ago), fresh.map(|ago| NOW - ago));
        }
        matches!(decide_by(&Rules::ALL, &world.record, &look, NOW)[..], [Act::Write(_)])
    };
    assert!(lost(Some(TICK), Some(TICK), false) && lost(Some(3 * TICK), None, false) && lost(None, Some(3 * TICK), false));
    assert!(!lost(Some(TICK), None, false) && !lost(Some(TICK - 1), Some(3 * TICK - 1), false));
    assert!(!lost(Some(3 * TICK), Some(3 * TICK), true), "what all have is no hanging server");
}

#[test]
fn nobody_is_chosen_before_it_is_known_where_the_primary_ended() {
    let mut world = world(false, |world| world.nodes[0].stop());
    for _ in 0..2 {
        let look = world.look();
        let acts = decide_by(&Rules::ALL, &world.record, &look, NOW);
        world = world.first(acts).map_or(world.clone(), |(_, next)| next);
    }
    (1..3).for_each(|at| (world.nodes[at].term, world.nodes[at].receiving, world.nodes[at].follows) = (2, false, None));
    let mut look = world.look();
    let is_written = |look: &Look| matches!(decide_by(&Rules::ALL, &world.record, look, NOW)[..], [Act::Write(_)]);
    let primary = look.members.get_mut(&Member(0)).expect("the primary");
    (primary.busy, primary.fenced, primary.receiving, primary.term) = (true, false, true, 2);
    assert!(!is_written(&look));
    let primary = look.members.get_mut(&Member(0)).expect("the primary");
    (primary.busy, primary.fenced, primary.receiving) = (false, true, false);
    assert!(is_written(&look));
}

#[test]
fn without_the_store_nothing_is_done() {
    let world = world(false, |world| {
        world.store = false;
        world.nodes[0].stop();
    });
    assert!(decide_by(&Rules::ALL, &world.record, &world.look(), NOW).is_empty());
}

#[test]
fn without_the_store_a_primary_goes_on_while_all_others_acknowledge_it() {
    let mut world = world(false, |world| world.store = false);
    (0..5).for_each(|_| world.tick());
    assert!(world.takes_commits(0) && world.nodes[1].promise > 0);
    world.nodes[2].cut = super::node::Cut::All;
    (0..2).for_each(|_| world.tick());
    assert!(!world.nodes[0].alive);
}
