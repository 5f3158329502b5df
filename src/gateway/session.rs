//! A connection from its first byte to its last: each step in its own file, their order and their deadlines here.

use std::{io, net::IpAddr, sync::Arc, time::Duration};

use tokio::{
    net::TcpStream,
    time::{Instant, sleep, timeout, timeout_at},
};

use super::{
    Awake, Door, Gateway, announced,
    backend::{Begun, Line},
    cancel::Kept,
    drain::Drain,
    enter::{self, Held, Waking, unavailable},
    hold::{self, Turn},
    knock::{Knock, TWICE, knock, wanted},
    limits::{Seat, Whose},
    line::{self, Stop},
    login::login,
    names::{self, Meant},
    pipe::{End, Pipe},
    refusal::{Refusal, framed},
    scram::{Exchange, Keys, Verifier},
    startup::{CancelKey, Hello, Startup},
    tls::{Front, Secured},
    told,
};
use crate::causes;

/// The newest minor version of the protocol that is spoken here.
const NEWEST: u16 = 2;

/// How long who was too slow has to hear of it.
const LAST_WORD: Duration = Duration::from_secs(1);

/// What a connection turned out to be.
enum Arrival {
    Cancel(Cancelling),
    Guest(Box<Guest>),
}

/// Somebody who wants what a session does to be cancelled.
struct Cancelling {
    key: CancelKey,
    /// Where they are; `None` where another gateway brought it.
    from: Option<IpAddr>,
    /// It closes when the request has been heard: that is how a client knows.
    _line: Box<dyn Send>,
}

/// Somebody who wants a session.
pub(super) struct Guest {
    pub(super) line: Secured,
    pub(super) startup: Startup,
    /// Where they are.
    from: IpAddr,
    /// Where its limit is passed, and so it is only told.
    crowded: Option<&'static str>,
    _seat: Option<Seat>,
}

/// Serves one connection. `crowded`: there is no room for it, and it is only told so.
pub(super) async fn attend(gateway: Arc<Gateway>, stream: TcpStream, peer: IpAddr, drain: Drain, crowded: bool) {
    // a matter of speed only
    drop(stream.set_nodelay(true));
    let crowded = crowded.then_some("in all");
    // aside: a handshake needs much more memory than a session that says nothing, and is soon over
    let until = Instant::now() + gateway.settings.deadlines.startup;
    let arriving = Box::pin(arrive(&gateway, stream, peer, crowded, until));
    // who is under TLS by then is told before
    let Ok(arrival) = timeout_at(until + LAST_WORD, arriving).await else {
        tracing::debug!(%peer, "took too long to say what it wants");
        return;
    };
    match arrival {
        // aside, too: what leads it on to another gateway is larger than a session
        Ok(Arrival::Cancel(cancelling)) => Box::pin(cancel(&gateway, cancelling)).await,
        Ok(Arrival::Guest(mut guest)) => {
            let served = tokio::select! {
                biased;
                served = host(&gateway, &mut guest, &drain) => served,
                // who is in the middle of an answer has been cut by now
                () = drain.over.cancelled() => Err(Refusal::ShuttingDown.into()),
            };
            match served {
                Ok(()) => {}
                Err(Stop::Refused(why)) => {
                    tracing::debug!(%peer, sqlstate = why.sqlstate(), "{why}");
                    Box::pin(line::tell(&mut guest.line.stream, &why)).await;
                }
                Err(Stop::Gone(error)) => tracing::debug!(%peer, "a session's line broke: {error}"),
            }
        }
        Err(stop) => tracing::debug!(%peer, "not let in: {}", causes::in_one_line(&stop)),
    }
}

/// Takes a request to cancel to its session: here, or by way of the gateway that made its key.
async fn cancel(gateway: &Gateway, Cancelling { key, from, _line }: Cancelling) {
    let Some(turn) = gateway.counts.take(Whose::Cancel) else { return };
    if gateway.cancels.route(&key).await {
        return;
    }
    drop(turn);
    let Some(from) = from else { return };
    if let (Some(_one), Some(_of_all)) = (gateway.counts.take(Whose::led_on(from)), gateway.counts.take(Whose::LedOn)) {
        gateway.cancels.lead_on(&key, from).await;
    }
}

