//! The way into a database for who was let in: here as soon as it runs, or there where another gateway has it.

use std::{io, sync::Arc, time::Duration};

use tokio::{io::AsyncWriteExt, task::JoinSet, time::sleep};

use super::{
    Awake, Gateway, Unavailable,
    backend::{self, Begun, Unbegun},
    backends::Shut,
    kin::Kin,
    limits::Whose,
    line::{self, Stop},
    machines::Led,
    refusal::{Refusal, hinted, sqlstate, too_large},
    relay::Peer,
    scram::Keys,
    session::Guest,
    told::Told,
};
use crate::causes::in_one_line;

/// How often a database is asked for again that another gateway has and lets nobody into.
const AGAIN: Duration = Duration::from_millis(250);

/// The waking of a database, which ends with this.
pub(super) type Waking = JoinSet<Result<Awake, Unavailable>>;

/// Begins to wake a database.
pub(super) fn wake(gateway: &Gateway, waking: &mut Waking, database: &str) {
    let (backends, id) = (Arc::clone(&gateway.backends), database.to_owned());
    waking.spawn(async move { backends.wake(&id).await });
}

/// The session with the database, as soon as that runs: here, or at the gateway that has it. Where that one stops or is lost, here in the end.
pub(super) async fn open(
    gateway: &Gateway,
    waking: &mut Waking,
    guest: &mut Guest,
    database: &str,
    keys: &Keys,
) -> Result<(Begun, Awake), Stop> {
    let mut said = String::new();
    loop {
        let way = match waking.join_next().await {
            Some(Ok(Ok(awake))) => return begin(seated(gateway, database, gateway.turns.alone(database, awake).await?)?, guest).await,
            Some(Ok(Err(Unavailable::Elsewhere { by, address, hold }))) if !guest.line.relayed => {
                Way { by, address, hold, kin: Arc::clone(&gateway.kin), told: None }
            }
            Some(Ok(Err(Unavailable::OnMachine(led)))) if !guest.line.relayed => {
                let Led { by, address, hold, kin, told } = *led;
                Way { by, address: Some(address), hold, kin, told: Some(told) }
            }
            Some(Ok(Err(error))) => return Err(unavailable(&error, guest.line.relayed).into()),
            Some(Err(_)) | None => return Err(Refusal::Asleep.into()),
        };
        let (by, hold) = (way.by.clone(), way.hold);
        let address = way.address.clone();
        let led = match &address {
            Some(address) => relay(gateway, guest, database, address.clone(), way, keys).await?,
            None => Err("nobody is led there: it was started without --advertise".to_owned()),
        };
        match led {
            // it sleeps there as it would here: when nobody has said anything here, the session there ends
            Ok(begun) => return Ok((begun, Awake::led(hold))),
            Err(why) if why != said => {
                tracing::warn!(database, by, address, error = why, "another gateway has it, and it is waited for");
                said = why;
            }
            Err(_) => {}
        }
        sleep(AGAIN).await;
        wake(gateway, waking, database);
    }
}

/// Has one of the sessions that there are in a database; that ends with what keeps it awake.
fn seated(gateway: &Gateway, database: &str, awake: Awake) -> Result<Awake, Refusal> {
    let Some(most) = awake.most else { return Ok(awake) };
    let seat = gateway.counts.take_of(Whose::Inside(database.to_owned()), most).ok_or(Refusal::Crowded("in this database"))?;
    Ok(Awake { session: Box::new((awake.session, seat)), ..awake })
}

/// Where a database is that does not run here.
struct Way {
    by: String,
    address: Option<String>,
    hold: Option<Duration>,
    kin: Arc<Kin>,
    /// What whoever is there is told of the database, where they have no registry.
    told: Option<Told>,
}

