//! A machine as processes of this machine: its folder, its overseer, and all that stands below that.

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

use nix::{sys::signal::Signal, unistd::Pid};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::Command,
    time::{Instant, timeout},
};

use super::{
    Error,
    config::{Config, File},
    file, given,
    home::FIRST_USER,
    image::{self, ENTRYPOINT},
    init::{Order, READY, WORD},
    machine::{Machine, State},
    process::{Left, Run},
    tree,
    world::World,
};
use crate::{local, resource::Secret};

/// How long it may take until a process is there.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is looked whether an overseer of before is ready.
const LOOK: Duration = Duration::from_millis(5);
/// How many processes a machine may have.
pub(super) const PROCESSES: u32 = 1024;

/// This run of the machine's process, where it has begun.
fn run_of(world: &World, id: &str, run: u64) -> Option<Run> {
    world.folder(id).run().filter(|found| found.run == run)
}

/// A signal for its first process. One that is not there is content.
pub(super) fn send(world: &World, id: &str, run: u64, signal: Signal) -> Result<(), Error> {
    run_of(world, id, run).map_or(Ok(()), |found| found.send(signal))
}

/// Stops all its processes where they are.
pub(super) async fn freeze(world: &World, id: &str, run: u64) -> Result<(), Error> {
    match run_of(world, id, run) {
        Some(found) => tree::freeze(found.overseer()).await,
        None => Ok(()),
    }
}

/// Lets them go on.
pub(super) fn thaw(world: &World, id: &str, run: u64) {
    if let Some(found) = run_of(world, id, run) {
        tree::thaw(found.overseer());
    }
}

/// All its processes, the first one first.
pub(super) fn processes(world: &World, id: &str, run: u64) -> Vec<Pid> {
    run_of(world, id, run).map(|found| tree::below(found.overseer())).unwrap_or_default()
}

/// Waits until it has ended, and all of it.
pub(super) async fn ended(world: &World, id: &str, run: u64) {
    world.folder(id).ended().await;
    clear(world, id, run).await;
}

/// What we find of a machine whose process somebody before us has started.
pub(super) async fn left(world: &World, machine: &Machine) -> Left {
    let (folder, run) = (world.folder(&machine.id), machine.run);
    let has_begun = || folder.run().is_some_and(|found| found.run == run);
    let ready = async {
        while folder.is_held() && !has_begun() {
            tokio::time::sleep(LOOK).await;
        }
    };
    let ready = timeout(PATIENCE, ready).await;
    if has_begun() {
        return Left::Begun;
    }
    if ready.is_ok() && machine.state == State::Starting {
        return Left::Nothing(None);
    }
    // its overseer may still be on its way: it finds the place taken, and then written down that nobody waits for it
    folder.keep().map_or(Left::Unsure, |place| Left::Nothing(Some(place)))
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

/// Starts a machine's overseer, and with it its process.
pub(super) async fn spawn(world: &Arc<World>, machine: &Machine) -> Result<(), Error> {
    let order = {
        let (world, machine) = (Arc::clone(world), machine.clone());
        tokio::task::spawn_blocking(move || prepare(&world, &machine)).await
    };
    let order = order.unwrap_or_else(|error| Err(Error::launch(&machine.id, error)))?;
    let text = serde_json::to_vec(&order).map_err(|error| Error::launch(&machine.id, error))?;
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
    match line.map_err(|error| Error::launch(&machine.id, error))?.trim() {
        READY => Ok(()),
        "" => Err(Error::launch(&machine.id, "its overseer ended without a word")),
        said => Err(Error::launch(&machine.id, said)),
    }
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
    let data = given::volume(world, machine, id)?;
    let owner = fs::metadata(&data).map_err(Error::folder("look at", &data))?.uid();
    if machine.user.is_some_and(|user| user != owner) {
        give_all(&data, machine.user).map_err(Error::folder("give away", &data))?;
    }
    let link = root.join(path.trim_matches('/'));
    let linked = fs::create_dir_all(link.parent().unwrap_or(root)).and_then(|()| symlink(&data, &link));
    linked.map_err(Error::folder("link to", &data))
}

fn put(machine: &Machine, file: &File, root: &Path) -> Result<(), Error> {
    let bytes = given::contents(machine, file)?;
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

/// What the process finds in its environment beside what it finds on Fly.
fn variables(world: &World, machine: &Machine, config: &Config, root: &Path, memory_mb: u64) -> BTreeMap<String, Secret> {
    let image = world.home.images().join(&machine.image.folder);
    let mut env = given::variables(machine, config, memory_mb);
    let own = [
        (
            "PATH",
            format!("{}:{}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", image.display(), world.home.programs().display()),
        ),
        ("HOME", root.display().to_string()),
    ];
    for (name, value) in own {
        env.entry(name.to_owned()).or_insert_with(|| Secret::new(value));
    }
    env.insert("IASQL_ROOT".to_owned(), Secret::new(root.display().to_string()));
    if world.home.pglite().exists() {
        env.entry(image::PGLITE.to_owned()).or_insert_with(|| Secret::new(world.home.pglite().display().to_string()));
    }
    env
}
