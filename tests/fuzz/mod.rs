//! What comes from outside, made by chance: whatever it is, it is understood as its manual says or refused, and nothing breaks.
//!
//! `make fuzz` tries each of these many more times.

mod cron;
mod dns;
mod http;
mod marks;
mod policies;
mod pooled;
mod schema_files;
mod startup;
mod tarballs;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Tries `cases` of them, or as many as `PROPTEST_CASES` says; always the same ones, unless `IASQL_SEED` names others.
fn runner(cases: u32) -> TestRunner {
    let number = |name| std::env::var(name).ok().and_then(|number| number.parse::<u64>().ok());
    let cases = number("PROPTEST_CASES").and_then(|cases| cases.try_into().ok()).unwrap_or(cases);
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number("IASQL_SEED").unwrap_or(4).to_le_bytes());
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 2000, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
}
