//! Where in S3 an OrioleDB keeps its databases, by what an instance's environment says of its bucket.

use std::path::Path;

use iasql::{node::Orioledb, resource::Secret, store};
use url::Url;

/// What `said` has under the names that all clients of S3 know.
///
/// # Errors
/// A sentence that names what is missing, or what OrioleDB can't do.
pub(super) fn of(bin: &Path, bucket: &str, lock: u64, said: impl Fn(&str) -> Option<String>) -> Result<Orioledb, String> {
    let url = Url::parse(bucket).ok().filter(|url| url.scheme() == "s3");
    let url = url.ok_or_else(|| format!("OrioleDB keeps its files in S3, and {bucket} is none: s3://bucket/prefix"))?;
    let bucket = url.host_str().ok_or("the bucket's name is missing: s3://bucket/prefix")?;
    let missing = |name: &str| format!("{name} is not set, and OrioleDB has no other way to know it");
    let needs = |name: &str| said(name).ok_or_else(|| missing(name));
    if said("AWS_SESSION_TOKEN").is_some() {
        return Err("AWS_SESSION_TOKEN is set, and OrioleDB knows nothing of keys that end: give it an access key of its own".to_owned());
    }
    let (key_id, secret) = (needs("AWS_ACCESS_KEY_ID")?, Secret::new(needs("AWS_SECRET_ACCESS_KEY")?));
    let region = said("AWS_REGION").or_else(|| said("AWS_DEFAULT_REGION")).ok_or_else(|| missing("AWS_REGION"))?;
    let within = url.path().trim_matches('/');
    let (host, https, prefix) = match said("AWS_ENDPOINT_URL_S3").or_else(|| said("AWS_ENDPOINT_URL")) {
        // the bucket's name goes into the path, as where we ourselves go by that address
        Some(endpoint) => {
            let (host, https) =
                place(&endpoint).ok_or_else(|| format!("{endpoint} is no address of S3: https://host or http://host:port"))?;
            (host, https, [bucket, within].join("/"))
        }
        None => (format!("{bucket}.s3.{region}.amazonaws.com"), true, within.to_owned()),
    };
    let (prefix, folder) = (prefix.trim_matches('/').to_owned(), store::ORIOLEDB_FOLDER.to_owned());
    Ok(Orioledb { bin: bin.to_owned(), host, https, prefix, folder, region, key_id, secret, lock })
}

/// The host with its port, where that is another one than the scheme's own, and whether it is by HTTPS.
fn place(endpoint: &str) -> Option<(String, bool)> {
    let url = Url::parse(endpoint).ok()?;
    let https = match url.scheme() {
        "https" => true,
        "http" => false,
        _ => return None,
    };
    let host = url.host_str()?;
    Some((url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")), https))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [(&str, &str); 3] = [("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "a secret"), ("AWS_REGION", "auto")];

    fn with(more: &[(&str, &str)], bucket: &str) -> Result<Orioledb, String> {
        let known: Vec<_> = KEYS.iter().chain(more).rev().copied().collect();
        of(Path::new("/bin"), bucket, 3, |name| known.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn by_an_endpoint_the_bucket_is_in_the_prefix_and_without_one_in_the_host() {
        let shown = |found: Orioledb| (found.host, found.https, found.prefix);
        let tigris = [("AWS_ENDPOINT_URL", "https://fly.storage.tigris.dev")];
        assert_eq!(shown(with(&tigris, "s3://files").expect("a place")), ("fly.storage.tigris.dev".to_owned(), true, "files".to_owned()));
        let here = [("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:5000/"), tigris[0]];
        assert_eq!(shown(with(&here, "s3://files/a/b/").expect("a place")), ("127.0.0.1:5000".to_owned(), false, "files/a/b".to_owned()));
        let aws = shown(with(&[("AWS_REGION", "eu-west-1")], "s3://files/a").expect("a place"));
        assert_eq!(aws, ("files.s3.eu-west-1.amazonaws.com".to_owned(), true, "a".to_owned()));
    }

    #[test]
    fn what_it_can_not_do_without_is_named() {
        for (more, bucket, said) in [
            (("X", ""), "file:///tmp/files", "file:///tmp/files is none"),
            (("AWS_SESSION_TOKEN", "a token"), "s3://files", "AWS_SESSION_TOKEN is set"),
            (("AWS_ENDPOINT_URL", "127.0.0.1:5000"), "s3://files", "127.0.0.1:5000 is no address"),
        ] {
            let error = with(&[more], bucket).expect_err("a refusal");
            assert!(error.contains(said) && !error.contains("a token"), "{error}");
        }
        for (name, _) in KEYS {
            let error = of(Path::new("/bin"), "s3://files", 3, |asked| {
                KEYS.iter().find(|(known, _)| *known == asked && asked != name).map(|(_, value)| (*value).to_owned())
            });
            assert!(error.expect_err("a refusal").starts_with(name));
        }
    }
}
