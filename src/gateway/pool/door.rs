//! A client's way in: TLS, its proof, and what it is told before its first question.

use std::{io, net::IpAddr, sync::Arc};

use aws_lc_rs::hmac;
use tokio::{
    net::TcpStream,
    time::{Instant, sleep, timeout_at},
};

use super::{
    Pooler, acquire::Unattained, cluster::Figures, file::Pooling, login::Login, refusal::LetDown, server::Bucket, session::Session,
};
use crate::{
    causes,
    gateway::{
        drain::Drain,
        knock::{Knock, knock, wanted},
        limits::{Seat, Whose},
        line::{self, Stop},
        login::login,
        refusal::{Refusal, framed},
        scram::{Exchange, Verifier},
        session::negotiate,
        startup::{CancelKey, Hello, Startup},
        tls::Secured,
    },
};

/// What asks for a session with a server for as long as the client stays, among the startup packet's options.
const SESSION: &[u8] = b"pooling=session";

/// What a connection turned out to be.
enum Arrival {
    Cancel(CancelKey),
    Guest(Box<Guest>),
}

struct Guest {
    line: Secured,
    startup: Startup,
    from: IpAddr,
    crowded: bool,
    _seat: Option<Seat>,
}

/// Serves one connection. `crowded`: there is no room for it, and it is only told so.
pub(super) async fn attend(pooler: Arc<Pooler>, stream: TcpStream, peer: IpAddr, drain: Drain, crowded: bool) {
    // a matter of speed only
    drop(stream.set_nodelay(true));
    let until = Instant::now() + pooler.settings.deadlines.startup;
    // aside: a handshake needs much more memory than a session that says nothing, and is soon over
    let arriving = Box::pin(arrive(&pooler, stream, peer, crowded));
    match timeout_at(until, arriving).await {
        Err(_) => tracing::debug!(%peer, "took too long to say what it wants"),
        Ok(Err(stop)) => tracing::debug!(%peer, "not let in: {}", causes::in_one_line(&stop)),
        Ok(Ok(Arrival::Cancel(key))) => {
            if let Some(_turn) = pooler.counts.take(Whose::Cancel) {
                pooler.cancels.route(&key).await;
            }
        }
        Ok(Ok(Arrival::Guest(mut guest))) => match host(&pooler, &mut guest, &drain).await {
            Ok(()) => {}
            Err(Stop::Refused(why)) => {
                tracing::debug!(%peer, sqlstate = why.sqlstate(), "{why}");
                Box::pin(line::tell(&mut guest.line.stream, &why)).await;
            }
            Err(Stop::Gone(error)) => tracing::debug!(%peer, "a session's line broke: {error}"),
        },
    }
}

/// Everything up to the startup packet. What is refused on the way has been told.
async fn arrive(pooler: &Pooler, mut stream: TcpStream, from: IpAddr, crowded: bool) -> Result<Arrival, Stop> {
    let seat = pooler.counts.take(Whose::address(from));
    let told = if seat.is_some() { None } else { pooler.counts.take(Whose::Told) };
    if seat.is_none() && told.is_none() {
        return Err(Stop::Gone(io::Error::other("too many of this address, and too many who are told so")));
    }
    let crowded = crowded || told.is_some();
    let direct = match knock(&mut stream, Some(Refusal::NoTls)).await {
        Ok(Knock::Cancel(key)) => return Ok(Arrival::Cancel(key)),
        Ok(Knock::Tls { direct }) => direct,
        Ok(Knock::Clear(_)) => return Err((line::tell(&mut stream, &Refusal::NoTls).await, Refusal::NoTls).1.into()),
        Err(Stop::Refused(why)) => return Err((line::tell(&mut stream, &why).await, why).1.into()),
        Err(gone) => return Err(gone),
    };
    let mut line = pooler.certificates.secure_first(stream).await?;
    match wanted(&mut line, direct).await {
        Ok(Hello::Cancel(key)) => Ok(Arrival::Cancel(key)),
        Ok(Hello::Startup(startup)) => Ok(Arrival::Guest(Box::new(Guest { line, startup, from, crowded, _seat: seat.or(told) }))),
        Err(Stop::Refused(why)) => Err((line::tell(&mut line.stream, &why).await, why).1.into()),
        Err(gone) => Err(gone),
        Ok(_) => {
            let why = Refusal::Protocol("encryption is asked for twice");
            Err((line::tell(&mut line.stream, &why).await, why).1.into())
        }
    }
}