/// A session at the gateway that has the database; or why there is none, where that one can't be reached, is not believed, or has it no more.
async fn relay(
    gateway: &Gateway,
    guest: &mut Guest,
    database: &str,
    address: String,
    way: Way,
    keys: &Keys,
) -> Result<Result<Begun, String>, Stop> {
    /// It stops.
    const STOPS: &[u8] = b"57P01";
    /// It can't have it now.
    const NOT_THIS: &[u8] = b"55006";
    /// It has no room for it.
    const FULL: &[u8] = b"53000";
    let host = gateway.certificates.host_of(database);
    let begun = match Peer::new(address.clone(), host, &way.kin) {
        Ok(peer) => Arc::new(peer).begin(&guest.startup, way.told.as_ref(), keys).await,
        Err(error) => Err(error.into()),
    };
    match begun {
        Ok(begun) => Ok(Ok(begun)),
        Err(Unbegun::Refused(words)) if sqlstate(&words) == Some(FULL) => {
            let is_another = gateway.backends.leave_out(&address, database, Shut::Full);
            if is_another { Ok(Err("there is no room".to_owned())) } else { Err(unavailable(&Unavailable::Full, false).into()) }
        }
        Err(Unbegun::Refused(words)) if !sqlstate(&words).is_some_and(|code| [STOPS, NOT_THIS].contains(&code)) => {
            Err(pass_on(guest, &words).await?)
        }
        Err(error) => {
            let is_this = matches!(&error, Unbegun::Refused(words) if sqlstate(words) == Some(NOT_THIS));
            gateway.backends.leave_out(&address, database, if is_this { Shut::NotThis } else { Shut::Away });
            Ok(Err(in_one_line(&error)))
        }
    }
}

/// A session with a database that runs.
pub(super) async fn begin(awake: Awake, guest: &mut Guest) -> Result<(Begun, Awake), Stop> {
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
        Err(Unbegun::Refused(words)) => Err(pass_on(guest, &words).await?),
        Err(error) => {
            tracing::warn!(socket = %awake.socket.display(), "a database that runs takes no session: {}", in_one_line(&error));
            Err(Refusal::Asleep.into())
        }
    }
}

/// A refusal in its own words, which are the best: no such database in there, no such option. Where it says nothing of what to do, that is added.
async fn pass_on(guest: &mut Guest, words: &[u8]) -> io::Result<Stop> {
    line::say(&mut guest.line.stream, &hinted(words)).await?;
    guest.line.stream.shutdown().await?;
    Ok(Stop::Gone(io::Error::other("the database refused the session")))
}

/// What opens another session with the same database, for a client that is here all the time.
pub(super) struct Held {
    pub(super) database: String,
    /// Another gateway may have it by then, and wants to be shown that the client knew the password.
    pub(super) keys: Keys,
}

impl Held {
    /// Another session, wherever the database is now.
    pub(super) async fn come_back(&self, gateway: &Gateway, guest: &mut Guest) -> Result<(Begun, Awake), Stop> {
        let mut waking = Waking::new();
        wake(gateway, &mut waking, &self.database);
        open(gateway, &mut waking, guest, &self.database, &self.keys).await
    }
}

/// What a client hears of it, or the gateway that leads one here; the log hears why.
pub(super) fn unavailable(error: &Unavailable, is_relayed: bool) -> Refusal {
    tracing::warn!("{}", in_one_line(error));
    match error {
        Unavailable::Ending => Refusal::ShuttingDown,
        Unavailable::NoNode(location) => Refusal::NoNode(location.clone()),
        Unavailable::Ends(code) => Refusal::Ends(*code),
        Unavailable::Full if is_relayed => Refusal::NoRoom,
        Unavailable::Full => Refusal::Crowded("on this server"),
        Unavailable::Missing(what) => Refusal::Missing(what.clone()),
        Unavailable::Branch(why) => Refusal::Branch(why.clone()),
        Unavailable::Replica(why) => Refusal::Replica(why.clone()),
        // a part of a second is not over yet
        Unavailable::Closed(left) => Refusal::TooLarge(left.as_secs() + 1),
        Unavailable::ForNow { .. } | Unavailable::Elsewhere { .. } | Unavailable::OnMachine(_) if is_relayed => Refusal::NotHere,
        Unavailable::ForNow { .. } | Unavailable::Elsewhere { .. } | Unavailable::OnMachine(_) => Refusal::Asleep,
    }
}
