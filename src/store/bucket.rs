//! A bucket, or a folder in its place: objects that are made once, read, listed and removed. Nothing of ours is ever written over.

use std::{fmt, os::unix::fs::DirBuilderExt, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use object_store::{
    BackoffConfig, ClientOptions, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, RetryConfig, aws::AmazonS3Builder,
    local::LocalFileSystem, path::Path,
};
use url::Url;
use uuid::Uuid;

use super::{Error, error::MAKE, layout};
use crate::resource::Secret;

/// How long one call may take, and how long it is tried again in all: much shorter than a lease, so that a holder hears in time that it can't renew.
const CALL: Duration = Duration::from_secs(20);
const TRIES: Duration = Duration::from_secs(30);
/// How often a refused creation of something that is not there is tried again: S3 answers 409 where two come at once.
const CONFLICTS: usize = 5;

/// What the address of a bucket does not say. What is left out comes from the environment (`AWS_ENDPOINT_URL`, `AWS_REGION`,
/// `AWS_ACCESS_KEY_ID`, …).
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Where S3 answers: `http://127.0.0.1:5000`. The bucket's name then goes into the path.
    pub endpoint: Option<String>,
    /// The region; `auto` for Tigris.
    pub region: Option<String>,
    /// The keys: id, the key itself, and a session's token.
    pub keys: Option<(String, Secret, Option<Secret>)>,
}

/// A bucket, and a prefix in it. A clone is the same one.
#[derive(Clone)]
pub struct Bucket {
    objects: Arc<dyn ObjectStore>,
    prefix: Path,
    shown: String,
}

/// Where it is, and nothing of the keys to it: the library would print the half of them.
impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Bucket").field(&self.shown).finish()
    }
}

/// An object as a list shows it.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    /// Below the prefix.
    pub(crate) key: String,
    /// When it was made, by the store's clock.
    pub(crate) made: DateTime<Utc>,
    /// In bytes.
    pub(crate) size: u64,
}

impl Bucket {
    /// Opens `s3://bucket/prefix` or `file:///folder`, and tries whether an object can be made twice there.
    ///
    /// # Errors
    /// Where the address is none, the store does not answer, or it is one in which two writers could both be first.
    pub async fn open(url: &str, access: &Access) -> Result<Self, Error> {
        let bucket = Self::at(url, access)?;
        bucket.probe().await?;
        Ok(bucket)
    }

