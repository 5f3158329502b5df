//! The PROXY protocol, versions 1 and 2: who a client is that comes through a load balancer. No socket, no clock.
//!
//! After the [specification](https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt). It is believed from trusted addresses only, and
//! there demanded, for a receiver must not guess.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use super::Error;

/// How the second version begins; of the first one so much is always there, too.
pub(super) const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
/// The longest line of the first version in bytes, its end included.
pub(super) const LINE: usize = 107;
/// The most that may follow the head of the second version, in bytes: addresses take 216 at most, the rest is for additions.
const ADDITIONS: usize = 4096;

/// Addresses that have their beginning in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Whether an address is one of these.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => same(ours.to_bits().into(), theirs.to_bits().into(), self.bits + 96),
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => same(ours.to_bits(), theirs.to_bits(), self.bits),
            _ => false,
        }
    }
}

fn same(one: u128, other: u128, bits: u8) -> bool {
    (one ^ other).leading_zeros() >= bits.into()
}

impl FromStr for Network {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::Network(text.to_owned());
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.parse().ok().filter(|bits| *bits <= most).ok_or_else(wrong))?;
        Ok(Self { address, bits })
    }
}

/// A header that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no header of the PROXY protocol, which this address must send first")]
pub(super) struct Malformed;

/// Understands a whole line of the first version, its end included. `None` is that the balancer does not say who it is.
pub(super) fn first(line: &[u8]) -> Result<Option<IpAddr>, Malformed> {
    let text = std::str::from_utf8(line).ok().filter(|_| line.len() <= LINE).and_then(|line| line.strip_suffix("\r\n")).ok_or(Malformed)?;
    let fields: Vec<_> = text.split(' ').collect();
    match fields[..] {
        ["PROXY", "UNKNOWN", ..] => Ok(None),
        ["PROXY", family @ ("TCP4" | "TCP6"), from, to, from_port, to_port] => {
            let (from, to): (IpAddr, IpAddr) = (from.parse().map_err(|_| Malformed)?, to.parse().map_err(|_| Malformed)?);
            let ports = [from_port, to_port].iter().all(|port| port.parse::<u16>().is_ok());
            let fits = ports && [from, to].iter().all(|address| address.is_ipv4() == (family == "TCP4"));
            if fits { Ok(Some(from.to_canonical())) } else { Err(Malformed) }
        }
        _ => Err(Malformed),
    }
}

/// How many bytes follow a head of the second version.
pub(super) fn following(head: [u8; 16]) -> Result<usize, Malformed> {
    let length = usize::from(u16::from_be_bytes([head[14], head[15]]));
    if head.starts_with(&SIGNATURE) && length <= ADDITIONS { Ok(length) } else { Err(Malformed) }
}

/// Understands a head of the second version and what follows it.
pub(super) fn second(head: [u8; 16], rest: &[u8]) -> Result<Option<IpAddr>, Malformed> {
    if following(head)? != rest.len() {
        return Err(Malformed);
    }
    match (head[12], head[13]) {
        // the balancer's own probe, or a kind of address that is of no use here
        (0x20, _) => Ok(None),
        (0x21, 0x11) => {
            let (from, _) = rest.split_first_chunk::<4>().filter(|_| rest.len() >= 12).ok_or(Malformed)?;
            Ok(Some(Ipv4Addr::from(*from).into()))
        }
        (0x21, 0x21) => {
            let (from, _) = rest.split_first_chunk::<16>().filter(|_| rest.len() >= 36).ok_or(Malformed)?;
            Ok(Some(IpAddr::from(Ipv6Addr::from(*from)).to_canonical()))
        }
        (0x21, 0x00 | 0x12 | 0x22 | 0x31 | 0x32) => Ok(None),
        _ => Err(Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_network_contains_what_begins_like_it() {
        let contains = |network: &str, other: &str| network.parse::<Network>().unwrap().contains(address(other));
        assert!(contains("10.1.0.0/16", "10.1.255.3") && !contains("10.1.0.0/16", "10.2.0.0"));
        assert!(contains("0.0.0.0/0", "9.9.9.9") && !contains("0.0.0.0/0", "fd00::1"));
        assert!(contains("fd00::/8", "fdff::1") && !contains("fd00::/8", "fe00::1"));
        assert!(contains("127.0.0.1", "::ffff:127.0.0.1") && !contains("127.0.0.1", "127.0.0.2"));
        for wrong in ["", "10.0.0.0/33", "fd00::/129", "x/8", "10.0.0.0/", "10.0.0.0/-1"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_line_of_the_first_version_says_who_it_is() {
        assert_eq!(first(b"PROXY TCP4 192.0.2.7 10.0.0.1 5555 5432\r\n"), Ok(Some(address("192.0.2.7"))));
        assert_eq!(first(b"PROXY TCP6 2001:db8::7 2001:db8::1 5555 5432\r\n"), Ok(Some(address("2001:db8::7"))));
        assert_eq!(first(b"PROXY UNKNOWN\r\n"), Ok(None));
        let long = format!("PROXY UNKNOWN {}\r\n", "x".repeat(LINE));
        for wrong in [
            &b""[..],
            b"PROXY TCP4 192.0.2.7 10.0.0.1 5555 5432",
            b"PROXY TCP4 ::1 10.0.0.1 1 2\r\n",
            b"PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n",
            b"PROXY\r\n",
            long.as_bytes(),
        ] {
            assert_eq!(first(wrong), Err(Malformed));
        }
    }

    #[test]
    fn a_header_of_the_second_version_says_who_it_is() {
        let head = |command: u8, family: u8, length: u16| -> [u8; 16] {
            [&SIGNATURE[..], &[command, family], &length.to_be_bytes()].concat().try_into().unwrap()
        };
        assert_eq!(second(head(0x21, 0x11, 12), &[192, 0, 2, 7, 10, 0, 0, 1, 1, 1, 2, 2]), Ok(Some(address("192.0.2.7"))));
        assert_eq!(second(head(0x21, 0x21, 40), &[0xfd; 40]), Ok(Some(Ipv6Addr::from([0xfd; 16]).into())));
        assert_eq!(second(head(0x20, 0, 0), &[]), Ok(None));
        assert_eq!(second(head(0x21, 0x11, 11), &[0; 11]), Err(Malformed));
        assert_eq!(second(head(0x21, 0x11, 12), &[0; 11]), Err(Malformed));
        assert_eq!(second(head(0x11, 0x11, 12), &[0; 12]), Err(Malformed));
        assert_eq!(following(head(0x21, 0x11, 65535)), Err(Malformed));
        assert_eq!(following([b'P'; 16]), Err(Malformed));
    }
}
