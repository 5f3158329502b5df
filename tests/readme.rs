//! What the README shows, done again: every console block of it, with the real binary and the real psql.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use crate::support;

const README: &str = include_str!("../README.md");

/// What somebody types at the shell or into psql, and what they see.
#[derive(Debug)]
pub(crate) struct Scene {
    command: String,
    /// What psql is told; the prompts are left out.
    pub(crate) typed: Vec<String>,
    /// All that is seen, with what is typed into psql in between.
    pub(crate) seen: Vec<String>,
}

/// The scenes of all blocks that begin with ```` ```console ````, in their order.
pub(crate) fn scenes(page: &str) -> Vec<Scene> {
    let blocks = page.split("\n```console\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    let mut scenes: Vec<Scene> = Vec::new();
    for line in blocks.flat_map(str::lines) {
        match (line.strip_prefix("$ "), scenes.last_mut()) {
            (Some(command), _) => scenes.push(Scene { command: command.into(), typed: vec![], seen: vec![] }),
            (None, Some(scene)) => {
                let typed = after_prompt(line);
                scene.typed.extend(typed.map(str::to_owned));
                scene.seen.push(typed.unwrap_or(line).to_owned());
            }
            (None, None) => panic!("a console block begins without a command: {line}"),
        }
    }
    scenes
}

/// `shop=> `, in a transaction `shop=*> `, on a line that goes on `shop-> `.
fn after_prompt(line: &str) -> Option<&str> {
    ["shop=> ", "shop=*> ", "shop-> ", "shop-*> "].iter().find_map(|prompt| line.strip_prefix(prompt))
}

/// What stays the same from run to run: no times, no ids of the cloud's making, notices in any order.
pub(crate) fn stable<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut stable: Vec<String> = lines.map(timeless).filter(|line| !line.is_empty()).collect();
    stable.chunk_by_mut(|a, b| a.starts_with("NOTICE:") && b.starts_with("NOTICE:")).for_each(<[String]>::sort);
    stable
}

fn timeless(line: &str) -> String {
    let words: Vec<&str> = line.trim_end().split(' ').collect();
    let is_unit = |word: Option<&&str>| word.is_some_and(|word| ["ms", "s"].contains(&word.trim_end_matches(')')));
    let is_id = |word: &str| word.split_once('-').is_some_and(|(_, id)| id.len() == 17 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    // the fingerprint of a plan covers ids that were made up by chance
    let is_print =
        |word: &str| word.strip_suffix('.').is_some_and(|word| word.len() == 16 && word.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let shown = words
        .iter()
        .copied()
        .enumerate()
        .map(|(at, word)| if is_unit(words.get(at + 1)) || is_id(word) || is_print(word) { "…" } else { word });
    shown.collect::<Vec<_>>().join(" ")
}

/// A running `iasql up` with the database that the README speaks of.
pub(crate) struct Here {
    up: Child,
    dir: PathBuf,
    settings: HashMap<&'static str, String>,
}

impl Here {
    /// `setup` makes the database `shop`.
    pub(crate) fn start(page: &str, setup: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("iasql-{page}-{}", std::process::id()));
        let mut command = Command::new(support::binary());
        command.args(["up", "--json", "--no-auth", "--listen", "127.0.0.1:0", "--dir"]).arg(&dir);
        let mut up = command.arg("--venv").arg(support::venv()).stdout(Stdio::piped()).spawn().expect("the binary runs");
        BufReader::new(up.stdout.take().expect("a pipe")).read_line(&mut String::new()).expect("it is ready");
        let mut here = Self { up, settings: settings(&dir), dir };
        let setup: Value = serde_json::from_str(&here.run(setup, "")).expect("one document");
        let place = [("PGHOST", "host"), ("PGPORT", "port")];
        here.settings.extend(place.map(|(name, part)| (name, setup["database"][part].to_string().trim_matches('"').to_owned())));
        here
    }

    /// What a command prints, with the notices where it is psql; the other commands tell the way there on standard error.
    pub(crate) fn run(&self, command: &str, typed: &str) -> String {
        let words = if command.starts_with("psql") { "psql --no-psqlrc --echo-all 2>&1" } else { command };
        let mut shell = Command::new("sh");
        shell.args(["-c", words]).env_clear().envs(&self.settings).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut shell = shell.spawn().expect("a shell");
        shell.stdin.take().expect("a pipe").write_all(typed.as_bytes()).expect("it listens");
        String::from_utf8(shell.wait_with_output().expect("an end").stdout).expect("text")
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        let pid = nix::unistd::Pid::from_raw(i32::try_from(self.up.id()).expect("a pid"));
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).expect("it runs");
        self.up.wait().expect("an end");
        std::fs::remove_dir_all(&self.dir).expect("its folder");
    }
}