/// From the startup packet to the end of the session.
async fn host(pooler: &Pooler, guest: &mut Guest, drain: &Drain) -> Result<(), Stop> {
    if drain.begun.is_cancelled() {
        return Err(Refusal::ShuttingDown.into());
    }
    if guest.crowded {
        return Err(Refusal::Crowded("in all, or from this address").into());
    }
    if let Some(answer) = negotiate(&mut guest.startup) {
        line::say(&mut guest.line.stream, &answer).await?;
    }
    let until = Instant::now() + pooler.settings.deadlines.authentication;
    let admitted = Box::pin(admit(pooler, guest));
    let login = timeout_at(until, admitted).await.unwrap_or_else(|_| Err(Refusal::Late.into()))?;
    let pooling = parameters(&mut guest.startup, &login)?;
    let own = guest.startup.parameters.drain(..).filter(|(name, _)| !is_ours(name)).collect();
    let bucket = pooler.cluster.bucket(&login, own);
    Box::pin(meet(pooler, guest, &bucket)).await?;
    let kept = pooler.cancels.keep(guest.startup.minor)?;
    let said = bucket.welcome.get().map(|welcome| &welcome.said[..]).unwrap_or_default();
    let key = framed(b'K', &[&kept.ours.process.to_be_bytes()[..], &kept.ours.secret].concat());
    line::say(&mut guest.line.stream, &[said, &key, &framed(b'Z', b"I")].concat()).await?;
    let _counted = Counted::of(&pooler.cluster.figures);
    Session::new(pooler, &mut guest.line.stream, drain, bucket, kept, pooling).run().await
}

/// Has it prove who it is.
async fn admit(pooler: &Pooler, guest: &mut Guest) -> Result<Arc<Login>, Stop> {
    let (guesses, from) = (&pooler.settings.guesses, guest.from);
    let user = String::from_utf8_lossy(guest.startup.parameter("user").unwrap_or_default()).into_owned();
    let may = || guesses.may(from, &user, Instant::now().into_std()).map_err(|left| Refusal::Guesses(left.as_secs() + 1));
    may()?;
    let unproved = guesses.begun(from);
    let logins = pooler.cluster.logins();
    let known = logins.iter().find(|login| login.name == user);
    let genuine = known.and_then(|login| Verifier::read(&login.verifier));
    if known.is_some() && genuine.is_none() {
        tracing::error!(user, "the user's verifier is not SCRAM-SHA-256: nobody can log in with it");
    }
    let strangers = || hmac::Key::new(hmac::HMAC_SHA256, logins.first().map_or("", |login| &login.verifier).as_bytes());
    let verifier = genuine.unwrap_or_else(|| Verifier::made_up(&strangers(), user.as_bytes()));
    let end_point = guest.line.end_point.as_deref().map(<[u8]>::to_vec);
    let proved = login(&mut guest.line.stream, Exchange { verifier, end_point }, &user, may).await;
    if let Err(Stop::Refused(Refusal::Password(_))) = &proved {
        sleep(guesses.wrong(from, &user, Instant::now().into_std())).await;
    }
    proved?;
    unproved.proved();
    known.cloned().ok_or_else(|| Refusal::Password(user.clone()).into())
}

/// What else it asks for, and may have.
fn parameters(startup: &mut Startup, login: &Login) -> Result<Pooling, Refusal> {
    let database = startup.parameter("database").or_else(|| startup.parameter("user")).unwrap_or_default();
    if database != login.database.as_bytes() {
        return Err(LetDown::Database.into());
    }
    let off: [&[u8]; 4] = [b"off", b"false", b"no", b"0"];
    if startup.parameter("replication").is_some_and(|value| !off.contains(&value)) {
        return Err(LetDown::Replication.into());
    }
    let options = startup.parameter("options").unwrap_or_default();
    let words = |keep: bool| options.split(u8::is_ascii_whitespace).filter(move |word| (*word == SESSION) != keep);
    if words(false).next().is_none() {
        return Ok(login.pooling);
    }
    let kept = words(true).collect::<Vec<_>>().join(&b' ');
    startup.set("options", Some(kept).filter(|kept| !kept.is_empty()));
    Ok(Pooling::Session)
}

/// Whether a parameter is between the client and us, or said in another way.
fn is_ours(name: &[u8]) -> bool {
    name.starts_with(b"_pq_.") || [&b"user"[..], b"database", b"replication"].contains(&name)
}

/// What a member says to who begins like this has to be known: where nobody has begun so before, somebody does now.
async fn meet(pooler: &Pooler, guest: &mut Guest, bucket: &Arc<Bucket>) -> Result<(), Stop> {
    if bucket.welcome.get().is_some() {
        return Ok(());
    }
    let cluster = &pooler.cluster;
    let until = Instant::now() + cluster.ways.wait;
    match cluster.any(bucket, until).await {
        Ok(()) => Ok(()),
        Err(Unattained::LetDown(why)) => Err(Refusal::from(why).into()),
        Err(Unattained::Theirs(words)) => {
            line::say(&mut guest.line.stream, &words).await?;
            Err(Stop::Gone(io::ErrorKind::ConnectionRefused.into()))
        }
    }
}

/// One more client, for as long as this is there.
struct Counted<'a>(&'a Figures);

impl<'a> Counted<'a> {
    fn of(figures: &'a Figures) -> Self {
        figures.clients.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Self(figures)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.clients.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
    }
}
