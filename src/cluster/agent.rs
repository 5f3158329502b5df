//! The agent of a member: what it knows of its server, and how that starts and ends.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use nix::unistd::Pid;
use sqlx::PgConnection;
use tokio::{
    process::Child,
    sync::watch,
    task::JoinHandle,
    time::{MissedTickBehavior, interval, timeout},
};

use super::{
    Error,
    backup::{Backups, Source},
    book::Book,
    client::Client,
    home::{Home, Orders, Settings},
    identity::Identity,
    promise::Promises,
    pulse::Silence,
    registry::{Addresses, Peer, image},
    resting::{self, Resting},
    server,
    site::Site,
    tenure::Tenure,
    tools::Tools,
};
use crate::{
    failover::{Member, Role, Timing},
    resource::Secret,
};

/// How often it is looked whether a server that starts is ready.
const LOOK: Duration = Duration::from_millis(15);
/// How long a server may start until it counts as silent.
const STARTS: Duration = Duration::from_secs(60);
/// How often it is tried to read where the log ends.
const READS: u32 = 3;
/// How long it is waited for an order that is being carried out.
const SOON: Duration = Duration::from_millis(300);
/// After how many starts in a row that came to nothing only new data helps.
const SPOILT: u32 = 3;

/// What is known of the server.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The newest term that was told.
    pub(super) term: u64,
    /// The server's first process, and which of all servers it is.
    pub(super) server: Option<(Pid, u64)>,
    /// It is not ready yet.
    pub(super) starting: bool,
    pub(super) role: Option<Role>,
    /// On which it leads.
    pub(super) timeline: u64,
    pub(super) orders: Orders,
    pub(super) names: Option<BTreeSet<Member>>,
    pub(super) asks: BTreeSet<Member>,
    pub(super) cron: bool,
    pub(super) spoilt: bool,
    /// What was wanted last.
    pub(super) settings: Settings,
    /// What this server has furnished since it leads.
    pub(super) furnished: Option<BTreeSet<String>>,
    /// How long things may take, as the record said last.
    pub(super) timing: Timing,
    /// Its data is being copied or rewound.
    pub(super) at_work: bool,
    /// Where it ends, since it is stopped.
    pub(super) resting: Option<Resting>,
    /// It could not be read where it ends.
    pub(super) unread: bool,
    /// Where it was when that was known last.
    pub(super) last: Resting,
    /// It was told to end.
    told_to_end: bool,
    /// For how long it has not answered.
    pub(super) silence: Silence,
    /// Starts in a row that came to nothing.
    failed: u32,
    /// Counts the servers.
    servers: u64,
}

/// A member, as its agent has it.
pub(super) struct Agent {
    pub(super) me: Member,
    pub(super) site: Site,
    pub(super) at: Addresses,
    pub(super) home: Home,
    /// Where an image has brought along what a new cluster begins with.
    pub(super) brought: Option<PathBuf>,
    /// Whether a copy of it lies ready.
    pub(super) laid: tokio::sync::Mutex<bool>,
    pub(super) tools: Tools,
    pub(super) book: Book,
    pub(super) identity: Identity,
    pub(super) token: Secret,
    pub(super) client: Client,
    state: Mutex<State>,
    /// One order at a time.
    pub(super) hands: tokio::sync::Mutex<()>,
    /// A connection that stands.
    pub(super) warm: tokio::sync::Mutex<Option<(u64, PgConnection)>>,
    /// One reads the log of a stopped server at a time.
    pub(super) reads: tokio::sync::Mutex<()>,
    /// Counts what whoever watches should look at.
    pub(super) changes: watch::Sender<u64>,
    pub(super) tenure: Arc<Tenure>,
    pub(super) promises: Promises,
    pub(super) backups: Backups,
}

