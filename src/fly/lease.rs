//! A machine that is ours for a while: nobody else changes it meanwhile.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    error::strange,
    way::{Call, Fly},
};
use crate::resource::Error;

/// For how long it is taken, in seconds: a change waits for a stop of up to 300 seconds at most, and gives it back.
const SECONDS: u32 = 360;

/// Who holds a machine.
pub(super) struct Lease<'a> {
    fly: &'a Fly,
    app: &'a str,
    id: &'a str,
    nonce: String,
}

impl<'a> Lease<'a> {
    /// Takes it. [`Kind::Held`](crate::resource::Kind::Held): somebody else has it.
    pub(super) async fn take(fly: &'a Fly, app: &'a str, id: &'a str) -> Result<Self, Error> {
        const OPERATION: &str = "Machines_create_lease";
        let body = json!({ "ttl": SECONDS, "description": "iasql" });
        let answer = fly.send(OPERATION, Method::POST, &["apps", app, "machines", id, "lease"], body).await?;
        let nonce = answer["data"]["nonce"].as_str().ok_or_else(|| strange(OPERATION, "nonce"))?;
        Ok(Self { fly, app, id, nonce: nonce.to_owned() })
    }

    /// Asks the machine for something.
    pub(super) async fn send(&self, operation: &'static str, word: &[&str], body: Value) -> Result<Value, Error> {
        let path = [&["apps", self.app, "machines", self.id], word].concat();
        let nonce = Some(&*self.nonce);
        self.fly.call(Call { operation, method: Method::POST, path: &path, query: &[], body: Some(body), nonce }).await
    }

    /// Removes the machine, whatever it does.
    pub(super) async fn destroy(&self) -> Result<(), Error> {
        let path = ["apps", self.app, "machines", self.id];
        let call = Call {
            operation: "Machines_delete",
            method: Method::DELETE,
            path: &path,
            query: &[("force", "true")],
            body: None,
            nonce: Some(&self.nonce),
        };
        self.fly.call(call).await.map(drop)
    }

    /// Gives it back; where that fails it ends by itself.
    pub(super) async fn give_back(self) {
        let path = ["apps", self.app, "machines", self.id, "lease"];
        let call = Call {
            operation: "Machines_release_lease",
            method: Method::DELETE,
            path: &path,
            query: &[],
            body: None,
            nonce: Some(&self.nonce),
        };
        if let Err(error) = self.fly.call(call).await {
            tracing::debug!(machine = self.id, %error, "a lease was not given back");
        }
    }
}
