//! What a client says first, understood from its bytes alone. No socket, no clock.
//!
//! The forms are those of the protocol's [message formats](https://www.postgresql.org/docs/current/protocol-message-formats.html).

use std::{collections::HashSet, fmt};

/// The shortest first packet: its own length and one number, in bytes.
pub const SHORTEST: usize = 8;
/// The longest first packet in bytes, as in Postgres (`MAX_STARTUP_PACKET_LENGTH`).
pub const LONGEST: usize = 10_000;
/// The major version that everybody speaks.
const MAJOR: u32 = 3;
const CANCEL: u32 = 80_877_102;
const SSL: u32 = 80_877_103;
const GSSENC: u32 = 80_877_104;

/// What a client may say first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hello {
    /// It asks whether it may go on under TLS.
    Tls,
    /// It asks whether it may go on under GSSAPI encryption.
    GssEnc,
    /// It asks that what another session does be cancelled.
    Cancel(CancelKey),
    /// It wants a session.
    Startup(Startup),
}

/// What allows to cancel a session's statement.
#[derive(Clone, PartialEq, Eq)]
pub struct CancelKey {
    /// The number that stands for the session.
    pub process: u32,
    /// 4 bytes up to protocol 3.1, 4 to 256 from 3.2 on.
    pub secret: Vec<u8>,
}

impl fmt::Debug for CancelKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelKey").field("process", &self.process).field("secret", &"***").finish()
    }
}

/// The session that a client wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Startup {
    /// The minor version of protocol 3.
    pub minor: u16,
    /// Names and values in the client's order and encoding. No name stands here twice, and `user` is not empty.
    pub parameters: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Startup {
    /// A parameter's value.
    pub fn parameter(&self, name: &str) -> Option<&[u8]> {
        self.parameters.iter().find(|(known, _)| known == name.as_bytes()).map(|(_, value)| &value[..])
    }

    /// Gives a parameter another value, or takes it out.
    pub(super) fn set(&mut self, name: &str, value: Option<Vec<u8>>) {
        match value {
            Some(new) => self.parameters.iter_mut().filter(|(known, _)| known == name.as_bytes()).for_each(|(_, old)| old.clone_from(&new)),
            None => self.parameters.retain(|(known, _)| known != name.as_bytes()),
        }
    }
}

/// Why a first packet is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Something that does not speak Postgres' protocol has a length like this.
    #[error("a first packet of {0} bytes, where {SHORTEST} to {LONGEST} are possible")]
    Length(u32),
    /// The length that the packet tells is not the one that it has.
    #[error("a packet whose length is not the one that it tells")]
    Cut,
    /// Another major version.
    #[error("protocol {0}.{1} is not spoken here, but 3.0 to 3.2")]
    Version(u16, u16),
    /// A request without contents that has some.
    #[error("a request with contents where none belong")]
    Contents,
    /// The key of a cancel request.
    #[error("a cancel request with a key of {0} bytes, where 4 to 256 are possible")]
    Key(usize),
    /// Names and values that don't end as they must.
    #[error("startup parameters without their terminators")]
    Terminator,
    /// A name twice: which counts would be anybody's guess.
    #[error("a startup parameter that is given twice")]
    Repeated,
    /// No user.
    #[error("no user name in the startup packet")]
    NoUser,
}

/// How long the packet is that begins so, its first four bytes included.
///
/// # Errors
/// Where no first packet has this length.
pub fn length(first: [u8; 4]) -> Result<usize, Malformed> {
    let told = u32::from_be_bytes(first);
    let fits = usize::try_from(told).ok().filter(|length| (SHORTEST..=LONGEST).contains(length));
    fits.ok_or(Malformed::Length(told))
}

/// Understands a whole first packet, its length included.
///
/// # Errors
/// Where it is none, and why.
pub fn parse(packet: &[u8]) -> Result<Hello, Malformed> {
    let (told, rest) = number(packet).ok_or(Malformed::Cut)?;
    if length(told.to_be_bytes())? != packet.len() {
        return Err(Malformed::Cut);
    }
    let (code, rest) = number(rest).ok_or(Malformed::Cut)?;
    match code {
        SSL => empty(rest).map(|()| Hello::Tls),
        GSSENC => empty(rest).map(|()| Hello::GssEnc),
        CANCEL => cancel(rest).map(Hello::Cancel),
        version if version >> 16 == MAJOR => startup(low(version), rest).map(Hello::Startup),
        version => Err(Malformed::Version(low(version >> 16), low(version))),
    }
}

