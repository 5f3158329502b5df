//! A certificate that Fly orders for a host name that leads to an app.

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{apart, error::strange, way::Fly};
use crate::resource::{Error, Observed, Owner, Resource, Scope, gone};

/// A row of `fly.certificate`. It has no tag: that it is ours stands in what the engine remembers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Certificate {
    hostname: String,
    app: String,
    configured: Option<bool>,
    status: Option<String>,
    dns_name: Option<String>,
    dns_target: Option<String>,
}

impl Resource for Certificate {
    const TABLE: &'static str = "fly.certificate";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Fly;

    async fn list(fly: &Fly, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        const OPERATION: &str = "App_Certificates_list";
        let mut all = vec![];
        for (app, answer) in apart::all(fly, OPERATION, "certificates").await? {
            let certificates = answer["certificates"].as_array().ok_or_else(|| strange(OPERATION, "certificates"))?;
            for certificate in certificates {
                all.push(shown(OPERATION, &app, certificate)?);
            }
        }
        Ok(all)
    }

    async fn create(self, _: &Owner, fly: &Fly) -> Result<Observed<Self>, Error> {
        const OPERATION: &str = "App_Certificates_acme_create";
        let path = ["apps", &*self.app, "certificates", "acme"];
        shown(OPERATION, &self.app, &fly.send(OPERATION, Method::POST, &path, json!({ "hostname": self.hostname })).await?)
    }

    async fn update(self, was: Observed<Self>, _: &Owner, _: &Fly) -> Result<Observed<Self>, Error> {
        // nothing of it can be changed, and there is no tag to set
        Ok(was)
    }

    async fn delete(self, fly: &Fly) -> Result<Option<Observed<Self>>, Error> {
        gone(fly.delete("App_Certificates_delete", &["apps", &self.app, "certificates", &self.hostname]).await)?;
        Ok(None)
    }
}

fn shown(operation: &'static str, app: &str, told: &Value) -> Result<Observed<Certificate>, Error> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let challenge = &told["dns_requirements"]["acme_challenge"];
    let row = Certificate {
        hostname: text(&told["hostname"]).ok_or_else(|| strange(operation, "hostname"))?,
        app: app.to_owned(),
        configured: told["configured"].as_bool(),
        status: text(&told["status"]),
        dns_name: text(&challenge["name"]),
        dns_target: text(&challenge["target"]),
    };
    Ok(Observed::of(row))
}
