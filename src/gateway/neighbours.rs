//! The other gateways: by the number that stands in the keys that each of them makes, where it is reached, and how often it is asked to cancel something.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use uuid::Uuid;

use super::{
    allowance::Allowance,
    limits::Whose,
    startup::{self, CancelKey, Hello},
};
use crate::control::Neighbour;

/// How many bits of a key's first number the gateway's own leaves over: 2,097,152 sessions, and numbers up to 1023 in front of them.
pub(super) const BITS: u32 = 21;
/// How many requests one address may have led on at once, and after what pause one more: a person who presses a key, or a pool.
const PER_ADDRESS: (u32, Duration) = (20, Duration::from_millis(200));
/// The same of all addresses together.
const IN_ALL: (u32, Duration) = (100, Duration::from_millis(20));
/// How long a request may be on its way to another gateway.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who else is there. What is not known is not asked.
#[derive(Debug)]
pub struct Neighbours {
    known: Mutex<Known>,
    spent: Mutex<Spent>,
}

#[derive(Debug, Default)]
struct Known {
    /// This one's number, where others reach it.
    own: Option<u16>,
    all: BTreeMap<u16, Neighbour>,
    /// The bucket that this one has.
    bucket: Option<Uuid>,
}

#[derive(Debug)]
struct Spent {
    per_address: Allowance,
    in_all: Allowance,
}

impl Default for Neighbours {
    fn default() -> Self {
        let allowance = |(at_once, pause)| Allowance::new(at_once, pause);
        let spent = Spent { per_address: allowance(PER_ADDRESS), in_all: allowance(IN_ALL) };
        Self { known: Mutex::default(), spent: Mutex::new(spent) }
    }
}

impl Neighbours {
    /// That is how it is from now on: this one's number and bucket, and where all are reached.
    pub(super) fn know(&self, own: Option<u16>, bucket: Uuid, all: BTreeMap<u16, Neighbour>) {
        *self.known() = Known { own, all, bucket: Some(bucket) };
    }

    /// This one's number.
    pub(super) fn own(&self) -> Option<u16> {
        self.known().own
    }

    /// Where the gateway is that made a key, if it is another one.
    pub(super) fn maker(&self, key: &CancelKey) -> Option<String> {
        let (known, number) = (self.known(), u16::try_from(key.process >> BITS).ok()?);
        known.all.get(&number).filter(|_| known.own != Some(number)).map(|maker| maker.address.clone())
    }

    /// Those that run databases of this one's bucket.
    pub(super) fn nodes(&self) -> Vec<Neighbour> {
        let known = self.known();
        known.all.values().filter(|one| one.runs_databases && Some(one.bucket) == known.bucket).cloned().collect()
    }

    /// Whether one more may be led on for somebody at this address.
    pub(super) fn may(&self, from: IpAddr, now: Instant) -> bool {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let Spent { per_address, in_all } = &mut *spent;
        // whoever floods takes nothing from others but what is theirs together
        per_address.take(&Whose::address(from), now) && in_all.take(&(), now)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks the gateway there to cancel something, and waits until it has heard so. It may be in clear: a key that is led on is no client's.
pub(super) async fn ask(address: &str, key: &CancelKey) {
    let asked = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(&startup::encode(&Hello::Cancel(key.clone()))).await?;
        // it says nothing, and closes
        stream.read(&mut [0]).await.map(drop)
    };
    match timeout(PATIENCE, asked).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(address, "a request to cancel did not come to the gateway that made its key: {error}"),
        Err(_) => tracing::debug!(address, "the gateway that made a key to cancel with is silent"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there(address: &str) -> Neighbour {
        Neighbour { holder: address.to_owned(), address: address.to_owned(), runs_databases: false, location: None, bucket: Uuid::nil() }
    }

    #[test]
    fn a_key_says_which_gateway_made_it_and_nobody_asks_itself() {
        let neighbours = Neighbours::default();
        let maker = |process: u32| neighbours.maker(&CancelKey { process, secret: vec![] });
        assert_eq!(maker(3 << BITS), None, "nobody is known yet");
        neighbours.know(Some(2), Uuid::nil(), [(2, there("b:1")), (3, there("c:1"))].into());
        assert_eq!(maker(3 << BITS | 77).as_deref(), Some("c:1"));
        assert_eq!((maker(2 << BITS | 77), maker(4 << BITS), maker(77), maker(u32::MAX)), (None, None, None, None));
    }

    #[test]
    fn a_flood_is_led_on_in_drops_and_one_address_leaves_something_for_others() {
        let (neighbours, now) = (Neighbours::default(), Instant::now());
        let address = |number: u32| IpAddr::V4(number.into());
        let led = |from: IpAddr, after: Duration| (0..1000).filter(|_| neighbours.may(from, now + after)).count();
        assert_eq!((led(address(1), Duration::ZERO), led(address(2), Duration::ZERO)), (20, 20));
        assert_eq!((3..100).map(|number| led(address(number), Duration::ZERO)).sum::<usize>(), 60);
        assert_eq!(led(address(1), Duration::from_secs(1)), 5);
    }
}
