//! An address at which Fly's proxy answers for an app.

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    apart,
    error::strange,
    way::{Fly, put},
};
use crate::resource::{Error, Observed, Owner, Resource, Scope, gone};

/// What private addresses begin with (fly.io/docs/networking/private-networking).
const PRIVATE: &str = "fdaa:";

/// A row of `fly.ip_address`. It has no tag: that it is ours stands in what the engine remembers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct IpAddress {
    app: String,
    kind: String,
    region: Option<String>,
    ip: Option<String>,
}

impl Resource for IpAddress {
    const TABLE: &'static str = "fly.ip_address";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Fly;

    async fn list(fly: &Fly, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        const OPERATION: &str = "App_IPAssignments_list";
        let mut all = vec![];
        for (app, answer) in apart::all(fly, OPERATION, "ip_assignments").await? {
            let addresses = answer["ips"].as_array().ok_or_else(|| strange(OPERATION, "ips"))?;
            // from where an app calls others is another matter
            let ours = addresses.iter().filter(|address| address["egress"].as_bool() != Some(true));
            for address in ours {
                all.push(shown(OPERATION, &app, address)?);
            }
        }
        Ok(all)
    }

    async fn create(self, _: &Owner, fly: &Fly) -> Result<Observed<Self>, Error> {
        const OPERATION: &str = "App_IPAssignments_create";
        let mut body = json!({ "type": self.kind });
        put(&mut body, "region", self.region.clone());
        let made = fly.send(OPERATION, Method::POST, &["apps", &self.app, "ip_assignments"], body).await?;
        shown(OPERATION, &self.app, &made)
    }

    async fn update(self, was: Observed<Self>, _: &Owner, _: &Fly) -> Result<Observed<Self>, Error> {
        // nothing of it can be changed, and there is no tag to set
        Ok(was)
    }

    async fn delete(self, fly: &Fly) -> Result<Option<Observed<Self>>, Error> {
        let ip = self.ip.unwrap_or_default();
        gone(fly.delete("App_IPAssignments_delete", &["apps", &self.app, "ip_assignments", &ip]).await)?;
        Ok(None)
    }
}

fn shown(operation: &'static str, app: &str, told: &Value) -> Result<Observed<IpAddress>, Error> {
    let ip = told["ip"].as_str().ok_or_else(|| strange(operation, "ip"))?;
    let kind = match told["shared"].as_bool() {
        Some(true) => "shared_v4",
        _ if ip.starts_with(PRIVATE) => "private_v6",
        _ if ip.contains(':') => "v6",
        _ => "v4",
    };
    let region = told["region"].as_str().filter(|region| !region.is_empty()).unwrap_or("global");
    Ok(Observed::of(IpAddress { app: app.to_owned(), kind: kind.to_owned(), region: Some(region.to_owned()), ip: Some(ip.to_owned()) }))
}
