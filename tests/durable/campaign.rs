//! The campaign: nodes over one bucket are killed, frozen and cut off from it at random while clients write; never do two write one database, and with
//! `sync` nothing is lost that was acknowledged.

use std::{
    env, fmt,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use chrono::{TimeDelta, Utc};
use iasql::store::{Access, Bucket, Id, Options, Store};
use nix::sys::signal::Signal::{SIGCONT, SIGSTOP};
use sqlx::Executor;

use super::{
    book::{Book, Clients, kept, late, lost, runs},
    field::{DATABASE, Field, LEASE, Process},
    until,
    way::{Passage, Way},
};
use crate::chaos::dice::Dice;

/// How many rounds one has that nobody has told how long to go on.
const SHORT: u64 = 4;
const NODES: [&str; 2] = ["a", "b"];

/// What is done to whoever has the database.
#[derive(Clone, Copy, Debug)]
enum Move {
    Kill,
    KillWithItsDisk,
    Freeze,
    FreezeTheNode,
    FreezeTheServers,
    Refuse,
    Silence,
}

/// What came of it.
#[derive(Default)]
struct Tally {
    rounds: u64,
    takeovers: u64,
    told: usize,
    dual: usize,
    /// Answers that came late, of what the next writer had found there.
    late: usize,
    lost: usize,
    /// How long nobody had it, from the move on, where another one has it then.
    gaps: Vec<Duration>,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rounds, takeovers, told, dual, late, lost, gaps } = self;
        let mut gaps = gaps.clone();
        gaps.sort();
        let middle = gaps.get(gaps.len() / 2).copied().unwrap_or_default();
        write!(
            f,
            "{rounds} rounds, {takeovers} takeovers, {told} commits acknowledged, {dual} dual writers, {late} late answers, {lost} lost; "
        )?;
        write!(f, "written again {middle:?} after the move at the median (lease {LEASE:?})")
    }
}

/// One of the two.
struct Side {
    process: Process,
    way: Option<Way>,
    _clients: Clients,
}

struct Campaign {
    book: Arc<Book>,
    /// They end before their folders are removed.
    sides: [Side; 2],
    tally: Tally,
    field: Field,
}

impl Campaign {
    async fn laid(field: Field) -> Self {
        let book = Arc::new(Book::default());
        let first = Side::new(&field, &book, 0).await;
        first.process.awake().await.execute("create table public.kept (n int)").await.expect("a table");
        let second = Side::new(&field, &book, 1).await;
        Self { book, sides: [first, second], tally: Tally::default(), field }
    }

    /// Which of the two has the server that began to tell something last.
    fn owner(&self) -> usize {
        let told = self.book.told();
        usize::from(runs(&told).last().is_some_and(|(run, ..)| run.starts_with(NODES[1])))
    }

    async fn more(&self, so_many: usize) {
        let before = self.book.count();
        let what = format!("commits after round {}: {}\n{}", self.tally.rounds, self.tally, self.field.said());
        until(&what, async || (self.book.count() >= before + so_many).then_some(())).await;
    }

    /// A moment by chance.
    async fn moment(dice: &mut Dice, at_most: u64) {
        let moment = Duration::from_millis(dice.below(usize::try_from(at_most).unwrap_or_default()) as u64);
        tokio::time::timeout(moment, std::future::pending::<()>()).await.unwrap_or_default();
    }

    async fn round(&mut self, mut dice: Dice) -> Result<(), String> {
        Self::moment(&mut dice, 150).await;
        let (owner, begun) = (self.owner(), Instant::now());
        let run = self.book.told().last().map(|told| told.run.clone()).unwrap_or_default();
        let moved = self.moved(&mut dice);
        self.carried_out(moved, owner, &mut dice).await;
        self.more(5).await;
        let other = self.book.told().into_iter().filter(|told| told.at > begun && told.run != run).map(|told| told.at).min();
        if let Some(at) = other {
            self.tally.takeovers += 1;
            self.tally.gaps.push(at - begun);
        }
        self.judged(moved).await
    }

    fn moved(&self, dice: &mut Dice) -> Move {
        use Move::{Freeze, FreezeTheNode, FreezeTheServers, Kill, KillWithItsDisk, Refuse, Silence};
        let anywhere = [Kill, KillWithItsDisk, KillWithItsDisk, Freeze, Freeze, FreezeTheNode, FreezeTheServers, Refuse, Silence];
        anywhere[dice.below(if self.field.cloud.is_some() { 9 } else { 7 })]
    }

