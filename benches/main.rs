//! The figures in the README, in one command: a Markdown table on standard output.

mod apply;
mod canned;
mod child;
mod empty_cloud;
mod fleet;
mod footprint;
mod gateway;
mod ground;
mod plan;
mod pooler;
mod quiet;
mod rollout;
mod slow;
#[expect(dead_code, unused_imports, reason = "the tests use more of it")]
#[path = "../tests/support/mod.rs"]
mod support;
mod table;

use ground::Ground;
use table::{Figure, HEAD, machine};

#[tokio::main]
async fn main() {
    // a word names the figures that one wants; `cargo test --all-targets` says neither `--bench` nor a word, and wants none
    let (flags, words): (Vec<_>, Vec<_>) = std::env::args().skip(1).partition(|word| word.starts_with("--"));
    if flags.is_empty() && words.is_empty() {
        return;
    }
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| word == name);
    println!("{}\n\n{HEAD}", machine());
    let ground = Ground::start().await;
    if wanted("plan") {
        tell(plan::figures(&ground).await);
    }
    if wanted("quiet") {
        tell(quiet::figures(&ground).await);
    }
    if wanted("apply") {
        tell(apply::figures(&ground).await);
    }
    if wanted("slow") {
        tell(slow::figures(&ground).await);
    }
    if wanted("footprint") {
        tell(footprint::figures(&ground).await);
    }
    if wanted("rollout") {
        tell(rollout::figures().await);
    }
    if wanted("fleet") {
        tell(fleet::figures().await);
    }
    // it wants PgBouncer, which is installed for nothing else; a word behind it names one of its parts
    if words.first().is_some_and(|word| word == "gateway") {
        gateway::figures(&ground, |part| words.len() == 1 || words.iter().any(|word| word == part), tell).await;
    }
    // so does this
    if words.first().is_some_and(|word| word == "pooler") {
        tell(pooler::figures().await);
    }
    ground.stop().await;
    println!("\n{}", machine());
}

fn tell(figures: Vec<Figure>) {
    figures.iter().for_each(|figure| println!("{figure}"));
}
