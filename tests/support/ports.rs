//! Ports for servers that can't choose one themselves.

use std::{
    net::{TcpListener, UdpSocket},
    process,
    sync::atomic::{AtomicU16, Ordering},
};

/// Below those that the system gives to outgoing connections (`ip_local_port_range` begins at 32768): of those any may be gone a moment later.
const PORTS: std::ops::Range<u16> = 12_000..32_000;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// A port that nobody on this machine has, over TCP or UDP, and that no other test of this run gets.
pub(crate) fn free_port() -> u16 {
    let begin = (process::id().wrapping_mul(37) % u32::from(PORTS.end - PORTS.start)) as u16;
    let port = || PORTS.start + begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % (PORTS.end - PORTS.start);
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok() && UdpSocket::bind(("127.0.0.1", *port)).is_ok();
    (0..PORTS.len()).map(|_| port()).find(is_free).expect("a free port")
}
