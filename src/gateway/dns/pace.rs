//! How often one address is answered. No clock.

use std::{collections::HashMap, net::IpAddr, time::Instant};

use crate::gateway::limits::Whose;

/// How often in a second one address is answered in datagrams.
const ANSWERED: u32 = 50;
/// How often it is told to come over TCP after that. Who only pretends to be at an address can't, and what is sent there is no longer than what came.
const TOLD: u32 = 50;
/// How many addresses are counted at a time; others are told to come over TCP.
const COUNTED: usize = 10_000;

/// What becomes of somebody's question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It is answered.
    Answered,
    /// They are told to come over TCP.
    Told,
    /// Nothing.
    Nothing,
}

/// Who asked how often in this second.
#[derive(Debug)]
pub(super) struct Pace {
    since: Instant,
    asked: HashMap<Whose, u32>,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { since: now, asked: HashMap::new() }
    }

    /// Somebody asks.
    pub(super) fn asks(&mut self, address: IpAddr, now: Instant) -> Turn {
        if now.duration_since(self.since).as_secs() > 0 {
            (self.since, self.asked) = (now, HashMap::new());
        }
        let (whose, is_full) = (Whose::address(address), self.asked.len() >= COUNTED);
        if is_full && !self.asked.contains_key(&whose) {
            return Turn::Told;
        }
        let asked = self.asked.entry(whose).or_default();
        *asked = asked.saturating_add(1);
        match *asked {
            ..=ANSWERED => Turn::Answered,
            count if count <= ANSWERED + TOLD => Turn::Told,
            _ => Turn::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn who_asks_too_often_is_sent_to_tcp_then_hears_nothing_and_is_answered_again_a_second_later() {
        let (now, address) = (Instant::now(), "192.0.2.1".parse().unwrap());
        let mut pace = Pace::new(now);
        let turns: Vec<Turn> = (0..ANSWERED + TOLD + 1).map(|_| pace.asks(address, now)).collect();
        let count = |turn| turns.iter().filter(|it| **it == turn).count();
        assert_eq!((count(Turn::Answered), count(Turn::Told), count(Turn::Nothing)), (50, 50, 1));
        assert_eq!(pace.asks("192.0.2.2".parse().unwrap(), now), Turn::Answered);
        assert_eq!(pace.asks(address, now + Duration::from_secs(1)), Turn::Answered);
    }

    #[test]
    fn of_more_addresses_than_are_counted_the_others_are_sent_to_tcp() {
        let now = Instant::now();
        let mut pace = Pace::new(now);
        let address = |number: u32| IpAddr::V4(number.into());
        assert!((0..10_000).all(|number| pace.asks(address(number), now) == Turn::Answered));
        assert_eq!((pace.asks(address(10_000), now), pace.asks(address(1), now)), (Turn::Told, Turn::Answered));
    }
}
