//! A session with a member, which one client after another has.

use std::{
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWriteExt, ReadBuf},
    time::timeout,
};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::{
    line::{self, Line},
    login::Login,
    look::{Look, Unanswered, ask, look},
    member::Member,
    shelf::Room,
    statements::Held,
};
use crate::gateway::{
    backend::{Unbegun, until_ready},
    startup::{self, CancelKey, Hello, Startup},
};

/// How long a member may take until a session with it is ready.
const PATIENCE: Duration = Duration::from_secs(5);
/// What a session is told that is to refuse writes as a standby does, and that is to take them again.
const REFUSE: &str = "set default_transaction_read_only to on";
const TAKE: &str = "reset default_transaction_read_only";

/// Clients who can have the same session: they have the same user, and have begun with the same parameters.
pub(super) struct Bucket {
    pub(super) login: Arc<Login>,
    pub(super) parameters: Vec<(Vec<u8>, Vec<u8>)>,
    /// What a member says to them before it is ready.
    pub(super) welcome: OnceLock<Welcome>,
}

/// What is said to a client before its first question.
pub(super) struct Welcome {
    /// ParameterStatus and notices, as a primary says them.
    pub(super) said: Vec<u8>,
    /// Whether statements can be told apart by their bytes: in an encoding that has ASCII's signs for nothing else, with texts as the standard has them.
    pub(super) readable: bool,
}

/// A session with a member.
pub(super) struct Server {
    pub(super) line: Line,
    pub(super) member: Arc<Member>,
    pub(super) bucket: Arc<Bucket>,
    pub(super) key: Arc<Key>,
    /// The prepared statements that it has.
    pub(super) held: Held,
    /// The term in which it has said that it is the primary.
    pub(super) primary_in: Option<u64>,
    /// It was told to refuse writes.
    refuses: bool,
    /// Ready when nobody is to hear it any more.
    pub(super) cut: Pin<Box<WaitForCancellationFutureOwned>>,
    _room: Room,
}

