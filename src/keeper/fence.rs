//! The fence: a member's machine is ended through the Machines API, where its agent can't be reached, and started anew.

use futures::future::BoxFuture;
use tokio::sync::watch;

use crate::{
    causes::in_one_line,
    cluster::Outside,
    control::{Control, Led},
    failover::Member,
    fly::Fly,
};

/// The machines of a cluster.
pub(super) struct Machines {
    fly: Fly,
    led: watch::Receiver<Led>,
}

impl Machines {
    pub(super) fn of(control: &Control, led: watch::Receiver<Led>) -> Self {
        let account = led.borrow().account.clone();
        let own = account.and_then(|account| Some(control.fly().of(&account.name, account.token?)));
        Self { fly: own.unwrap_or_else(|| control.fly().clone()), led }
    }

    fn machine(&self, member: Member) -> Option<(String, String)> {
        let led = self.led.borrow();
        let mut known = led.wanted.members.iter().chain(&led.wanted.leaving);
        let found = known.find(|one| one.number == i32::from(member.0))?;
        Some((found.app.clone(), found.machine.clone()))
    }
}

impl Outside for Machines {
    fn end(&self, member: Member) -> BoxFuture<'_, bool> {
        Box::pin(async move {
            let Some((app, machine)) = self.machine(member) else { return false };
            if let Err(error) = self.fly.end(&app, &machine).await {
                tracing::warn!(app, machine, error = in_one_line(&error), "a member's machine could not be ended");
                return false;
            }
            // an agent starts no server by itself, so from here on nothing of it leads; where this fails the restart is somebody else's
            if let Err(error) = self.fly.start(&app, &machine).await {
                tracing::warn!(app, machine, error = in_one_line(&error), "a member's machine was ended, and does not start");
            }
            true
        })
    }
}
