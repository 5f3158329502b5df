//! The schema library, on a directory that is not ours: a work queue with three services and four versions.

mod access;
mod client;
mod drift;
mod in_the_way;
mod laid;
mod online;
mod promises;
#[expect(unreachable_pub, dead_code, reason = "as it is written for a crate of somebody's own, which calls what it likes")]
mod queue;
#[expect(unreachable_pub, dead_code, reason = "the same, as a program has it that was built when there was one version")]
mod queue_at_1;
mod replica;
mod standby;
mod walk;
