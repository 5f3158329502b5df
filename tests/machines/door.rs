//! Who may come in, how often, and where the door may stand.

use std::process::Command;

use reqwest::Method;
use serde_json::Value;

use super::{Site, TOKEN};
use crate::support;

#[tokio::test]
async fn who_brings_no_token_is_not_let_in() {
    let site = Site::new().await;
    for said in [None, Some("Bearer wrong".to_owned()), Some(TOKEN.to_owned()), Some(format!("Bearer {TOKEN}x"))] {
        for path in ["/v1/apps/shop", "/v1/nothing"] {
            let mut request = site.client.get(format!("{}{path}", site.http));
            if let Some(said) = &said {
                request = request.header("authorization", said);
            }
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 401, "{said:?}");
            let answer: Value = answer.json().await.unwrap();
            assert!(answer["error"].as_str().is_some_and(|said| said.starts_with("unauthorized")), "{answer}");
        }
    }
}

#[tokio::test]
async fn who_asks_too_often_is_told_so_where_that_is_wanted() {
    let site = Site::open(&["--rate-limit"]);
    site.app("shop").await;
    site.app("other").await;
    let machine = site.machine(&["rest"], serde_json::json!({})).await;
    let mut statuses = vec![];
    for _ in 0..5 {
        statuses.push(site.call(Method::GET, "/apps/shop/machines", Value::Null).await.0);
    }
    assert_eq!(statuses[..3], [200, 200, 200]);
    assert!(statuses.contains(&429), "{statuses:?}");
    assert_eq!(site.call(Method::GET, "/apps/other/machines", Value::Null).await.0, 200, "another app is another count");
    for _ in 0..5 {
        assert_eq!(site.call(Method::GET, &machine.path(""), Value::Null).await.0, 200, "looking at a machine is cheaper");
    }
    let free = Site::new().await;
    for _ in 0..20 {
        free.get("/apps/shop/machines").await;
    }
}

fn said(words: &[&str], token: Option<&str>) -> String {
    let mut command = Command::new(support::binary());
    command.arg("machines").args(words).env_remove("FLY_API_TOKEN");
    if let Some(token) = token {
        command.env("FLY_API_TOKEN", token);
    }
    let output = command.output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).expect("text")
}

#[tokio::test]
async fn a_door_that_would_stand_open_is_not_opened() {
    let site = Site::new().await;
    let here = ["--listen", "127.0.0.1:0", "--home", site.home.to_str().unwrap()];
    assert!(said(&["--listen", "0.0.0.0:0"], Some(TOKEN)).contains("name a loopback address"));
    assert!(said(&here, None).contains("--token-file"));
    let short = said(&here, Some("hunter2"));
    assert!(short.contains("16 characters") && !short.contains("hunter2"), "{short}");
    assert!(said(&[&here[..], &["--region", "moon"]].concat(), Some(TOKEN)).contains("is unknown"));
    let busy = said(&here, Some(TOKEN));
    assert!(busy.contains("another iasql machines works in") && busy.contains("--home"), "{busy}");
}