/// The packet that is understood as this.
pub fn encode(hello: &Hello) -> Vec<u8> {
    let mut packet = vec![0; 4];
    match hello {
        Hello::Tls => packet.extend(SSL.to_be_bytes()),
        Hello::GssEnc => packet.extend(GSSENC.to_be_bytes()),
        Hello::Cancel(key) => {
            packet.extend(CANCEL.to_be_bytes());
            packet.extend(key.process.to_be_bytes());
            packet.extend(&key.secret);
        }
        Hello::Startup(startup) => {
            packet.extend((MAJOR << 16 | u32::from(startup.minor)).to_be_bytes());
            for (name, value) in &startup.parameters {
                packet.extend([name, &[0][..], value, &[0]].concat());
            }
            packet.push(0);
        }
    }
    let length = u32::try_from(packet.len()).unwrap_or(u32::MAX);
    packet[..4].copy_from_slice(&length.to_be_bytes());
    packet
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (first, rest) = bytes.split_first_chunk()?;
    Some((u32::from_be_bytes(*first), rest))
}

/// The lower half of a number.
fn low(number: u32) -> u16 {
    let [_, _, high, low] = number.to_be_bytes();
    u16::from_be_bytes([high, low])
}

fn empty(rest: &[u8]) -> Result<(), Malformed> {
    if rest.is_empty() { Ok(()) } else { Err(Malformed::Contents) }
}

fn cancel(rest: &[u8]) -> Result<CancelKey, Malformed> {
    let (process, secret) = number(rest).ok_or(Malformed::Cut)?;
    let fits = (4..=256).contains(&secret.len());
    if fits { Ok(CancelKey { process, secret: secret.to_vec() }) } else { Err(Malformed::Key(secret.len())) }
}

fn startup(minor: u16, mut rest: &[u8]) -> Result<Startup, Malformed> {
    let (mut parameters, mut names) = (vec![], HashSet::new());
    loop {
        let (name, after) = text(rest)?;
        if name.is_empty() {
            // the last byte of the packet
            if !after.is_empty() {
                return Err(Malformed::Terminator);
            }
            break;
        }
        let (value, after) = text(after)?;
        if !names.insert(name) {
            return Err(Malformed::Repeated);
        }
        parameters.push((name.to_vec(), value.to_vec()));
        rest = after;
    }
    let startup = Startup { minor, parameters };
    if startup.parameter("user").is_none_or(<[u8]>::is_empty) { Err(Malformed::NoUser) } else { Ok(startup) }
}

/// A text up to its zero, and what comes after.
fn text(bytes: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let end = bytes.iter().position(|byte| *byte == 0).ok_or(Malformed::Terminator)?;
    Ok((&bytes[..end], &bytes[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(code: u32, rest: &[u8]) -> Vec<u8> {
        let length = u32::try_from(rest.len() + 8).unwrap();
        [&length.to_be_bytes()[..], &code.to_be_bytes(), rest].concat()
    }

    #[test]
    fn a_startup_packet_is_understood_as_it_was_written() {
        let understood = parse(&packet(0x0003_0002, b"user\0ann\0options\0-c a=b\0\0"));
        let Ok(Hello::Startup(startup)) = understood else { panic!("{understood:?}") };
        assert_eq!((startup.minor, startup.parameter("options")), (2, Some(&b"-c a=b"[..])));
    }

    #[test]
    fn what_is_no_first_packet_is_refused_with_its_reason() {
        let cases = [
            (packet(0x0003_0000, b"user\0ann\0"), Malformed::Terminator),
            (packet(0x0003_0000, b"user\0ann\0\0more"), Malformed::Terminator),
            (packet(0x0003_0000, b"user\0ann\0user\0bob\0\0"), Malformed::Repeated),
            (packet(0x0003_0000, b"user\0\0\0"), Malformed::NoUser),
            (packet(0x0003_0000, b"database\0x\0\0"), Malformed::NoUser),
            (packet(0x0002_0000, b"user\0ann\0\0"), Malformed::Version(2, 0)),
            (packet(SSL, b"x"), Malformed::Contents),
            (packet(CANCEL, &[0; 7]), Malformed::Key(3)),
            (packet(CANCEL, &[0; 261]), Malformed::Key(257)),
            (b"GET / HTTP/1.1\r\n".to_vec(), Malformed::Length(0x4745_5420)),
            (packet(SSL, b"")[..7].to_vec(), Malformed::Cut),
            (vec![], Malformed::Cut),
        ];
        for (bytes, reason) in cases {
            assert_eq!(parse(&bytes), Err(reason), "{bytes:?}");
        }
    }

    #[test]
    fn a_key_to_cancel_with_does_not_show_when_printed() {
        assert!(!format!("{:?}", CancelKey { process: 1, secret: b"geheim".to_vec() }).contains("103"));
    }
}
