//! Machines as containers: over an engine of each test's own, with images of nothing but busybox.

mod gone;
mod images;
mod lives;
mod returns;

use std::{
    fs,
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use nix::sys::signal::Signal;
use serde_json::Value;

use super::{Site, signal, until};

/// What the image `probe` is built from; what runs is what runs natively, too.
const PROBE: &str = "FROM scratch\nCOPY busybox /bin/busybox\nCOPY entrypoint /entrypoint\nRUN [\"/bin/busybox\", \"--install\", \"-s\", \"/bin\"]\n\
    ENV PATH=/bin FROM_IMAGE=yes\nENTRYPOINT [\"/entrypoint\"]\n";

/// A Docker engine, its folder, and images to build. All of it ends with this.
struct Docker {
    child: Child,
    folder: PathBuf,
}

impl Docker {
    /// Starts one; none where that can't be, and then it is said that a test was skipped.
    async fn start() -> Option<Self> {
        let skipped = |why: &str| {
            eprintln!("skipped: {why}");
            None
        };
        let Some(busybox) = ["/bin/busybox", "/usr/bin/busybox"].map(Path::new).into_iter().find(|path| path.exists()) else {
            return skipped("there is no busybox to make images of (scripts/install.sh tests)");
        };
        if !nix::unistd::geteuid().is_root() {
            return skipped("only root runs an engine of Docker");
        }
        let folder = PathBuf::from(format!("/tmp/iasql-d-{}", uuid::Uuid::new_v4().simple().to_string().split_at(12).0));
        let probe = folder.join("images/probe");
        fs::create_dir_all(&probe).expect("a folder");
        fs::copy(busybox, probe.join("busybox")).expect("a copy");
        let entrypoint = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/machines/images/probe/entrypoint");
        fs::copy(entrypoint, probe.join("entrypoint")).expect("a copy");
        fs::write(probe.join("Dockerfile"), PROBE).expect("a file");
        let child = match engine(&folder) {
            Ok(child) => child,
            Err(error) => {
                drop(fs::remove_dir_all(&folder));
                return skipped(&format!("dockerd could not be started: {error} (scripts/install.sh tests)"));
            }
        };
        let mut docker = Self { child, folder };
        if docker.answers().await {
            return Some(docker);
        }
        let log = fs::read_to_string(docker.folder.join("log")).unwrap_or_default();
        skipped(&format!("this machine lets no engine of Docker run: {}", log.lines().last().unwrap_or_default()))
    }

    /// Whether it answers in the end, and has not ended.
    async fn answers(&mut self) -> bool {
        let mut ended = false;
        until(|| {
            ended = self.child.try_wait().expect("a state").is_some();
            ended || self.get("/_ping").is_some()
        })
        .await;
        !ended
    }

    /// Has it end as its service would.
    fn stop(&mut self) {
        signal(self.child.id(), Signal::SIGTERM);
        self.child.wait().expect("an end");
    }

    async fn start_again(&mut self) {
        self.child = engine(&self.folder).expect("it runs");
        assert!(self.answers().await);
    }

    fn address(&self) -> String {
        format!("unix://{}", self.folder.join("d.sock").display())
    }

    /// An `iasql machines` that works over it, with the app `shop`.
    async fn site(&self) -> Site {
        let images = self.folder.join("images");
        let site = Site::open(&["--backend", "docker", "--docker-host", &self.address(), "--images", images.to_str().expect("text")]);
        site.app("shop").await;
        site
    }

    /// A Dockerfile of this image, and what is beside it.
    fn image(&self, name: &str, files: &[(&str, &str)]) {
        let folder = self.folder.join("images").join(name);
        fs::create_dir_all(&folder).expect("a folder");
        fs::copy(self.folder.join("images/probe/busybox"), folder.join("busybox")).expect("a copy");
        files.iter().for_each(|(file, text)| fs::write(folder.join(file), text).expect("a file"));
    }

    /// What it says to a request, past everything of ours.
    fn get(&self, path: &str) -> Option<Value> {
        self.ask("GET", path)
    }

    fn ask(&self, method: &str, path: &str) -> Option<Value> {
        let mut socket = UnixStream::connect(self.folder.join("d.sock")).ok()?;
        socket.write_all(format!("{method} {path} HTTP/1.0\r\nHost: docker\r\n\r\n").as_bytes()).ok()?;
        let mut answer = String::new();
        socket.read_to_string(&mut answer).ok()?;
        let (_, body) = answer.split_once("\r\n\r\n")?;
        Some(serde_json::from_str(body).unwrap_or_else(|_| Value::String(body.to_owned())))
    }

    /// All containers that it has.
    fn containers(&self) -> Vec<Value> {
        self.get("/containers/json?all=1").and_then(|all| all.as_array().cloned()).expect("a list")
    }
}

impl Drop for Docker {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.stop();
        }
        // its network namespace stays mounted, and so might what a container had
        let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
        let below = mounts.lines().filter_map(|line| line.split(' ').nth(1)).filter(|at| Path::new(at).starts_with(&self.folder));
        for at in below.collect::<Vec<_>>().into_iter().rev() {
            drop(Command::new("umount").args(["--lazy", at]).status());
        }
        drop(fs::remove_dir_all(&self.folder));
    }
}

fn engine(folder: &Path) -> std::io::Result<Child> {
    let log = fs::OpenOptions::new().create(true).append(true).open(folder.join("log"))?;
    let mut command = Command::new("dockerd");
    command.args(["--iptables=false", "--bridge=none", "--data-root"]).arg(folder.join("data"));
    command.arg("--exec-root").arg(folder.join("exec")).arg("--pidfile").arg(folder.join("pid"));
    command.arg("--host").arg(format!("unix://{}", folder.join("d.sock").display()));
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()
}
