//! The doors of our DNS: datagrams and streams, few at a time, and none for long.

use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UdpSocket},
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    Way, answer,
    known::Known,
    pace::{Pace, Turn},
};
use crate::{
    control::Control,
    gateway::limits::{Counts, Limits, Whose},
};

/// How many datagrams are answered at a time; of more than these the others are forgotten.
const AT_ONCE: usize = 64;
/// How many streams there may be; of more than these the lines are cut.
const STREAMS: Limits = Limits { in_all: 64, per_address: 4, per_database: 0 };
/// The longest question, in bytes: a name is 255, and what EDNS adds is no matter.
const LONGEST: usize = 1232;
/// How long a stream may say nothing.
const IDLE: Duration = Duration::from_secs(5);
/// How many questions a stream may bring.
const QUESTIONS: usize = 20;
/// How long nothing is taken after the system had no room.
const BREATH: Duration = Duration::from_millis(50);
/// How often a port is looked for that is free for both.
const TRIES: usize = 20;

/// Where questions come in.
pub struct Doors {
    datagrams: UdpSocket,
    streams: TcpListener,
}

impl Doors {
    /// Listens at an address for both; where its port is 0 at the same one, whichever is free.
    ///
    /// # Errors
    /// Where the address is taken or not of this machine.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let mut tries = 0;
        loop {
            let datagrams = UdpSocket::bind(address).await?;
            match TcpListener::bind(datagrams.local_addr()?).await {
                Ok(streams) => return Ok(Self { datagrams, streams }),
                Err(error) if address.port() != 0 || tries >= TRIES => return Err(error),
                Err(_) => tries += 1,
            }
        }
    }

    /// Where they are.
    ///
    /// # Errors
    /// Where the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.datagrams.local_addr()
    }
}

/// Answers until `shutdown`, as the registry has it.
pub async fn serve(doors: Doors, control: Control, shutdown: CancellationToken) {
    let (known, Doors { datagrams, streams }) = (Arc::new(Known::new(control)), doors);
    let both = async { tokio::join!(in_datagrams(Arc::new(datagrams), &known), in_streams(&streams, &known)) };
    shutdown.run_until_cancelled(both).await;
}

async fn in_datagrams(socket: Arc<UdpSocket>, known: &Arc<Known>) {
    let (turns, mut pace, mut packet) = (Arc::new(Semaphore::new(AT_ONCE)), Pace::new(Instant::now()), [0; LONGEST]);
    let mut answering = JoinSet::new();
    loop {
        while answering.try_join_next().is_some() {}
        let Ok((length, from)) = socket.recv_from(&mut packet).await else {
            sleep(BREATH).await;
            continue;
        };
        let way = match pace.asks(from.ip(), Instant::now()) {
            Turn::Answered => Way::Datagram,
            Turn::Told => Way::OnlyTcp,
            Turn::Nothing => continue,
        };
        let Ok(turn) = Arc::clone(&turns).try_acquire_owned() else { continue };
        let (socket, known, question) = (Arc::clone(&socket), Arc::clone(known), packet[..length].to_vec());
        answering.spawn(async move {
            if let Some(answer) = answer(&question, &*known.now().await, way) {
                // whoever is not there any more needs none
                drop(socket.send_to(&answer, from).await);
            }
            drop(turn);
        });
    }
}

async fn in_streams(listener: &TcpListener, known: &Arc<Known>) {
    let (counts, mut talking) = (Arc::new(Counts::new(STREAMS)), JoinSet::new());
    loop {
        while talking.try_join_next().is_some() {}
        let Ok((stream, from)) = listener.accept().await else {
            sleep(BREATH).await;
            continue;
        };
        let (Some(all), Some(own)) = (counts.take(Whose::All), counts.take(Whose::address(from.ip()))) else { continue };
        let known = Arc::clone(known);
        talking.spawn(async move {
            // a cut line and a silent one end alike
            drop(talk(stream, &known).await);
            drop((all, own));
        });
    }
}

/// One question after the other, each behind its length (RFC 1035, 4.2.2).
async fn talk(mut stream: TcpStream, known: &Known) -> io::Result<()> {
    for _ in 0..QUESTIONS {
        let Some(question) = timeout(IDLE, question(&mut stream)).await?? else { return Ok(()) };
        let Some(answer) = answer(&question, &*known.now().await, Way::Stream) else { return Ok(()) };
        let length = u16::try_from(answer.len()).map_err(io::Error::other)?;
        timeout(IDLE, stream.write_all(&[&length.to_be_bytes()[..], &answer].concat())).await??;
    }
    Ok(())
}

/// `None` where it is too long.
async fn question(stream: &mut TcpStream) -> io::Result<Option<Vec<u8>>> {
    let length = usize::from(stream.read_u16().await?);
    if length > LONGEST {
        return Ok(None);
    }
    let mut question = vec![0; length];
    stream.read_exact(&mut question).await?;
    Ok(Some(question))
}
