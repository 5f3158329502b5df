//! pgBackRest over one place in a bucket: how it is told where that is, and what it is asked.

use std::{
    env,
    path::{Path, PathBuf},
    time::Duration,
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::timeout;
use url::Url;

use super::{Error, door};
use crate::{
    cluster::{home::Home, tools::Tools},
    resource::Secret,
    store::Access,
};

/// Debian's.
const PROGRAM: &str = "/usr/bin/pgbackrest";
/// What a cluster is called within its place: there is no other one in it.
const STANZA: &str = "main";
/// How long a backup may take.
const LONG: Duration = Duration::from_hours(24);

/// A place in a bucket of S3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    bucket: String,
    path: String,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.path)
    }
}

impl Place {
    /// `s3://bucket/path`, both not empty.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|sign| sign.is_ascii_alphanumeric() || b"-._/".contains(&sign));
        let found = text.strip_prefix("s3://").and_then(|rest| rest.split_once('/'));
        let found = found.map(|(bucket, path)| (bucket, path.trim_end_matches('/'))).filter(|(bucket, path)| plain(bucket) && plain(path));
        let (bucket, path) = found.ok_or_else(|| Error::Said(format!("{text:?} is no place for backups: s3://bucket/path")))?;
        Ok(Self { bucket: bucket.to_owned(), path: path.to_owned() })
    }
}

/// How buckets are reached.
pub(super) struct Reach {
    endpoint: Url,
    region: String,
    id: String,
    secret: Secret,
    token: Option<Secret>,
}

impl Reach {
    /// As the cluster's own bucket is.
    pub(super) fn of(access: &Access) -> Result<Self, Error> {
        let said = |names: &[&str]| names.iter().find_map(|name| env::var(name).ok().filter(|text| !text.is_empty()));
        let region =
            access.region.clone().or_else(|| said(&["AWS_REGION", "AWS_DEFAULT_REGION"])).unwrap_or_else(|| "us-east-1".to_owned());
        let endpoint = access.endpoint.clone().or_else(|| said(&["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]));
        let endpoint = endpoint.unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
        let own = || {
            Some((
                said(&["AWS_ACCESS_KEY_ID"])?,
                Secret::new(said(&["AWS_SECRET_ACCESS_KEY"])?),
                said(&["AWS_SESSION_TOKEN"]).map(Secret::new),
            ))
        };
        let keys = access.keys.clone().or_else(own);
        let (id, secret, token) = keys.ok_or_else(|| Error::Said("backups need a key to their bucket: AWS_ACCESS_KEY_ID".to_owned()))?;
        let endpoint = endpoint.parse().map_err(|error| Error::Said(format!("{endpoint:?} is no address: {error}")))?;
        Ok(Self { endpoint, region, id, secret, token })
    }

    /// Where it is reached without TLS, if it is.
    pub(super) fn plain(&self) -> Option<(String, u16)> {
        let host = self.endpoint.host_str().filter(|_| self.endpoint.scheme() == "http")?;
        Some((host.trim_matches(['[', ']']).to_owned(), self.endpoint.port_or_known_default()?))
    }

    /// What pgBackRest is told, keys and all: for a file that nobody else reads.
    pub(super) fn conf(&self, place: &Place, keep: u32, home: &Home, port: u16, door: Option<u16>) -> String {
        let host = self.endpoint.host_str().unwrap_or_default();
        let named = self.endpoint.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let mut lines = vec![
            ("repo1-type", "s3".to_owned()),
            ("repo1-path", format!("/{}", place.path)),
            ("repo1-s3-bucket", place.bucket.clone()),
            ("repo1-s3-endpoint", if door.is_some() { host.to_owned() } else { named }),
            ("repo1-s3-region", self.region.clone()),
            ("repo1-s3-uri-style", "path".to_owned()),
            ("repo1-s3-key", self.id.clone()),
            ("repo1-s3-key-secret", self.secret.expose().to_owned()),
            ("repo1-retention-full", keep.to_string()),
            // a thousand small files are a few objects
            ("repo1-bundle", "y".to_owned()),
            ("compress-type", "zst".to_owned()),
            // a backup begins at once, and not with the next checkpoint
            ("start-fast", "y".to_owned()),
            // two members of one machine are not in each other's way
            ("lock-path", home.folder().join("backup").display().to_string()),
            ("spool-path", home.folder().join("backup").display().to_string()),
            ("log-level-file", "off".to_owned()),
            ("log-level-console", "off".to_owned()),
            ("log-level-stderr", "warn".to_owned()),
        ];
        lines.extend(self.token.as_ref().map(|token| ("repo1-s3-token", token.expose().to_owned())));
        if let Some(door) = door {
            lines.push(("repo1-storage-host", door::NAME.to_owned()));
            lines.push(("repo1-storage-port", door.to_string()));
            lines.push(("repo1-storage-ca-file", home.authority().display().to_string()));
        }
        let shown = |lines: &[(&str, String)]| lines.iter().map(|(name, value)| format!("{name}={value}\n")).collect::<String>();
        let server = [
            ("pg1-path", home.data().display().to_string()),
            ("pg1-socket-path", home.sockets().display().to_string()),
            ("pg1-port", port.to_string()),
            ("pg1-user", "postgres".to_owned()),
        ];
        format!("[global]\n{}\n[{STANZA}]\n{}", shown(&lines), shown(&server))
    }
}

/// A backup that is in a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// What pgBackRest calls it.
    pub label: String,
    /// When it was begun.
    pub started_at: DateTime<Utc>,
    /// When it was over.
    pub ended_at: DateTime<Utc>,
    /// How many bytes the data has.
    pub bytes: i64,
    /// And how many it takes in the bucket.
    pub stored_bytes: i64,
}

/// What there is.
#[derive(Clone, Debug, Default)]
pub(super) struct Inventory {
    /// The oldest first.
    pub(super) backups: Vec<Backup>,
    /// The last file of the log that was archived.
    pub(super) archived: Option<String>,
}

impl Inventory {
    fn read(document: &Value) -> Self {
        let stanza = &document[0];
        let time = |at: &Value| at.as_i64().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        let backup = |found: &Value| {
            Some(Backup {
                label: found["label"].as_str()?.to_owned(),
                started_at: time(&found["timestamp"]["start"])?,
                ended_at: time(&found["timestamp"]["stop"])?,
                bytes: found["info"]["size"].as_i64()?,
                stored_bytes: found["info"]["repository"]["size"].as_i64()?,
            })
        };
        let backups = stanza["backup"].as_array().into_iter().flatten().filter_map(backup).collect();
        let archived = stanza["archive"].as_array().and_then(|all| all.last()?["max"].as_str().map(str::to_owned));
        Self { backups, archived }
    }

    /// The newest timeline of which something was archived.
    pub(super) fn timeline(&self) -> Option<u64> {
        u64::from_str_radix(self.archived.as_ref()?.get(..8)?, 16).ok()
    }
}

/// The program, told where.
pub(super) struct Repository<'a> {
    tools: &'a Tools,
    conf: PathBuf,
}

impl<'a> Repository<'a> {
    pub(super) fn new(tools: &'a Tools, conf: &Path) -> Self {
        Self { tools, conf: conf.to_owned() }
    }

