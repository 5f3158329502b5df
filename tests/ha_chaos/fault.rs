//! What can happen to a cluster, and how each of it is done.

use std::{
    collections::BTreeSet,
    str::FromStr,
    time::{Duration, Instant},
};

use iasql::failover::{Member, Record, Step};
use nix::sys::signal::Signal::{SIGCONT, SIGKILL, SIGSTOP};
use sqlx::{Connection, PgConnection};

use super::{
    clients::Clients,
    field::{Field, SMALL},
    ground::{Ground, MEMBERS},
    moment,
    servers::{postmaster, send},
    ticks, until,
};
use crate::chaos::dice::Dice;

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// The first process of the primary's server is killed.
    Postmaster,
    /// All of the primary is killed, its agent too, which is started again at once.
    Tree,
    /// The same, and it comes back when another one leads.
    Machine,
    /// The agent of the primary is killed, and started again at once.
    Node,
    /// The same, and its server goes on without one until another one leads.
    Orphan,
    /// The controller is killed at a step of a failover or of a planned change.
    Engine,
    /// All of the primary stands still until another one leads, and goes on then.
    Freeze,
    /// The primary's server stands still, but its agent does not.
    Hang,
    /// Nothing is sent to standbys for 200 ms, then the primary is killed.
    Stall,
    /// Nobody gets to the bucket.
    Store,
    /// Nothing gets to the primary and from it.
    Partition,
    /// A standby's disk is full.
    Full,
    /// Three controllers, which stand still in turns while the primary is killed.
    Race,
    /// Another one is asked to lead.
    Switchover,
    /// Another one comes to lead, in turns since it was asked and since the primary's server was killed; then a job of each minute runs, once.
    Cron,
}

impl Fault {
    /// Those that are played where none is named. That with a job takes a minute.
    pub(super) const ALL: [Self; 14] = [
        Self::Postmaster,
        Self::Tree,
        Self::Machine,
        Self::Node,
        Self::Orphan,
        Self::Engine,
        Self::Freeze,
        Self::Hang,
        Self::Stall,
        Self::Store,
        Self::Partition,
        Self::Full,
        Self::Race,
        Self::Switchover,
    ];

    pub(super) fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    /// Whether members have to be apart from each other for it, which takes root.
    pub(super) fn needs_root(self) -> bool {
        matches!(self, Self::Partition | Self::Full)
    }

    /// Whether rows may be lost by nature: commits don't wait, and another one has to lead while nobody can read the disk of the former one.
    pub(super) fn loses(self, synchronous: bool) -> bool {
        !synchronous && matches!(self, Self::Machine | Self::Orphan | Self::Freeze | Self::Partition)
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let all = || Self::ALL.map(Self::name).join(", ") + ", cron";
        Self::ALL.into_iter().chain([Self::Cron]).find(|fault| fault.name() == name).ok_or_else(|| format!("{name} is no fault: {}", all()))
    }
}

/// What was done.
pub(super) struct Done {
    pub(super) began: Instant,
    /// Since when somebody could come back who was away.
    pub(super) back: Back,
    /// What exactly.
    pub(super) what: String,
}

/// A round's fault on its field.
pub(super) struct Play<'a> {
    pub(super) field: &'a mut Field,
    pub(super) clients: &'a Clients,
    pub(super) dice: Dice,
    old: u16,
    term: u64,
}

impl<'a> Play<'a> {
    pub(super) async fn of(field: &'a mut Field, clients: &'a Clients, dice: Dice) -> Result<Self, String> {
        let old = field.leader().await?;
        let term = field.record().map_or(0, |record| record.term);
        Ok(Self { field, clients, dice, old, term })
    }

