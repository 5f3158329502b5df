//! An app: the name below which Fly keeps machines, volumes and secrets.

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    error::strange,
    way::{Fly, put},
};
use crate::resource::{Error, Kind, Observed, Owner, Resource, Scope, gone};

/// A row of `fly.app`. It has no tag: that it is ours stands in what the engine remembers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct App {
    name: String,
    network: Option<String>,
}

impl Resource for App {
    const TABLE: &'static str = "fly.app";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Fly;

    async fn list(fly: &Fly, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        Ok(names(fly).await?.into_iter().map(Observed::of).collect())
    }

    async fn create(self, _: &Owner, fly: &Fly) -> Result<Observed<Self>, Error> {
        const OPERATION: &str = "Apps_create";
        let mut body = json!({ "app_name": self.name, "org_slug": fly.organization() });
        put(&mut body, "network", self.network.clone());
        fly.forget_secrets(&self.name);
        match fly.send(OPERATION, Method::POST, &["apps"], body).await {
            // why it is refused is said in words only: a name that somebody has is one that can be asked for, ours or not
            Err(error) if error.kind == Kind::Invalid && self.is_taken(fly).await? => Err(Error { kind: Kind::Taken, ..error }),
            made => made.map(|_| Observed::of(self)),
        }
    }

    async fn update(self, was: Observed<Self>, _: &Owner, _: &Fly) -> Result<Observed<Self>, Error> {
        // nothing of it can be changed, and there is no tag to set
        Ok(was)
    }

    async fn delete(self, fly: &Fly) -> Result<Option<Observed<Self>>, Error> {
        gone(fly.delete("Apps_delete", &["apps", &self.name]).await)?;
        fly.forget_secrets(&self.name);
        Ok(None)
    }
}

impl App {
    async fn is_taken(&self, fly: &Fly) -> Result<bool, Error> {
        match fly.get("Apps_show", &["apps", &self.name], &[]).await {
            Ok(_) => Ok(true),
            Err(error) => match error.kind {
                Kind::Absent => Ok(false),
                Kind::Denied => Ok(true),
                _ => Err(error),
            },
        }
    }
}

/// The organization's apps.
pub(super) async fn names(fly: &Fly) -> Result<Vec<App>, Error> {
    const OPERATION: &str = "Apps_list";
    let answer = fly.get(OPERATION, &["apps"], &[("org_slug", fly.organization())]).await?;
    let apps = answer["apps"].as_array().ok_or_else(|| strange(OPERATION, "apps"))?;
    let shown = |app: &serde_json::Value| {
        let network = app["network"].as_str().filter(|network| !network.is_empty()).map(str::to_owned);
        Some(App { name: app["name"].as_str()?.to_owned(), network })
    };
    apps.iter().map(|app| shown(app).ok_or_else(|| strange(OPERATION, "name"))).collect()
}

impl App {
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}
