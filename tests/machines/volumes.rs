//! Volumes: folders with a size, of one machine at a time.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Site, asked};

#[tokio::test]
async fn what_is_on_a_volume_outlives_the_machine_that_wrote_it() {
    let site = Site::new().await;
    let volume = site.volume("data").await;
    let mounts = json!({ "mounts": [{ "volume": volume, "path": "/data" }] });
    let machine = site.machine(&["count"], mounts.clone()).await;
    machine.says("1\n").await;
    let shown = site.get(&format!("/apps/shop/volumes/{volume}")).await;
    assert_eq!((&shown["attached_machine_id"], &shown["size_gb"]), (&json!(machine.id), &json!(1)));
    let new = json!({ "config": { "image": "probe", "mounts": mounts["mounts"] } });
    let (status, said) = site.refused(Method::POST, "/apps/shop/machines", new).await;
    assert!(status == 412 && said.contains("attached to machine"), "{said}");
    let (status, said) = site.refused(Method::DELETE, &format!("/apps/shop/volumes/{volume}"), Value::Null).await;
    assert!(status == 412 && said.contains("attached to machine"), "{said}");
    machine.destroy().await;
    machine.is("destroyed").await;
    assert_eq!(site.get(&format!("/apps/shop/volumes/{volume}")).await["attached_machine_id"], Value::Null);
    let another = site.machine(&["count"], mounts).await;
    another.says("2\n").await;
    another.destroy().await;
    another.is("destroyed").await;
    assert_eq!(site.good(Method::DELETE, &format!("/apps/shop/volumes/{volume}"), Value::Null).await["state"], "destroyed");
    assert_eq!(site.get("/apps/shop/volumes").await, json!([]));
}

#[tokio::test]
async fn a_volume_only_grows_and_goes_on_as_it_was_after_a_restart() {
    let mut site = Site::new().await;
    let volume = site.volume("data").await;
    let path = format!("/apps/shop/volumes/{volume}");
    let extended = site.good(Method::PUT, &format!("{path}/extend"), json!({ "size_gb": 3 })).await;
    assert_eq!((&extended["volume"]["size_gb"], &extended["needs_restart"]), (&json!(3), &json!(false)));
    for (size, names) in [(2, "only grows"), (0, "size_gb is 1 to 500"), (501, "size_gb is 1 to 500")] {
        let (status, said) = site.refused(Method::PUT, &format!("{path}/extend"), json!({ "size_gb": size })).await;
        assert!(status == 400 && said.contains(names), "{said}");
    }
    site.post(&path, json!({ "snapshot_retention": 9 })).await;
    let before = site.get(&path).await;
    site.kill_and_start();
    assert_eq!(site.get(&path).await, before);
    for (body, names) in [
        (json!({ "name": "Data" }), "is none for a volume"),
        (json!({ "name": "data", "size_gb": 0 }), "size_gb"),
        (json!({ "name": "data", "region": "moon" }), "region"),
        (json!({ "name": "data", "snapshot_retention": 0 }), "snapshot_retention"),
    ] {
        let (status, said) = site.refused(Method::POST, "/apps/shop/volumes", body).await;
        assert!(status == 400 && said.contains(names), "{said}");
    }
}

#[tokio::test]
async fn a_volume_is_of_one_app_in_one_region() {
    let site = Site::new().await;
    site.app("other").await;
    let far = site.post("/apps/shop/volumes", json!({ "name": "data", "region": "ams" })).await["id"].clone();
    let mounted = |volume: &Value| json!({ "config": { "image": "probe", "mounts": [{ "volume": volume, "path": "/data" }] } });
    let (status, said) = site.refused(Method::POST, "/apps/shop/machines", mounted(&far)).await;
    assert!(status == 400 && said.contains("in one region"), "{said}");
    let near = site.volume("data").await;
    assert_eq!(site.refused(Method::POST, "/apps/other/machines", mounted(&near.into())).await.0, 404);
}

#[tokio::test]
async fn a_machine_does_not_start_on_a_volume_that_is_too_full_until_it_is_extended() {
    let site = Site::new().await;
    let volume = site.volume("data").await;
    let (path, folder) = (format!("/apps/shop/volumes/{volume}"), site.home.join("volumes").join(&volume).join("data"));
    let filler = std::fs::File::create(folder.join("filler")).expect("a file");
    nix::fcntl::fallocate(&filler, nix::fcntl::FallocateFlags::empty(), 0, (1 << 30) + (1 << 20)).expect("room on this disk");
    assert!(site.get(&path).await["bytes_used"].as_u64() > Some(1 << 30));
    let machine = site.machine(&["rest"], json!({ "mounts": [{ "volume": volume, "path": "/data" }] })).await;
    asked(async || machine.state().await == "failed").await;
    let why = machine.event("launch").await["request"]["error"].clone();
    assert!(why.as_str().is_some_and(|said| said.contains("is full") && said.contains("extend it")), "{why}");
    site.good(Method::PUT, &format!("{path}/extend"), json!({ "size_gb": 2 })).await;
    machine.post("/start").await;
    machine.is("started").await;
}