/// What stands in the environment of somebody who follows the README.
fn settings(dir: &std::path::Path) -> HashMap<&'static str, String> {
    let (text, binary) = (|path: PathBuf| path.display().to_string(), support::binary());
    let path = format!("{}:/usr/bin:/bin", binary.parent().map(|dir| text(dir.into())).unwrap_or_default());
    let shop = || "shop".to_owned();
    let settings = [
        ("PATH", path),
        ("IASQL_DIR", text(dir.into())),
        ("PGPASSFILE", text(dir.join("pgpass"))),
        ("PGUSER", shop()),
        ("PGDATABASE", shop()),
    ];
    settings.into()
}

impl Here {
    /// Does again what a page shows; answers what is seen where that is something else.
    pub(crate) fn differences(self, page: &str) -> Vec<String> {
        let scenes = scenes(page);
        assert!(scenes.iter().any(|scene| !scene.typed.is_empty()), "it shows psql");
        let differs = |scene: Scene| {
            let typed = scene.typed.iter().map(|line| format!("{line}\n")).collect::<String>();
            let is = self.run(&scene.command, &typed);
            let is_same = stable(is.lines()) == stable(scene.seen.iter().map(String::as_str));
            (!is_same).then(|| format!("$ {}\n{is}", scene.command))
        };
        scenes.into_iter().filter_map(differs).collect()
    }
}

#[test]
fn what_the_readme_shows_is_what_happens() {
    let here = Here::start("readme", "iasql setup shop --json");
    let differences = here.differences(README);
    assert!(differences.is_empty(), "the README shows something else than:\n{}", differences.join("\n"));
}

#[test]
fn every_page_that_a_page_links_to_is_there() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let docs = std::fs::read_dir(root.join("docs")).expect("docs/").map(|page| page.expect("a page").path());
    for page in
        docs.chain(["README.md", "CHANGELOG.md"].map(|page| root.join(page))).filter(|page| page.extension().is_some_and(|end| end == "md"))
    {
        let text = std::fs::read_to_string(&page).expect("text");
        let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        for link in links.filter(|link| !link.is_empty() && !link.contains("://")) {
            assert!(page.parent().expect("a folder").join(link).exists(), "{} links to {link}", page.display());
        }
    }
}

#[test]
fn a_scene_is_a_command_with_what_is_typed_and_seen() {
    let found = scenes("x\n\n```console\n$ psql shop\nshop=> select 1\nshop-> ;\n 1 ms\n$ ls\na\n```\n");
    assert_eq!((found[0].typed.join("|"), found[0].seen.join("|")), ("select 1|;".into(), "select 1|;| 1 ms".into()));
    assert_eq!((&found[1].command[..], &found[1].seen[..]), ("ls", &["a".to_owned()][..]));
    assert_eq!(
        stable([" in 12 ms vpc-fc2c9f9b3f1ecff5a ", "", "NOTICE: b", "NOTICE: a"].into_iter()),
        [" in … ms …", "NOTICE: a", "NOTICE: b"]
    );
}
