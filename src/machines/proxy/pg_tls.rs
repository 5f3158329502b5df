//! What a client of Postgres says before TLS, understood from its bytes alone, and how it is told that it goes no further.
//!
//! The forms are those of the protocol's [message formats](https://www.postgresql.org/docs/current/protocol-message-formats.html).

use std::io;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const SSL: u32 = 80_877_103;
const GSSENC: u32 = 80_877_104;
/// The length of a request that says nothing more.
const BARE: u32 = 8;
/// The major version that everybody speaks.
const MAJOR: u32 = 3;

/// What a client says first.
#[derive(Debug, PartialEq, Eq)]
enum Hello {
    /// It asks for TLS.
    Tls,
    /// It asks for encryption by GSSAPI.
    GssEnc,
    /// It wants a session in clear.
    InClear,
    /// Something else: TLS without asking, a request to cancel in clear, which names no server, or no Postgres at all.
    Stranger,
}

/// Understands the first eight bytes.
fn hello(first: [u8; 8]) -> Hello {
    let [length, code] = [0, 4].map(|at| first[at..at + 4].iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)));
    match (length, code) {
        (BARE, SSL) => Hello::Tls,
        (BARE, GSSENC) => Hello::GssEnc,
        (_, version) if version >> 16 == MAJOR => Hello::InClear,
        _ => Hello::Stranger,
    }
}

/// Listens until a client asks for TLS, and grants it; `false` where it does not, which it has been told.
pub(super) async fn asked(stream: &mut TcpStream) -> io::Result<bool> {
    let mut refused = false;
    loop {
        let mut first = [0; 8];
        stream.read_exact(&mut first).await?;
        match hello(first) {
            Hello::Tls => break,
            Hello::GssEnc if !refused => {
                refused = true;
                stream.write_all(b"N").await?;
            }
            Hello::InClear => {
                stream
                    .write_all(&refusal(
                        "28000",
                        "this service takes connections over TLS only",
                        "Connect with sslmode=require, or better verify-full.",
                    ))
                    .await?;
                return Ok(false);
            }
            Hello::GssEnc | Hello::Stranger => return Ok(false),
        }
    }
    // CVE-2021-23214: what came in clear must never be taken for what was said under TLS
    if stream.try_read(&mut [0]).is_ok_and(|read| read > 0) {
        return Ok(false);
    }
    stream.write_all(b"S").await?;
    Ok(true)
}

/// An ErrorResponse that ends the session.
pub(super) fn refusal(sqlstate: &str, message: &str, hint: &str) -> Vec<u8> {
    let fields = [('S', "FATAL"), ('V', "FATAL"), ('C', sqlstate), ('M', message), ('H', hint)];
    let body: String = fields.iter().map(|(field, text)| format!("{field}{}\0", text.replace('\0', ""))).collect();
    let length = u32::try_from(body.len() + 5).unwrap_or(u32::MAX);
    [&b"E"[..], &length.to_be_bytes(), body.as_bytes(), &[0]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_wants_is_seen_in_its_first_bytes() {
        let of = |length: u32, code: u32| hello([length.to_be_bytes(), code.to_be_bytes()].concat().try_into().unwrap());
        assert_eq!(
            [of(8, SSL), of(8, GSSENC), of(60, 3 << 16), of(16, 80_877_102)],
            [Hello::Tls, Hello::GssEnc, Hello::InClear, Hello::Stranger]
        );
        // longer than a request is, TLS without asking, HTTP
        assert_eq!([of(9, SSL), hello([0x16, 3, 1, 2, 0, 1, 0, 1]), hello(*b"GET / HT")], [const { Hello::Stranger }; 3]);
    }

    #[test]
    fn a_refusal_is_a_message_whole_in_itself() {
        let told = refusal("08006", "no\0thing", "Wait.");
        assert_eq!((told[0], usize::from(told[4]) + 1), (b'E', told.len()));
        assert!(String::from_utf8_lossy(&told[5..]).ends_with("C08006\0Mnothing\0HWait.\0\0"));
    }
}
