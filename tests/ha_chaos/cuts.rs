//! What keeps members apart: a network of their own for each, and a small disk. All of it needs root.

use std::{
    fs,
    io::Write,
    net::{IpAddr, Ipv4Addr},
    path::{Path, PathBuf},
    process,
};

use crate::support::run;

/// How many megabytes a small disk has.
const SMALL: u32 = 700;

/// Whether all of it may be had here.
///
/// # Errors
/// What the system said, where it may not.
pub(super) fn permitted() -> Result<(), String> {
    let tried = format!("iq{}t", process::id());
    run(&format!("ip netns add {tried}"))?;
    let wired = run(&format!("ip link add {tried} type bridge")).and_then(|()| run(&format!("ip link del {tried}")));
    run(&format!("ip netns del {tried}"))?;
    wired
}

/// Namespaces of the network, one for each member, and a bridge between them on which we are, too.
pub(super) struct Net {
    name: String,
    members: u16,
}

impl Net {
    /// # Errors
    /// What the system said, where it does not let us.
    pub(super) fn laid(members: u16) -> Result<Self, String> {
        let net = Self { name: format!("iq{}", process::id()), members };
        let (bridge, us) = (&net.name, net.us());
        run(&format!("ip link add {bridge} type bridge"))?;
        run(&format!("ip addr add {us}/24 dev {bridge}"))?;
        run(&format!("ip link set {bridge} up"))?;
        for number in 0..members {
            let (space, wire, at) = (net.space(number), net.wire(number), net.ip(number));
            run(&format!("ip netns add {space}"))?;
            run(&format!("ip link add {wire} type veth peer name e0 netns {space}"))?;
            run(&format!("ip link set {wire} master {bridge} up"))?;
            run(&format!("ip -n {space} addr add {at}/24 dev e0"))?;
            run(&format!("ip -n {space} link set e0 up"))?;
            run(&format!("ip -n {space} link set lo up"))?;
        }
        Ok(net)
    }

    fn space(&self, number: u16) -> String {
        format!("{}-{number}", self.name)
    }

    fn wire(&self, number: u16) -> String {
        format!("{}v{number}", self.name)
    }

    fn at(&self, last: u8) -> IpAddr {
        IpAddr::V4(Ipv4Addr::new(10, 203, u8::try_from(process::id() % 250).unwrap_or_default(), last))
    }

    fn us(&self) -> IpAddr {
        self.at(1)
    }

    pub(super) fn ip(&self, number: u16) -> IpAddr {
        self.at(10 + u8::try_from(number).unwrap_or_default())
    }

    /// What a command begins with that runs where this member is.
    pub(super) fn enters(&self, number: u16) -> Vec<String> {
        vec!["nsenter".to_owned(), format!("--net=/run/netns/{}", self.space(number))]
    }

    /// Whether anything gets through to it and from it.
    pub(super) fn connected(&self, number: u16, is: bool) -> Result<(), String> {
        run(&format!("ip link set {} {}", self.wire(number), if is { "up" } else { "down" }))
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        for number in 0..self.members {
            drop(run(&format!("ip link del {}", self.wire(number))));
            drop(run(&format!("ip netns del {}", self.space(number))));
        }
        drop(run(&format!("ip link del {}", self.name)));
    }
}

/// A disk that can be filled.
pub(super) struct Disk(PathBuf);

impl Disk {
    pub(super) fn at(folder: &Path) -> Result<Self, String> {
        fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        run(&format!("mount -t tmpfs -o size={SMALL}m,mode=0700 tmpfs {}", folder.display()))?;
        Ok(Self(folder.to_owned()))
    }

    /// Until nothing more goes onto it.
    pub(super) fn fill(&self) {
        let mut filler = fs::File::create(self.0.join("filler")).expect("a file");
        for piece in [1 << 20, 1 << 12] {
            let piece = vec![0; piece];
            while filler.write_all(&piece).is_ok() {}
        }
    }

    pub(super) fn empty(&self) {
        fs::remove_file(self.0.join("filler")).expect("the file");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(run(&format!("umount -l {}", self.0.display())));
    }
}
