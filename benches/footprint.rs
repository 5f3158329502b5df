//! What the engine costs as a process of its own: processor time, memory, and how long it is silent.

use std::time::Duration;

use crate::{
    child::{Took, iasql},
    ground::Ground,
    support,
    table::{Figure, median, time},
};

const RUNS: usize = 5;
const TERRAFORM: &str = "Terraform 25 s and 800 MB; the original IaSQL 3.8 s and 502 MB †";

/// `iasql check` with 200 groups, their rules and 200 buckets; `iasql plan`; `iasql --help`.
pub(crate) async fn figures(ground: &Ground) -> Vec<Figure> {
    let (metadata, mut user) = ground.registered(&["ec2", "s3"]).await;
    user.sql(include_str!("rows/things.sql")).await;
    user.sql(include_str!("rows/settings.sql")).await;
    let endpoint = support::endpoint().await;
    let name = user.database.name();
    let check = ["check", name, "--database-url", &metadata];
    let plan = ["plan", name, "--database-url", &metadata];
    let made = several(&check, endpoint, 1)[0];
    let quiet = several(&check, endpoint, RUNS);
    let planned = several(&plan, endpoint, RUNS);
    let help = several(&["--help"], endpoint, RUNS);
    let most = |runs: &[Took]| runs.iter().map(|took| took.memory).fold(0.0, f64::max);
    vec![
        figure("processor time of a check that changes nothing (200 groups, their rules, 200 buckets)", &cpu(&quiet), "≤ 1 s", TERRAFORM),
        figure("processor time of the check that makes them", &time(made.cpu), "", ""),
        figure("peak memory of the engine, a check that changes nothing", &format!("{:.0} MB", most(&quiet)), "≤ 60 MB", TERRAFORM),
        figure("peak memory of the engine, making them", &format!("{:.0} MB", made.memory), "≤ 60 MB", ""),
        figure(
            "until the first line of `iasql plan <db>`",
            &first_word(&planned),
            "≤ 100 ms",
            "Terraform: 11 s of processor time before its first call †",
        ),
        figure("until `iasql plan <db>` has answered", &time(median(planned.iter().map(|took| took.time).collect())), "", ""),
        figure("until the first line of `iasql --help`", &first_word(&help), "≤ 100 ms", ""),
    ]
}

fn figure(what: &str, measured: &str, goal: &'static str, beside: &str) -> Figure {
    Figure { what: what.to_owned(), measured: measured.to_owned(), goal, beside: beside.to_owned() }
}

fn several(words: &[&str], endpoint: &str, runs: usize) -> Vec<Took> {
    let took: Vec<Took> = (0..runs).map(|_| iasql(words, endpoint)).collect();
    took.iter().for_each(|took| assert_eq!(took.code, Some(0), "{words:?}"));
    took
}

fn cpu(runs: &[Took]) -> String {
    time(median(runs.iter().map(|took| took.cpu).collect::<Vec<Duration>>()))
}

fn first_word(runs: &[Took]) -> String {
    time(median(runs.iter().map(|took| took.first_word).collect::<Vec<Duration>>()))
}
