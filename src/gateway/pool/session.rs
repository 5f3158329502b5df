//! A client's session: batch after batch, each at the member that it belongs to.

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, ReadBuf},
    time::{Instant, timeout},
};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::{
    Pooler,
    acquire::Unattained,
    cancel::Kept,
    cluster::Turn,
    exchange::{End, Exchange, Spare, with_scratch},
    file::Pooling,
    intake::{Intake, Step},
    look::ask,
    member::Member,
    position::Need,
    refusal::LetDown,
    server::{Bucket, Server},
};
use crate::gateway::{
    drain::Drain,
    line::{self, Stop},
    refusal::{Refusal, sqlstate},
    tls::Front,
};

/// How long a standby may take to end a transaction.
const LEAVING: Duration = Duration::from_secs(2);

/// A client that was let in.
pub(super) struct Session<'a> {
    pub(super) pooler: &'a Pooler,
    pub(super) client: &'a mut Front,
    begun: Pin<Box<WaitForCancellationFutureOwned>>,
    over: Pin<Box<WaitForCancellationFutureOwned>>,
    bucket: Arc<Bucket>,
    kept: Kept,
    intake: Intake,
    spare: Spare,
    /// The session with a member that it has: in a transaction, or because something was left behind there.
    server: Option<Box<Server>>,
    turn: Option<Turn>,
    /// Something was left behind at its server, or it has one as long as it stays.
    pinned: bool,
    whole: bool,
    /// What its transaction began with that only reads, at a standby.
    reading: Option<Vec<u8>>,
    need: Need,
    /// Its transaction, at the primary, was begun as one that only reads.
    only_reads: bool,
    /// Its transaction may have done more than to read.
    wrote: bool,
    /// The standby that it reads from, so that what it has seen is there the next time.
    near: Option<(Arc<Member>, Arc<()>)>,
}

/// Where a batch is answered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At a standby.
    Standby,
    /// At the primary, which is told to refuse writes: a text that reads may write, by a view say, and nobody would know of it.
    Reads,
    /// At the primary.
    Primary,
}

/// What a client does next.
enum Next {
    Batch,
    Leaves,
}

impl<'a> Session<'a> {
    pub(super) fn new(pooler: &'a Pooler, client: &'a mut Front, drain: &Drain, bucket: Arc<Bucket>, kept: Kept, pooling: Pooling) -> Self {
        // what can't be understood is not judged
        let whole = pooling == Pooling::Session || bucket.welcome.get().is_none_or(|welcome| !welcome.readable);
        Self {
            pooler,
            client,
            begun: Box::pin(drain.begun.clone().cancelled_owned()),
            over: Box::pin(drain.over.clone().cancelled_owned()),
            bucket,
            kept,
            intake: Intake::default(),
            spare: Spare::default(),
            server: None,
            turn: None,
            pinned: whole,
            whole,
            reading: None,
            need: Need::Nothing,
            only_reads: false,
            wrote: false,
            near: None,
        }
    }

    /// Until the client leaves, or is let down.
    pub(super) async fn run(&mut self) -> Result<(), Stop> {
        loop {
            match self.next().await? {
                Next::Batch => self.answer().await?,
                Next::Leaves => return Ok(()),
            }
        }
    }

