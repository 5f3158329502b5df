//! A connection from its first byte to its last: each step in its own file, their order and their deadlines here.

use std::{io, net::IpAddr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::server::TlsStream;

use super::{
    Awake, Gateway, Unavailable,
    backend::{self, Unbegun},
    drain::Drain,
    hold::{self, Turn},
    limits::{Seat, Whose},
    line::{self, Stop},
    login::login,
    names::{self, Meant},
    pipe::{End, Pipe},
    proxy,
    refusal::{Refusal, framed, too_large},
    scram::{Exchange, Verifier},
    startup::{CancelKey, Hello, Startup},
    tls::Secured,
};
use crate::causes;

/// How a TLS handshake begins: no length of a first packet does.
const HANDSHAKE: u8 = 0x16;
/// The newest minor version of the protocol that is spoken here.
const NEWEST: u16 = 2;

/// What a connection turned out to be.
enum Arrival {
    /// With its line, which closes when the request has been heard: that is how a client knows.
    Cancel(CancelKey, Box<dyn Send>),
    Guest(Box<Guest>),
}

/// Somebody who wants a session.
struct Guest {
    line: Secured,
    startup: Startup,
    /// Where its limit is passed, and so it is only told.
    crowded: Option<&'static str>,
    _seat: Option<Seat>,
}

/// What somebody knocks with.
enum Knock {
    Tls { direct: bool },
    Cancel(CancelKey),
}

/// Serves one connection. `crowded`: there is no room for it, and it is only told so.
pub(super) async fn attend(gateway: Arc<Gateway>, stream: TcpStream, peer: IpAddr, drain: Drain, crowded: bool) {
    // a matter of speed only
    drop(stream.set_nodelay(true));
    let crowded = crowded.then_some("in all");
    // aside: a handshake needs much more memory than a session that says nothing, and is soon over
    let arriving = Box::pin(arrive(&gateway, stream, peer, crowded));
    let Ok(arrival) = timeout(gateway.settings.deadlines.startup, arriving).await else {
        tracing::debug!(%peer, "took too long to say what it wants");
        return;
    };
    match arrival {
        Ok(Arrival::Cancel(key, _line)) => {
            if let Some(_turn) = gateway.counts.take(Whose::Cancel) {
                gateway.cancels.route(&key).await;
            }
        }
        Ok(Arrival::Guest(mut guest)) => {
            let served = tokio::select! {
                biased;
                served = host(&gateway, &mut guest, &drain) => served,
                () = drain.over.cancelled() => return,
            };
            match served {
                Ok(()) => {}
                Err(Stop::Refused(why)) => {
                    tracing::debug!(%peer, sqlstate = why.sqlstate(), "{why}");
                    line::tell(&mut guest.line.stream, &why).await;
                }
                Err(Stop::Gone(error)) => tracing::debug!(%peer, "a session's line broke: {error}"),
            }
        }
        Err(stop) => tracing::debug!(%peer, "not let in: {}", causes::in_one_line(&stop)),
    }
}

/// Everything up to the startup packet. What is refused on the way has been told.
async fn arrive(gateway: &Gateway, mut stream: TcpStream, peer: IpAddr, crowded: Option<&'static str>) -> Result<Arrival, Stop> {
    let knocked = async {
        let address = announced(gateway, &mut stream, peer).await?;
        let seat = gateway.counts.take(Whose::address(address));
        let told = if seat.is_some() { None } else { gateway.counts.take(Whose::Told) };
        if seat.is_none() && told.is_none() {
            return Err(Stop::Gone(io::Error::other("too many of this address, and too many who are told so")));
        }
        let crowded = crowded.or(told.as_ref().map(|_| "from this address"));
        Ok((knock(&mut stream).await?, seat.or(told), crowded))
    };
    let (knock, seat, crowded) = match knocked.await {
        Err(Stop::Refused(why)) => return Err((line::tell(&mut stream, &why).await, why).1.into()),
        other => other?,
    };
    let direct = match knock {
        Knock::Cancel(key) => return Ok(Arrival::Cancel(key, Box::new((stream, seat)))),
        Knock::Tls { direct } => direct,
    };
    let mut line = gateway.certificates.secure(stream).await?;
    match wanted(&mut line, direct).await {
        Ok(Hello::Cancel(key)) => Ok(Arrival::Cancel(key, Box::new((line.stream, seat)))),
        Ok(Hello::Startup(startup)) => Ok(Arrival::Guest(Box::new(Guest { line, startup, crowded, _seat: seat }))),
        Err(Stop::Refused(why)) => Err((line::tell(&mut line.stream, &why).await, why).1.into()),
        Ok(_) => Err((line::tell(&mut line.stream, &TWICE).await, TWICE).1.into()),
        Err(gone) => Err(gone),
    }
}

const TWICE: Refusal = Refusal::Protocol("encryption is asked for twice");

/// Who it is, where a balancer that is trusted stands before us.
async fn announced(gateway: &Gateway, stream: &mut TcpStream, peer: IpAddr) -> Result<IpAddr, Stop> {
    if !gateway.settings.trusted.iter().any(|network| network.contains(peer)) {
        return Ok(peer);
    }
    let wrong = |malformed: proxy::Malformed| io::Error::new(io::ErrorKind::InvalidData, malformed);
    let mut head = [0; 16];
    stream.read_exact(&mut head[..proxy::SIGNATURE.len()]).await?;
    let found = if head.starts_with(&proxy::SIGNATURE) {
        stream.read_exact(&mut head[proxy::SIGNATURE.len()..]).await?;
        let mut rest = vec![0; proxy::following(head).map_err(wrong)?];
        stream.read_exact(&mut rest).await?;
        proxy::second(head, &rest)
    } else {
        let mut text = head[..proxy::SIGNATURE.len()].to_vec();
        // byte for byte: what comes after the line is the client's
        while !text.ends_with(b"\r\n") && text.len() < proxy::LINE {
            text.push(stream.read_u8().await?);
        }
        proxy::first(&text)
    };
    Ok(found.map_err(wrong)?.unwrap_or(peer))
}

/// What is said in clear: a request for TLS, or to cancel. A session in clear is refused.
async fn knock(stream: &mut TcpStream) -> Result<Knock, Stop> {
    let mut refused = false;
    loop {
        let mut first = [0];
        if stream.peek(&mut first).await? == 1 && first[0] == HANDSHAKE {
            return Ok(Knock::Tls { direct: true });
        }
        match line::hello(stream).await? {
            Some(Hello::GssEnc) if !refused => {
                refused = true;
                line::say(stream, b"N").await?;
            }
            Some(Hello::GssEnc) => return Err(TWICE.into()),
            Some(Hello::Tls) => {
                // CVE-2021-23214: what came in clear must never be taken for what was said under TLS
                if stream.try_read(&mut first).is_ok_and(|read| read > 0) {
                    return Err(Refusal::Protocol("something was sent in clear after TLS was asked for").into());
                }
                line::say(stream, b"S").await?;
                return Ok(Knock::Tls { direct: false });
            }
            Some(Hello::Cancel(key)) => return Ok(Knock::Cancel(key)),
            Some(Hello::Startup(_)) => return Err(Refusal::NoTls.into()),
            None => return Err(Stop::Gone(io::ErrorKind::UnexpectedEof.into())),
        }
    }
}

/// What is said first under TLS.
async fn wanted(line: &mut Secured, direct: bool) -> Result<Hello, Stop> {
    if direct && !line.alpn {
        return Err(Refusal::NoAlpn.into());
    }
    line::hello(&mut line.stream).await?.ok_or_else(|| Stop::Gone(io::ErrorKind::UnexpectedEof.into()))
}

/// From the startup packet to the end of the session.
async fn host(gateway: &Gateway, guest: &mut Guest, drain: &Drain) -> Result<(), Stop> {
    let stopping = || if drain.begun.is_cancelled() { Err(Refusal::ShuttingDown) } else { Ok(()) };
    stopping()?;
    if let Some(place) = guest.crowded {
        return Err(Refusal::Crowded(place).into());
    }
    if let Some(answer) = negotiate(&mut guest.startup) {
        line::say(&mut guest.line.stream, &answer).await?;
    }
    let database = match names::meant(guest.line.named.clone(), &mut guest.startup) {
        Meant::Nothing => return Err(Refusal::NoDatabase.into()),
        Meant::Nonsense => None,
        Meant::Database(id) => Some(id),
    };
    let deadlines = gateway.settings.deadlines;
    let (mut waking, known) = within(deadlines.authentication, Refusal::Late, Box::pin(admit(gateway, guest, database))).await?;
    stopping()?;
    let seat = gateway.counts.take(Whose::Database(known.clone())).ok_or(Refusal::Crowded("in this database"))?;
    let (begun, awake) = within(deadlines.waking, Refusal::Asleep, Box::pin(open(&mut waking, guest))).await?;
    drop(waking);
    let held = awake.hold.map(|_| known);
    if held.is_none() {
        // what is not needed any more, for a session may last for days
        drop(std::mem::take(&mut guest.startup.parameters));
    }
    talk(gateway, guest, drain, begun, awake, held).await?;
    drop(seat);
    Ok(())
}

async fn within<T>(deadline: Duration, late: Refusal, step: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
    timeout(deadline, step).await.unwrap_or_else(|_| Err(late.into()))
}

/// The waking of a database, which ends with this.
type Waking = JoinSet<Result<Awake, Unavailable>>;

/// Has it prove who it is, while the database wakes already: only where database and user are there. Gives the database's id back.
async fn admit(gateway: &Gateway, guest: &mut Guest, database: Option<String>) -> Result<(Waking, String), Stop> {
    let user = String::from_utf8_lossy(guest.startup.parameter("user").unwrap_or_default()).into_owned();
    let verifier = match &database {
        Some(id) => gateway.backends.verifier(id, &user).await.map_err(|error| unavailable(&error))?,
        None => None,
    };
    let genuine = verifier.as_deref().and_then(Verifier::read);
    if verifier.is_some() && genuine.is_none() {
        tracing::error!(database, user, "the user's verifier is not SCRAM-SHA-256: nobody can log in with it");
    }
    let mut waking = JoinSet::new();
    let id = database.unwrap_or_default();
    if genuine.is_some() {
        let (backends, id) = (Arc::clone(&gateway.backends), id.clone());
        waking.spawn(async move { backends.wake(&id).await });
    }
    let name = [id.as_bytes(), &[0], user.as_bytes()].concat();
    let verifier = genuine.unwrap_or_else(|| Verifier::made_up(&gateway.strangers, &name));
    let end_point = guest.line.end_point.as_deref().map(<[u8]>::to_vec);
    login(&mut guest.line.stream, Exchange { verifier, end_point }, &user).await?;
    Ok((waking, id))
}

/// The session with the database, as soon as that runs.
async fn open(waking: &mut Waking, guest: &mut Guest) -> Result<(backend::Begun, Awake), Stop> {
    let awake = match waking.join_next().await {
        Some(Ok(Ok(awake))) => awake,
        Some(Ok(Err(error))) => return Err(unavailable(&error).into()),
        Some(Err(_)) | None => return Err(Refusal::Asleep.into()),
    };
    begin(awake, guest).await
}

/// A session with a database that runs.
async fn begin(awake: Awake, guest: &mut Guest) -> Result<(backend::Begun, Awake), Stop> {
    // SET undoes it, so that something can be deleted; whoever says otherwise at once has said so
    const READ_ONLY: &str = "default_transaction_read_only";
    let is_ours = awake.read_only && guest.startup.parameter(READ_ONLY).is_none();
    if is_ours {
        guest.startup.parameters.push((READ_ONLY.into(), b"on".to_vec()));
    }
    let begun = backend::begin(&awake.socket, &guest.startup).await;
    if is_ours {
        guest.startup.parameters.pop();
    }
    match begun {
        Ok(mut begun) => {
            if awake.read_only {
                begun.said.extend(too_large());
            }
            Ok((begun, awake))
        }
        Err(Unbegun::Refused(words)) => {
            // its own words are the best: too many, no such database in there, no such option
            line::say(&mut guest.line.stream, &words).await?;
            guest.line.stream.shutdown().await?;
            Err(Stop::Gone(io::Error::other("the database refused the session")))
        }
        Err(error) => {
            tracing::warn!(socket = %awake.socket.display(), "a database that runs takes no session: {}", causes::in_one_line(&error));
            Err(Refusal::Asleep.into())
        }
    }
}

/// The session itself. `held` is the database's id where it may sleep meanwhile.
async fn talk(
    gateway: &Gateway,
    guest: &mut Guest,
    drain: &Drain,
    mut begun: backend::Begun,
    mut awake: Awake,
    held: Option<String>,
) -> Result<(), Stop> {
    let key = begun.key.take().map(|theirs| gateway.cancels.keep(guest.startup.minor, awake.socket.clone(), theirs)).transpose()?;
    let ours = key.as_ref().map(|kept| framed(b'K', &[&kept.ours.process.to_be_bytes()[..], &kept.ours.secret].concat()));
    let welcome = [std::mem::take(&mut begun.said), ours.unwrap_or_default(), std::mem::take(&mut begun.ready)].concat();
    line::say(&mut guest.line.stream, &welcome).await?;
    let mut first = vec![];
    loop {
        let mut pipe = Pipe::new(&mut guest.line.stream, &mut begun.stream).behind(first);
        if take_turns(&mut pipe, drain, awake.hold).await? == Turn::Over {
            return Ok(());
        }
        // the session there ends, and with the last one the database's idle time begins
        drop((begun, awake));
        first = tokio::select! {
            biased;
            said = hold::spoken(&mut guest.line.stream) => match said? {
                Some(said) => said,
                None => return Ok(()),
            },
            () = drain.begun.cancelled() => return Err(Refusal::ShuttingDown.into()),
        };
        let again = Box::pin(come_back(gateway, guest, held.as_deref().unwrap_or_default()));
        (begun, awake) = within(gateway.settings.deadlines.waking, Refusal::Asleep, again).await?;
        if let (Some(key), Some(theirs)) = (&key, begun.key.take()) {
            key.leads_to(awake.socket.clone(), theirs);
        }
    }
}

/// Until the session is over, or quiet where it may be left; or until the gateway stops.
async fn take_turns(pipe: &mut Pipe<'_, TlsStream<TcpStream>>, drain: &Drain, pause: Option<Duration>) -> Result<Turn, Stop> {
    let turn = tokio::select! {
        biased;
        turn = hold::turn(pipe, pause) => Some(turn?),
        () = drain.begun.cancelled() => None,
    };
    if let Some(turn) = turn {
        return Ok(turn);
    }
    let end = tokio::select! {
        biased;
        end = pipe.run_until_idle() => end?,
        () = drain.over.cancelled() => if pipe.may_be_told() { End::Idle } else { End::Over },
    };
    if end == End::Idle { Err(Refusal::ShuttingDown.into()) } else { Ok(Turn::Over) }
}

/// Another session with the same database, for a client that was here all the time.
async fn come_back(gateway: &Gateway, guest: &mut Guest, database: &str) -> Result<(backend::Begun, Awake), Stop> {
    let awake = gateway.backends.wake(database).await.map_err(|error| unavailable(&error))?;
    begin(awake, guest).await
}

/// What is answered to who speaks a newer protocol, or has wishes for it: which we don't know (NegotiateProtocolVersion).
fn negotiate(startup: &mut Startup) -> Option<Vec<u8>> {
    let unknown: Vec<&[u8]> = startup.parameters.iter().map(|(name, _)| &name[..]).filter(|name| name.starts_with(b"_pq_.")).collect();
    if startup.minor <= NEWEST && unknown.is_empty() {
        return None;
    }
    let minor = startup.minor.min(NEWEST);
    let count = u32::try_from(unknown.len()).unwrap_or(u32::MAX);
    let mut body = [(3 << 16 | u32::from(minor)).to_be_bytes(), count.to_be_bytes()].concat();
    unknown.iter().for_each(|name| body.extend([name, &[0][..]].concat()));
    startup.minor = minor;
    Some(framed(b'v', &body))
}

fn unavailable(error: &Unavailable) -> Refusal {
    tracing::warn!("{}", causes::in_one_line(error));
    match error {
        Unavailable::Full => Refusal::Crowded("on this server"),
        // a part of a second is not over yet
        Unavailable::Closed(left) => Refusal::TooLarge(left.as_secs() + 1),
        Unavailable::ForNow { .. } => Refusal::Asleep,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_says_nothing_takes_little_memory_of_its_own() {
        fn size<F: Future>(_: impl Fn(Arc<Gateway>, TcpStream, IpAddr, Drain, bool) -> F) -> usize {
            size_of::<F>()
        }
        // with these the TLS session's own buffers, some 10 kB, are all there is
        assert!(size(attend) <= 2048, "{} bytes", size(attend));
        assert!(size_of::<Guest>() <= 2048, "{} bytes", size_of::<Guest>());
    }
}
