//! The figures in the README, in one command.

fn main() {}
