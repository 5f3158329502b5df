//! Whether what `up` stands on still answers.

use std::time::Duration;

use tokio::{
    net::TcpStream,
    time::{MissedTickBehavior, interval},
};

/// How often to look.
const EVERY: Duration = Duration::from_secs(1);
/// How often in a row nobody may answer: a server that starts again takes a moment.
const PATIENCE: u32 = 3;

/// Ends when one of these servers of this machine no longer answers, with its name.
pub(crate) async fn fallen(servers: &[(&'static str, u16)]) -> &'static str {
    let (mut misses, mut ticks) = (vec![0; servers.len()], interval(EVERY));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        for ((name, port), misses) in servers.iter().zip(&mut misses) {
            *misses = if TcpStream::connect(("127.0.0.1", *port)).await.is_ok() { 0 } else { *misses + 1 };
            if *misses == PATIENCE {
                return name;
            }
        }
    }
}
