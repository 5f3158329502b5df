//! What happens to a machine next: started, stopped, frozen, replaced, destroyed; and what follows when its process has ended.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use nix::sys::signal::Signal;
use serde_json::{Value, json};

use super::{
    config::Policy,
    file, launch,
    machine::{Machine, State},
    process::Exit,
    refusal::Refusal,
    world::World,
};
use crate::causes::in_one_line;

/// How long a machine waits before it is started again: nothing at first, then twice as long each time, up to the longest.
const BREATH: Duration = Duration::from_millis(100);
const LONGEST_BREATH: Duration = Duration::from_secs(10);
/// How long it is waited before a machine is killed that could not be.
const AGAIN: Duration = Duration::from_secs(1);
/// What has lived so long is not counted among those that failed at once.
const LASTING: TimeDelta = TimeDelta::minutes(1);

/// How a machine is asked to stop: with which signal, and how long it has.
pub(super) type Manner = (Signal, Duration);

/// What follows the end of a process.
enum Next {
    Nothing,
    Launch { run: u64, after: Duration },
    Remove,
}

impl World {
    /// Starts a machine, or lets a frozen one go on; answers the state that it was in. One that runs is content.
    pub(super) async fn start(self: &Arc<Self>, app: &str, id: &str, nonce: Option<&str>) -> Result<State, Refusal> {
        let _alone = self.frost.lock().await;
        let (before, run) = self.change(app, id, |machine, now| {
            machine.yields_to(nonce, now)?;
            let before = machine.state;
            match before {
                State::Created | State::Stopped | State::Failed => begin(machine, "user", now),
                State::Suspended => machine.enter(State::Started, "start", "user", now),
                State::Started | State::Starting => {}
                other => return Err(unfit(machine, "start", other)),
            }
            Ok((before, machine.run))
        })?;
        if before.is_at_rest() {
            self.launch(id, run, Duration::ZERO);
        }
        if before == State::Suspended
            && let Err(error) = self.thaw(id, run).await
        {
            self.note(app, id, |machine, now| {
                if machine.run == run && machine.state == State::Started {
                    machine.note_failure(State::Suspended, &error, now);
                }
            });
            return Err(error.into());
        }
        Ok(before)
    }

    /// Asks a machine to stop, and kills it where it does not. One that rests is content.
    pub(super) fn stop(self: &Arc<Self>, app: &str, id: &str, nonce: Option<&str>, manner: Option<Manner>) -> Result<(), Refusal> {
        self.end(app, id, nonce, State::Stopping, manner)
    }

    /// Stops a machine, and starts it again.
    pub(super) async fn restart(self: &Arc<Self>, app: &str, id: &str, nonce: Option<&str>, manner: Option<Manner>) -> Result<(), Refusal> {
        if self.machine(app, id)?.state.is_at_rest() {
            return self.start(app, id, nonce).await.map(drop);
        }
        self.end(app, id, nonce, State::Restarting, manner)
    }

    fn end(self: &Arc<Self>, app: &str, id: &str, nonce: Option<&str>, state: State, manner: Option<Manner>) -> Result<(), Refusal> {
        let asked = self.change(app, id, |machine, now| {
            machine.yields_to(nonce, now)?;
            match machine.state {
                State::Started | State::Starting | State::Suspended => {}
                State::Stopped | State::Created | State::Failed | State::Stopping if state == State::Stopping => return Ok(None),
                other => return Err(unfit(machine, "stop", other)),
            }
            let manner = manner.map_or_else(|| machine.config().stop(), Ok)?;
            leave(machine, state, manner, now);
            Ok(Some((machine.run, manner)))
        })?;
        if let Some((run, manner)) = asked {
            self.ask(app, id, run, manner);
        }
        Ok(())
    }

    /// Freezes all processes of a machine. One that is frozen is content.
    pub(super) fn suspend(self: &Arc<Self>, app: &str, id: &str, nonce: Option<&str>) -> Result<(), Refusal> {
        let run = self.change(app, id, |machine, now| {
            machine.yields_to(nonce, now)?;
            let (config, size) = (machine.config(), machine.config().guest()?);
            match machine.state {
                State::Suspended | State::Suspending => return Ok(None),
                State::Started if size.memory_mb > 2048 || config.schedule.is_some() => {
                    let said = "a machine that is suspended has 2048 MB at most, and no schedule";
                    return Err(Refusal::Precondition(said.to_owned()));
                }
                State::Started => machine.enter(State::Suspending, "suspend", "user", now),
                other => return Err(unfit(machine, "suspend", other)),
            }
            Ok(Some(machine.run))
        })?;
        if let Some(run) = run {
            tokio::spawn(Arc::clone(self).freeze(app.to_owned(), id.to_owned(), run));
        }
        Ok(())
    }

