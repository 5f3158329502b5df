//! Images that Docker builds from their Dockerfiles, or is to pull.

use serde_json::{Value, json};

use super::Docker;
use crate::machines::Site;

async fn refused(site: &Site, image: &str) -> (u16, String) {
    site.refused(reqwest::Method::POST, "/apps/shop/machines", json!({ "config": { "image": image } })).await
}

#[tokio::test]
async fn a_dockerfile_is_built_once_and_again_when_it_is_another() {
    let Some(docker) = Docker::start().await else { return };
    let site = docker.site().await;
    let of = async |text: &str| {
        docker.image(
            "kit",
            &[
                ("Dockerfile", "FROM scratch\nCOPY busybox /bin/busybox\nCOPY words /\nCMD [\"/bin/busybox\", \"cat\", \"/words\"]\n"),
                ("words", text),
            ],
        );
        let config = json!({ "config": { "image": "registry.fly.io/kit:v1", "restart": { "policy": "no" } } });
        let made = site.post("/apps/shop/machines", config).await;
        let machine = site.found(made["id"].as_str().expect("an id"));
        machine.is("stopped").await;
        assert_eq!(machine.log().await, text);
        made["image_ref"].clone()
    };
    let first = of("one\n").await;
    assert_eq!((&first["registry"], &first["repository"], &first["tag"]), (&json!("registry.fly.io"), &json!("kit"), &json!("v1")));
    assert_eq!(first["digest"], of("one\n").await["digest"]);
    assert_ne!(first["digest"], of("two\n").await["digest"]);
    let tags = docker.get("/images/json").expect("a list");
    let tags = tags.as_array().expect("a list").iter().flat_map(|image| image["RepoTags"].as_array().cloned().unwrap_or_default());
    let ours: Vec<Value> = tags.filter(|tag| tag.as_str().is_some_and(|tag| tag.starts_with("iasql/kit:"))).collect();
    assert_eq!(ours.len(), 2, "{ours:?}");
    // what the engine has is used by its own name
    let tagged = site.post("/apps/shop/machines", json!({ "config": { "image": ours[0], "restart": { "policy": "no" } } })).await;
    site.found(tagged["id"].as_str().expect("an id")).is("stopped").await;
}

#[tokio::test]
async fn an_image_that_docker_cannot_make_is_refused_with_what_it_said() {
    let Some(docker) = Docker::start().await else { return };
    let site = docker.site().await;
    let cooking =
        "FROM scratch\nCOPY busybox /bin/busybox\nRUN [\"/bin/busybox\", \"sh\", \"-c\", \"echo no flour in the house >&2; exit 3\"]\n";
    docker.image("cake", &[("Dockerfile", cooking)]);
    let (status, said) = refused(&site, "cake").await;
    assert!(status == 422 && said.contains("no flour in the house") && said.contains("returned a non-zero code: 3"), "{status} {said}");
    docker.image("bread", &[("Dockerfile", "FROM scratch\nCOPY flour /\n")]);
    let (status, said) = refused(&site, "bread").await;
    assert!(status == 422 && said.contains("flour") && said.contains("could not be built from Dockerfile"), "{status} {said}");
    // no registry is there
    let (status, said) = refused(&site, "127.0.0.1:9/nothing:v1").await;
    assert!(status == 404 && said.contains("nothing/Dockerfile") && said.contains("could not pull it"), "{status} {said}");
    assert_eq!(site.get("/apps/shop/machines").await, json!([]));
    assert!(docker.containers().is_empty(), "no build has left one");
}
