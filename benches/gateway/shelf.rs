//! The way into the bucket and back: how long a database takes to be put away, and to come up on another node.

use std::{
    fs,
    time::{Duration, Instant},
};

use tokio::time::sleep;

use super::{PATIENCE, figure, place::Place};
use crate::table::{Figure, median, time};

/// How many databases go from one gateway to another.
const MOVERS: usize = 20;

pub(super) async fn figures(place: &mut Place) -> Vec<Figure> {
    // it has no bucket, and those that have one are refused beside it
    place.gateway.stop();
    let bucket = place.folder.join("bucket");
    fs::create_dir_all(&bucket).expect("a folder");
    let url = format!("file://{}", bucket.display());
    let (mut from, mut to) = (place.another("b", &url), place.another("c", &url));
    // the templates of both are made, and shared
    for (gateway, name) in [(&from, "sleeper0"), (&to, "sleeper1")] {
        drop(gateway.enter(name).await.expect("a session"));
    }
    until(|| from.databases() + to.databases() == 0).await;
    let (mut paused, mut back) = (Vec::new(), Vec::new());
    for n in 1..=MOVERS {
        let name = format!("mover{n}");
        let mut client = from.enter(&name).await.expect("a session");
        client.ask("create table t as select n, md5(n::text) as m from generate_series(1, 1000) n").await;
        let began = Instant::now();
        drop(client);
        // its files go when the version is written
        until(|| from.databases() == 0).await;
        paused.push(began.elapsed());
        let began = Instant::now();
        to.enter(&name).await.expect("a session").ask("select count(*) from t").await;
        back.push(began.elapsed());
        until(|| to.databases() == 0).await;
    }
    from.stop();
    to.stop();
    let how = format!("{MOVERS} databases with a table of 1,000 rows; the bucket is a folder");
    vec![
        figure(
            "from the last session's end until it is in the bucket and off the disk, idle time 0",
            time(median(paused)),
            "≤ 150 ms plus two objects",
            &how,
        ),
        figure("connect → fetch → wake → first row on another node", time(median(back)), "≤ 120 ms plus the object's time", &how),
    ]
}

async fn until(so: impl Fn() -> bool) {
    let began = Instant::now();
    while !so() {
        assert!(began.elapsed() < PATIENCE, "it never came to be");
        sleep(Duration::from_millis(1)).await;
    }
}