/// Everything up to the startup packet. What is refused on the way has been told.
async fn arrive(
    gateway: &Gateway,
    mut stream: TcpStream,
    peer: IpAddr,
    crowded: Option<&'static str>,
    until: Instant,
) -> Result<Arrival, Stop> {
    let knocked = async {
        let address = announced::announced(&gateway.settings.trusted, &mut stream, peer).await?;
        let seat = gateway.counts.take(Whose::address(address));
        let told = if seat.is_some() { None } else { gateway.counts.take(Whose::Told) };
        if seat.is_none() && told.is_none() {
            return Err(Stop::Gone(io::Error::other("too many of this address, and too many who are told so")));
        }
        let crowded = crowded.or(told.as_ref().map(|_| "from this address"));
        let in_clear = match gateway.door {
            Door::Proxied(_) => None,
            Door::Gateways => Some(Refusal::Node),
            Door::Clients => Some(Refusal::NoTls),
        };
        Ok((knock(&mut stream, in_clear).await?, address, seat.or(told), crowded))
    };
    let late = |_| Stop::Gone(io::ErrorKind::TimedOut.into());
    let (knock, address, seat, crowded) = match timeout_at(until, knocked).await.map_err(late)? {
        Err(Stop::Refused(why)) => return Err((line::tell(&mut stream, &why).await, why).1.into()),
        other => other?,
    };
    let direct = match knock {
        Knock::Cancel(key) => return Ok(Arrival::Cancel(Cancelling { key, from: Some(address), _line: Box::new((stream, seat)) })),
        Knock::Clear(startup) => {
            let line = Secured::before(stream);
            return Ok(Arrival::Guest(Box::new(Guest { line, startup, from: address, crowded, _seat: seat })));
        }
        Knock::Tls { direct } => direct,
    };
    let mut line = timeout_at(until, gateway.certificates.secure(stream, &gateway.kin)).await.map_err(late)??;
    // whoever is known needs no place among strangers
    let seat = seat.filter(|_| !line.relayed);
    match timeout_at(until, wanted(&mut line, direct)).await.unwrap_or_else(|_| Err(Refusal::Late.into())) {
        Ok(Hello::Cancel(key)) => {
            let from = Some(address).filter(|_| !line.relayed);
            Ok(Arrival::Cancel(Cancelling { key, from, _line: Box::new((line.stream, seat)) }))
        }
        Ok(Hello::Startup(startup)) => Ok(Arrival::Guest(Box::new(Guest { line, startup, from: address, crowded, _seat: seat }))),
        Err(Stop::Refused(why)) => Err((line::tell(&mut line.stream, &why).await, why).1.into()),
        Ok(_) => Err((line::tell(&mut line.stream, &TWICE).await, TWICE).1.into()),
        Err(gone) => Err(gone),
    }
}

/// From the startup packet to the end of the session.
async fn host(gateway: &Gateway, guest: &mut Guest, drain: &Drain) -> Result<(), Stop> {
    let stopping = || if drain.begun.is_cancelled() { Err(Refusal::ShuttingDown) } else { Ok(()) };
    stopping()?;
    if matches!(gateway.door, Door::Gateways) && !guest.line.relayed {
        return Err(Refusal::Node.into());
    }
    if let Some(place) = guest.crowded {
        return Err(Refusal::Crowded(place).into());
    }
    if let Some(answer) = negotiate(&mut guest.startup) {
        line::say(&mut guest.line.stream, &answer).await?;
    }
    let database = match (told(gateway, guest), &gateway.door) {
        (_, Door::Proxied(only)) => Some(only.clone()),
        (Some(label), _) => Some(label),
        (None, _) => match names::meant(guest.line.named.clone(), &mut guest.startup) {
            Meant::Nothing => return Err(Refusal::NoDatabase.into()),
            Meant::Nonsense => None,
            Meant::Database(id) => Some(id),
        },
    };
    let deadlines = gateway.settings.deadlines;
    let (mut waking, known, keys) = within(deadlines.authentication, Refusal::Late, Box::pin(admit(gateway, guest, database))).await?;
    stopping()?;
    let seat = gateway.counts.take(Whose::Database(known.clone())).ok_or(Refusal::Crowded("in this database"))?;
    let (begun, awake) =
        within(deadlines.waking, Refusal::Asleep, Box::pin(enter::open(gateway, &mut waking, guest, &known, &keys))).await?;
    drop(waking);
    let held = awake.hold.map(|_| Box::new(Held { database: known, keys }));
    if held.is_none() {
        // what is not needed any more, for a session may last for days
        drop(std::mem::take(&mut guest.startup.parameters));
    }
    talk(gateway, guest, drain, begun, awake, held).await?;
    drop(seat);
    Ok(())
}

/// Which database another gateway says that its client comes to. What a client says there is nobody's business.
fn told(gateway: &Gateway, guest: &mut Guest) -> Option<String> {
    let text = guest.startup.parameter(told::PARAMETER)?.to_vec();
    guest.startup.set(told::PARAMETER, None);
    if guest.line.relayed { gateway.backends.told(&text) } else { None }
}

async fn within<T>(deadline: Duration, late: Refusal, step: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
    timeout(deadline, step).await.unwrap_or_else(|_| Err(late.into()))
}