    /// Until the client has said something that wants an answer.
    async fn next(&mut self) -> Result<Next, Stop> {
        loop {
            match self.intake.scan(&self.pooler.registry)? {
                Step::Whole | Step::Open => return Ok(Next::Batch),
                Step::Left => return Ok(Next::Leaves),
                Step::More => {}
            }
            let is_idle = (self.server.is_none() || self.pinned && self.turn.is_none()) && self.intake.bytes.is_empty();
            let Self { client, spare, intake, server, begun, over, .. } = &mut *self;
            let heard = poll_fn(|cx| {
                if is_idle && begun.as_mut().poll(cx).is_ready() || over.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Err(Refusal::ShuttingDown.into()));
                }
                if let Some(server) = server.as_deref_mut() {
                    poll_server(cx, server, spare, client)?;
                }
                if spare.is_behind() {
                    match spare.poll_rest(cx, client) {
                        Poll::Ready(done) => done?,
                        Poll::Pending => return Poll::Pending,
                    }
                }
                poll_client(cx, client, intake)
            });
            if !heard.await? {
                return Ok(Next::Leaves);
            }
        }
    }

    /// Has the batch answered, wherever that is.
    async fn answer(&mut self) -> Result<(), Stop> {
        let until = Instant::now() + self.pooler.cluster.ways.wait;
        let mut elsewhere = false;
        self.leave_the_standby(until).await?;
        loop {
            let (mut server, place) = self.attain(elsewhere, until).await?;
            self.kept.leads_to(Some(Arc::clone(&server.key)));
            let in_transaction = self.spare.answers.status == b'T' || self.spare.answers.status == b'E';
            let mut exchange = Exchange::new(self.client, &mut server, &mut self.intake, &self.pooler.registry, &mut self.spare);
            (exchange.hold, exchange.is_tried) = (!self.pinned && !in_transaction, place != Place::Primary);
            exchange.begin();
            let over = &mut self.over;
            let end = poll_fn(|cx| match over.as_mut().poll(cx) {
                Poll::Ready(()) => Poll::Ready(None),
                Poll::Pending => exchange.poll(cx).map(Some),
            });
            let Some(end) = end.await else { return Err(Refusal::ShuttingDown.into()) };
            self.kept.leads_to(None);
            match end {
                End::Answered => {
                    self.settle(server, place);
                    return Ok(());
                }
                End::Elsewhere => {
                    self.pooler.cluster.figures.replayed.fetch_add(u64::from(place == Place::Standby), Ordering::Relaxed);
                    if place != Place::Primary && self.spare.answers.is_between() && self.spare.answers.asked == 0 {
                        server.put_back(self.pooler.cluster.ways.pool_size);
                    }
                    // what ends every server that it comes to is not to go on doing so
                    if Instant::now() > until {
                        return Err(self.let_down(LetDown::Lost));
                    }
                    self.turn = None;
                    elsewhere = true;
                }
                End::Lost { told: true } => {
                    let rest = poll_fn(|cx| self.spare.poll_rest(cx, self.client));
                    return Err(Stop::Gone(rest.await.err().unwrap_or_else(|| io::ErrorKind::ConnectionReset.into())));
                }
                End::Lost { told: false } | End::Cut => return Err(self.let_down(LetDown::Lost)),
                End::Gone(error) => return Err(Stop::Gone(error)),
                End::Refused(why) => return Err(why.into()),
            }
        }
    }

    fn let_down(&self, why: LetDown) -> Stop {
        self.pooler.cluster.figures.let_down.fetch_add(1, Ordering::Relaxed);
        Refusal::from(why).into()
    }

    /// A server for the batch: the one that it has, or one of the kind that it needs. And where that is.
    async fn attain(&mut self, elsewhere: bool, until: Instant) -> Result<(Server, Place), Stop> {
        if let Some(mut server) = self.server.take() {
            let in_transaction = self.spare.answers.status != b'I';
            if in_transaction || self.turn.is_some() || self.reading.is_some() {
                return Ok((*server, if self.reading.is_some() { Place::Standby } else { Place::Primary }));
            }
            // something was left behind: a transaction begins there, and waits its turn as all do
            let mut news = self.pooler.cluster.news();
            loop {
                news.borrow_and_update();
                self.turn = self.pooler.cluster.turn();
                if self.turn.is_some() {
                    return Ok((*server, Place::Primary));
                }
                tokio::select! {
                    _ = news.changed() => {}
                    () = poll_fn(|cx| server.poll_cut(cx)) => return Err(self.let_down(LetDown::Cut)),
                    () = tokio::time::sleep_until(until) => return Err(self.let_down(LetDown::NoPrimary)),
                }
            }
        }
        let (batch, meaning) = (&self.intake.batch, self.intake.batch.meaning());
        // what is still to come of it may be anything
        let is_whole = batch.ended && batch.more == 0;
        let is_read = !elsewhere && !self.pinned && is_whole && (meaning.read || meaning.begins_reading);
        self.spare.answers.of_another();
        if is_read && let Some(server) = self.standby().await {
            return Ok((server, Place::Standby));
        }
        let has_standbys = self.pooler.cluster.view().standbys().next().is_some();
        let place = if is_read && meaning.read && has_standbys { Place::Reads } else { Place::Primary };
        match self.pooler.cluster.primary(&self.bucket, place == Place::Reads, until).await {
            Ok((server, turn)) => {
                server.member.asked.fetch_add(1, Ordering::Relaxed);
                self.turn = Some(turn);
                Ok((server, place))
            }
            Err(Unattained::LetDown(why)) => Err(self.let_down(why)),
            Err(Unattained::Theirs(words)) => {
                line::say(self.client, &words).await?;
                Err(Stop::Gone(io::ErrorKind::ConnectionRefused.into()))
            }
        }
    }

    /// A session with a standby that has what this client must find, where there is one.
    async fn standby(&mut self) -> Option<Server> {
        let cluster = &self.pooler.cluster;
        let (view, need) = (cluster.view(), &mut self.need);
        let is_there = |near: &Arc<Member>| view.standbys().any(|member| Arc::ptr_eq(member, near));
        let stays = self.near.as_ref().is_some_and(|(near, _)| is_there(near) && cluster.is_readable(near, need));
        if !stays {
            let fit = view.standbys().filter(|member| cluster.is_readable(member, need));
            let chosen = Arc::clone(fit.min_by_key(|member| Arc::strong_count(&member.readers))?);
            if self.near.take().is_some_and(|(near, _)| !Arc::ptr_eq(&near, &chosen)) {
                // what it has seen there may not be here yet
                *need = cluster.looks.after_this();
                return None;
            }
            let readers = Arc::clone(&chosen.readers);
            self.near = Some((chosen, readers));
        }
        let (near, _) = self.near.as_ref()?;
        match cluster.with(near, &self.bucket).await {
            Ok(server) => {
                near.asked.fetch_add(1, Ordering::Relaxed);
                Some(server)
            }
            Err(error) => {
                tracing::debug!(member = near.named.name, "read from the primary instead: {error}");
                None
            }
        }
    }

    /// A transaction that only reads and is at a standby goes on at the primary, before the first statement that a standby may answer in another way.
    async fn leave_the_standby(&mut self, until: Instant) -> Result<(), Stop> {
        let meaning = self.intake.batch.meaning();
        if meaning.read || meaning.ends || self.spare.answers.status != b'T' {
            return Ok(());
        }
        let Some(begin) = self.reading.take() else { return Ok(()) };
        if let Some(mut standby) = self.server.take()
            && matches!(timeout(LEAVING, ask(&mut standby.line, "rollback")).await, Ok(Ok(_)))
        {
            standby.put_back(self.pooler.cluster.ways.pool_size);
        }
        let (mut server, _) = self.attain(true, until).await?;
        let begin = String::from_utf8_lossy(&begin).into_owned();
        ask(&mut server.line, &begin).await.map_err(|_| self.let_down(LetDown::Lost))?;
        self.only_reads = true;
        self.server = Some(Box::new(server));
        Ok(())
    }

    /// The batch is answered: what follows from it for the next one.
    fn settle(&mut self, mut server: Server, place: Place) {
        let (meaning, answers) = (self.intake.batch.meaning(), &self.spare.answers);
        let is_open = answers.status != b'I';
        if place == Place::Standby && is_open && self.reading.is_none() {
            self.reading = Some(std::mem::take(&mut self.intake.batch.begin));
        }
        self.only_reads |= place == Place::Primary && meaning.begins_reading;
        self.wrote |= place == Place::Primary && !meaning.harmless && !(meaning.read && self.only_reads);
        if !is_open {
            (self.reading, self.only_reads) = (None, false);
        }
        if !is_open && std::mem::take(&mut self.wrote) {
            self.need = self.pooler.cluster.looks.after_this();
        }
        self.pinned |= meaning.pins && place == Place::Primary;
        // what a failed one of these has left is not known
        let is_unsure = meaning.forgets && answers.failed;
        if meaning.forgets && !answers.failed {
            server.held.lose_all();
            self.intake.forget();
            self.pinned &= !meaning.frees || self.whole;
        }
        self.intake.done();
        if !is_open {
            self.turn = None;
        }
        if is_open || self.pinned {
            self.server = Some(Box::new(server));
        } else if !is_unsure {
            server.put_back(self.pooler.cluster.ways.pool_size);
        }
    }
}

