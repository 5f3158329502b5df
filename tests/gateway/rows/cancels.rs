//! Requests to cancel that come to another gateway than their session did: each is led to the one that made its key, and a flood is not.

use std::{
    cell::Cell,
    future::pending,
    process::Stdio,
    time::{Duration, Instant},
};

use iasql::gateway::startup::{CancelKey, Hello, encode};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    process::Command,
    task::JoinSet,
    time::interval,
};

use super::{
    Gateway,
    elsewhere::{HOST, Two},
    place_at,
};
use crate::{
    crash::until,
    gateway::{
        client::{clear, rest},
        within,
    },
};

#[tokio::test]
async fn a_request_to_cancel_that_comes_to_another_gateway_finds_its_session() {
    let two = Two::open().await;
    // who has the database by then is the first gateway
    let mut inside = two.talk(&two.one);
    let asleep =
        "select count(*) from pg_stat_activity where query like 'select pg_sleep%' and state = 'active' and pid <> pg_backend_pid();";
    // a session that came to the first; and one that came to the other, and was led to the first from there
    for (session, request) in [(&two.one, &two.other), (&two.other, &two.one)] {
        let balancer = Balancer::open(session, request).await;
        let mut psql = Command::new("psql");
        psql.args([
            "-XAtq",
            "-v",
            "VERBOSITY=sqlstate",
            "-c",
            "select pg_sleep(600)",
            "-d",
            &place_at(balancer.port, HOST, &two.authority),
        ]);
        let psql = psql.env("PGPASSWORD", "correct horse").stderr(Stdio::piped()).kill_on_drop(true).spawn().expect("psql runs");
        let process = Pid::from_raw(psql.id().and_then(|pid| pid.try_into().ok()).expect("it runs"));
        while inside.ask(asleep).await.as_deref() != Some("1") {}
        // again and again: a gateway hears within some seconds of one that is new
        let (mut ticks, mut end, begin) = (interval(Duration::from_millis(100)), Box::pin(psql.wait_with_output()), Instant::now());
        let ended = async {
            loop {
                tokio::select! {
                    biased;
                    output = &mut end => break output,
                    _ = ticks.tick() => kill(process, Signal::SIGINT).expect("a signal"),
                }
            }
        };
        let said = String::from_utf8_lossy(&within(ended).await.expect("an end").stderr).into_owned();
        println!("cancelled by way of another gateway after {} ms", begin.elapsed().as_millis());
        assert!(said.trim().ends_with("ERROR:  57014"), "{said}");
    }
    assert_eq!((two.one.servers(), two.other.servers()), (1, 0), "nothing was woken by it");
    drop(inside);
    two.close().await;
}

#[tokio::test]
async fn a_flood_of_requests_that_fit_nobody_comes_to_the_other_gateway_in_drops() {
    let two = Two::open().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    // a third one, that only counts who comes
    let number = two
        .site
        .registry(&format!("select control.served_gateway_beat('a third', '{address}', false, null, gen_random_uuid())::text"))
        .await;
    let number: u32 = number[0].parse().expect("a number");
    let (came, sent) = (Cell::new(0_u32), 400);
    let count = async {
        loop {
            let (mut stream, _) = listener.accept().await.expect("a line");
            let mut packet = vec![];
            drop(within(stream.read_buf(&mut packet)).await);
            assert!(packet.len() == 12 + 48, "what is led on is no key: {packet:?}");
            came.set(came.get() + 1);
        }
    };
    let flood = async {
        // as soon as the other one has heard of the third
        until("it is asked", || async { (send(two.other.port, number, 1).await, (came.get() > 0).then_some(())).1 }).await;
        let (begin, before) = (Instant::now(), came.get());
        for secret in 0..sent {
            send(two.other.port, number, secret).await;
        }
        let allowed = 20 + u32::try_from(begin.elapsed().as_millis() / 200).expect("a number") + 1;
        let led = came.get() - before;
        println!("{led} of {sent} were led on in {} ms", begin.elapsed().as_millis());
        assert!(led <= allowed, "{led} of {sent} were led on, and {allowed} might have been");
        // one that says it was led on already is not led on
        let before = came.get();
        send_packet(two.other.port, CancelKey { process: number << 21 | 7, secret: vec![7; 48] }).await;
        assert_eq!(came.get(), before);
    };
    tokio::select! {
        () = flood => {}
        () = count => pending().await,
    }
    assert_eq!((two.one.servers(), two.other.servers()), (0, 0));
    two.close().await;
}

async fn send(port: u64, number: u32, secret: u32) {
    send_packet(port, CancelKey { process: number << 21 | 7, secret: secret.to_be_bytes().to_vec() }).await;
}

/// Until the line is closed without a word.
async fn send_packet(port: u64, key: CancelKey) {
    let mut line: TcpStream = clear(port.try_into().expect("a port")).await;
    line.write_all(&encode(&Hello::Cancel(key))).await.expect("a line");
    assert_eq!(rest(&mut line).await, b"");
}

/// Leads the first that comes to one gateway, and all who come later to another.
struct Balancer {
    port: u64,
    _task: JoinSet<()>,
}

impl Balancer {
    async fn open(first: &Gateway, others: &Gateway) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let (port, mut task) = (listener.local_addr().expect("an address").port().into(), JoinSet::new());
        let ports = [first.port, others.port].map(|port| u16::try_from(port).expect("a port"));
        task.spawn(async move {
            let mut lines = JoinSet::new();
            for number in 0.. {
                let (mut client, _) = listener.accept().await.expect("a line");
                let mut gateway = clear(ports[1.min(number)]).await;
                lines.spawn(async move { copy_bidirectional(&mut client, &mut gateway).await.map(drop) });
            }
        });
        Self { port, _task: task }
    }
}
