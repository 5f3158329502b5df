//! What comes before a session: a request for TLS or to cancel, and what is said first under TLS.

use std::io;

use tokio::net::TcpStream;

use super::{
    line::{self, Stop},
    refusal::Refusal,
    startup::{CancelKey, Hello, Startup},
    tls::Secured,
};

/// How a TLS handshake begins: no length of a first packet does.
const HANDSHAKE: u8 = 0x16;

/// What somebody knocks with.
pub(super) enum Knock {
    Tls { direct: bool },
    Clear(Startup),
    Cancel(CancelKey),
}

pub(super) const TWICE: Refusal = Refusal::Protocol("encryption is asked for twice");

/// What is said in clear: a request for TLS, or to cancel. A session in clear is refused with this; without, a proxy has ended its TLS.
pub(super) async fn knock(stream: &mut TcpStream, in_clear: Option<Refusal>) -> Result<Knock, Stop> {
    let mut refused = false;
    loop {
        let mut first = [0];
        if in_clear.is_some() && stream.peek(&mut first).await? == 1 && first[0] == HANDSHAKE {
            return Ok(Knock::Tls { direct: true });
        }
        match line::hello(stream).await? {
            Some(Hello::GssEnc) if !refused => {
                refused = true;
                line::say(stream, b"N").await?;
            }
            Some(Hello::GssEnc) => return Err(TWICE.into()),
            // whoever may want it has it by now
            Some(Hello::Tls) if in_clear.is_none() => line::say(stream, b"N").await?,
            Some(Hello::Tls) => {
                // CVE-2021-23214: what came in clear must never be taken for what was said under TLS
                if stream.try_read(&mut first).is_ok_and(|read| read > 0) {
                    return Err(Refusal::Protocol("something was sent in clear after TLS was asked for").into());
                }
                line::say(stream, b"S").await?;
                return Ok(Knock::Tls { direct: false });
            }
            Some(Hello::Cancel(key)) => return Ok(Knock::Cancel(key)),
            Some(Hello::Startup(startup)) => return in_clear.map_or(Ok(Knock::Clear(startup)), |why| Err(why.into())),
            None => return Err(Stop::Gone(io::ErrorKind::UnexpectedEof.into())),
        }
    }
}

/// What is said first under TLS.
pub(super) async fn wanted(line: &mut Secured, direct: bool) -> Result<Hello, Stop> {
    if direct && !line.alpn {
        return Err(Refusal::NoAlpn.into());
    }
    line::hello(&mut line.stream).await?.ok_or_else(|| Stop::Gone(io::ErrorKind::UnexpectedEof.into()))
}
