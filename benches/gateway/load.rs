//! What stands between a client and its database: pgbench and COPY through the gateway, through PgBouncer, and straight to the socket.

use std::{
    io,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use super::{
    PASSWORD, authority, figure,
    place::Place,
    pool::{Pool, server},
};
use crate::table::{Figure, median};

/// Each is measured so often, in turns.
const ROUNDS: usize = 5;
/// How long pgbench runs each time, in seconds.
const SECONDS: &str = "5";
/// What is copied out, 200 MB each: what is there, and what the database works out, which it needs most of the time for.
const KEPT: &str = "copy kept to stdout";
const MADE: &str = "copy (select lpad(n::text, 99, 'x') from generate_series(1, 2000000) n) to stdout";
const COPIED: f64 = 200.0;

/// A way to the database, as libpq's environment says it.
struct Way {
    host: String,
    address: &'static str,
    port: u16,
    tls: &'static str,
}

pub(super) async fn figures(place: &Place) -> Vec<Figure> {
    let held = place.gateway.enter("busy").await.expect("a session");
    let pool = Pool::before(place).await;
    let by_tls = |port| Way { host: "busy.db.localhost".into(), address: "127.0.0.1", port, tls: "verify-full" };
    let ways = [by_tls(place.gateway.port), by_tls(pool.port), Way { host: server(place).0, address: "", port: 5432, tls: "disable" }];
    ways[2].bench(&["-i", "-q", "-s", "10"]);
    ways[2].says("create table kept as select repeat('x', 1999) as filler from generate_series(1, 100000)");
    let (mut one, mut eight) = ([const { Vec::new() }; 3], [const { Vec::new() }; 3]);
    let (mut kept, mut made) = ([const { Vec::new() }; 3], [const { Vec::new() }; 3]);
    for _ in 0..ROUNDS {
        for (n, way) in ways.iter().enumerate() {
            one[n].push(1e6 / way.queries("1"));
            eight[n].push(way.queries("8"));
            kept[n].push(COPIED / way.says(KEPT).as_secs_f64());
            made[n].push(COPIED / way.says(MADE).as_secs_f64());
        }
    }
    pool.stop();
    drop(held);
    let [one, eight, kept, made] = [one, eight, kept, made].map(|all| all.map(median));
    vec![
        figure(
            "added to a query (pgbench -S, one client, TLS): through the gateway",
            format!("{:.0} µs", one[0] - one[2]),
            "≤ 100 µs",
            &format!("{:.0} µs through PgBouncer; {:.0} µs straight to the socket, without TLS", one[1] - one[2], one[2]),
        ),
        beside("queries in a second (pgbench -S, 8 clients, TLS)", &eight, |value| format!("{value:.0}")),
        beside("COPY out of a table of 200 MB, TLS", &kept, |value| format!("{value:.0} MB/s")),
        beside("COPY out of 200 MB that the database works out, TLS", &made, |value| format!("{value:.0} MB/s")),
    ]
}

fn beside(what: &str, [gateway, bouncer, straight]: &[f64; 3], shown: impl Fn(f64) -> String) -> Figure {
    let measured = format!("{}: {:.2} times PgBouncer's", shown(*gateway), gateway / bouncer);
    let others = format!("PgBouncer {}; straight to the socket, without TLS, {}", shown(*bouncer), shown(*straight));
    figure(what, measured, "≥ PgBouncer's", &others)
}

impl Way {
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(iasql::local::tools().expect("PostgreSQL's programs").join(name));
        command.env_clear().env("PGPASSWORD", PASSWORD).env("PGHOST", &self.host).env("PGPORT", self.port.to_string());
        command.env("PGUSER", "app").env("PGDATABASE", "app").env("PGSSLMODE", self.tls).env("LC_ALL", "C.UTF-8");
        if !self.address.is_empty() {
            command.env("PGHOSTADDR", self.address).env("PGSSLROOTCERT", authority().certificate());
        }
        command
    }

    fn bench(&self, words: &[&str]) -> String {
        let said = self.program("pgbench").args(words).output().expect("pgbench runs");
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8_lossy(&said.stdout).into_owned()
    }

    /// Queries in a second, with so many clients.
    fn queries(&self, clients: &str) -> f64 {
        let said = self.bench(&["-n", "-S", "-M", "prepared", "-T", SECONDS, "-c", clients, "-j", "1"]);
        let line = said.lines().find_map(|line| line.strip_prefix("tps = ")).unwrap_or_else(|| panic!("{said}"));
        line.split(' ').next().and_then(|tps| tps.parse().ok()).unwrap_or_else(|| panic!("{said}"))
    }

    fn says(&self, statement: &str) -> Duration {
        let began = Instant::now();
        let mut psql = self.program("psql").args(["-XqAt", "-c", statement]).stdout(Stdio::piped()).spawn().expect("psql runs");
        io::copy(&mut psql.stdout.take().expect("its output"), &mut io::sink()).expect("all of it");
        assert!(psql.wait().expect("an end").success());
        began.elapsed()
    }
}
