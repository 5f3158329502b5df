//! A machine that is started because somebody wants what it runs, outside of any plan: nobody's lease is asked for, and nothing of its configuration changes.

use reqwest::Method;
use serde_json::json;

use super::{error::strange, machine, way::Fly};
use crate::resource::Error;

/// Where a machine is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Berth {
    /// The id that Fly gave it.
    pub id: String,
    /// Its address in its app's private network, which it keeps.
    pub address: String,
    /// With which exit code it has ended by itself, where it failed and is stopped.
    pub failed: Option<i64>,
}

impl Fly {
    /// Where the machine of this name is; `None`: there is none.
    ///
    /// # Errors
    /// When Fly does not answer, or the app is not there.
    pub async fn berth(&self, app: &str, name: &str) -> Result<Option<Berth>, Error> {
        const OPERATION: &str = "Machines_list";
        let machines = self.get(OPERATION, &["apps", app, "machines"], &[]).await?;
        let machines = machines.as_array().ok_or_else(|| strange(OPERATION, "machines"))?;
        let Some(found) = machines.iter().find(|machine| machine["name"] == name && machine["state"] != "destroyed") else {
            return Ok(None);
        };
        let text = |field: &'static str| found[field].as_str().map(str::to_owned).ok_or_else(|| strange(OPERATION, field));
        let failed = machine::ended_by_itself(found).filter(|_| found["state"] == "stopped");
        Ok(Some(Berth { id: text("id")?, address: text("private_ip")?, failed }))
    }

    /// Has it started: what is stopped starts anew, what is suspended goes on. One that runs is not touched.
    ///
    /// # Errors
    /// When Fly does not answer, or the machine is just stopping ([`Kind::Held`](crate::resource::Kind::Held)) or gone.
    pub async fn start(&self, app: &str, id: &str) -> Result<(), Error> {
        self.send("Machines_start", Method::POST, &["apps", app, "machines", id, "start"], json!({})).await.map(drop)
    }
}