    pub(super) async fn carried_out(mut self, fault: Fault) -> Result<Done, String> {
        moment(self.by_chance(300)).await;
        let began = Instant::now();
        let (back, what) = match fault {
            Fault::Postmaster => self.postmaster().await?,
            Fault::Tree | Fault::Machine => self.machine(fault == Fault::Machine).await?,
            Fault::Node | Fault::Orphan => self.node(fault == Fault::Orphan).await?,
            Fault::Engine => self.engine().await?,
            Fault::Freeze => self.freeze().await?,
            Fault::Hang => self.hang().await?,
            Fault::Stall => self.stall().await?,
            Fault::Store => self.store().await?,
            Fault::Partition => self.partition().await?,
            Fault::Full => self.full().await?,
            Fault::Race => self.race().await?,
            Fault::Switchover => self.switchover().await?,
            Fault::Cron => self.cron().await?,
        };
        Ok(Done { began, back, what })
    }

    fn by_chance(&mut self, below: usize) -> Duration {
        Duration::from_millis(self.dice.below(below) as u64)
    }

    /// Somebody leads in a later term, and takes writes.
    async fn led(&self) -> Result<(), String> {
        let term = self.term;
        self.field.until("a new primary", |record| record.term > term && leads(record)).await?;
        self.clients.more(20).await
    }

    async fn postmaster(&mut self) -> Did {
        let since = Instant::now();
        send(postmaster(&self.field.data(self.old))?, SIGKILL);
        self.led().await?;
        Ok((Some(since), String::new()))
    }

    async fn machine(&mut self, away: bool) -> Did {
        self.field.lose(self.old);
        if away {
            self.led().await?;
        }
        let since = Instant::now();
        self.field.returns(self.old);
        self.led().await?;
        Ok((Some(since), String::new()))
    }

    async fn node(&mut self, away: bool) -> Did {
        self.field.kill_agent(self.old);
        if away {
            self.led().await?;
        }
        let since = Instant::now();
        self.field.returns(self.old);
        self.led().await?;
        Ok((Some(since), String::new()))
    }

    async fn engine(&mut self) -> Did {
        let since = Instant::now();
        let planned = self.dice.is(40);
        let steps: &[&str] = if planned { &["Pause", "Drain", "Fence", "Promote", "Settle"] } else { &["", "Fence", "Promote", "Settle"] };
        let at = self.dice.below(steps.len());
        let away = self.by_chance(600);
        if planned {
            let to = self.another();
            self.field.prefer(to).await?;
        } else {
            send(postmaster(&self.field.data(self.old))?, SIGKILL);
        }
        let term = self.term;
        // one that is passed too quickly counts as reached with a later one
        let reached = |record: &Record| steps[at..].iter().any(|step| !step.is_empty() && format!("{:?}", record.step).starts_with(step));
        if !steps[at].is_empty() {
            self.field.until("a step", |record| reached(record) || record.term > term && leads(record)).await?;
        }
        let step = self.field.record().map(|record| format!("{:?}", record.step)).unwrap_or_default();
        self.field.kill_engine();
        moment(away).await;
        self.field.engine();
        self.led().await?;
        let kind = if planned { "a planned change" } else { "a failover" };
        Ok((Some(since), format!("in {kind} at {step}, away {away:?}")))
    }

    async fn freeze(&mut self) -> Did {
        self.field.to_agent(self.old, SIGSTOP);
        self.field.to_server(self.old, "", SIGSTOP);
        self.led().await?;
        let since = Instant::now();
        // in no order
        if self.dice.is(50) {
            self.field.to_server(self.old, "", SIGCONT);
            moment(self.by_chance(30)).await;
        }
        self.field.to_agent(self.old, SIGCONT);
        moment(self.by_chance(30)).await;
        self.field.to_server(self.old, "", SIGCONT);
        Ok((Some(since), String::new()))
    }

    async fn hang(&mut self) -> Did {
        let since = Instant::now();
        self.field.to_server(self.old, "", SIGSTOP);
        self.led().await?;
        Ok((Some(since), String::new()))
    }

    async fn stall(&mut self) -> Did {
        let (since, first) = (Instant::now(), postmaster(&self.field.data(self.old))?);
        self.field.to_server(self.old, "walsender", SIGSTOP);
        moment(Duration::from_millis(200)).await;
        send(first, SIGKILL);
        self.led().await?;
        Ok((Some(since), String::new()))
    }

