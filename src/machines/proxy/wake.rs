//! Has the machine run that a connection is for, and its port open.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{net::TcpStream, time::timeout};

use super::route::Target;
use crate::machines::{machine::State, world::World};

/// How often a port is tried that is not open yet.
const BETWEEN: Duration = Duration::from_millis(20);
/// How often a machine is started for one connection: one that ends by itself may do so just then.
const STARTS: usize = 3;

/// Why there is no line to a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unwoken {
    #[error("its machine does not run, and its service says no autostart")]
    Rests,
    #[error("its machine ends each time that it is started")]
    Ends,
    #[error("its machine is gone")]
    Gone,
    #[error("the server is stopping")]
    Stopping,
}

/// A line to the machine, as soon as it takes one.
pub(super) async fn up(world: &Arc<World>, target: &Target) -> Result<TcpStream, Unwoken> {
    let (mut changes, mut starts) = (world.changes(), 0);
    loop {
        changes.mark_unchanged();
        let Ok(machine) = world.machine(&target.app, &target.machine) else { return Err(Unwoken::Gone) };
        let mut again = None;
        match machine.state {
            State::Started => match TcpStream::connect(SocketAddr::from((machine.private_ip, target.port))).await {
                Ok(line) => return Ok(line),
                Err(_) => again = Some(BETWEEN),
            },
            State::Destroying | State::Destroyed => return Err(Unwoken::Gone),
            State::Created | State::Stopped | State::Suspended | State::Failed if !target.starts => return Err(Unwoken::Rests),
            State::Created | State::Stopped | State::Suspended | State::Failed if starts == STARTS => return Err(Unwoken::Ends),
            State::Created | State::Stopped | State::Suspended | State::Failed => {
                match world.start(&target.app, &target.machine, None).await {
                    Ok(_) => {
                        starts += 1;
                        continue;
                    }
                    // somebody has its lease, or was faster
                    Err(_) => again = Some(BETWEEN),
                }
            }
            // on the way somewhere, also to its end: from there it is started again
            State::Starting | State::Stopping | State::Suspending | State::Restarting | State::Replacing => {}
        }
        let changed = match again {
            Some(soon) => timeout(soon, changes.changed()).await.unwrap_or(Ok(())),
            None => changes.changed().await,
        };
        changed.map_err(|_| Unwoken::Stopping)?;
    }
}
