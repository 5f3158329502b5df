//! A machine on its way to a process, followed until that ends; and found again after we have been away.

use std::{sync::Arc, time::Duration};

use chrono::Utc;
use nix::sys::signal::Signal;

use super::{
    checks,
    machine::{Machine, State},
    process::Left,
    world::World,
};
use crate::causes::in_one_line;

/// Starts the process of a machine, and stays until it ends.
pub(super) async fn begin(world: Arc<World>, id: String, run: u64, after: Duration) {
    tokio::time::sleep(after).await;
    let Some(machine) = world.books().machines.get(&id).filter(|machine| machine.run == run).cloned() else { return };
    if machine.state != State::Starting {
        // it was stopped before it began
        return world.ended(&machine.app, &id, run);
    }
    match world.spawn(&machine).await {
        Ok(()) => follow(world, machine.app, id, run).await,
        // an overseer that was on its way when whoever had started it was killed
        Err(_) if world.is_on_its_way(&id) => Box::pin(find(world, machine)).await,
        Err(error) => {
            tracing::warn!(machine = id, "could not be started: {}", in_one_line(&error));
            world.note(&machine.app, &id, |machine, now| {
                if machine.run == run && !machine.state.is_at_rest() {
                    let state = match machine.state {
                        State::Destroying => State::Destroyed,
                        State::Stopping => State::Stopped,
                        _ => State::Failed,
                    };
                    machine.note_failure(state, &error, now);
                }
            });
        }
    }
}

/// Stays with a process until it ends.
pub(super) async fn follow(world: Arc<World>, app: String, id: String, run: u64) {
    let mut state = State::Started;
    world.note(&app, &id, |machine, now| {
        if machine.run == run && machine.state == State::Starting {
            machine.enter(State::Started, "start", "flyd", now);
        }
        state = machine.state;
    });
    if let Some(machine) = world.machine(&app, &id).ok().filter(|machine| machine.run == run) {
        let left = machine.killed_at.map(|at| (at - Utc::now()).to_std().unwrap_or_default());
        match (state, left) {
            (State::Destroying, _) => world.ask(&app, &id, run, (Signal::SIGKILL, Duration::ZERO)),
            (_, Some(left)) => {
                let signal = machine.config().stop().map_or(Signal::SIGINT, |(signal, _)| signal);
                world.ask(&app, &id, run, (signal, left));
            }
            (State::Suspending, None) => drop(tokio::spawn(Arc::clone(&world).freeze(app.clone(), id.clone(), run))),
            _ => {}
        }
        checks::begin(&world, &machine);
    }
    world.until_ended(&id, run).await;
    world.ended(&app, &id, run);
}

/// Finds what is left of all machines' processes after we have been away.
pub(super) fn adopt(world: &Arc<World>) {
    let machines: Vec<_> = world.books().machines.values().filter(|machine| !machine.state.is_at_rest()).cloned().collect();
    for machine in machines {
        tokio::spawn(find(Arc::clone(world), machine));
    }
}

async fn find(world: Arc<World>, machine: Machine) {
    let run = machine.run;
    match world.left(&machine).await {
        Left::Begun => {
            // whoever was about to let it go on may have been killed before that
            if machine.state == State::Started {
                drop(world.thaw(&machine.id, run).await);
            }
            follow(world, machine.app, machine.id, run).await;
        }
        Left::Nothing(place) if machine.state == State::Starting => {
            drop(place);
            begin(world, machine.id, run, Duration::ZERO).await;
        }
        Left::Nothing(_place) => world.ended(&machine.app, &machine.id, run),
        Left::Unsure => Box::pin(find(world, machine)).await,
    }
}
