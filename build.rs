//! Tells cargo which folders stand inside the binary, so that a new file in one of them is noticed, and how the binary is linked.

use std::env;

fn main() {
    for folder in ["migrations", "modules", "sql-templates"] {
        println!("cargo:rerun-if-changed={folder}");
    }
    // a program that can lie anywhere has 290,000 addresses to set right at each start, and keeps what they stand in for itself: 4 MB of each process
    if env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo:rustc-link-arg-bin=iasql=-no-pie");
    }
}
