//! Which engines there are, and what of all there is to watch is this one's: each watches a share, and a dead one's goes to the others.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use crate::{causes::in_one_line, control::Control};

/// How often an engine says that it is there, and how long it may be silent before it is gone.
const BEAT: Duration = Duration::from_secs(1);
const SILENCE: Duration = Duration::from_secs(4);

/// The engines that are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Engines {
    own: String,
    live: Vec<String>,
}

impl Engines {
    pub(super) fn alone(own: &str) -> Self {
        Self { own: own.to_owned(), live: vec![own.to_owned()] }
    }

    /// Whether this is the one that has to do with it. All engines come to the same answer without asking each other, and
    /// when one goes or comes only what was, or is to be, that one's changes hands.
    pub(super) fn is_mine(&self, what: &str) -> bool {
        self.live.iter().max_by_key(|engine| weight(engine, what)).is_none_or(|engine| *engine == self.own)
    }

    pub(super) fn count(&self) -> u64 {
        self.live.len().max(1) as u64
    }
}

/// The same in every version of every engine.
fn weight(engine: &str, what: &str) -> [u8; 8] {
    let sum = digest(&SHA256, format!("{engine} {what}").as_bytes());
    sum.as_ref().first_chunk().copied().unwrap_or_default()
}

/// Says once a second that this engine is there, until `shutdown`; then that it is not.
pub(super) async fn beat(control: &Control, engines: &watch::Sender<Engines>, shutdown: &CancellationToken) {
    let own = engines.borrow().own.clone();
    let mut beats = interval(BEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = beats.tick() => {}
            () = shutdown.cancelled() => break,
        }
        match control.beat(&own, SILENCE).await {
            Ok(live) => {
                let now = Engines { own: own.clone(), live };
                engines.send_if_modified(|before| {
                    *before != now && {
                        *before = now;
                        true
                    }
                });
            }
            Err(error) => tracing::warn!(error = in_one_line(&error), "the other engines could not be told that this one is there"),
        }
    }
    if let Err(error) = control.leave(&own).await {
        tracing::debug!(error = in_one_line(&error), "the other engines will find out by themselves that this one is gone");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engines(own: &str, live: &[&str]) -> Engines {
        Engines { own: own.to_owned(), live: live.iter().map(ToString::to_string).collect() }
    }

    #[test]
    fn everything_is_watched_by_one_engine_and_a_dead_ones_share_goes_to_all_others() {
        let names: Vec<String> = (0..300).map(|k| format!("db{k}")).collect();
        let share = |own: &str, live: &[&str]| {
            let engines = engines(own, live);
            names.iter().filter(|name| engines.is_mine(name)).collect::<Vec<_>>()
        };
        let three = ["a", "b", "c"];
        let [a, b, c] = three.map(|own| share(own, &three));
        assert_eq!(a.len() + b.len() + c.len(), names.len());
        assert!([&a, &b, &c].iter().all(|share| share.len() > 70), "{} {} {}", a.len(), b.len(), c.len());
        let two = ["a", "b"].map(|own| share(own, &["a", "b"]));
        assert!(a.iter().all(|name| two[0].contains(name)) && b.iter().all(|name| two[1].contains(name)));
        assert_eq!(two[0].len() + two[1].len(), names.len());
    }
}
