//! The door by which an OrioleDB gets to the bucket: what it answers as S3 does, and to whom. Without an OrioleDB.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use iasql::store::Door;
use reqwest::{Client, Method, StatusCode};

use super::recorded::Recorded;

/// A door, and whether one may write there.
struct Site {
    recorded: Recorded,
    door: Door,
    ours: Arc<AtomicBool>,
}

impl Site {
    async fn open() -> Self {
        let (recorded, ours) = (Recorded::empty(), Arc::new(AtomicBool::new(true)));
        let asked = ours.clone();
        let may_write = Arc::new(move |database: &str| database == "shop" && asked.load(Ordering::SeqCst));
        let door = Door::open(recorded.bucket().await, may_write).await.expect("a door");
        Self { recorded, door, ours }
    }

    async fn ask(&self, word: &str, method: Method, path: &str, body: &str, once: bool) -> (StatusCode, String) {
        let url = format!("http://{}/{path}", self.door.host());
        let who = format!("AWS4-HMAC-SHA256 Credential={word}/20261127/here/s3/aws4_request, SignedHeaders=host, Signature=00");
        let request = Client::new().request(method, url).header("Authorization", who).body(body.to_owned());
        let request = if once { request.header("If-None-Match", "*") } else { request };
        let answer = request.send().await.expect("an answer");
        (answer.status(), answer.text().await.expect("a text"))
    }

    async fn said(&self, method: Method, path: &str, body: &str) -> (StatusCode, String) {
        self.ask(self.door.word().expose(), method, path, body, false).await
    }
}

fn nothing(status: StatusCode) -> (StatusCode, String) {
    (status, String::new())
}

#[tokio::test]
async fn it_answers_as_orioledb_expects_of_s3() {
    let site = Site::open().await;
    let (place, word) = ("shop/orioledb/data/orioledb_data/s3_lock", site.door.word().expose());
    assert_eq!(site.said(Method::GET, place, "").await.0, StatusCode::NOT_FOUND);
    assert_eq!(site.ask(word, Method::PUT, place, "mine", true).await, nothing(StatusCode::OK));
    assert_eq!(site.ask(word, Method::PUT, place, "other", true).await.0, StatusCode::PRECONDITION_FAILED);
    assert_eq!(site.said(Method::GET, place, "").await, (StatusCode::OK, "mine".to_owned()));
    assert_eq!(site.said(Method::DELETE, place, "").await, nothing(StatusCode::NO_CONTENT));
    assert_eq!(site.recorded.get("data/orioledb_data/s3_lock").await, None);
    for text in ["once", "and again"] {
        assert_eq!(site.said(Method::PUT, "shop/orioledb/wal/1", text).await, nothing(StatusCode::OK));
        assert_eq!(site.recorded.get("wal/1").await, Some(text.as_bytes().to_vec()));
    }
    // the bucket has no folders, and needs none
    assert_eq!(site.said(Method::PUT, "shop/orioledb/data/1/base/", "").await, nothing(StatusCode::OK));
    assert_eq!(site.recorded.count("data").await, 0);
}

#[tokio::test]
async fn who_does_not_know_the_word_who_lost_the_lease_and_who_wants_something_else_gets_nothing() {
    let site = Site::open().await;
    site.recorded.put("wal/1", b"kept".to_vec()).await;
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        assert_eq!(site.ask("guessed", method, "shop/orioledb/wal/1", "x", false).await, nothing(StatusCode::FORBIDDEN));
    }
    for beside in ["shop/lease/1", "shop", "shop/orioledb/%2e%2e/lease/1"] {
        assert_eq!(site.said(Method::PUT, beside, "x").await.0, StatusCode::BAD_REQUEST, "{beside}");
    }
    assert_eq!(site.said(Method::PUT, "till/orioledb/wal/1", "x").await, nothing(StatusCode::FORBIDDEN));
    site.ours.store(false, Ordering::SeqCst);
    for method in [Method::PUT, Method::DELETE] {
        assert_eq!(site.said(method, "shop/orioledb/wal/1", "x").await, nothing(StatusCode::FORBIDDEN));
    }
    // what is there may be read to the end
    assert_eq!(site.said(Method::GET, "shop/orioledb/wal/1", "").await, (StatusCode::OK, "kept".to_owned()));
}
