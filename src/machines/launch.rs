//! A machine made a process: its folder, its variables, its overseer; and found again after we have been away.

use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder},
    os::unix::{
        fs::{DirBuilderExt, MetadataExt, chown, lchown, symlink},
        process::CommandExt,
    },
    path::Path,
    process::Stdio,
    sync::{Arc, OnceLock},
    time::Duration,
};

use aws_smithy_types::base64;
use chrono::Utc;
use nix::sys::signal::Signal;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::Command,
    time::{Instant, timeout},
};

use super::{
    Error, checks,
    config::{Config, File},
    file,
    home::FIRST_USER,
    image::ENTRYPOINT,
    init::{Order, READY, WORD},
    machine::{Machine, State},
    tree, volume,
    world::World,
};
use crate::{causes::in_one_line, local, resource::Secret};

/// How long it may take until a process is there.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is looked whether an overseer of before is ready.
const LOOK: Duration = Duration::from_millis(5);
/// How many processes a machine may have.
const PROCESSES: u32 = 1024;

/// Starts the process of a machine, and stays until it ends.
pub(super) async fn begin(world: Arc<World>, id: String, run: u64, after: Duration) {
    tokio::time::sleep(after).await;
    let Some(machine) = world.books().machines.get(&id).filter(|machine| machine.run == run).cloned() else { return };
    if machine.state != State::Starting {
        // it was stopped before it began
        return world.ended(&machine.app, &id, run);
    }
    match spawn(&world, &machine).await {
        Ok(()) => follow(world, machine.app, id, run).await,
        // an overseer that was on its way when whoever had started it was killed
        Err(_) if world.folder(&id).is_held() => Box::pin(find(world, machine)).await,
        Err(error) => {
            tracing::warn!(machine = id, "could not be started: {}", in_one_line(&error));
            world.note(&machine.app, &id, |machine, now| {
                if machine.run == run && !machine.state.is_at_rest() {
                    let state = match machine.state {
                        State::Destroying => State::Destroyed,
                        State::Stopping => State::Stopped,
                        _ => State::Failed,
                    };
                    machine.note_failure(state, &error, now);
                }
            });
        }
    }
}

/// Stays with a process until it ends.
pub(super) async fn follow(world: Arc<World>, app: String, id: String, run: u64) {
    let mut state = State::Started;
    world.note(&app, &id, |machine, now| {
        if machine.run == run && machine.state == State::Starting {
            machine.enter(State::Started, "start", "flyd", now);
        }
        state = machine.state;
    });
    if let Some(machine) = world.machine(&app, &id).ok().filter(|machine| machine.run == run) {
        let left = machine.killed_at.map(|at| (at - Utc::now()).to_std().unwrap_or_default());
        match (state, left) {
            (State::Destroying, _) => world.ask(&app, &id, run, (Signal::SIGKILL, Duration::ZERO)),
            (_, Some(left)) => {
                let signal = machine.config().stop().map_or(Signal::SIGINT, |(signal, _)| signal);
                world.ask(&app, &id, run, (signal, left));
            }
            (State::Suspending, None) => drop(tokio::spawn(Arc::clone(&world).freeze(app.clone(), id.clone(), run))),
            _ => {}
        }
        checks::begin(&world, &machine);
    }
    world.folder(&id).ended().await;
    clear(&world, &id, run).await;
    world.ended(&app, &id, run);
}

/// Whatever an overseer that was killed itself has left behind.
async fn clear(world: &World, id: &str, run: u64) {
    let folder = world.folder(id);
    let user = world.books().machines.get(id).and_then(|machine| machine.user).filter(|_| world.home.has_own_users());
    let (Some(found), None) = (folder.run().filter(|found| found.run == run), folder.exit(run)) else { return };
    let until = Instant::now() + PATIENCE;
    loop {
        let left = found.leftovers(user);
        if left.is_empty() || Instant::now() >= until {
            return;
        }
        left.into_iter().for_each(tree::kill);
        tokio::time::sleep(LOOK).await;
    }
}

/// Finds what is left of all machines' processes after we have been away.
pub(super) fn adopt(world: &Arc<World>) {
    let machines: Vec<_> = world.books().machines.values().filter(|machine| !machine.state.is_at_rest()).cloned().collect();
    for machine in machines {
        tokio::spawn(find(Arc::clone(world), machine));
    }
}