    pub(super) async fn freeze(self: Arc<Self>, app: String, id: String, run: u64) {
        let _alone = self.frost.lock().await;
        if !self.machine(&app, &id).is_ok_and(|machine| machine.run == run && machine.state == State::Suspending) {
            return;
        }
        let frozen = self.halt(&id, run).await;
        self.note(&app, &id, |machine, now| {
            if machine.run == run && machine.state == State::Suspending {
                match &frozen {
                    Ok(()) => machine.enter(State::Suspended, "suspend", "flyd", now),
                    Err(error) => machine.note_failure(State::Started, error, now),
                }
            }
        });
    }

    /// Destroys a machine: one that rests or is frozen; another one only where that is meant. Answers when its end has begun.
    pub(super) fn destroy(self: &Arc<Self>, app: &str, id: &str, nonce: Option<&str>, force: bool) -> Result<(), Refusal> {
        let run = self.change(app, id, |machine, now| {
            machine.yields_to(nonce, now)?;
            match machine.state {
                State::Destroyed => return Err(Refusal::Missing(format!("machine not found: {} was destroyed", machine.id))),
                state if state.is_at_rest() => {
                    machine.enter(State::Destroyed, "destroy", "user", now);
                    return Ok(None);
                }
                State::Destroying | State::Suspended => {}
                _ if force => {}
                other => {
                    let said = format!("unable to destroy machine, it is {}: stop it first, or say force=true", other.word());
                    return Err(Refusal::Precondition(said));
                }
            }
            leave(machine, State::Destroying, (Signal::SIGKILL, Duration::ZERO), now);
            Ok(Some(machine.run))
        })?;
        match run {
            Some(run) => self.ask(app, id, run, (Signal::SIGKILL, Duration::ZERO)),
            None => self.remove(id),
        }
        Ok(())
    }

    /// Gives a machine another configuration; one that runs is stopped and started with it.
    pub(super) fn replace(
        self: &Arc<Self>,
        app: &str,
        id: &str,
        launch: bool,
        change: impl FnOnce(&mut Machine, DateTime<Utc>) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let (before, run, manner) = self.change(app, id, |machine, now| {
            let (before, manner) = (machine.state, machine.config().stop()?);
            if !before.is_at_rest() && !matches!(before, State::Started | State::Starting | State::Suspended) || machine.is_gone() {
                return Err(unfit(machine, "update", before));
            }
            change(machine, now)?;
            machine.note("update", "user", None, now);
            match before.is_at_rest() {
                true if launch => begin(machine, "user", now),
                true => {}
                false => leave(machine, if launch { State::Replacing } else { State::Stopping }, manner, now),
            }
            Ok((before, machine.run, manner))
        })?;
        match before.is_at_rest() {
            true if launch => self.launch(id, run, Duration::ZERO),
            true => {}
            false => self.ask(app, id, run, manner),
        }
        Ok(())
    }

    /// Starts the process of a machine that is on its way there.
    pub(super) fn launch(self: &Arc<Self>, id: &str, run: u64, after: Duration) {
        tokio::spawn(launch::begin(Arc::clone(self), id.to_owned(), run, after));
    }

    /// Signals the process of a machine that is to end, and kills it when its time is over. One that is not there yet is asked when it is.
    pub(super) fn ask(self: &Arc<Self>, app: &str, id: &str, run: u64, manner: Manner) {
        tokio::spawn(Arc::clone(self).see_off(app.to_owned(), id.to_owned(), run, manner));
    }