/// With what its statements are cancelled.
pub(super) struct Key {
    pub(super) member: Arc<Member>,
    pub(super) login: Arc<Login>,
    pub(super) key: Option<CancelKey>,
    /// How many requests are on their way: another client must not be hit.
    pub(super) coming: AtomicUsize,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unmade {
    #[error("the session did not begin")]
    Unbegun(#[from] Unbegun),
    #[error("it did not say what it is")]
    Unanswered(#[from] Unanswered),
    #[error("it took too long")]
    Late,
}

impl Server {
    /// Begins one.
    pub(super) async fn begin(member: &Arc<Member>, bucket: &Arc<Bucket>, room: Room) -> Result<Self, Unmade> {
        let begun = timeout(PATIENCE, Self::enter(member, bucket, room)).await;
        Ok(begun.map_err(|_| Unmade::Late)??)
    }

    async fn enter(member: &Arc<Member>, bucket: &Arc<Bucket>, room: Room) -> Result<Self, Unbegun> {
        let login = &bucket.login;
        let mut line = line::open(&member.named, login).await?;
        let cut = Box::pin(member.cut().cancelled_owned());
        let own = [(b"user".to_vec(), login.name.clone().into_bytes()), (b"database".to_vec(), login.database.clone().into_bytes())];
        let parameters = own.into_iter().chain(bucket.parameters.iter().cloned()).collect();
        line.write_all(&startup::encode(&Hello::Startup(Startup { minor: 0, parameters }))).await?;
        line.flush().await?;
        login.prove(&mut line).await?;
        let (said, key, _) = until_ready(&mut line).await?;
        bucket.welcome.get_or_init(|| Welcome::of(&said));
        let key = Key { member: Arc::clone(member), login: Arc::clone(login), key, coming: AtomicUsize::new(0) };
        let (member, bucket) = (Arc::clone(member), Arc::clone(bucket));
        Ok(Self { line, member, bucket, key: Arc::new(key), held: Held::default(), primary_in: None, refuses: false, cut, _room: room })
    }

    /// Asks the member what it is.
    pub(super) async fn look(&mut self) -> Result<Look, Unmade> {
        Ok(timeout(PATIENCE, look(&mut self.line)).await.map_err(|_| Unmade::Late)??)
    }

    /// Has it refuse writes in whatever begins from now on, or take them again.
    pub(super) async fn refuses_writes(&mut self, refuses: bool) -> Result<(), Unmade> {
        if self.refuses != refuses {
            let told = timeout(PATIENCE, ask(&mut self.line, if refuses { REFUSE } else { TAKE })).await;
            told.map_err(|_| Unmade::Late)??;
            self.refuses = refuses;
        }
        Ok(())
    }

    /// Whether it can be given to somebody: nothing was said on it, nobody has cut it.
    pub(super) fn is_sound(&mut self) -> bool {
        let (mut byte, mut cx) = ([0], Context::from_waker(std::task::Waker::noop()));
        let silent = Pin::new(&mut self.line).poll_read(&mut cx, &mut ReadBuf::new(&mut byte)).is_pending();
        silent && self.cut.as_mut().poll(&mut cx).is_pending()
    }

    /// Puts it back for others.
    pub(super) fn put_back(self, most: usize) {
        // a request to cancel that is still on its way would hit whoever has it next
        if self.key.coming.load(Ordering::SeqCst) == 0 {
            let shelf = self.member.shelves.of(&self.bucket.login.name, most);
            shelf.put(self);
        }
    }

    /// Ready when it was cut.
    pub(super) fn poll_cut(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.cut.as_mut().poll(cx)
    }
}

impl Welcome {
    /// Of what a member said, whichever it was.
    fn of(said: &[u8]) -> Self {
        let (mut rest, mut kept, mut readable) = (said, vec![], true);
        while let Some(length) = rest.get(1..5).and_then(|length| Some(u32::from_be_bytes(length.try_into().ok()?))) {
            let Some((message, more)) = usize::try_from(length).ok().and_then(|length| rest.split_at_checked(length + 1)) else { break };
            rest = more;
            let mut fields = message[5..].split(|byte| *byte == 0);
            match (message[0], fields.next(), fields.next()) {
                // whoever asks for the primary hears that of the primary
                (b'S', Some(b"in_hot_standby"), _) => kept.extend(crate::gateway::refusal::framed(b'S', b"in_hot_standby\0off\0")),
                (b'S', Some(name), Some(value)) => {
                    readable &= is_readable(name, value);
                    kept.extend(message);
                }
                // notices were for whoever came first
                _ => {}
            }
        }
        Self { said: kept, readable }
    }
}

/// Whether a parameter leaves statements as the rules that we know have them.
fn is_readable(name: &[u8], value: &[u8]) -> bool {
    match name {
        b"client_encoding" => value == b"UTF8" || value == b"SQL_ASCII" || value.starts_with(b"LATIN") || value.starts_with(b"WIN1"),
        b"standard_conforming_strings" => value == b"on",
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::refusal::framed;

    #[test]
    fn a_client_is_welcomed_as_by_a_primary() {
        let said = [framed(b'S', b"in_hot_standby\0on\0"), framed(b'N', b"x\0"), framed(b'S', b"client_encoding\0UTF8\0")].concat();
        let welcome = Welcome::of(&said);
        assert!(welcome.readable);
        let expected = [framed(b'S', b"in_hot_standby\0off\0"), framed(b'S', b"client_encoding\0UTF8\0")].concat();
        assert_eq!(welcome.said, expected);
        assert!(!Welcome::of(&framed(b'S', b"client_encoding\0SJIS\0")).readable);
        assert!(!Welcome::of(&framed(b'S', b"standard_conforming_strings\0off\0")).readable);
    }
}
