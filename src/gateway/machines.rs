//! Databases that have a Fly machine of their own: whoever is called for is started through the Machines API, and led there.

use std::{
    collections::HashMap,
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    net::TcpStream,
    sync::Mutex as Turn,
    time::{sleep, timeout},
};

use super::{Unavailable, kin::Kin, told::Told};
use crate::{
    control::{Found, Machine, Organization},
    fly::{Berth, Fly},
    resource::{Error, Kind, Secret},
};

/// Where an instance on a machine listens.
pub const PORT: u16 = 5433;
/// How long it may take to be there when it has been started; whoever waits for it gives up before.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long it is knocked at before it is asked for again, at first and at most: what was just stopping is started only then. A machine may be started
/// once a second (Fly's limit, with three at once).
const KNOCKED: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(2));
/// How often one that is started may end by itself before whoever waits is told: what it lacked may just be made.
const FAILURES: u32 = 3;
/// The pause between two knocks.
const BREATH: Duration = Duration::from_millis(4);
/// How long one knock may take: a network that loses packets, or a machine that stands still.
const KNOCK: Duration = Duration::from_secs(1);

/// Where a database is that has a machine of its own, which runs.
pub struct Led {
    /// The machine, as `<app>/<machine>`.
    pub(super) by: String,
    /// Where the instance on it listens: `host:port`.
    pub(super) address: String,
    pub(super) kin: Arc<Kin>,
    /// What the instance is to know of the database.
    pub(super) told: Told,
    /// As [`Awake::hold`](super::Awake::hold).
    pub(super) hold: Option<Duration>,
}

impl fmt::Debug for Led {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Led").field("by", &self.by).field("address", &self.address).finish_non_exhaustive()
    }
}

impl fmt::Display for Led {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.by)
    }
}

const NO_KEY: &str = "it has no key in gateway.machine, or none that this gateway can open: that needs the engine's --key-file";

const NO_TOKEN: &str =
    "the token for Fly of the database whose machine it is can't be opened by this gateway: that needs the engine's --key-file";

/// The machines of the environment's organization, and of those that users' databases have for themselves.
pub struct Machines {
    fly: Fly,
    /// The ways to the latter, by their names, with the token of each.
    others: Mutex<HashMap<String, (Secret, Fly)>>,
    /// By app and name; whose turn it is to start it, and where it was.
    known: Mutex<HashMap<String, Arc<Turn<Option<Berth>>>>>,
    /// By name: what it and we know each other by, and the key that this follows from.
    kins: Mutex<HashMap<String, (Secret, Arc<Kin>)>>,
    /// The addresses that were told of, and whether nobody got in there the last time.
    doubted: Mutex<HashMap<String, bool>>,
}

impl Machines {
    /// Those that this account may start, where nothing is said of another.
    pub fn new(fly: Fly) -> Self {
        Self { fly, others: Mutex::default(), known: Mutex::default(), kins: Mutex::default(), doubted: Mutex::default() }
    }

    /// Has the machine run, and says where its database is reached.
    pub(super) async fn lead(&self, machine: &Machine, found: &Found) -> Unavailable {
        let failed = |source| Unavailable::ForNow { doing: "starting the database's machine", source };
        let (kin, fly) = match (self.kin(machine), self.way(machine)) {
            (Ok(kin), Ok(fly)) => (kin, fly),
            (Err(source), _) | (_, Err(source)) => return failed(source),
        };
        let (by, told, hold) = (machine.name.clone(), Told::of(found), found.hold.then_some(found.idle));
        match timeout(PATIENCE, self.started(&fly, &machine.name)).await {
            Ok(Ok(address)) => Unavailable::OnMachine(Box::new(Led { by, address, kin, told, hold })),
            Ok(Err(Unled::Fly(source))) => failed(source.into()),
            Ok(Err(Unled::Ends(code))) => Unavailable::Ends(code),
            Err(_) => failed("it takes no connection".into()),
        }
    }

