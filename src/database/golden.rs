//! What a fresh database looks like on a server: what an upgraded one is compared with before its upgrade counts.

use std::{collections::HashMap, sync::Arc};

use sqlx::Connection;
use tokio::sync::{Mutex, OnceCell};
use uuid::Uuid;

use super::{
    modules::{BASE, Library},
    scratch::Claim,
    server::{connect, step},
    setup::{self, Plan, owner},
    unmade::Error,
};
use crate::schema::{self, Golden, Schema};

/// Nobody logs in to a database that is made to be looked at.
const NO_LOGIN: &str = "md500000000000000000000000000000000";

/// The server, the schema and its version.
type Key = (String, String, i32);
/// Made by whoever comes first; others wait for it.
type Laid = Arc<OnceCell<Arc<Golden>>>;

/// Goldens by server, schema and version, each made when it is first asked for. A clone is the same one.
#[derive(Clone, Default)]
pub struct Goldens {
    laid: Arc<Mutex<HashMap<Key, Laid>>>,
    /// What was made to be looked at, with the server it is on.
    scratch: Arc<Mutex<Vec<(String, String, Claim)>>>,
}

impl std::fmt::Debug for Goldens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("goldens")
    }
}

impl Goldens {
    /// What the catalog of a user's database holds of a schema at a version, where all that it needs is at the newest.
    pub(super) async fn of(&self, admin_url: &str, library: &Library, schema: &Schema, version: i32) -> Result<Arc<Golden>, Error> {
        let key = (admin_url.to_owned(), schema.name().to_owned(), version);
        let cell = self.laid.lock().await.entry(key).or_default().clone();
        let golden = cell.get_or_try_init(|| async { self.lay(admin_url, library, schema, version).await.map(Arc::new) }).await?;
        Ok(golden.clone())
    }

    /// Removes the databases that were made to be looked at. Not sooner: dropping a database waits until the server has written down
    /// all that it has in memory.
    pub async fn clear(&self) {
        for (admin_url, name, _claim) in self.scratch.lock().await.drain(..) {
            if let Err(error) = setup::remove(&admin_url, &name).await {
                tracing::warn!(database = name, %error, "a database that was made to be looked at could not be removed");
            }
        }
    }

    /// Makes a user's database as setup does, and looks at it.
    async fn lay(&self, admin_url: &str, library: &Library, schema: &Schema, version: i32) -> Result<Golden, Error> {
        let at = Arc::new(schema.up_to(version));
        let (base, mut modules) = match schema.name() {
            BASE => (at.clone(), Vec::new()),
            name => (library.base().clone(), library.chosen(Some(&[name.to_owned()]))?),
        };
        if let Some(last) = modules.last_mut() {
            *last = at.clone();
        }
        let name = format!("iasql_golden_{}", &Uuid::new_v4().simple().to_string()[..16]);
        let claim = Claim::of(admin_url, &name).await?;
        self.scratch.lock().await.push((admin_url.to_owned(), name.clone(), claim));
        let plan = Plan { name: &name, region: "us-east-1", base: &base, modules: &modules, verifier: NO_LOGIN };
        setup::make(admin_url, &plan).await?;
        look(admin_url, &name, &at, version).await
    }
}

async fn look(admin_url: &str, name: &str, schema: &Schema, version: i32) -> Result<Golden, Error> {
    let mut inside = connect(admin_url, Some(name)).await?;
    let owner = owner(name);
    let fingerprint = schema::fingerprint(&mut inside, schema, &[(&owner, ":owner"), (name, ":tenant")]).await?;
    inside.close().await.map_err(step("leaving a database that was looked at"))?;
    Ok(Golden::from_iter([(version, fingerprint)]))
}