async fn find(world: Arc<World>, machine: Machine) {
    let (folder, run) = (world.folder(&machine.id), machine.run);
    let has_begun = || folder.run().is_some_and(|found| found.run == run);
    let ready = async {
        while folder.is_held() && !has_begun() {
            tokio::time::sleep(LOOK).await;
        }
    };
    let ready = timeout(PATIENCE, ready).await;
    match has_begun() {
        true => follow(world, machine.app, machine.id, run).await,
        false if ready.is_ok() && machine.state == State::Starting => begin(world, machine.id, run, Duration::ZERO).await,
        // its overseer may still be on its way: it finds the place taken, and then written down that nobody waits for it
        false => match folder.keep() {
            Some(_place) => world.ended(&machine.app, &machine.id, run),
            None => Box::pin(find(world, machine)).await,
        },
    }
}

async fn spawn(world: &Arc<World>, machine: &Machine) -> Result<(), Error> {
    let order = {
        let (world, machine) = (Arc::clone(world), machine.clone());
        tokio::task::spawn_blocking(move || prepare(&world, &machine)).await
    };
    let order = order.unwrap_or_else(|error| Err(launch(&machine.id, error)))?;
    let text = serde_json::to_vec(&order).map_err(|error| launch(&machine.id, error))?;
    let started = async {
        let mut overseer = Command::new("/proc/self/exe");
        // the names are for people who look at what runs
        overseer
            .arg0("iasql")
            .arg(WORD)
            .arg(&machine.id)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut overseer = overseer.spawn()?;
        let (pipe, said) = (overseer.stdin.take(), overseer.stdout.take());
        if let Some(mut pipe) = pipe {
            pipe.write_all(&text).await?;
        }
        let mut line = String::new();
        if let Some(said) = said {
            BufReader::new(said).read_line(&mut line).await?;
        }
        Ok(line)
    };
    let line: Result<String, std::io::Error> =
        timeout(PATIENCE, started).await.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()));
    match line.map_err(|error| launch(&machine.id, error))?.trim() {
        READY => Ok(()),
        "" => Err(launch(&machine.id, "its overseer ended without a word")),
        said => Err(launch(&machine.id, said)),
    }
}

fn launch(id: &str, said: impl ToString) -> Error {
    Error::Launch { id: id.to_owned(), said: said.to_string() }
}

/// Makes the machine's root anew, with its volume and its files in it, and says what is to be run.
fn prepare(world: &World, machine: &Machine) -> Result<Order, Error> {
    let (folder, config) = (world.folder(&machine.id), machine.config());
    let root = folder.root();
    file::remove(&root)?;
    DirBuilder::new().mode(0o700).create(&root).map_err(Error::folder("make the folder", &root))?;
    // before there is a volume: links that a machine has left there lead a file of ours nowhere
    for file in &config.files {
        put(machine, file, &root)?;
    }
    for mount in &config.mounts {
        mount_volume(world, machine, &mount.volume, &root, &mount.path)?;
    }
    give_all(&root, machine.user).map_err(Error::folder("give away", &root))?;
    let memory_mb = config.guest().map_or(256, |guest| guest.memory_mb);
    let processes = if world.home.has_own_users() { PROCESSES } else { 0 };
    let image = world.home.images().join(&machine.image.folder);
    let words = named(world).iter().cloned().chain(words(&config, &image)).collect();
    let env = variables(world, machine, &config, &root, memory_mb);
    Ok(Order { folder: folder.0, run: machine.run, words, env, user: machine.user, memory_mb, processes })
}

/// Where the machine looks for its volume there is a link to it.
fn mount_volume(world: &World, machine: &Machine, id: &str, root: &Path, path: &str) -> Result<(), Error> {
    let data = world.home.volume(id).join("data");
    let size = world.books().volumes.get(id).map(volume::Volume::bytes).unwrap_or_default();
    let used = volume::used(&data)?;
    if used > size {
        return Err(launch(&machine.id, format!("volume {id} is full: {used} bytes are in it, and it may have {size}; extend it")));
    }
    let owner = fs::metadata(&data).map_err(Error::folder("look at", &data))?.uid();
    if machine.user.is_some_and(|user| user != owner) {
        give_all(&data, machine.user).map_err(Error::folder("give away", &data))?;
    }
    let link = root.join(path.trim_matches('/'));
    let linked = fs::create_dir_all(link.parent().unwrap_or(root)).and_then(|()| symlink(&data, &link));
    linked.map_err(Error::folder("link to", &data))
}

