//! A pipe between ends that a test holds in its hands.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    time::timeout,
};

use super::{super::refusal::framed, *};

const PATIENCE: Duration = Duration::from_secs(20);

async fn within<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("in time")
}

/// The client's end, the database's end, and a task that runs the pipe between them.
fn laid() -> (UnixStream, UnixStream, tokio::task::JoinHandle<io::Result<End>>) {
    let ((client, mut ours), (database, mut theirs)) = (UnixStream::pair().unwrap(), UnixStream::pair().unwrap());
    (client, database, tokio::spawn(async move { Pipe::new(&mut ours, &mut theirs).run().await }))
}

#[tokio::test]
async fn much_goes_both_ways_at_once_and_arrives_as_it_was() {
    const MUCH: usize = 8 << 20;
    let (client, database, pipe) = laid();
    let sent: Vec<u8> = (0..MUCH).map(|at| u8::try_from(at % 251).unwrap()).collect();
    let both = [client, database].map(|end| {
        let sent = sent.clone();
        tokio::spawn(async move {
            let (mut from, mut to) = end.into_split();
            let writing = tokio::spawn(async move { (to.write_all(&sent).await.unwrap(), to.shutdown().await.unwrap()) });
            let mut got = vec![];
            from.read_to_end(&mut got).await.unwrap();
            writing.await.unwrap();
            got
        })
    });
    for end in both {
        assert!(within(end).await.unwrap() == sent);
    }
    assert_eq!(within(pipe).await.unwrap().unwrap(), End::Over);
}

#[tokio::test]
async fn a_client_that_ends_its_half_still_hears_the_answer() {
    let (mut client, mut database, pipe) = laid();
    client.write_all(&framed(b'X', b"")).await.unwrap();
    client.shutdown().await.unwrap();
    let mut got = vec![];
    within(database.read_to_end(&mut got)).await.unwrap();
    database.write_all(b"late").await.unwrap();
    drop(database);
    let mut heard = vec![];
    within(client.read_to_end(&mut heard)).await.unwrap();
    assert_eq!((got, &heard[..]), (framed(b'X', b""), &b"late"[..]));
    assert_eq!(within(pipe).await.unwrap().unwrap(), End::Over);
}

#[tokio::test]
async fn the_last_words_of_a_database_arrive_though_the_client_still_speaks() {
    let (mut client, mut database, pipe) = laid();
    database.write_all(&framed(b'E', b"SFATAL\0\0")).await.unwrap();
    drop(database);
    drop(client.write_all(&framed(b'Q', b"select 1\0")).await);
    let mut heard = vec![];
    within(client.read_to_end(&mut heard)).await.unwrap();
    assert_eq!(heard, framed(b'E', b"SFATAL\0\0"));
    within(pipe).await.unwrap().unwrap();
}

/// A line that is full, and can't be shut before it is not.
#[derive(Default)]
struct Full {
    shut: bool,
    asked: usize,
}

impl AsyncRead for Full {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.shut { Poll::Ready(Ok(())) } else { Poll::Pending }
    }
}

impl AsyncWrite for Full {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Pending
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.asked += 1;
        if self.asked < 3 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.shut = true;
        cx.waker().wake_by_ref();
        Poll::Ready(Ok(()))
    }
}

/// A line that is broken.
struct Broken;

impl AsyncRead for Broken {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
    }
}

impl AsyncWrite for Broken {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn what_a_database_says_when_its_lease_is_over_is_heard_by_nobody() {
    let ((mut client, mut ours), (mut database, mut theirs)) = (UnixStream::pair().unwrap(), UnixStream::pair().unwrap());
    let ahead = Arc::new(AtomicU64::new(0));
    let clock = {
        let ahead = Arc::clone(&ahead);
        move || Instant::now() + Duration::from_secs(ahead.load(Ordering::SeqCst))
    };
    let lasting = Lasting::new(clock() + PATIENCE * 2, Arc::new(clock));
    let renewed = lasting.clone();
    let pipe = tokio::spawn(async move { Pipe::new(&mut ours, &mut theirs).while_it_lasts(Some(lasting)).run().await });
    let done = framed(b'C', b"COMMIT\0");
    database.write_all(&done).await.unwrap();
    let mut heard = vec![0; done.len()];
    within(client.read_exact(&mut heard)).await.unwrap();
    ahead.store(60, Ordering::SeqCst);
    renewed.renewed(Instant::now() + Duration::from_secs(120));
    database.write_all(&done).await.unwrap();
    within(client.read_exact(&mut heard)).await.unwrap();
    ahead.store(180, Ordering::SeqCst);
    database.write_all(&done).await.unwrap();
    let mut rest = vec![];
    within(client.read_to_end(&mut rest)).await.unwrap();
    assert_eq!(rest, b"");
    assert_eq!(within(pipe).await.unwrap().unwrap(), End::Lost);
}

#[tokio::test]
async fn a_client_whose_line_breaks_is_told_of_where_the_line_on_was_full() {
    let (mut client, mut database) = (Broken, Full::default());
    assert_eq!(within(Pipe::new(&mut client, &mut database).run()).await.unwrap(), End::Over);
    assert!(database.shut);
}

#[tokio::test]
async fn a_session_that_is_to_end_does_so_between_two_transactions() {
    let ((mut client, mut ours), (mut database, mut theirs)) = (UnixStream::pair().unwrap(), UnixStream::pair().unwrap());
    client.write_all(&framed(b'Q', b"begin\0")).await.unwrap();
    let pipe = tokio::spawn(async move {
        let mut pipe = Pipe::new(&mut ours, &mut theirs);
        assert!(timeout(Duration::from_millis(1), pipe.run()).await.is_err());
        (pipe.run_until_idle().await, pipe.may_be_told())
    });
    let mut asked = vec![0; framed(b'Q', b"begin\0").len()];
    within(database.read_exact(&mut asked)).await.unwrap();
    database.write_all(&framed(b'Z', b"T")).await.unwrap();
    let mut heard = [0; 6];
    within(client.read_exact(&mut heard)).await.unwrap();
    assert!(!pipe.is_finished());
    client.write_all(&framed(b'Q', b"commit\0")).await.unwrap();
    within(database.read_exact(&mut asked)).await.unwrap();
    database.write_all(&framed(b'Z', b"I")).await.unwrap();
    let (end, may_be_told) = within(pipe).await.unwrap();
    assert_eq!((end.unwrap(), may_be_told), (End::Idle, true));
}
