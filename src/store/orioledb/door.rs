//! A door to the bucket for an OrioleDB of this machine: S3 as far as it speaks that, on loopback, to whoever shows what stands in its settings.
//!
//! OrioleDB shows its settings to every role (`SHOW orioledb.s3_secretkey`), and looks at its lock once, when it starts. So it is given no key of the
//! bucket, but a word that opens this door alone; what it writes is written only as long as the lease of the database is ours.

use std::{io, net::Ipv4Addr, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use subtle::ConstantTimeEq;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use super::FOLDER;
use crate::{
    causes::in_one_line,
    resource::Secret,
    store::{Bucket, Error},
};

/// What one object may have, in bytes: a file of the undo log has 64 MB.
const LONGEST: usize = 1 << 30;

/// Whether a database may be written from here, by its name.
pub type MayWrite = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// An open door. It closes with its value.
#[derive(Debug)]
pub struct Door {
    port: u16,
    word: Secret,
    _open: DropGuard,
}

struct Inside {
    bucket: Bucket,
    word: Secret,
    may_write: MayWrite,
}

impl Door {
    /// Opens one on a free port.
    ///
    /// # Errors
    /// When there is none.
    pub async fn open(bucket: Bucket, may_write: MayWrite) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let word = Secret::new(Uuid::new_v4().simple().to_string());
        let (closed, inside) = (CancellationToken::new(), Inside { bucket, word: word.clone(), may_write });
        let app = Router::new().fallback(answer).with_state(Arc::new(inside));
        let until = closed.clone();
        tokio::spawn(async move {
            let serve = axum::serve(listener, app);
            until.run_until_cancelled(serve.into_future()).await
        });
        Ok(Self { port, word, _open: closed.drop_guard() })
    }

    /// Where it is, as OrioleDB names a host of S3.
    pub fn host(&self) -> String {
        format!("{}:{}", Ipv4Addr::LOCALHOST, self.port)
    }

    /// What whoever comes shows as the id of its key. The key itself may be anything.
    pub fn word(&self) -> &Secret {
        &self.word
    }
}

async fn answer(State(inside): State<Arc<Inside>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    if !inside.knows(&head.headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let path = head.uri.path();
    let Some((database, key)) = place(path) else { return StatusCode::BAD_REQUEST.into_response() };
    if head.method != Method::GET && !(inside.may_write)(database) {
        tracing::error!(database, "its OrioleDB may not write any more: the lease is not ours");
        return StatusCode::FORBIDDEN.into_response();
    }
    let once = head.headers.contains_key(header::IF_NONE_MATCH);
    let answered = match head.method {
        Method::GET => inside.get(key).await,
        // a folder is none of the bucket's things
        Method::PUT if path.ends_with('/') => Ok(StatusCode::OK.into_response()),
        Method::PUT => inside.put(key, body, once).await,
        Method::DELETE => inside.bucket.delete(key).await.map(|()| StatusCode::NO_CONTENT.into_response()),
        _ => Ok(StatusCode::METHOD_NOT_ALLOWED.into_response()),
    };
    answered.unwrap_or_else(|error| {
        tracing::warn!(database, error = in_one_line(&error), "OrioleDB hears that the bucket does not answer");
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    })
}

/// Whose it is, and the key below the bucket's own prefix; nothing for what lies beside OrioleDB's own objects.
fn place(path: &str) -> Option<(&str, &str)> {
    let key = path.trim_matches('/');
    let mut parts = key.split('/');
    let (database, folder) = (parts.next()?, parts.next()?);
    let is_one = folder == FOLDER && parts.all(|part| !matches!(part, "" | "." | "..") && !part.contains('%'));
    is_one.then_some((database, key))
}

impl Inside {
    /// As S3's clients say who they are: `AWS4-HMAC-SHA256 Credential=<id>/<day>/…`. It is on this machine, so nothing has to be signed.
    fn knows(&self, headers: &HeaderMap) -> bool {
        let said = headers.get(header::AUTHORIZATION).and_then(|said| said.to_str().ok()).unwrap_or_default();
        let id = said.split_once("Credential=").and_then(|(_, rest)| rest.split('/').next()).unwrap_or_default();
        id.as_bytes().ct_eq(self.word.expose().as_bytes()).into()
    }

    async fn get(&self, key: &str) -> Result<Response, Error> {
        Ok(match self.bucket.get(key).await? {
            Some(bytes) => bytes.into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        })
    }

    async fn put(&self, key: &str, body: Body, once: bool) -> Result<Response, Error> {
        let Ok(bytes) = to_bytes(body, LONGEST).await else { return Ok(StatusCode::BAD_REQUEST.into_response()) };
        if !once {
            self.bucket.replace(key, bytes.to_vec()).await?;
        } else if !self.bucket.create(key, bytes.to_vec()).await? {
            return Ok(StatusCode::PRECONDITION_FAILED.into_response());
        }
        Ok(StatusCode::OK.into_response())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_in_orioledbs_own_folder_of_a_database_is_reached() {
        assert_eq!(place("/shop/orioledb/data/1/base/5/1249"), Some(("shop", "shop/orioledb/data/1/base/5/1249")));
        assert_eq!(place("/shop/orioledb/data/1/base/"), Some(("shop", "shop/orioledb/data/1/base")));
        for other in ["/", "/shop", "/shop/lease/1", "/shop/orioledb/../lease/1", "/shop/orioledb/%2e%2e/lease/1", "/shop/orioledb//x"] {
            assert_eq!(place(other), None, "{other}");
        }
    }
}