/// What a server says without being asked: it is for the client. An error where that was its last word.
fn poll_server(cx: &mut Context<'_>, server: &mut Server, spare: &mut Spare, client: &mut Front) -> Result<(), Stop> {
    if server.poll_cut(cx).is_ready() {
        return Err(Refusal::from(LetDown::Cut).into());
    }
    with_scratch(|scratch| {
        loop {
            let mut piece = ReadBuf::new(scratch);
            match Pin::new(&mut server.line).poll_read(cx, &mut piece) {
                Poll::Ready(Ok(())) if !piece.filled().is_empty() => {
                    let bytes = piece.filled();
                    if bytes[0] == b'E' && spare.answers.is_between() {
                        // an administrator's word has no hint
                        if sqlstate(bytes) == Some(b"57P01") {
                            return Err(Refusal::from(LetDown::Ended).into());
                        }
                        spare.keep(bytes);
                        // what it does not take now it does not hear
                        drop(spare.poll_rest(cx, client));
                        return Err(Stop::Gone(io::ErrorKind::ConnectionReset.into()));
                    }
                    spare.answers.pass(bytes);
                    spare.keep(bytes);
                }
                Poll::Ready(_) => return Err(Refusal::from(LetDown::Lost).into()),
                Poll::Pending => return Ok(()),
            }
        }
    })
}

/// What the client says. False: it is gone.
fn poll_client(cx: &mut Context<'_>, client: &mut Front, intake: &mut Intake) -> Poll<Result<bool, Stop>> {
    with_scratch(|scratch| {
        let mut piece = ReadBuf::new(scratch);
        match Pin::new(client).poll_read(cx, &mut piece) {
            Poll::Ready(Ok(())) => {
                intake.bytes.extend(piece.filled());
                Poll::Ready(Ok(!piece.filled().is_empty()))
            }
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Poll::Ready(Ok(false)),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error.into())),
            Poll::Pending => Poll::Pending,
        }
    })
}
