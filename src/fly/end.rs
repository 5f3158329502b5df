//! A machine that is ended at once, because nobody knows any more what runs there. Nothing of its configuration changes, and its restart policy does not start it
//! again, for it was asked to stop.

use reqwest::Method;
use serde_json::json;

use super::way::Fly;
use crate::resource::Error;

/// How long it is waited until it has stopped, in seconds.
const STOPS: &str = "10";

impl Fly {
    /// Ends all that runs of a machine; done when it was seen stopped, or is not there any more.
    ///
    /// # Errors
    /// When Fly does not answer, or it has not stopped in time: then it may run.
    pub async fn end(&self, app: &str, id: &str) -> Result<(), Error> {
        let path = ["apps", app, "machines", id];
        let now = match self.get("Machines_show", &path, &[]).await {
            Err(error) if error.is_absent() => return Ok(()),
            now => now?,
        };
        if matches!(now["state"].as_str(), Some("stopped" | "created" | "destroyed")) {
            return Ok(());
        }
        let how = json!({ "signal": "SIGKILL", "timeout": "1s" });
        self.send("Machines_stop", Method::POST, &[&path[..], &["stop"]].concat(), how).await?;
        let version = now["instance_id"].as_str().unwrap_or_default();
        // `stopped` can be waited for of one version only
        let query = [("state", "stopped"), ("timeout", STOPS), ("instance_id", version)];
        self.get("Machines_wait", &[&path[..], &["wait"]].concat(), &query).await.map(drop)
    }
}