/// Has it prove who it is, while the database wakes already: only where database and user are there. Gives the database's id back, and what the proof
/// has shown.
async fn admit(gateway: &Gateway, guest: &mut Guest, database: Option<String>) -> Result<(Waking, String, Keys), Stop> {
    let (guesses, id) = (&gateway.settings.guesses, database.clone().unwrap_or_default());
    // another gateway has looked already, and counts for itself; behind a proxy all are where that is
    let (from, is_guess) = (guest.from, !guest.line.relayed);
    let is_known = is_guess && !gateway.is_proxied();
    let looked_at = || if is_known { guesses.may(from, &id, Instant::now().into_std()) } else { Ok(()) };
    let may = || looked_at().map_err(|left| Refusal::Guesses(left.as_secs() + 1));
    may()?;
    let unproved = is_known.then(|| guesses.begun(from));
    let user = String::from_utf8_lossy(guest.startup.parameter("user").unwrap_or_default()).into_owned();
    let verifier = match &database {
        Some(id) => match gateway.backends.verifier(id, &user).await {
            Ok(verifier) => verifier,
            Err(error) => {
                // that is nothing that they tried
                if let Some(unproved) = unproved {
                    unproved.proved();
                }
                return Err(unavailable(&error, guest.line.relayed).into());
            }
        },
        None => None,
    };
    let genuine = verifier.as_deref().and_then(Verifier::read);
    if verifier.is_some() && genuine.is_none() {
        tracing::error!(database, user, "the user's verifier is not SCRAM-SHA-256: nobody can log in with it");
    }
    let mut waking = Waking::new();
    if genuine.is_some() {
        enter::wake(gateway, &mut waking, &id);
    }
    let name = [id.as_bytes(), &[0], user.as_bytes()].concat();
    let verifier = genuine.unwrap_or_else(|| Verifier::made_up(&gateway.strangers, &name));
    let end_point = guest.line.end_point.as_deref().map(<[u8]>::to_vec);
    let proved = login(&mut guest.line.stream, Exchange { verifier, end_point }, &user, may).await;
    if let Err(Stop::Refused(Refusal::Password(_))) = &proved
        && is_guess
    {
        let late = guesses.wrong(from, &id, Instant::now().into_std());
        drop(waking);
        sleep(late).await;
        return Err(Refusal::Password(user).into());
    }
    let keys = proved?;
    if let Some(unproved) = unproved {
        unproved.proved();
    }
    Ok((waking, id, keys))
}

/// The session itself. `held` is what it takes to come back where the database may sleep meanwhile.
async fn talk(
    gateway: &Gateway,
    guest: &mut Guest,
    drain: &Drain,
    mut begun: Begun,
    mut awake: Awake,
    held: Option<Box<Held>>,
) -> Result<(), Stop> {
    let key = begun.key.take().map(|theirs| gateway.cancels.keep(guest.startup.minor, begun.reach.clone(), theirs)).transpose()?;
    welcome(guest, &mut begun, key.as_ref()).await?;
    let mut first = vec![];
    loop {
        let mut pipe = Pipe::new(&mut guest.line.stream, &mut begun.stream).behind(first).while_it_lasts(awake.lasting.clone());
        let turn = take_turns(&mut pipe, drain, awake.hold).await?;
        match turn {
            Turn::Quiet => {}
            Turn::Over => return Ok(()),
            Turn::Lost => return Err(Refusal::Lost.into()),
        }
        // it is left only where there is a way back
        let Some(held) = &held else { return Ok(()) };
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
        let again = Box::pin(held.come_back(gateway, guest));
        (begun, awake) = within(gateway.settings.deadlines.waking, Refusal::Asleep, again).await?;
        if let (Some(key), Some(theirs)) = (&key, begun.key.take()) {
            key.leads_to(begun.reach.clone(), theirs);
        }
    }
}

/// All that is said before the first question; with the key that is ours.
async fn welcome(guest: &mut Guest, begun: &mut Begun, key: Option<&Kept>) -> io::Result<()> {
    let ours = key.map(|kept| framed(b'K', &[&kept.ours.process.to_be_bytes()[..], &kept.ours.secret].concat()));
    let all = [std::mem::take(&mut begun.said), ours.unwrap_or_default(), std::mem::take(&mut begun.ready)].concat();
    line::say(&mut guest.line.stream, &all).await
}

/// Until the session is over, or quiet where it may be left; or until the gateway stops.
async fn take_turns(pipe: &mut Pipe<'_, Front, Line>, drain: &Drain, pause: Option<Duration>) -> Result<Turn, Stop> {
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
    match end {
        End::Idle => Err(Refusal::ShuttingDown.into()),
        End::Over => Ok(Turn::Over),
        End::Lost => Ok(hold::lost(pipe)),
    }
}

/// What is answered to who speaks a newer protocol, or has wishes for it: which we don't know (NegotiateProtocolVersion).
pub(super) fn negotiate(startup: &mut Startup) -> Option<Vec<u8>> {
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