    async fn store(&mut self) -> Did {
        let away = Duration::from_secs([2, 4, 12, 60][self.dice.below(4)]);
        self.field.store(false);
        moment(away).await;
        let held = || self.field.state().and_then(|state| state.lease).map(|lease| (lease.term, lease.counter));
        self.field.store(true);
        let before = held();
        // one that is too late for its lease ends a moment later
        until("a lease that is renewed", async || held().filter(|held| Some(*held) > before)).await?;
        self.field.leader().await?;
        self.clients.more(20).await?;
        Ok((None, format!("away {away:?}")))
    }

    async fn partition(&mut self) -> Did {
        self.field.connected(self.old, false)?;
        self.led().await?;
        let since = Instant::now();
        self.field.connected(self.old, true)?;
        Ok((Some(since), String::new()))
    }

    async fn full(&mut self) -> Did {
        if self.old == SMALL {
            self.field.prefer(0).await?;
            self.field.until("another primary", |record| record.primary != Member(SMALL) && record.step == Step::Steady).await?;
        }
        let mut session = PgConnection::connect_with(&self.field.pooled()).await.map_err(|error| error.to_string())?;
        let disk = self.field.disk.as_ref().ok_or("no member has a small disk")?;
        disk.fill();
        let more = include_str!("more.sql").split(";\n");
        for words in more.filter(|words| !words.trim().is_empty()) {
            sqlx::raw_sql(words).execute(&mut session).await.map_err(|error| format!("{words}: {error}"))?;
        }
        let stands = until("that the standby stands still", async || {
            let shown = self.field.shown().await?;
            let seen = shown.members.get(&Member(SMALL))?;
            (!seen.alive || !seen.receiving).then_some(())
        });
        stands.await?;
        self.clients.more(200).await?;
        let since = Instant::now();
        disk.empty();
        Ok((Some(since), String::new()))
    }

    async fn race(&mut self) -> Did {
        let since = Instant::now();
        (0..2).for_each(|_| self.field.engine());
        // until they look as well
        moment(Duration::from_millis(700)).await;
        let (engines, rounds) = (self.field.engines(), 6);
        send(postmaster(&self.field.data(self.old))?, SIGKILL);
        for _ in 0..rounds {
            let engine = engines[self.dice.below(engines.len())];
            moment(self.by_chance(60)).await;
            send(engine, SIGSTOP);
            moment(self.by_chance(250)).await;
            send(engine, SIGCONT);
        }
        self.led().await?;
        (0..2).for_each(|_| self.field.kill_engine());
        Ok((Some(since), String::new()))
    }

    async fn switchover(&mut self) -> Did {
        let (since, to) = (Instant::now(), self.another());
        self.field.prefer(to).await?;
        self.field.until("that the preferred one leads", |record| record.primary == Member(to) && leads(record)).await?;
        self.clients.more(20).await?;
        Ok((Some(since), String::new()))
    }

    /// At any time but the last seconds of a minute: who leads then runs what is due.
    async fn cron(&mut self) -> Did {
        ticks::begun(self.field, self.old).await?;
        moment(Duration::from_secs(1) + self.by_chance(40_000)).await;
        let what = if self.term.is_multiple_of(2) { "asked" } else { "killed" };
        let (back, _) = if self.term.is_multiple_of(2) { self.switchover().await? } else { self.postmaster().await? };
        let leads = self.field.leader().await?;
        let runs = ticks::one_more(self.field, leads).await?;
        Ok((back, format!("{what}, and run {runs} was on time")))
    }

    fn another(&mut self) -> u16 {
        let others: BTreeSet<_> = (0..MEMBERS).filter(|number| *number != self.old).collect();
        let at = self.dice.below(others.len());
        others.into_iter().nth(at).unwrap_or_default()
    }
}

/// Since when somebody could come back.
type Back = Option<Instant>;
type Did = Result<(Back, String), String>;

fn leads(record: &Record) -> bool {
    matches!(record.step, Step::Steady | Step::Settle)
}
