//! Images that have something to build.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use serde_json::json;

use super::Site;
use crate::crash::until;

/// A folder of images, gone with this.
struct Images(PathBuf);

impl Images {
    fn new() -> Self {
        Self(PathBuf::from(format!("/tmp/iasql-i-{}", uuid::Uuid::new_v4().simple().to_string().split_at(12).0)))
    }

    fn write(&self, image: &str, program: &str, text: &str) {
        let path = self.0.join(image).join(program);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, format!("#!/bin/sh\nset -eu\n{text}\n")).expect("a program");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a program");
    }

    async fn site(&self) -> Site {
        let site = Site::open(&["--images", self.0.to_str().expect("a text")]);
        site.app("shop").await;
        site
    }
}

impl Drop for Images {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn of(image: &str) -> serde_json::Value {
    json!({ "config": { "image": image, "restart": { "policy": "no" } } })
}

#[tokio::test]
async fn an_image_is_built_once_and_not_as_root_and_its_machines_find_what_was_made() {
    let images = Images::new();
    images.write("kit", "build", "echo \"user $(id -u)\" > \"$1/user\"; echo \"number $(od -An -N8 -tx1 /dev/urandom)\" > \"$1/number\"");
    images.write(
        "kit",
        "entrypoint",
        "built=$(dirname \"$0\")/built; cat \"$built/number\" \"$built/user\"; echo 2>/dev/null > \"$built/number\" || echo closed",
    );
    let site = images.site().await;
    let mut said = Vec::new();
    for _ in 0..2 {
        let machine = site.post("/apps/shop/machines", of("kit")).await;
        let path = format!("/apps/shop/machines/{}", machine["id"].as_str().expect("an id"));
        let stopped = || async { (site.get(&path).await["state"] == "stopped").then_some(()) };
        until("its end", stopped).await;
        said.push(site.text(&format!("{path}/logs")).await);
    }
    let after = |log: &str, word: &str| log.split_once(word).map(|(_, rest)| rest.lines().next().unwrap_or_default().trim().to_owned());
    let numbers: Vec<_> = said.iter().map(|log| after(log, "number ").expect("a number")).collect();
    assert!(numbers[0].len() == 23 && numbers[0] == numbers[1], "{said:?}");
    let (ours, user) = (nix::unistd::geteuid(), after(&said[0], "user ").expect("a user"));
    assert_eq!(
        (user == ours.to_string(), said[0].contains("closed")),
        if ours.is_root() { (false, true) } else { (true, false) },
        "{said:?}"
    );
}

#[tokio::test]
async fn an_image_that_cannot_be_built_is_refused_with_what_its_program_said() {
    let images = Images::new();
    images.write("kit", "build", "echo 'no flour in the house' >&2; exit 3");
    images.write("kit", "entrypoint", "sleep 600");
    let site = images.site().await;
    let (status, said) = site.call(reqwest::Method::POST, "/apps/shop/machines", of("kit")).await;
    assert!(status == 422 && said.to_string().contains("no flour in the house"), "{status} {said}");
    assert_eq!(site.get("/apps/shop/machines").await, json!([]));
}