fn put(machine: &Machine, file: &File, root: &Path) -> Result<(), Error> {
    let secret = || file.secret_name.as_ref().and_then(|name| machine.secrets.get(name)).map(Secret::expose);
    let coded = file.raw_value.as_deref().or_else(secret);
    let bytes = coded.and_then(|coded| base64::decode(coded.trim()).ok());
    let bytes = bytes.ok_or_else(|| launch(&machine.id, format!("the file {} has no value in base64", file.guest_path)))?;
    let path = root.join(file.guest_path.trim_start_matches('/'));
    let written = fs::create_dir_all(path.parent().unwrap_or(root)).and_then(|()| fs::write(&path, bytes));
    written.map_err(Error::folder("write", path))
}

/// Gives a folder and all in it to a user. A link is given, and not what it leads to.
fn give_all(path: &Path, user: Option<u32>) -> std::io::Result<()> {
    let Some(user) = user else { return Ok(()) };
    chown(path, Some(user), Some(user))?;
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => give_all(&entry.path(), Some(user))?,
            false => lchown(entry.path(), Some(user), Some(user))?,
        }
    }
    Ok(())
}

/// What stands before a machine's words so that its user has a name, which initdb and others want: in a user namespace (user_namespaces(7))
/// they are the one whom this machine has for Postgres. Nothing where the machine does not allow that.
fn named(world: &World) -> &'static [String] {
    static WORDS: OnceLock<Vec<String>> = OnceLock::new();
    if !world.home.has_own_users() {
        return &[];
    }
    WORDS.get_or_init(|| {
        let Ok((user, group)) = local::server_user() else { return vec![] };
        let words = ["/usr/bin/unshare".to_owned(), "--user".to_owned(), format!("--map-user={user}"), format!("--map-group={group}")];
        let mut trial = std::process::Command::new(&words[0]);
        trial.args(&words[1..]).arg("/bin/true").uid(FIRST_USER).gid(FIRST_USER).current_dir("/");
        let ended = trial.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        let possible = ended.is_ok_and(|ended| ended.success());
        if !possible {
            tracing::warn!("this machine lets nobody but root make a user namespace: machines' users have no names");
        }
        if possible { words.to_vec() } else { vec![] }
    })
}

/// As Docker puts them together.
fn words(config: &Config, image: &Path) -> Vec<String> {
    let init = &config.init;
    if !init.exec.is_empty() {
        return init.exec.clone();
    }
    let own = || vec![image.join(ENTRYPOINT).display().to_string()];
    let entrypoint = if init.entrypoint.is_empty() { own() } else { init.entrypoint.clone() };
    [entrypoint, init.cmd.clone()].concat()
}

/// What the process finds in its environment: as on Fly, and IASQL_ROOT, which is empty there.
fn variables(world: &World, machine: &Machine, config: &Config, root: &Path, memory_mb: u64) -> BTreeMap<String, Secret> {
    let image = world.home.images().join(&machine.image.folder);
    let mut env: BTreeMap<String, Secret> = config.env.iter().map(|(name, value)| (name.clone(), Secret::new(value.as_str()))).collect();
    env.extend(machine.secrets.clone());
    let given = [
        (
            "PATH",
            format!("{}:{}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", image.display(), world.home.programs().display()),
        ),
        ("HOME", root.display().to_string()),
    ];
    for (name, value) in given {
        env.entry(name.to_owned()).or_insert_with(|| Secret::new(value));
    }
    let process_group = config.metadata.get("fly_process_group").cloned().unwrap_or_default();
    let fixed = [
        ("IASQL_ROOT", root.display().to_string()),
        ("FLY_APP_NAME", machine.app.clone()),
        ("FLY_MACHINE_ID", machine.id.clone()),
        ("FLY_ALLOC_ID", machine.id.clone()),
        ("FLY_MACHINE_VERSION", machine.instance_id.clone()),
        ("FLY_REGION", machine.region.clone()),
        ("FLY_PRIVATE_IP", machine.private_ip.to_string()),
        ("FLY_IMAGE_REF", config.image.clone()),
        ("FLY_PROCESS_GROUP", process_group),
        ("FLY_VM_MEMORY_MB", memory_mb.to_string()),
    ];
    env.extend(fixed.map(|(name, value)| (name.to_owned(), Secret::new(value))));
    env
}
