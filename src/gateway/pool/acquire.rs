//! A session with a member for whoever needs one: with the primary as soon as there is one, with a standby where one is fit.

use std::{sync::Arc, sync::atomic::Ordering, time::Duration};

use tokio::time::{Instant, sleep, timeout_at};

use super::{
    cluster::{Cluster, Turn},
    member::Member,
    refusal::LetDown,
    server::{Bucket, Server, Unmade},
    shelf::Taken,
};
use crate::{
    causes::in_one_line,
    gateway::{
        backend::Unbegun,
        refusal::{hinted, sqlstate},
    },
};

/// How often a primary is looked for that is not there.
const AGAIN: Duration = Duration::from_millis(20);
/// How often somebody who waits hears of it, in the log.
const SAID: Duration = Duration::from_secs(5);

/// What a client is told that gets none.
pub(super) enum Unattained {
    /// By us.
    LetDown(LetDown),
    /// In the member's own words.
    Theirs(Vec<u8>),
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unmet {
    #[error("no session")]
    Unmade(#[from] Unmade),
    #[error("it is not the primary")]
    Follows,
    #[error("it writes timeline {0}, and another member a newer one")]
    Old(u32),
}

impl Cluster {
    /// A session with the primary, and the turn there. `reads`: one that refuses writes. `until`: for so long.
    pub(super) async fn primary(self: &Arc<Self>, bucket: &Arc<Bucket>, reads: bool, until: Instant) -> Result<(Server, Turn), Unattained> {
        let began = Instant::now();
        let found = self.primary_by(bucket, reads, until).await;
        if began.elapsed() > AGAIN {
            let took = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
            self.figures.buffered.fetch_add(1, Ordering::Relaxed);
            self.figures.buffered_for.fetch_add(took, Ordering::Relaxed);
        }
        found
    }

    async fn primary_by(self: &Arc<Self>, bucket: &Arc<Bucket>, reads: bool, until: Instant) -> Result<(Server, Turn), Unattained> {
        let (mut news, mut said, mut full) = (self.news(), None, false);
        loop {
            news.borrow_and_update();
            if let Some(member) = self.view().primary().filter(|_| !self.is_paused()) {
                match timeout_at(until, self.leading(member, bucket, reads)).await {
                    Ok(Ok(server)) => match self.turn() {
                        Some(turn) => return Ok((server, turn)),
                        None => server.put_back(self.ways.pool_size),
                    },
                    Ok(Err(error)) => {
                        if let Some(theirs) = final_word(&error) {
                            return Err(Unattained::Theirs(theirs));
                        }
                        if said.is_none_or(|at: Instant| at.elapsed() > SAID) {
                            tracing::warn!(member = member.named.name, "no session with the primary: {}", in_one_line(&error));
                            said = Some(Instant::now());
                        }
                    }
                    Err(_) => full = true,
                }
            }
            if Instant::now() >= until {
                return Err(Unattained::LetDown(if full { LetDown::Full } else { LetDown::NoPrimary }));
            }
            tokio::select! {
                _ = news.changed() => {}
                () = sleep(AGAIN) => {}
            }
        }
    }

    /// A session with whichever member takes one, only so that it is known what members say to such a client.
    pub(super) async fn any(self: &Arc<Self>, bucket: &Arc<Bucket>, until: Instant) -> Result<(), Unattained> {
        let mut news = self.news();
        loop {
            news.borrow_and_update();
            let view = self.view();
            let answering = || view.members.iter().map(|(member, _)| member).filter(|member| member.answers());
            // the primary is the one that is most often needed
            for member in view.primary().filter(|member| member.answers()).into_iter().chain(answering()) {
                match timeout_at(until, self.with(member, bucket)).await {
                    Ok(Ok(server)) => {
                        server.put_back(self.ways.pool_size);
                        return Ok(());
                    }
                    Ok(Err(error)) => match final_word(&error.into()) {
                        Some(theirs) => return Err(Unattained::Theirs(theirs)),
                        None => continue,
                    },
                    Err(_) => return Err(Unattained::LetDown(LetDown::Full)),
                }
            }
            if Instant::now() >= until {
                return Err(Unattained::LetDown(LetDown::NoPrimary));
            }
            tokio::select! {
                _ = news.changed() => {}
                () = sleep(AGAIN) => {}
            }
        }
    }

    /// A session with a member that says, in this term, that it takes writes; where only reads are to come, it refuses them.
    async fn leading(&self, member: &Arc<Member>, bucket: &Arc<Bucket>, reads: bool) -> Result<Server, Unmet> {
        loop {
            let mut server = self.with(member, bucket).await?;
            let has_waited = server.primary_in.is_some();
            match self.leads(member, &mut server, reads).await {
                Ok(()) => return Ok(server),
                // one that has waited may have ended a moment ago
                Err(Unmet::Unmade(Unmade::Unanswered(_))) if has_waited => {}
                Err(error) => return Err(error),
            }
        }
    }

    async fn leads(&self, member: &Arc<Member>, server: &mut Server, reads: bool) -> Result<(), Unmet> {
        let term = self.view().term;
        if server.primary_in != Some(term) {
            let look = server.look().await?;
            if look.follows {
                return Err(Unmet::Follows);
            }
            let newest = self.view().members.iter().map(|(member, _)| member.timeline()).max().unwrap_or_default();
            if look.timeline < newest {
                return Err(Unmet::Old(look.timeline));
            }
            member.says(look);
            server.primary_in = Some(term);
        }
        Ok(server.refuses_writes(reads).await?)
    }

    /// Any session with this member.
    pub(super) async fn with(&self, member: &Arc<Member>, bucket: &Arc<Bucket>) -> Result<Server, Unmade> {
        let shelf = member.shelves.of(&bucket.login.name, self.ways.pool_size);
        loop {
            match shelf.take(bucket).await {
                Taken::Server(mut server) => {
                    if server.is_sound() {
                        return Ok(*server);
                    }
                }
                Taken::Room(room) => return Server::begin(member, bucket, room).await,
            }
        }
    }
}

/// What a member says that it will say again, and any other too.
fn final_word(error: &Unmet) -> Option<Vec<u8>> {
    let Unmet::Unmade(Unmade::Unbegun(Unbegun::Refused(theirs))) = error else { return None };
    let passes = matches!(sqlstate(theirs), None | Some(b"57P01" | b"57P02" | b"57P03" | b"53300"));
    (!passes).then(|| hinted(theirs))
}
