//! Tells cargo which folders stand inside the binary, so that a new file in one of them is noticed.

fn main() {
    for folder in ["migrations", "modules", "sql-templates"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}
