//! A way to a store on which calls are slow, fail before they did anything, fail though they did it, or are carried out after they were given up.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use futures::{StreamExt, future::BoxFuture, stream::BoxStream};
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions, PutOptions,
    PutPayload, PutResult, Result, path::Path,
};
use tokio::{sync::watch, task::yield_now};

use super::chance::Chance;

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Well,
    /// It fails, and nothing was done.
    Before,
    /// It fails, and it was done.
    After,
    /// It fails, and is done later.
    Late,
}

/// The way, over any store.
#[derive(Clone)]
pub(crate) struct Faulty {
    beyond: Arc<dyn ObjectStore>,
    chance: Arc<Mutex<Chance>>,
    calm: Arc<AtomicBool>,
    /// Three calls in so many have trouble.
    times: u64,
    /// Where calls that make a key with this in it stand still; how many stand there is told.
    gate: Option<(&'static str, watch::Sender<usize>)>,
    /// How many may stand there; who comes later goes through.
    room: usize,
}

impl Faulty {
    /// Where one call in 7, in 33 or in 130 has some trouble, as the seed says.
    pub(super) fn new(beyond: Arc<dyn ObjectStore>, seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let times = [20, 100, 400][chance.below(3) as usize];
        Self { beyond, chance: Arc::new(Mutex::new(chance)), calm: Arc::default(), times, gate: None, room: usize::MAX }
    }

    /// Where all goes well, but that nothing with this in its key is ever made.
    pub(super) fn stopping(beyond: Arc<dyn ObjectStore>, at: &'static str) -> (Self, watch::Receiver<usize>) {
        let (told, stopped) = watch::channel(0);
        let calm = Arc::new(AtomicBool::new(true));
        (Self { gate: Some((at, told)), calm, ..Self::new(beyond, 0) }, stopped)
    }

    /// The same, and it is made when it is tried again.
    pub(crate) fn stalling(beyond: Arc<dyn ObjectStore>, at: &'static str) -> (Self, watch::Receiver<usize>) {
        let (way, stopped) = Self::stopping(beyond, at);
        (Self { room: 1, ..way }, stopped)
    }

    /// From now on all goes well, or not.
    pub(super) fn calm(&self, calm: bool) {
        self.calm.store(calm, Ordering::SeqCst);
    }

    async fn fate(&self) -> Fate {
        if self.calm.load(Ordering::SeqCst) {
            return Fate::Well;
        }
        let (slow, fate) = {
            let mut chance = self.chance.lock().unwrap_or_else(PoisonError::into_inner);
            let slow = if chance.once_in(8) { chance.below(60) } else { chance.below(4) };
            let fate = [Fate::Before, Fate::After, Fate::Late].get(chance.below(self.times) as usize).copied();
            (slow, fate.unwrap_or(Fate::Well))
        };
        for _ in 0..slow {
            yield_now().await;
        }
        fate
    }

    /// How long what comes late takes.
    fn late(&self) -> u64 {
        self.chance.lock().unwrap_or_else(PoisonError::into_inner).below(400)
    }
}

fn lost() -> Error {
    Error::Generic { store: "faulty", source: "the line was cut".into() }
}

impl fmt::Debug for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("faulty")
    }
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("faulty")
    }
}

impl Faulty {
    async fn put(&self, to: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        if let Some((_, told)) = self.gate.as_ref().filter(|(at, _)| to.as_ref().contains(at)) {
            let stands = told.send_if_modified(|count| {
                let has_room = *count < self.room;
                *count += usize::from(has_room);
                has_room
            });
            if stands {
                return std::future::pending().await;
            }
        }
        match self.fate().await {
            Fate::Well => self.beyond.put_opts(to, payload, options).await,
            Fate::Before => Err(lost()),
            Fate::After => self.beyond.put_opts(to, payload, options).await.and_then(|_| Err(lost())),
            Fate::Late => {
                let (beyond, to, yields) = (self.beyond.clone(), to.clone(), self.late());
                tokio::spawn(async move {
                    for _ in 0..yields {
                        yield_now().await;
                    }
                    drop(beyond.put_opts(&to, payload, options).await);
                });
                Err(lost())
            }
        }
    }

    async fn get(&self, from: &Path, options: GetOptions) -> Result<GetResult> {
        if self.fate().await == Fate::Well { self.beyond.get_opts(from, options).await } else { Err(lost()) }
    }
}

// as the trait's own macro writes it
impl ObjectStore for Faulty {
    fn put_opts<'a, 'b, 'c>(&'a self, to: &'b Path, payload: PutPayload, options: PutOptions) -> BoxFuture<'c, Result<PutResult>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        Box::pin(self.put(to, payload, options))
    }

    fn put_multipart_opts<'a, 'b, 'c>(
        &'a self,
        to: &'b Path,
        options: PutMultipartOptions,
    ) -> BoxFuture<'c, Result<Box<dyn MultipartUpload>>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        self.beyond.put_multipart_opts(to, options)
    }

    fn get_opts<'a, 'b, 'c>(&'a self, from: &'b Path, options: GetOptions) -> BoxFuture<'c, Result<GetResult>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        Box::pin(self.get(from, options))
    }

    fn delete_stream(&self, keys: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let (way, again) = (self.clone(), self.beyond.clone());
        let one = move |key: Result<Path>| {
            let (way, beyond) = (way.clone(), again.clone());
            async move {
                let fate = way.fate().await;
                if matches!(fate, Fate::Before | Fate::Late) {
                    return Err(lost());
                }
                let removed = beyond.delete_stream(futures::stream::iter([key]).boxed()).next().await.unwrap_or_else(|| Err(lost()));
                if fate == Fate::Well { removed } else { removed.and_then(|_| Err(lost())) }
            }
        };
        keys.then(one).boxed()
    }

    fn list(&self, below: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let (way, below) = (self.clone(), below.cloned());
        let list = async move {
            match way.fate().await {
                Fate::Well => way.beyond.list(below.as_ref()),
                _ => futures::stream::iter([Err(lost())]).boxed(),
            }
        };
        futures::stream::once(list).flatten().boxed()
    }

    fn list_with_delimiter<'a, 'b, 'c>(&'a self, below: Option<&'b Path>) -> BoxFuture<'c, Result<ListResult>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        self.beyond.list_with_delimiter(below)
    }

    fn copy_opts<'a, 'b, 'd, 'c>(&'a self, from: &'b Path, to: &'d Path, options: CopyOptions) -> BoxFuture<'c, Result<()>>
    where
        'a: 'c,
        'b: 'c,
        'd: 'c,
        Self: 'c,
    {
        self.beyond.copy_opts(from, to, options)
    }
}
