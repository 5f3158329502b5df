//! The project's own files, as git would list them, without asking git.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// One file.
pub(crate) struct Source {
    /// From the project's folder on: `src/lib.rs`.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// All files below `folder` whose name ends with one of `ends`, in alphabetical order.
pub(crate) fn sources(folder: &str, ends: &[&str]) -> Vec<Source> {
    let mut paths = vec![];
    walk(&root().join(folder), &mut paths);
    paths.sort();
    let ours = paths.into_iter().filter(|path| ends.iter().any(|end| path.to_string_lossy().ends_with(end)));
    ours.map(|path| Source { text: fs::read_to_string(&path).unwrap_or_default(), path: below_root(&path) }).collect()
}

fn root() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

fn below_root(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().into_owned()
}

fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
    const NOT_OURS: [&str; 5] = ["target", ".git", ".iasql", "node_modules", "__pycache__"];
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if NOT_OURS.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        if path.is_dir() { walk(&path, into) } else { into.push(path) }
    }
}