impl Agent {
    /// Finds the member as it was left. Whatever runs there is ended first: it may lead no longer, for nobody renewed its lease.
    pub(super) async fn open(site: Site, me: Member, at: Addresses, folder: &Path, brought: Option<PathBuf>) -> Result<Arc<Self>, Error> {
        let (token, home) = (site.token()?, Home::open(folder)?);
        let addresses = BTreeSet::from([at.agent.ip(), at.server.ip(), at.door.ip()]);
        let identity = Identity::make(&site, me, &addresses.into_iter().collect::<Vec<_>>(), &home)?;
        server::end(&home.data()).await;
        let book = site.book().await?;
        let tenure = Arc::new(Tenure::default());
        tenure.watch(home.data()).map_err(Error::disk("begin a thread for", folder))?;
        let (settings, promises) = (home.noted_settings(), Promises::open(&home));
        let state = State { term: home.term(), role: role(&home), cron: true, settings, ..State::default() };
        Ok(Arc::new(Self {
            me,
            tools: Tools::new(&home),
            client: Client::new(&site)?,
            site,
            at,
            home,
            brought,
            laid: tokio::sync::Mutex::default(),
            book,
            identity,
            token,
            state: Mutex::new(state),
            hands: tokio::sync::Mutex::default(),
            warm: tokio::sync::Mutex::default(),
            reads: tokio::sync::Mutex::default(),
            changes: watch::Sender::new(0),
            tenure,
            promises,
            backups: Backups::default(),
        }))
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn port(&self) -> u16 {
        self.at.server.port()
    }

    pub(super) fn has_changed(&self) {
        self.changes.send_modify(|changes| *changes += 1);
    }

    /// Makes the data of a cluster that is new, from nothing or from what another one was. Where there is some, it stays. Answers its timeline.
    pub(super) async fn begin(&self) -> Result<u64, Error> {
        let _hands = self.hands.lock().await;
        if self.home.has_data() {
            // a store that has lost the record looks like a cluster that is new
            let is_known = self.home.term() > 0;
            if is_known {
                return Err(Error::Refused("it has been of this cluster before, so its record is lost"));
            }
            return Ok(self.resting().await?.timeline);
        }
        self.home.mark_unwhole()?;
        super::home::clear(&self.home.data())?;
        let source = Source::of(&self.state().settings)?;
        match source {
            Some(source) => self.restore(&source).await?,
            None => self.make_first().await?,
        }
        self.home.mark_whole().await?;
        {
            let mut state = self.state();
            (state.role, state.resting) = (role(&self.home), None);
        }
        Ok(self.resting().await?.timeline)
    }

    /// Starts the server as a standby, and does not wait until it is ready.
    pub(super) async fn start(self: &Arc<Self>, orders: Orders) -> Result<(), Error> {
        if !self.home.has_data() {
            return Err(Error::Refused("there is no data"));
        }
        let last = self.resting().await?;
        self.tenure.end();
        self.home.follows(true)?;
        resting::trim(&self.home.wal())?;
        self.write_conf(&orders)?;
        let child = server::spawn(&self.home, &self.tools)?;
        let pid = child.id().and_then(|number| i32::try_from(number).ok()).map(Pid::from_raw);
        let pid = pid.ok_or(Error::Refused("the server ended at once"))?;
        let number = {
            let mut state = self.state();
            state.servers += 1;
            state.server = Some((pid, state.servers));
            (state.starting, state.role, state.orders, state.resting) = (true, Some(Role::Standby), orders, None);
            (state.names, state.silence, state.furnished) = (None, Silence::default(), None);
            (state.last, state.told_to_end) = (last, false);
            state.servers
        };
        tokio::spawn(Arc::clone(self).reap(child, number));
        tokio::spawn(Arc::clone(self).welcome(number));
        Ok(())
    }

    /// Waits until the server ends, whatever ends it. It counts as alive until nothing of it runs any more.
    async fn reap(self: Arc<Self>, mut child: Child, number: u64) {
        drop(child.wait().await);
        server::end(&self.home.data()).await;
        self.tenure.end();
        {
            let mut state = self.state();
            if state.server.is_some_and(|(_, of)| of == number) {
                let failed = state.starting && !state.told_to_end;
                state.failed = if failed { state.failed + 1 } else { 0 };
                state.spoilt |= state.failed >= SPOILT;
                (state.server, state.starting, state.resting) = (None, false, None);
            }
        }
        self.has_changed();
        Self::rest(&self);
    }

    /// Finds where the stopped server ends, and has it looked at then.
    pub(super) fn rest(self: &Arc<Self>) -> JoinHandle<Result<Resting, Error>> {
        let agent = Arc::clone(self);
        tokio::spawn(async move {
            let found = agent.resting().await;
            agent.state().unread = found.is_err();
            agent.has_changed();
            found
        })
    }

    /// Waits until a server that was started is ready.
    async fn welcome(self: Arc<Self>, number: u64) {
        let until = Instant::now() + STARTS;
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while self.is(number) {
            looks.tick().await;
            if let Ok(mut session) = server::session(&self.home, self.port(), "postgres").await {
                // a standby needs no places of its own, and what they keep would stay for ever
                drop(super::lead::places(&mut session, &[]).await);
                break;
            }
            if Instant::now() > until {
                break;
            }
        }
        if self.is(number) {
            let mut state = self.state();
            (state.starting, state.failed) = (false, 0);
            drop(state);
            self.has_changed();
        }
    }

    fn is(&self, number: u64) -> bool {
        self.state().server.is_some_and(|(_, of)| of == number)
    }

    /// Waits until it is ready.
    pub(super) async fn ready(&self) -> Result<(), Error> {
        let mut changes = self.changes.subscribe();
        loop {
            {
                let state = self.state();
                if state.server.is_none() {
                    return Err(Error::Said("the server ended before it was ready".to_owned()));
                }
                if !state.starting {
                    return Ok(());
                }
            }
            drop(changes.changed().await);
        }
    }

    /// Writes down where it is, for all who look for it.
    pub(super) async fn register(&self) -> Result<(), Error> {
        let (postgres, version) = (self.tools.version().await?, env!("CARGO_PKG_VERSION").to_owned());
        let peer = Peer { at: self.at, postgres, version, image: image() };
        self.book.register(&super::home::named(self.me), &peer).await
    }

    pub(super) fn write_conf(&self, orders: &Orders) -> Result<(), Error> {
        let settings = self.state().settings.clone();
        self.home.tell(self.me, self.at.server, &settings, orders)
    }

    /// Has other settings from now on: what needs a restart waits for one. What no server would start with is refused.
    pub(super) async fn set(&self, settings: Settings) -> Result<(), Error> {
        let _hands = timeout(SOON, self.hands.lock()).await.map_err(|_| Error::Busy)?;
        let orders = self.state().orders.clone();
        if self.home.has_data() {
            let tried = self.home.try_out(self.me, self.at.server, &settings, &orders)?;
            self.tools.takes(&tried).await?;
        }
        self.home.note_settings(&settings)?;
        self.state().settings = settings;
        self.tell(orders)
    }

    /// Tells the running server something else.
    pub(super) fn tell(&self, orders: Orders) -> Result<(), Error> {
        self.write_conf(&orders)?;
        let mut state = self.state();
        if let Some((pid, _)) = state.server {
            server::reload(pid);
        }
        state.orders = orders;
        Ok(())
    }

    /// Ends all of the server at once. It answers when nothing runs any more.
    pub(super) async fn kill(&self) {
        self.state().told_to_end = true;
        server::end(&self.home.data()).await;
        // whatever of it was not found is looked for again: nobody else has the hands free meanwhile
        while timeout(LOOK, self.ended()).await.is_err() {
            server::end(&self.home.data()).await;
        }
        self.tenure.end();
    }

    /// Stops the server in peace; one that does not is killed.
    pub(super) async fn stop(&self, patience: Duration) {
        let Some((pid, _)) = self.state().server else { return };
        self.state().told_to_end = true;
        server::stop(pid);
        if timeout(patience, self.ended()).await.is_err() {
            self.kill().await;
        }
    }

    /// Waits until it is known that the server has ended.
    async fn ended(&self) {
        let mut changes = self.changes.subscribe();
        while self.state().server.is_some() {
            drop(changes.changed().await);
        }
    }

    /// Where the stopped server ends.
    pub(super) async fn resting(&self) -> Result<Resting, Error> {
        let _reads = self.reads.lock().await;
        let (servers, led) = {
            let state = self.state();
            if let Some(known) = &state.resting {
                return Ok(known.clone());
            }
            let led = state.role == Some(Role::Primary) && state.last.timeline == state.timeline && state.last.end > 0;
            (state.servers, led.then(|| state.last.clone()))
        };
        let behind = match &led {
            Some(known) => resting::find_behind(&self.home, &self.tools, known).await,
            None => None,
        };
        let mut found = match behind {
            Some(found) => Ok(found),
            None => resting::find(&self.home, &self.tools).await,
        };
        for _ in 1..READS {
            // whoever says that the log can't be read gives up what only it has
            if found.is_err() && self.state().server.is_none() {
                found = resting::find(&self.home, &self.tools).await;
            }
        }
        let found = found?;
        let mut state = self.state();
        if state.server.is_none() && state.servers == servers && !state.at_work {
            (state.resting, state.unread) = (Some(found.clone()), false);
        }
        Ok(found)
    }
}

/// What the data is of, as it lies there.
pub(super) fn role(home: &Home) -> Option<Role> {
    let lies = || if home.is_to_follow() { Role::Standby } else { Role::Primary };
    home.has_data().then(lies)
}
