//! Stops machines to which nobody is connected, where their services want it.

use std::{sync::Arc, time::Duration};

use chrono::Utc;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::{Proxy, load::Held};
use crate::machines::{
    machine::{Machine, State},
    service::{self, Autostop},
};

/// How often it is looked at least and at most.
const OFTEN: Duration = Duration::from_millis(50);
const SELDOM: Duration = Duration::from_secs(5);

/// Looks again and again until `shutdown`.
pub(super) async fn watch(proxy: Arc<Proxy>, shutdown: CancellationToken) {
    let mut looks = interval((proxy.services.autostop / 4).clamp(OFTEN, SELDOM));
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while shutdown.run_until_cancelled(looks.tick()).await.is_some() {
        look(&proxy);
    }
}

fn look(proxy: &Proxy) {
    let runs = |machine: &&Machine| machine.state == State::Started;
    let running: Vec<_> = proxy.world.books().machines.values().filter(runs).cloned().collect();
    proxy.load.held().retain(|id, held| held.now > 0 || running.iter().any(|machine| machine.id == *id));
    for machine in &running {
        let services = machine.config().services;
        let Some(how) = service::autostop(&services) else { continue };
        let of_app = proxy.world.books().living(&machine.app).filter(runs).count();
        if of_app > service::fewest(&services) {
            end(proxy, machine, how);
        }
    }
}

/// With the load held: who comes meanwhile finds it on its way to its end, and waits for that.
fn end(proxy: &Proxy, machine: &Machine, how: Autostop) {
    let load = proxy.load.held();
    let stands = (Utc::now() - machine.updated_at).to_std().unwrap_or_default();
    if !is_due(load.get(&machine.id).copied(), stands, proxy.begun, Instant::now(), proxy.services.autostop) {
        return;
    }
    let ended = match how {
        Autostop::Stop => proxy.world.stop(&machine.app, &machine.id, None, None),
        Autostop::Suspend => proxy.world.suspend(&machine.app, &machine.id, None),
    };
    match ended {
        Ok(()) => tracing::info!(app = machine.app, machine = machine.id, "nobody is connected, so it is put to rest"),
        // somebody has its lease, or was faster
        Err(refusal) => tracing::debug!(machine = machine.id, "it is not put to rest: {refusal}"),
    }
}

/// Whether nobody has been connected for so long to a machine that has been as it is for so long.
fn is_due(held: Option<Held>, stands: Duration, begun: Instant, now: Instant, pause: Duration) -> bool {
    let last = held.map_or(begun, |held| held.last);
    held.is_none_or(|held| held.now == 0) && stands >= pause && now - last >= pause
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_rests_when_nobody_has_been_connected_for_a_while_since_it_was_started_and_we_look() {
        let (begun, pause) = (Instant::now(), Duration::from_secs(60));
        let at = |seconds| begun + Duration::from_secs(seconds);
        let held = |now, last| Some(Held { now, last: at(last) });
        let due = |held, stands, now| is_due(held, Duration::from_secs(stands), begun, at(now), pause);
        assert!(due(None, 60, 60) && due(held(0, 40), 600, 100));
        assert!(!due(held(1, 0), 600, 600), "somebody is connected");
        assert!(!due(held(0, 41), 600, 100), "somebody was a moment ago");
        assert!(!due(None, 59, 600), "it was started a moment ago");
        assert!(!due(None, 600, 59), "nobody knows who was connected before");
    }
}
