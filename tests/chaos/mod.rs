//! The campaign: engines are killed, frozen, cut off and lied to at random while a user goes on working, and nothing may be lost, leaked or doubled.

mod cloud;
mod decided;
pub(crate) mod dice;
mod field;
mod moves;
mod round;
mod settle;
mod tally;

use std::{
    env,
    io::Write,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use field::Field;
use tally::Tally;

/// How many rounds a campaign has that nobody has told how long to go on.
const SHORT: u64 = 6;

/// How long a campaign goes on.
#[derive(Clone, Copy, Debug)]
enum Length {
    Rounds(u64),
    Time(Duration),
}

impl Length {
    fn is_over(self, rounds: u64, since: Instant) -> bool {
        match self {
            Self::Rounds(enough) => rounds >= enough,
            Self::Time(enough) => since.elapsed() >= enough,
        }
    }
}

/// Plays rounds until it is enough; what went wrong is told with all that is needed to play it again.
async fn campaign(seed: u64, length: Length) -> Tally {
    let began = Instant::now();
    // past what a test prints, which is only told of one that fails
    writeln!(std::io::stderr(), "chaos: seed {seed}, {length:?}").expect("stderr");
    let mut field = Field::laid().await;
    let mut tally = Tally::new();
    while !length.is_over(tally.rounds, began) {
        if let Err(violation) = round::play(&mut field, seed, tally.rounds + 1, &mut tally).await {
            let shown = field.shown().await;
            panic!("{tally}\nseed {seed}, round {}: {violation}\n{shown}", tally.rounds + 1);
        }
        tally.rounds += 1;
        tally.tell_now_and_then();
    }
    println!("{tally}");
    tally
}

fn told(name: &str) -> Option<u64> {
    env::var(name).ok().filter(|text| !text.is_empty()).map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

#[tokio::test]
async fn a_campaign_with_a_fixed_seed_loses_leaks_and_doubles_nothing() {
    assert_eq!(campaign(4711, Length::Rounds(SHORT)).await.rounds, SHORT);
}

/// `make chaos` runs this one, for as long as it is told.
#[tokio::test]
async fn a_campaign_with_a_fresh_seed_loses_leaks_and_doubles_nothing() {
    let fresh = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis().try_into().unwrap_or(0));
    let seed = told("IASQL_CHAOS_SEED").unwrap_or_else(fresh);
    let length = match (told("IASQL_CHAOS_MINUTES"), told("IASQL_CHAOS_ROUNDS")) {
        (Some(minutes), _) => Length::Time(Duration::from_secs(60 * minutes)),
        (None, rounds) => Length::Rounds(rounds.unwrap_or(SHORT)),
    };
    assert!(campaign(seed, length).await.rounds > 0);
}
