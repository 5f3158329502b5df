//! What a `.dockerignore` leaves out (docs.docker.com/build/concepts/context). Of patterns it knows `*`, `?`, `**` and `!`.

use std::path::Path;

/// The patterns, in their order: the last one that fits says what is so.
pub(super) struct Ignored(Vec<Pattern>);

struct Pattern {
    parts: Vec<String>,
    is_back: bool,
}

impl Ignored {
    pub(super) fn read(text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let pattern = |line: &str| {
            let (is_back, path) = line.strip_prefix('!').map_or((false, line), |path| (true, path));
            let parts = path.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect();
            Pattern { parts, is_back }
        };
        Self(lines.map(pattern).collect())
    }

    /// Whether a file is left out.
    pub(super) fn has(&self, path: &Path) -> bool {
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        // what is left out is so with all that is below it
        let fits = |pattern: &&Pattern| (1..=parts.len()).any(|length| fits(&pattern.parts, &parts[..length]));
        self.0.iter().rev().find(fits).is_some_and(|pattern| !pattern.is_back)
    }

    /// Whether a path is left out with whatever is below it.
    pub(super) fn is_whole(&self, path: &Path) -> bool {
        self.has(path) && !self.0.iter().any(|pattern| pattern.is_back)
    }
}

fn fits(pattern: &[String], path: &[String]) -> bool {
    match pattern.split_first() {
        None => path.is_empty(),
        Some((part, rest)) if part == "**" => (0..=path.len()).any(|skipped| fits(rest, &path[skipped..])),
        Some((part, rest)) => {
            path.split_first().is_some_and(|(name, below)| is_like(part.as_bytes(), name.as_bytes()) && fits(rest, below))
        }
    }
}

fn is_like(pattern: &[u8], name: &[u8]) -> bool {
    match pattern.split_first() {
        None => name.is_empty(),
        Some((b'*', rest)) => (0..=name.len()).any(|skipped| is_like(rest, &name[skipped..])),
        Some((sign, rest)) => name.split_first().is_some_and(|(first, below)| (*sign == b'?' || sign == first) && is_like(rest, below)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_pattern_that_fits_says_whether_a_file_is_left_out() {
        let ignored = Ignored::read("# not these\n/target\n*.md\n!README.md\n**/node_modules\na/?.log\n");
        for out in ["target/debug/x", "a.md", "a/b/node_modules/c", "node_modules/c", "a/b.log"] {
            assert!(ignored.has(Path::new(out)), "{out}");
        }
        for kept in ["README.md", "src/target.rs", "docs/a.md", "a/bb.log"] {
            assert!(!ignored.has(Path::new(kept)), "{kept}");
        }
        assert!(Ignored::read("target").is_whole(Path::new("target")) && !ignored.is_whole(Path::new("target")));
        assert!(!Ignored::read("").has(Path::new("x")));
    }
}