    async fn carried_out(&mut self, moved: Move, owner: usize, dice: &mut Dice) {
        match moved {
            Move::Kill | Move::KillWithItsDisk => {
                self.sides[owner].process.kill().await;
                if matches!(moved, Move::KillWithItsDisk) {
                    std::fs::remove_dir_all(&self.sides[owner].process.home).expect("a killed node's folder");
                    // else it comes back before the other one may have it
                    self.more(5).await;
                } else {
                    Self::moment(dice, 2500).await;
                }
                let Side { process, way, .. } = &mut self.sides[owner];
                *process = self.field.node(NODES[owner], "sync", way.as_ref());
            }
            Move::Freeze | Move::FreezeTheNode => {
                let servers = matches!(moved, Move::Freeze);
                self.sides[owner].process.send(SIGSTOP, true, servers);
                if dice.is(20) {
                    Self::moment(dice, 1500).await
                } else {
                    self.more(5).await
                }
                self.sides[owner].process.send(SIGCONT, dice.is(50), true);
                Self::moment(dice, 30).await;
                self.sides[owner].process.send(SIGCONT, true, true);
            }
            Move::FreezeTheServers => {
                self.sides[owner].process.send(SIGSTOP, false, true);
                Self::moment(dice, 2000).await;
                self.sides[owner].process.send(SIGCONT, false, true);
            }
            Move::Refuse | Move::Silence => {
                let passage = if matches!(moved, Move::Refuse) { Passage::Refused } else { Passage::Silent };
                if let Some(way) = &self.sides[owner].way {
                    way.is(passage);
                    self.more(5).await;
                }
                if let Some(way) = &self.sides[owner].way {
                    way.is(Passage::Open);
                }
            }
        }
    }

    /// What was told is there, and nobody told anything when another one had begun to.
    async fn judged(&mut self, moved: Move) -> Result<(), String> {
        let told = self.book.told();
        let kept = until("an answer to what is there", async || {
            let owner = self.owner();
            kept(&mut self.sides[owner].process.connect().await?).await.ok()
        })
        .await;
        let late = late(&told);
        let (lost, dual) = (lost(&told, &kept), lost(&late, &kept));
        self.tally.late = late.len();
        self.tally.rounds += 1;
        (self.tally.told, self.tally.lost, self.tally.dual) = (told.len(), lost.len(), dual.len());
        if lost.is_empty() && dual.is_empty() {
            return Ok(());
        }
        Err(format!("after {moved:?}: lost {lost:?}, dual {dual:?}\n{}", self.field.said()))
    }

    /// Removes whatever may go, while all goes on.
    async fn collected(&self) {
        let options = Options { keep: Duration::ZERO, grace: Duration::ZERO, ..Options::default() };
        let Ok(bucket) = Bucket::open(&self.field.bucket, &Access::default()).await else { return };
        let store = Store::new(bucket, vec![], options);
        // a list that something was removed from beside it is no matter: the next one
        drop(store.collect(&Id::new(DATABASE).expect("a name"), Utc::now() + TimeDelta::minutes(1)).await);
    }
}

impl Side {
    async fn new(field: &Field, book: &Arc<Book>, which: usize) -> Self {
        let way = match &field.cloud {
            Some(cloud) => Some(Way::to(&cloud.endpoint).await),
            None => None,
        };
        let process = field.node(NODES[which], "sync", way.as_ref());
        let clients = book.clients(NODES[which], process.home.clone(), 2);
        Self { process, way, _clients: clients }
    }
}

async fn campaign(field: Field, seed: u64, is_over: impl Fn(u64) -> bool) -> Tally {
    println!("seed {seed}");
    let mut campaign = Campaign::laid(field).await;
    campaign.more(5).await;
    while !is_over(campaign.tally.rounds) {
        let round = campaign.tally.rounds + 1;
        if let Err(violation) = campaign.round(Dice::of(seed, round)).await {
            panic!("{}\nseed {seed}, round {round}: {violation}", campaign.tally);
        }
        if campaign.field.cloud.is_none() {
            campaign.collected().await;
        }
        if round % 25 == 0 {
            println!("{}", campaign.tally);
        }
    }
    println!("{}", campaign.tally);
    campaign.tally
}

fn told(name: &str) -> Option<u64> {
    env::var(name).ok().filter(|text| !text.is_empty()).map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_with_a_fixed_seed_has_one_writer_at_a_time_and_loses_nothing() {
    let tally = campaign(Field::folder(), 4711, |rounds| rounds >= SHORT).await;
    assert!(tally.takeovers > 0, "nothing was tried");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_over_the_cloud_s_bucket_has_one_writer_at_a_time_and_loses_nothing() {
    let tally = campaign(Field::cloud().await, 815, |rounds| rounds >= SHORT).await;
    assert!(tally.takeovers > 0, "nothing was tried");
}

/// `make chaos-gateway` runs this one, for as long as it is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_with_a_fresh_seed_has_one_writer_at_a_time_and_loses_nothing() {
    let fresh = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis().try_into().unwrap_or(0));
    let (seed, begun) = (told("IASQL_CHAOS_SEED").unwrap_or_else(fresh), Instant::now());
    let (minutes, rounds) = (told("IASQL_CHAOS_MINUTES"), told("IASQL_CHAOS_ROUNDS").unwrap_or(2));
    let over = |done: u64| minutes.map_or(done >= rounds, |minutes| begun.elapsed() > Duration::from_secs(60 * minutes));
    let field = if env::var("IASQL_CHAOS_CLOUD").is_ok_and(|cloud| !cloud.is_empty()) { Field::cloud().await } else { Field::folder() };
    assert!(campaign(field, seed, over).await.rounds > 0);
}