    pub(super) async fn inventory(&self) -> Result<Inventory, Error> {
        let said = self.run(&["info", "--output=json"]).await?;
        let document: Value = serde_json::from_str(&said).map_err(|error| Error::Said(format!("pgbackrest info: {error}")))?;
        // 99: it could not be read; others say that there is nothing yet
        if document[0]["status"]["code"].as_i64() == Some(99) {
            return Err(Error::Said(format!("pgbackrest info: {}", document[0]["repo"][0]["status"]["message"])));
        }
        Ok(Inventory::read(&document))
    }

    /// Makes a whole backup, and removes those that are too many. What there has to be for that is made.
    pub(super) async fn backup(&self) -> Result<(), Error> {
        self.run(&["stanza-create"]).await?;
        self.run(&["backup", "--type=full"]).await.map(drop)
    }

    /// Fetches one into the data folder, which is empty. How far the log is replayed is said to the server by somebody else.
    pub(super) async fn restore(&self, label: &str) -> Result<(), Error> {
        self.run(&["restore", "--type=preserve", &format!("--set={label}")]).await.map(drop)
    }

    async fn run(&self, words: &[&str]) -> Result<String, Error> {
        let mut command = self.tools.command(PROGRAM)?;
        command.arg(format!("--config={}", self.conf.display())).arg(format!("--stanza={STANZA}")).args(words).kill_on_drop(true);
        let ran =
            timeout(LONG, command.output()).await.map_err(|_| Error::Said(format!("pgbackrest {} took longer than a day", words[0])))?;
        let ended = ran.map_err(Error::disk("run", PROGRAM))?;
        if ended.status.success() {
            return Ok(String::from_utf8_lossy(&ended.stdout).into_owned());
        }
        Err(Error::Said(format!("pgbackrest {}: {}", words[0], in_one_line(&String::from_utf8_lossy(&ended.stderr)))))
    }
}

/// What servers call it by.
pub(super) fn command(conf: &Path) -> String {
    format!("{PROGRAM} --config={} --stanza={STANZA}", conf.display())
}

/// What it complained of, without the stacks of its calls.
fn in_one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.take(6).collect::<Vec<_>>().join(" ").chars().take(600).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_a_bucket_and_a_path_and_no_strange_signs() {
        assert_eq!(Place::parse("s3://shop/shop-1/").map(|place| place.to_string()).ok().as_deref(), Some("s3://shop/shop-1"));
        for strange in ["s3://shop", "s3://shop/", "file:///tmp/x", "s3:///x", "s3://shop/x\ny=1", "s3://shop/x y"] {
            assert!(Place::parse(strange).is_err(), "{strange}");
        }
    }

    #[test]
    fn what_is_there_is_read_from_what_pgbackrest_says() {
        let text = r#"[{"archive":[{"database":{"id":1},"id":"15-1","max":"000000050000000000000009","min":"000000020000000000000002"}],
            "backup":[{"label":"20261128-235959F","info":{"size":100,"repository":{"size":10}},"timestamp":{"start":1000,"stop":1002}}],
            "status":{"code":0}}]"#;
        let found = Inventory::read(&serde_json::from_str(text).unwrap());
        assert_eq!((found.timeline(), found.backups.len()), (Some(5), 1));
        assert_eq!((found.backups[0].bytes, found.backups[0].ended_at.timestamp()), (100, 1002));
        let nothing = Inventory::read(&serde_json::from_str("[]").unwrap());
        assert_eq!((nothing.timeline(), nothing.backups.len()), (None, 0));
    }
}
