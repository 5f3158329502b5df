//! The campaign before a highly available cluster: its processes are killed, frozen, cut off and starved while clients write numbered rows through its pooler
//! and at its members' doors. No row that was acknowledged is lost, and no two members take writes at a time.

mod clients;
mod cuts;
mod fault;
mod field;
mod ground;
mod patroni;
mod peer;
mod servers;
mod tally;
mod ticks;

use std::{
    collections::BTreeSet,
    env,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use chrono::Utc;
use sqlx::{Connection, PgConnection};
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::chaos::dice::Dice;
use clients::{Clients, doubled};
use fault::{Done, Fault};
use field::Field;
use ground::{Ground, MEMBERS};
use tally::{Round, Tally};

/// How long anything may take on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(5);
/// How many rounds one cluster has at least.
const LAP: usize = 6;
/// How many clusters may not begin until there is no sense in going on.
const BEGUN: usize = 3;

/// Looks until it is there.
async fn until<T>(what: &str, is: impl AsyncFn() -> Option<T>) -> Result<T, String> {
    within(PATIENCE, what, is).await
}

async fn within<T>(patience: Duration, what: &str, is: impl AsyncFn() -> Option<T>) -> Result<T, String> {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let waits = async {
        loop {
            looks.tick().await;
            if let Some(found) = is().await {
                return found;
            }
        }
    };
    timeout(patience, waits).await.map_err(|_| format!("waiting for {what} took too long"))
}

async fn moment(moment: Duration) {
    timeout(moment, std::future::pending::<()>()).await.unwrap_or_default();
}

/// A cluster and who writes to it. Clients end before it does.
struct Lap<G> {
    clients: Clients,
    field: G,
    /// Rows that earlier rounds have told of.
    gone: BTreeSet<i64>,
}

impl<G: Ground> Lap<G> {
    async fn begun(field: G) -> Result<Self, String> {
        let clients = Clients::start(&field);
        clients.more(20).await?;
        Ok(Self { clients, field, gone: BTreeSet::new() })
    }

    async fn round(&mut self, fault: Fault, dice: Dice) -> Result<(Round, Done), String> {
        let (first, errors) = (self.clients.count().saturating_sub(1), self.clients.errors());
        let done = self.field.played(fault, &self.clients, dice).await?;
        self.field.well().await?;
        let back = done.back.map(|since| since.elapsed());
        self.clients.more(20).await?;
        let told = self.clients.told(first);
        let ended = |pair: &[(clients::Told, Instant)]| pair[1].1 > done.began;
        let gap = told.windows(2).filter(|pair| ended(pair)).map(|pair| pair[1].1 - pair[0].1).max().unwrap_or_default();
        let mut all: Vec<_> = self.clients.told(0).into_iter().map(|(told, _)| told).collect();
        all.extend(self.clients.at_doors());
        let is_new = |number: &i64| !self.gone.contains(number);
        let doubled: Vec<_> = doubled(&all).into_iter().filter(|row| is_new(&row.number)).collect();
        let numbers: Vec<_> = all.iter().map(|told| told.number).filter(is_new).collect();
        let lost = self.lost(&numbers).await?;
        for row in all.iter().filter(|row| lost.contains(&row.number)).chain(&doubled).take(20) {
            println!("  {row:?}");
        }
        self.gone.extend(lost.iter().copied().chain(doubled.iter().map(|row| row.number)));
        let round =
            Round { gap, back, acknowledged: told.len(), errors: self.clients.errors() - errors, lost: lost.len(), doubled: doubled.len() };
        Ok((round, done))
    }

    /// What of these the primary lacks; whatever it has, all standbys come to have.
    async fn lost(&self, numbers: &[i64]) -> Result<Vec<i64>, String> {
        let primary = self.field.leader().await?;
        let lost = self.missing(primary, numbers).await.ok_or("the primary does not say what it has")?;
        let kept: Vec<_> = numbers.iter().copied().filter(|number| !lost.contains(number)).collect();
        for number in (0..MEMBERS).filter(|number| *number != primary) {
            let has = async || self.missing(number, &kept).await.filter(Vec::is_empty).map(drop);
            until(&format!("that member {number} has all"), has).await?;
        }
        Ok(lost)
    }

    async fn missing(&self, at: u16, numbers: &[i64]) -> Option<Vec<i64>> {
        let mut session = PgConnection::connect_with(&self.field.door(at)).await.ok()?;
        sqlx::query_scalar(include_str!("missing.sql")).bind(numbers).fetch_all(&mut session).await.ok()
    }
}

/// What is played, for how long, and how.
struct Campaign {
    seed: u64,
    faults: Vec<Fault>,
    /// Whether commits wait; otherwise in turns.
    synchronous: Option<bool>,
    /// Whether a cluster ends when a row is lost; a peer is only measured.
    strict: bool,
    tally: Tally,
}

impl Campaign {
    /// What a person asked for, of these faults where none is named; and when it is over.
    fn asked(faults: &str, all: Vec<Fault>, strict: bool) -> (Self, impl Fn(usize) -> bool + use<>) {
        let fresh = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis().try_into().unwrap_or(0));
        let (seed, begun) = (number("IASQL_CHAOS_SEED").unwrap_or_else(fresh), Instant::now());
        let named = || faults.split(',').map(|name| name.trim().parse::<Fault>().unwrap_or_else(|why| panic!("{why}"))).collect();
        let faults: Vec<Fault> = if faults == "all" { all } else { named() };
        let synchronous = told("IASQL_CHAOS_COMMITS").map(|commits| commits == "wait");
        let (minutes, rounds) = (number("IASQL_CHAOS_MINUTES"), number("IASQL_CHAOS_ROUNDS").unwrap_or(2 * faults.len() as u64));
        let over = move |done: usize| minutes.map_or(done as u64 >= rounds, |minutes| begun.elapsed() > Duration::from_secs(60 * minutes));
        (Self { seed, faults, synchronous, strict, tally: Tally::default() }, over)
    }

    async fn play<G: Ground>(mut self, laid: impl AsyncFn(bool) -> Result<G, String>, is_over: impl Fn(usize) -> bool) -> Tally {
        println!("seed {}; {}", self.seed, load());
        let (mut round, mut laps) = (0, 0);
        while !is_over(round) {
            let synchronous = self.synchronous.unwrap_or(laps % 2 == 1);
            laps += 1;
            let begun = match laid(synchronous).await {
                Ok(field) => Lap::begun(field).await,
                Err(why) => Err(why),
            };
            let mut lap = match begun {
                Ok(lap) => lap,
                Err(why) => {
                    println!("a cluster did not begin: {why}");
                    self.tally.unbegun += 1;
                    assert!(self.tally.unbegun < BEGUN, "seed {}: no cluster begins", self.seed);
                    continue;
                }
            };
            for _ in 0..self.faults.len().max(LAP) {
                let fault = self.faults[round % self.faults.len()];
                round += 1;
                if is_over(round - 1) || !self.round(&mut lap, fault, round).await {
                    break;
                }
            }
        }
        println!("{}\nseed {}; {}", self.tally, self.seed, load());
        self.tally
    }

    /// Whether the cluster is good for another one.
    async fn round<G: Ground>(&mut self, lap: &mut Lap<G>, fault: Fault, round: usize) -> bool {
        let (at, waits) = (Utc::now().format("%H:%M:%S%.3f"), if lap.field.synchronous() { "synchronous" } else { "asynchronous" });
        let played = lap.round(fault, Dice::of(self.seed, round as u64)).await;
        let breach = match &played {
            Ok((Round { gap, back, errors, lost, doubled, .. }, Done { what, .. })) => {
                println!(
                    "round {round} at {at}: {} {what}, {waits}: away {gap:?}, back {back:?}, {errors} errors, {lost} lost, {doubled} doubled",
                    fault.name()
                );
                self.strict && (*doubled > 0 || *lost > 0 && !fault.loses(lap.field.synchronous()))
            }
            Err(why) => {
                println!("round {round} at {at}: {}, {waits}: {why}", fault.name());
                self.tally.note_stuck(fault, lap.field.synchronous());
                true
            }
        };
        if breach {
            let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("ha-chaos-{}-{round}", self.seed));
            lap.field.keep_logs(&to);
            println!("what was said is in {}", to.display());
        }
        if let Ok((round, _)) = played {
            self.tally.note(fault, lap.field.synchronous(), round);
        }
        !breach
    }
}