    /// The same, where one that was tried is not tried again: which one that was is noted in this file.
    ///
    /// # Errors
    /// As with [`Bucket::open`]. A file that can't be written is content.
    pub async fn open_once(url: &str, access: &Access, noted: &std::path::Path) -> Result<Self, Error> {
        let bucket = Self::at(url, access)?;
        let which = format!("{} at {}", bucket.shown, endpoint(access).unwrap_or_else(|| "its own endpoint".to_owned()));
        if std::fs::read_to_string(noted).is_ok_and(|tried| tried == which) {
            return Ok(bucket);
        }
        bucket.probe().await?;
        if let Err(error) = noted.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(noted, which)) {
            tracing::warn!(file = %noted.display(), %error, "it can't be noted that the bucket was tried");
        }
        Ok(bucket)
    }

    fn at(url: &str, access: &Access) -> Result<Self, Error> {
        let refused = |why: &str| Error::Address { url: url.to_owned(), why: why.to_owned() };
        let parsed = Url::parse(url).map_err(|error| refused(&error.to_string()))?;
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(Error::Address { url: "…".to_owned(), why: "keys don't belong into it".to_owned() });
        }
        let (objects, prefix): (Arc<dyn ObjectStore>, _) = match parsed.scheme() {
            "s3" => (s3(&parsed, access)?, parsed.path()),
            "file" => (folder(&parsed)?, ""),
            _ => return Err(refused("another scheme")),
        };
        Self::untried(objects, prefix)
    }

    /// A bucket by any other way to it, tried in the same manner.
    ///
    /// # Errors
    /// As with [`Bucket::open`].
    pub async fn over(objects: Arc<dyn ObjectStore>, prefix: &str) -> Result<Self, Error> {
        let bucket = Self::untried(objects, prefix)?;
        bucket.probe().await?;
        Ok(bucket)
    }

    fn untried(objects: Arc<dyn ObjectStore>, prefix: &str) -> Result<Self, Error> {
        let shown = format!("{objects} {prefix}");
        let prefix =
            Path::parse(prefix.trim_matches('/')).map_err(|error| Error::Address { url: shown.clone(), why: error.to_string() })?;
        Ok(Self { objects, prefix, shown })
    }

    /// The name that the bucket has of its own, which whoever asks first gives it: so those who have it by different addresses know that it is the
    /// same one.
    ///
    /// # Errors
    /// Where the store does not answer, or somebody has written something else there.
    pub async fn name(&self) -> Result<Uuid, Error> {
        let drawn = Uuid::new_v4();
        if self.create(layout::NAME, drawn.to_string().into_bytes()).await? {
            return Ok(drawn);
        }
        let found = self.get(layout::NAME).await?.unwrap_or_default();
        Uuid::try_parse_ascii(&found).map_err(|_| Error::broken(layout::NAME, "it is no name of a bucket"))
    }

    async fn probe(&self) -> Result<(), Error> {
        let key = layout::probe(Uuid::new_v4());
        let first = self.create(&key, b"first".to_vec()).await?;
        let second = self.put(&key, b"second".to_vec()).await;
        let kept = self.get(&key).await?;
        self.delete(&key).await?;
        let holds = first && !second? && kept.as_deref() == Some(b"first".as_slice());
        if holds { Ok(()) } else { Err(Error::NoConditions(self.shown.clone())) }
    }

    /// Makes an object; `false` where there is one of that name, which stays as it is. An error says nothing about whether it was made.
    pub(crate) async fn create(&self, key: &str, bytes: Vec<u8>) -> Result<bool, Error> {
        for _ in 0..CONFLICTS {
            if self.put(key, bytes.clone()).await? {
                return Ok(true);
            }
            // an answer that was lost, and a second attempt, look as if somebody else had been first
            match self.get(key).await? {
                Some(there) if there == bytes => return Ok(true),
                Some(_) => return Ok(false),
                None => {}
            }
        }
        Ok(false)
    }

    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<bool, Error> {
        self.put_parts(key, PutPayload::from(bytes)).await
    }

    /// Makes an object of several pieces.
    pub(super) async fn put_parts(&self, key: &str, payload: PutPayload) -> Result<bool, Error> {
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.objects.put_opts(&self.path(key), payload, options).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => Ok(false),
            Err(error) => Err(Error::bucket(MAKE, key)(error)),
        }
    }

    /// All of an object; none where there is none.
    pub(crate) async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        match self.objects.get(&self.path(key)).await {
            Ok(found) => Ok(Some(found.bytes().await.map_err(Error::bucket("read", key))?.to_vec())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(Error::bucket("read", key)(error)),
        }
    }

    /// When an object was made, by the store's clock; none where there is none.
    pub(super) async fn made(&self, key: &str) -> Result<Option<DateTime<Utc>>, Error> {
        match self.objects.head(&self.path(key)).await {
            Ok(found) => Ok(Some(found.last_modified)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(Error::bucket("look at", key)(error)),
        }
    }

    /// A part of an object.
    pub(super) async fn range(&self, key: &str, from: u64, to: u64) -> Result<Vec<u8>, Error> {
        let bytes = self.objects.get_range(&self.path(key), from..to).await.map_err(Error::bucket("read", key))?;
        if bytes.len() as u64 == to - from { Ok(bytes.to_vec()) } else { Err(Error::broken(key, "it is shorter than it was")) }
    }

    /// What there is below a key, in the order of keys.
    pub(crate) async fn list(&self, below: &str) -> Result<Vec<Listed>, Error> {
        let found: Vec<_> =
            self.objects.list(Some(&self.path(below))).try_collect().await.map_err(Error::bucket("list what is below", below))?;
        let key = |path: &Path| {
            let parts: Vec<_> = path.prefix_match(&self.prefix)?.map(|part| part.as_ref().to_owned()).collect();
            Some(parts.join("/"))
        };
        let mut listed: Vec<_> =
            found.iter().filter_map(|meta| Some(Listed { key: key(&meta.location)?, made: meta.last_modified, size: meta.size })).collect();
        listed.sort_by(|one, other| one.key.cmp(&other.key));
        Ok(listed)
    }

    /// The names of the folders right below the prefix.
    pub(super) async fn folders(&self) -> Result<Vec<String>, Error> {
        self.folders_in(&self.prefix).await
    }

    /// The names of the folders right below a key.
    pub(super) async fn folders_below(&self, key: &str) -> Result<Vec<String>, Error> {
        self.folders_in(&self.path(key)).await
    }

    async fn folders_in(&self, path: &Path) -> Result<Vec<String>, Error> {
        let listed = self.objects.list_with_delimiter(Some(path)).await.map_err(Error::bucket("list what is below", path.as_ref()))?;
        Ok(listed.common_prefixes.iter().filter_map(|path| path.filename().map(str::to_owned)).collect())
    }

    /// Writes an object over: for what others keep there in that manner.
    pub(super) async fn replace(&self, key: &str, bytes: Vec<u8>) -> Result<(), Error> {
        self.objects.put(&self.path(key), PutPayload::from(bytes)).await.map(drop).map_err(Error::bucket("write", key))
    }

    /// Removes an object; one that is gone is fine.
    pub(crate) async fn delete(&self, key: &str) -> Result<(), Error> {
        match self.objects.delete(&self.path(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(Error::bucket("remove", key)(error)),
        }
    }

    fn path(&self, key: &str) -> Path {
        key.split('/').fold(self.prefix.clone(), |path, part| path.join(part))
    }
}

fn endpoint(access: &Access) -> Option<String> {
    access.endpoint.clone().or_else(|| std::env::var("AWS_ENDPOINT_URL_S3").ok()).or_else(|| std::env::var("AWS_ENDPOINT_URL").ok())
}

/// What is none is refused here, in our words: the library takes it, and panics later.
fn is_endpoint(endpoint: &str) -> Result<(), Error> {
    let is_one = Url::parse(endpoint).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let refused = || Error::Address { url: endpoint.to_owned(), why: "as an endpoint: http://host:port, or https".to_owned() };
    if is_one { Ok(()) } else { Err(refused()) }
}

fn s3(url: &Url, access: &Access) -> Result<Arc<dyn ObjectStore>, Error> {
    let refused = |why: String| Error::Address { url: url.to_string(), why };
    let bucket = url.host_str().ok_or_else(|| refused("the bucket's name is missing".to_owned()))?;
    let backoff = BackoffConfig { init_backoff: Duration::from_millis(50), max_backoff: Duration::from_secs(2), base: 2.0 };
    let mut client = ClientOptions::new().with_timeout(CALL).with_connect_timeout(Duration::from_secs(5)).with_allow_http(true);
    let mut builder =
        AmazonS3Builder::from_env().with_bucket_name(bucket).with_retry(RetryConfig { backoff, max_retries: 6, retry_timeout: TRIES });
    if let Some(endpoint) = endpoint(access) {
        is_endpoint(&endpoint)?;
        // who does not speak TLS need not read whom this machine trusts: that takes as long as several calls
        client = client.with_no_system_certificates(endpoint.starts_with("http://"));
        builder = builder.with_endpoint(endpoint).with_virtual_hosted_style_request(false);
    }
    if let Some(region) = &access.region {
        builder = builder.with_region(region);
    }
    let said = |name: &str| std::env::var(name).unwrap_or_default();
    let id = access.keys.as_ref().map_or_else(|| said("AWS_ACCESS_KEY_ID"), |(id, ..)| id.clone());
    // it becomes a part of a header
    if !id.bytes().all(|sign| sign.is_ascii_graphic()) {
        return Err(refused("the id of the access key has signs that no key has".to_owned()));
    }
    if let Some((id, key, token)) = &access.keys {
        builder = builder.with_access_key_id(id).with_secret_access_key(key.expose());
        builder = token.iter().fold(builder, |builder, token| builder.with_token(token.expose()));
    }
    let built = builder.with_client_options(client).build().map_err(|error| refused(error.to_string()))?;
    Ok(Arc::new(built))
}

fn folder(url: &Url) -> Result<Arc<dyn ObjectStore>, Error> {
    let path = url.to_file_path().map_err(|()| Error::Address { url: url.to_string(), why: "no path of this machine".to_owned() })?;
    // what others of this machine may read they would read of all databases
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&path).map_err(Error::disk("make the folder", &path))?;
    let store = LocalFileSystem::new_with_prefix(&path).map_err(Error::bucket("open", &path.to_string_lossy()))?;
    Ok(Arc::new(store.with_fsync(true)))
}