    /// What it and we know each other by.
    fn kin(&self, machine: &Machine) -> Result<Arc<Kin>, Box<dyn std::error::Error + Send + Sync>> {
        let key = machine.key.as_ref().ok_or(NO_KEY)?;
        let mut kins = self.kins.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, kin)) = kins.get(&machine.name)
            && known == key
        {
            return Ok(Arc::clone(kin));
        }
        let kin = Arc::new(Kin::of(key)?);
        kins.insert(machine.name.clone(), (key.clone(), Arc::clone(&kin)));
        Ok(kin)
    }

    /// The way to whose machine it is.
    fn way(&self, machine: &Machine) -> Result<Fly, Box<dyn std::error::Error + Send + Sync>> {
        let Some(Organization { name, token }) = &machine.account else { return Ok(self.fly.clone()) };
        let token = token.as_ref().ok_or(NO_TOKEN)?;
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, fly)) = others.get(name)
            && known == token
        {
            return Ok(fly.clone());
        }
        let fly = self.fly.of(name, token.clone());
        others.insert(name.clone(), (token.clone(), fly.clone()));
        Ok(fly)
    }

    /// Nobody got in there: it is asked for again before somebody is led there.
    pub(super) fn doubt(&self, address: &str) {
        if let Some(doubted) = self.doubted.lock().unwrap_or_else(PoisonError::into_inner).get_mut(address) {
            *doubted = true;
        }
    }

    /// Whether nobody got in there the last time. Told once.
    fn is_doubted(&self, address: &str) -> bool {
        self.doubted.lock().unwrap_or_else(PoisonError::into_inner).insert(address.to_owned(), false).unwrap_or_default()
    }

    /// However many come at once, it is asked for by one of them.
    async fn started(&self, fly: &Fly, machine: &str) -> Result<String, Unled> {
        let turn = Arc::clone(self.known().entry(machine.to_owned()).or_default());
        let mut known = turn.lock().await;
        if let Some(address) = known.as_ref().and_then(at)
            && !self.is_doubted(&address)
            && knocked(&address).await
        {
            return Ok(address);
        }
        let (app, name) = machine.split_once('/').unwrap_or((machine, machine));
        let missing = || Error::new("Machines_list", Kind::Absent, format!("there is no machine {name} in the app {app}"));
        let mut pause = KNOCKED.0;
        let mut failures = 0;
        loop {
            let (berth, is_remembered) = match known.take() {
                Some(berth) => (berth, true),
                None => (fly.berth(app, name).await?.ok_or_else(missing)?, false),
            };
            match fly.start(app, &berth.id).await {
                // another one has its name by now
                Err(error) if is_remembered && error.kind == Kind::Absent => continue,
                Ok(()) => *known = Some(berth.clone()),
                // it is stopping, or somebody changes it
                // which one it is, is looked up again
                Err(error) if matches!(error.kind, Kind::Held | Kind::Throttled) => {}
                Err(error) => return Err(error.into()),
            }
            let address =
                at(&berth).ok_or_else(|| Error::new("Machines_list", Kind::Broken, format!("{} is no address", berth.address)))?;
            let open = async {
                while !knocked(&address).await {
                    sleep(BREATH).await;
                }
            };
            if timeout(pause, open).await.is_ok() {
                return Ok(address);
            }
            pause = KNOCKED.1.min(pause * 2);
            if let Some(Berth { failed: Some(code), .. }) = fly.berth(app, name).await? {
                failures += 1;
                if failures >= FAILURES {
                    return Err(Unled::Ends(code));
                }
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Arc<Turn<Option<Berth>>>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why nobody is led there.
enum Unled {
    Fly(Error),
    /// It ends as soon as it is started, with this exit code.
    Ends(i64),
}

impl From<Error> for Unled {
    fn from(error: Error) -> Self {
        Self::Fly(error)
    }
}

/// Where the instance on it listens.
fn at(berth: &Berth) -> Option<String> {
    Some(match berth.address.parse().ok()? {
        IpAddr::V4(address) => format!("{address}:{PORT}"),
        IpAddr::V6(address) => format!("[{address}]:{PORT}"),
    })
}

async fn knocked(address: &str) -> bool {
    timeout(KNOCK, TcpStream::connect(address)).await.is_ok_and(|connected| connected.is_ok())
}
