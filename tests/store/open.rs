//! Which stores are used, and which are refused.

use std::sync::Arc;

use futures::{future::BoxFuture, stream::BoxStream};
use iasql::{
    resource::Secret,
    store::{Access, Bucket, Error},
};
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMode, PutMultipartOptions, PutOptions,
    PutPayload, PutResult, Result, memory::InMemory, path::Path,
};

/// A store that makes an object as often as it is asked to.
#[derive(Debug)]
struct Heedless(InMemory);

impl std::fmt::Display for Heedless {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("heedless")
    }
}

// as the trait's own macro writes it
impl ObjectStore for Heedless {
    fn put_opts<'a, 'b, 'c>(&'a self, to: &'b Path, payload: PutPayload, options: PutOptions) -> BoxFuture<'c, Result<PutResult>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        self.0.put_opts(to, payload, PutOptions { mode: PutMode::Overwrite, ..options })
    }

    fn put_multipart_opts<'a, 'b, 'c>(
        &'a self,
        to: &'b Path,
        options: PutMultipartOptions,
    ) -> BoxFuture<'c, Result<Box<dyn MultipartUpload>>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        self.0.put_multipart_opts(to, options)
    }

    fn get_opts<'a, 'b, 'c>(&'a self, from: &'b Path, options: GetOptions) -> BoxFuture<'c, Result<GetResult>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        self.0.get_opts(from, options)
    }

    fn delete_stream(&self, keys: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.0.delete_stream(keys)
    }

    fn list(&self, below: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.0.list(below)
    }

    fn list_with_delimiter<'a, 'b, 'c>(&'a self, below: Option<&'b Path>) -> BoxFuture<'c, Result<ListResult>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        self.0.list_with_delimiter(below)
    }

    fn copy_opts<'a, 'b, 'd, 'c>(&'a self, from: &'b Path, to: &'d Path, options: CopyOptions) -> BoxFuture<'c, Result<()>>
    where
        'a: 'c,
        'b: 'c,
        'd: 'c,
        Self: 'c,
    {
        self.0.copy_opts(from, to, options)
    }
}

#[tokio::test]
async fn a_store_that_ignores_if_none_match_is_refused() {
    let refused = Bucket::over(Arc::new(Heedless(InMemory::new())), "").await.expect_err("refused");
    assert!(matches!(refused, Error::NoConditions(_)));
    assert!(refused.to_string().contains("ignores If-None-Match"), "{refused}");
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_and_no_key_in_it_is_repeated() {
    for url in ["shop", "http://127.0.0.1/x", "s3://", "s3://id:hunter2@bucket/x"] {
        let refused = Bucket::open(url, &Access::default()).await.expect_err("refused");
        assert!(matches!(refused, Error::Address { .. }), "{url}: {refused:?}");
        assert!(!refused.to_string().contains("hunter2"));
    }
}

#[tokio::test]
async fn an_endpoint_or_a_key_that_is_none_is_refused_before_anybody_is_asked() {
    let of = |endpoint: &str, id: &str| Access {
        endpoint: Some(endpoint.to_owned()),
        region: Some("auto".to_owned()),
        keys: Some((id.to_owned(), Secret::new("hunter2"), None)),
    };
    for endpoint in ["nonsense", "", "http://", "file:///tmp", "ftp://x"] {
        let refused = Bucket::open("s3://shop", &of(endpoint, "any")).await.expect_err("refused").to_string();
        assert!(refused.contains("as an endpoint: http://host:port"), "{refused}");
    }
    let refused = Bucket::open("s3://shop", &of("http://127.0.0.1:9", "a\nb")).await.expect_err("refused").to_string();
    assert!(refused.contains("the access key has signs that no key has") && !refused.contains("hunter2"), "{refused}");
}

#[tokio::test]
async fn a_bucket_that_was_tried_from_this_disk_is_not_tried_again() {
    let (place, (url, access, client)) = (super::place::Place::new(), super::place::in_the_cloud().await);
    let noted = place.join("tried/bucket");
    Bucket::open_once(&url, &access, &noted).await.expect("a bucket");
    let name = url.split('/').nth(2).expect("a name");
    client.delete_bucket().bucket(name).send().await.expect("nothing was left in it");
    Bucket::open_once(&url, &access, &noted).await.expect("it is known");
    let elsewhere =
        Access { region: access.region.clone(), endpoint: access.endpoint.clone().map(|url| format!("{url}/")), keys: access.keys.clone() };
    for (url, access) in [(url.replace("where", "else"), &access), (url.clone(), &elsewhere)] {
        let missed = Bucket::open_once(&url, access, &noted).await.expect_err("it is another one, and is tried");
        assert!(missed.lacks_bucket(), "{missed:?}");
    }
}

#[tokio::test]
async fn a_bucket_does_not_print_the_keys_to_it() {
    let shown = format!("{:?}", super::place::s3().await);
    assert!(shown.contains("store-") && !shown.contains("secret") && !shown.contains("key"), "{shown}");
}
