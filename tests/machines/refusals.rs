//! What Fly refuses is refused, with a sentence that says what would be right.

use reqwest::Method;
use serde_json::{Value, json};

use super::Site;

#[tokio::test]
async fn a_machine_that_fly_would_not_make_is_not_made() {
    let site = Site::new().await;
    let refused = [
        (json!({}), 400, "config is missing"),
        (json!({ "config": {} }), 400, "config.image is missing"),
        (json!({ "config": { "image": "a b" } }), 400, "is no image"),
        (json!({ "config": { "image": "registry.fly.io/nothing:v1" } }), 404, "was not found"),
        (json!({ "config": { "image": "probe" }, "region": "moon" }), 400, "region \"moon\" is unknown"),
        (json!({ "config": { "image": "probe" }, "name": "a b" }), 400, "is none for a machine"),
        (json!({ "config": { "image": "probe", "guest": { "cpus": 3 } } }), 400, "guest.cpus"),
        (json!({ "config": { "image": "probe", "guest": { "memory_mb": 100 } } }), 400, "guest.memory_mb"),
        (json!({ "config": { "image": "probe", "guest": { "cpu_kind": "quantum" } } }), 400, "guest.cpu_kind"),
        (json!({ "config": { "image": "probe", "env": { "a": 1 } } }), 400, "config: "),
        (json!({ "config": { "image": "probe", "mounts": [{ "volume": "vol_no", "path": "/data" }] } }), 404, "volume not found"),
        (json!({ "config": { "image": "probe" }, "min_secrets_version": 1 }), 412, "min_secrets_version is 1"),
        (json!({ "config": { "image": "probe" }, "lease_ttl": -5 }), 400, "ttl is 1 to"),
        (json!({ "config": { "image": "probe" }, "skip_launch": "yes" }), 400, "the body: "),
    ];
    for (body, status, names) in refused {
        let (is, said) = site.refused(Method::POST, "/apps/shop/machines", body.clone()).await;
        assert!(is == status && said.contains(names), "{body}: {is} {said}");
    }
    assert_eq!(site.get("/apps/shop/machines?include_deleted=true").await, json!([]), "nothing is left of them");
}

#[tokio::test]
async fn what_is_not_there_is_404_and_what_can_not_be_is_said() {
    let site = Site::new().await;
    site.app("other").await;
    let machine = site.machine(&["rest"], json!({})).await;
    let id = &machine.id;
    for path in [
        "/apps/nothing".to_owned(),
        "/apps/nothing/machines".to_owned(),
        "/apps/shop/machines/00000000000000".to_owned(),
        format!("/apps/other/machines/{id}"),
        "/apps/shop/volumes/vol_nothing".to_owned(),
        "/apps/shop/secrets/NOTHING".to_owned(),
        "/nothing".to_owned(),
    ] {
        assert_eq!(site.refused(Method::GET, &path, Value::Null).await.0, 404, "{path}");
    }
    let (status, said) = site.refused(Method::POST, &machine.path("/signal"), json!({ "signal": "SIGSTOP" })).await;
    assert!(status == 400 && said.contains("SIGTERM"), "{said}");
    assert_eq!(site.refused(Method::POST, &machine.path("/stop"), json!({ "timeout": "soon" })).await.0, 400);
    assert_eq!(site.refused(Method::POST, &machine.path("/restart?timeout=soon"), Value::Null).await.0, 400);
    assert_eq!(site.refused(Method::PUT, &machine.path("/start"), Value::Null).await.0, 405);
    for name in ["", "Shop", "-shop", "a_b"] {
        let body = json!({ "app_name": name, "org_slug": "personal" });
        assert_eq!(site.refused(Method::POST, "/apps", body).await.0, 422, "{name}");
    }
    assert_eq!(site.refused(Method::POST, "/apps", json!({ "app_name": "new" })).await.0, 400);
    assert_eq!(site.refused(Method::GET, "/apps", Value::Null).await.0, 400);
}

#[tokio::test]
async fn a_machine_does_only_what_it_can_in_its_state() {
    let site = Site::new().await;
    let made = site.post("/apps/shop/machines", json!({ "config": { "image": "probe" }, "skip_launch": true })).await;
    let machine = site.found(made["id"].as_str().unwrap());
    let (status, said) = site.refused(Method::POST, &machine.path("/suspend"), Value::Null).await;
    assert!(status == 412 && said.contains("from current state: 'created'"), "{said}");
    let large = site.machine(&["rest"], json!({ "guest": { "cpus": 2, "memory_mb": 4096 } })).await;
    large.is("started").await;
    let (status, said) = site.refused(Method::POST, &large.path("/suspend"), Value::Null).await;
    assert!(status == 412 && said.contains("2048 MB"), "{said}");
    machine.destroy().await;
    for what in ["/start", "/suspend", "/lease"] {
        assert_eq!(site.refused(Method::POST, &machine.path(what), Value::Null).await.0, 412, "{what}");
    }
    assert_eq!(site.refused(Method::DELETE, &machine.path(""), Value::Null).await.0, 404);
}
