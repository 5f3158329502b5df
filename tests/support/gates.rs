//! Holds one call where a test wants it: on its way to the cloud, or on its way back.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::oneshot, time::timeout};
use tokio_util::sync::CancellationToken;

use super::calls::Call;

/// How long a call that a test waits for may take to come: what never comes is told, and holds up nothing else.
const PATIENCE: Duration = Duration::from_secs(180);

/// Where a call is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The cloud does not know of it yet.
    Before,
    /// The cloud has done it, and nobody knows yet.
    After,
}

/// Which calls are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Those of this name: `CreateVpc`.
    Named(&'static str),
    /// Those that ask for more than to be told something.
    Changes,
    /// All of them.
    All,
}

/// The gates that stand on a way to the cloud.
#[derive(Clone, Default)]
pub(super) struct Gates(Arc<Mutex<Vec<Set>>>);

struct Set {
    which: Which,
    moment: Moment,
    /// How many of them still pass.
    pass: usize,
    reached: oneshot::Sender<String>,
    open: CancellationToken,
}

/// A gate: one call stops there until this is dropped.
pub(crate) struct Gate {
    reached: oneshot::Receiver<String>,
    open: CancellationToken,
}

impl Gate {
    /// Ends when a call stands at the gate; answers for its name.
    pub(crate) async fn reached(&mut self) -> String {
        let reached = timeout(PATIENCE, &mut self.reached).await.expect("nobody came to the gate: the call was never made");
        reached.expect("a call that stands at the gate")
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.open.cancel();
    }
}

impl Gates {
    /// Sets a gate for the next of these calls after so many have passed.
    pub(super) fn set(&self, which: Which, moment: Moment, pass: usize) -> Gate {
        let (reached, hears) = oneshot::channel();
        let open = CancellationToken::new();
        let set = Set { which, moment, pass, reached, open: open.clone() };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(set);
        Gate { reached: hears, open }
    }

    /// Stops a call where a gate stands for it.
    pub(super) async fn stop(&self, call: &Call, moment: Moment) {
        let Some(set) = self.found(call, moment) else { return };
        let _nobody_waits = set.reached.send(call.action.clone());
        set.open.cancelled().await;
    }

    fn found(&self, call: &Call, moment: Moment) -> Option<Set> {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gates.retain(|set| !set.open.is_cancelled());
        let is_meant = |which: Which| match which {
            Which::Named(name) => name == call.action,
            Which::Changes => call.is_change(),
            Which::All => true,
        };
        let at = gates.iter().position(|set| set.moment == moment && is_meant(set.which))?;
        if gates[at].pass > 0 {
            gates[at].pass -= 1;
            return None;
        }
        Some(gates.remove(at))
    }
}
