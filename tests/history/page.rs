//! The page about the history: every session on it is typed again.

use tokio::{io::AsyncWriteExt, process::Command};

use crate::{
    control::url_of,
    engine::World,
    readme::{scenes, stable},
};

const PAGE: &str = include_str!("../../docs/history.md");

#[tokio::test]
async fn what_the_page_about_the_history_shows_is_what_happens() {
    let world = World::with(&["ec2"]).await;
    let url = url_of(world.database.name()).await;
    let scenes = scenes(PAGE);
    assert_eq!(scenes.len(), 3);
    for scene in scenes {
        let psql = format!("psql --no-psqlrc --echo-all '{url}' 2>&1");
        let mut shell = Command::new("sh");
        shell.args(["-c", &psql]).env("PGOPTIONS", format!("-c role={}", world.database.name()));
        let mut shell = shell.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().unwrap();
        let typed: String = scene.typed.iter().map(|line| format!("{line}\n")).collect();
        shell.stdin.take().unwrap().write_all(typed.as_bytes()).await.unwrap();
        let is = String::from_utf8(shell.wait_with_output().await.unwrap().stdout).unwrap();
        assert_eq!(stable(is.lines()), stable(scene.seen.iter().map(String::as_str)), "the page shows something else than:\n{is}");
    }
}