    async fn see_off(self: Arc<Self>, app: String, id: String, run: u64, (signal, patience): Manner) {
        match self.send(&id, run, signal).await {
            Ok(()) if signal == Signal::SIGKILL => return,
            Ok(()) => {}
            Err(error) => tracing::warn!(machine = id, "could not be signalled: {}", in_one_line(&error)),
        }
        tokio::time::sleep(patience).await;
        let is_late = |machine: Machine| machine.run == run && machine.killed_at.is_some();
        while self.machine(&app, &id).is_ok_and(is_late) && self.send(&id, run, Signal::SIGKILL).await.is_err() {
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Notes that a machine's process has ended, and does what follows.
    pub(super) fn ended(self: &Arc<Self>, app: &str, id: &str, run: u64) {
        let exit = self.folder(id).exit(run);
        let mut next = Next::Nothing;
        self.note(app, id, |machine, now| {
            if machine.run == run && !machine.state.is_at_rest() {
                next = after(machine, exit.as_ref(), now);
            }
        });
        self.forget_checks(id);
        match next {
            Next::Nothing => {}
            Next::Launch { run, after } => self.launch(id, run, after),
            Next::Remove => self.remove(id),
        }
    }

    /// A change that nobody asked for, so nobody can be told that it failed.
    pub(super) fn note(&self, app: &str, id: &str, change: impl FnOnce(&mut Machine, DateTime<Utc>)) {
        let changed = self.change(app, id, |machine, now| {
            change(machine, now);
            Ok(())
        });
        if let Err(error) = changed {
            tracing::error!(machine = id, "its state could not be kept: {error}");
        }
    }

    /// Removes what a destroyed machine has on this disk, but the note that it was.
    fn remove(self: &Arc<Self>, id: &str) {
        self.forget_process(id);
        let folder = self.folder(id);
        self.forget_checks(id);
        for path in [folder.root(), folder.log(), folder.log().with_extension("1")] {
            if let Err(error) = file::remove(&path) {
                tracing::warn!(machine = id, "{error}");
            }
        }
    }
}

/// On its way to a new process.
pub(super) fn begin(machine: &mut Machine, source: &str, now: DateTime<Utc>) {
    (machine.restarts, machine.killed_at) = (0, None);
    machine.run += 1;
    machine.enter(State::Starting, "start", source, now);
}

/// On its way to an end.
fn leave(machine: &mut Machine, state: State, (_, patience): Manner, now: DateTime<Utc>) {
    machine.killed_at = Some(now + TimeDelta::from_std(patience).unwrap_or_default());
    let kind = match state {
        State::Restarting => "restart",
        State::Replacing => "update",
        State::Destroying => "destroy",
        _ => "stop",
    };
    machine.enter(state, kind, "user", now);
}

fn unfit(machine: &Machine, what: &str, state: State) -> Refusal {
    Refusal::Precondition(format!("unable to {what} machine {} from current state: '{}'", machine.id, state.word()))
}

/// What the end of a process means for its machine.
fn after(machine: &mut Machine, exit: Option<&Exit>, now: DateTime<Utc>) -> Next {
    let was = machine.state;
    if exit.is_some_and(|exit| exit.ended_at - exit.started_at > LASTING) {
        machine.restarts = 0;
    }
    let wanted = !matches!(was, State::Started | State::Starting | State::Suspended | State::Suspending);
    let again = match was {
        State::Restarting | State::Replacing => true,
        _ if wanted => false,
        _ => is_restarted(machine, exit),
    };
    let told = told(machine, exit, wanted, again);
    let destroyed = was == State::Destroying || (!again && machine.config().auto_destroy);
    machine.killed_at = None;
    machine.state = match (destroyed, again) {
        (true, _) => State::Destroyed,
        (_, true) => State::Starting,
        _ => State::Stopped,
    };
    machine.note("exit", "flyd", Some(told), now);
    if destroyed {
        return Next::Remove;
    }
    if !again {
        return Next::Nothing;
    }
    machine.restarts = if wanted { 0 } else { machine.restarts + 1 };
    machine.run += 1;
    machine.note(if wanted { "start" } else { "restart" }, "flyd", None, now);
    Next::Launch { run: machine.run, after: breath(machine.restarts) }
}

/// Whether the policy wants it back; one whose exit code nobody knows did not end well.
fn is_restarted(machine: &Machine, exit: Option<&Exit>) -> bool {
    match machine.config().policy() {
        Ok(Policy::Always) => true,
        Ok(Policy::OnFailure(times)) => exit.is_none_or(|exit| exit.code != 0) && machine.restarts < times,
        Ok(Policy::Never) | Err(_) => false,
    }
}

fn breath(restarts: u32) -> Duration {
    match restarts {
        0 | 1 => Duration::ZERO,
        more => BREATH.saturating_mul(1 << (more - 2).min(10)).min(LONGEST_BREATH),
    }
}

/// The end, as Fly's event tells it. A code that nobody knows is told as -1.
fn told(machine: &Machine, exit: Option<&Exit>, wanted: bool, again: bool) -> Value {
    let code = exit.map_or(-1, |exit| exit.code);
    json!({
        "exit_event": {
            "exit_code": code, "guest_exit_code": code, "guest_signal": exit.and_then(|exit| exit.signal).unwrap_or(-1),
            "oom_killed": exit.is_some_and(|exit| exit.oom_killed), "requested_stop": wanted, "restarting": again,
            "exited_at": exit.map_or_else(Utc::now, |exit| exit.ended_at),
        },
        "restart_count": machine.restarts,
    })
}