/// How much this machine has to do besides.
fn load() -> String {
    format!("load {}", std::fs::read_to_string(PathBuf::from("/proc/loadavg")).unwrap_or_default().trim())
}

fn told(name: &str) -> Option<String> {
    env::var(name).ok().filter(|text| !text.is_empty())
}

fn number(name: &str) -> Option<u64> {
    told(name).map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_and_a_freeze_lose_no_row_and_never_have_two_primaries() {
    let faults = vec![Fault::Postmaster, Fault::Freeze];
    let campaign = Campaign { seed: 4711, faults, synchronous: Some(true), strict: true, tally: Tally::default() };
    let tally = campaign.play(async |synchronous| Field::laid(synchronous, false, false).await, |rounds| rounds >= 2).await;
    assert_eq!((tally.rounds(), tally.breaches()), (2, 0));
}

/// `make chaos-ha` runs this one, for as long as it is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_with_a_fresh_seed_loses_no_row_and_never_has_two_primaries() {
    let Some(faults) = told("IASQL_CHAOS_FAULT") else { return };
    let apart = cuts::permitted();
    let all = Fault::ALL.into_iter().filter(|fault| !fault.needs_root() || apart.is_ok()).collect();
    let (campaign, over) = Campaign::asked(&faults, all, true);
    if let Err(why) = &apart {
        let faults = &campaign.faults;
        assert!(!faults.iter().any(|fault| fault.needs_root()), "members can't be kept apart here, which {faults:?} needs: {why}");
        println!("without a partition and a full disk, for members can't be kept apart here: {why}");
    }
    let (apart, jobs) = (apart.is_ok(), campaign.faults.contains(&Fault::Cron));
    assert_eq!(campaign.play(async |synchronous| Field::laid(synchronous, apart, jobs).await, over).await.breaches(), 0);
}
