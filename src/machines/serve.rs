//! The Machines API as a server: opened on a home, served until it is told to stop. Machines go on without it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum::{Router, response::IntoResponse};
use chrono::Utc;
use tokio::{
    net::TcpListener,
    sync::Semaphore,
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;

use super::{
    Error, Services, api, docker::Engine, door::Guard, home::Home, image, launch, machine::State, pace::Pace, places, proxy::Proxy,
    refusal::Refusal, world::World,
};
use crate::{
    resource::Secret,
    seats::{InClear, Seats},
};

/// How many clients there may be at once: each that waits for a machine has a seat.
const SEATS: usize = 1024;
/// How long a client may take to send a request's head.
const SLOWEST: Duration = Duration::from_secs(10);
/// The most that a request's head may take, in bytes.
const HEAD: usize = 32 << 10;
/// How much longer than it may a machine takes to stop.
const AND_A_MOMENT: Duration = Duration::from_secs(5);

/// What is served, and to whom.
#[derive(Debug)]
pub struct Options {
    /// The folder in which machines live.
    pub home: PathBuf,
    /// Where images are looked for: `<name>/entrypoint`, or for Docker `<name>/Dockerfile`.
    pub images: PathBuf,
    /// Where PGlite is installed, for images that run it; natively only.
    pub pglite: Option<PathBuf>,
    /// Where Docker's engine listens that runs machines as containers, as `unix:///var/run/docker.sock`; without it they are processes.
    pub docker: Option<String>,
    /// Where a machine is of which nobody says it; one of Fly's regions.
    pub region: String,
    /// What every request has to bring.
    pub token: Secret,
    /// Whether requests are counted as Fly counts them.
    pub rate_limit: bool,
    /// Where services are reached, as by Fly's proxy; nowhere where nothing is said.
    pub services: Option<Services>,
}

/// The Machines API on this machine.
pub struct Machines {
    world: Arc<World>,
    guard: Arc<Guard>,
    proxy: Option<Arc<Proxy>>,
}

impl Machines {
    /// Opens a home, and finds the machines that run there.
    ///
    /// # Errors
    /// When somebody else has it, or it can't be read, or no engine answers.
    pub async fn open(options: Options) -> Result<Self, Error> {
        // images are for the machines' users to read, whoever we are
        nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(0o022));
        let home = Home::open(&options.home, options.docker.is_none())?;
        if let Some(pglite) = &options.pglite {
            image::lay_pglite(&home, pglite)?;
        }
        let engine = match &options.docker {
            Some(address) => Some(Engine::connect(address, &home.path).await?),
            None => None,
        };
        let images = std::path::absolute(&options.images).unwrap_or(options.images);
        let world = Arc::new(World::open(home, images, options.region, engine)?);
        let pace = options.rate_limit.then(Pace::default);
        world.sweep().await?;
        launch::adopt(&world);
        if world.engine.is_none() {
            let building = Arc::clone(&world);
            std::thread::spawn(move || image::build_all(&building.home, &building.images));
        }
        let proxy = options.services.map(|services| Proxy::open(Arc::clone(&world), services)).transpose()?.map(Arc::new);
        Ok(Self { world, guard: Arc::new(Guard { token: options.token, pace }), proxy })
    }

    /// What clients of services are told to trust, where services are reached.
    pub fn authority(&self) -> Option<&Path> {
        self.proxy.as_ref().map(|proxy| &*proxy.authority)
    }

    /// Takes what is one of Fly's regions.
    ///
    /// # Errors
    /// A sentence that names them.
    pub fn region(code: &str) -> Result<String, String> {
        places::region(code).map_err(|refusal| refusal.to_string())
    }

    /// Serves until `shutdown`, then lets open requests end.
    pub async fn serve(&self, listener: TcpListener, shutdown: CancellationToken) {
        let seats = Seats { free: Arc::new(Semaphore::new(SEATS)), slowest: SLOWEST, head: HEAD };
        let full = Router::new().fallback(async || Refusal::Crowded.into_response());
        let (stopping, told) = (self.world.stopping.clone(), shutdown.clone());
        // whoever waits for a machine is not waited for
        let tell = tokio::spawn(async move {
            told.cancelled().await;
            stopping.cancel();
        });
        let proxy = self.proxy.as_ref().map(|proxy| tokio::spawn(Arc::clone(proxy).run(shutdown.clone())));
        let app = api::routes(Arc::clone(&self.world), Arc::clone(&self.guard));
        seats.serve(listener, InClear, app, full, shutdown).await;
        tell.abort();
        if let Some(proxy) = proxy {
            drop(proxy.await);
        }
    }

    /// How many machines there are that have a process.
    pub fn running(&self) -> usize {
        self.world.books().machines.values().filter(|machine| !machine.state.is_at_rest()).count()
    }

    /// Stops all machines, and waits until they have.
    pub async fn stop_all(&self) {
        let mut changes = self.world.changes();
        let all: Vec<_> = self.world.books().machines.values().filter(|machine| !machine.state.is_at_rest()).cloned().collect();
        let mut longest = Duration::ZERO;
        for machine in all {
            let lease = machine.lease(Utc::now()).map(|lease| lease.nonce.clone());
            longest = longest.max(machine.config().stop().map_or(longest, |(_, patience)| patience));
            if matches!(machine.state, State::Started | State::Starting | State::Suspended) {
                drop(self.world.stop(&machine.app, &machine.id, lease.as_deref(), None));
            }
        }
        let until = Instant::now() + longest + AND_A_MOMENT;
        while self.running() > 0 && timeout_at(until, changes.changed()).await.is_ok_and(|changed| changed.is_ok()) {}
    }
}
