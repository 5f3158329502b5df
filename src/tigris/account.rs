//! Whose Tigris account it is, and where it answers.

use std::env;

use reqwest::Url;

use crate::resource::Secret;

/// Where Tigris answers from everywhere (www.tigrisdata.com/docs/sdks/s3/aws-cli/, "Service endpoints").
const PUBLIC: &str = "https://t3.storage.dev";
/// Below which names Tigris answers: t3.storage.dev, and fly.storage.tigris.dev of older add-ons; and where its IAM does for those who come there
/// (www.tigrisdata.com/docs/iam/).
const OWN: [(&str, &str); 2] = [(".storage.dev", "https://iam.storage.dev"), (".storage.tigris.dev", "https://fly.iam.storage.tigris.dev")];

/// Whose Tigris account it is, and where it answers.
#[derive(Clone, Debug)]
pub struct Account {
    /// The address: `https://t3.storage.dev`.
    pub address: String,
    /// Where its IAM answers: `https://iam.storage.dev`.
    pub iam_address: String,
    /// What Tigris knows us by. Without any, every call is refused before it is made.
    pub keys: Option<Keys>,
}

/// An access key.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Its name: `tid_…`.
    pub id: String,
    /// What is signed with: `tsec_…`.
    pub secret: Secret,
}

impl Account {
    /// As the environment says it: `TIGRIS_ENDPOINT_URL`, `TIGRIS_IAM_ENDPOINT_URL`, `TIGRIS_ACCESS_KEY_ID` and `TIGRIS_SECRET_ACCESS_KEY`. Where none of them is set, what Fly's storage
    /// add-on sets for an app: `AWS_ENDPOINT_URL_S3`, `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, if that is Tigris.
    pub fn from_environment() -> Self {
        Self::said(|name| env::var(name).ok().filter(|value| !value.is_empty()))
    }

    /// As the environment says it, else the S3 of the local cloud, which takes any keys: where the cloud is an emulator nothing of yours is touched unasked.
    pub fn beside_emulated(endpoint: &str) -> Self {
        let local = |name: &str| match name {
            "TIGRIS_ENDPOINT_URL" => Some(endpoint.to_owned()),
            "TIGRIS_ACCESS_KEY_ID" | "TIGRIS_SECRET_ACCESS_KEY" => Some("test".to_owned()),
            _ => None,
        };
        if env::var_os("TIGRIS_ENDPOINT_URL").is_some() { Self::from_environment() } else { Self::said(local) }
    }

    fn said(by: impl Fn(&str) -> Option<String>) -> Self {
        let keys = |id, secret| Some(Keys { id: by(id)?, secret: Secret::new(by(secret)?) });
        const NAMES: [&str; 4] = ["TIGRIS_ENDPOINT_URL", "TIGRIS_IAM_ENDPOINT_URL", "TIGRIS_ACCESS_KEY_ID", "TIGRIS_SECRET_ACCESS_KEY"];
        let of_an_app = by("AWS_ENDPOINT_URL_S3").filter(|address| is_tigris(address));
        let (address, keys) = match of_an_app {
            // all of it or nothing: nobody's key goes to another address than its own
            Some(address) if NAMES.iter().all(|name| by(name).is_none()) => (address, keys("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")),
            _ => (by(NAMES[0]).unwrap_or_else(|| PUBLIC.to_owned()), keys(NAMES[2], NAMES[3])),
        };
        let iam_address = by(NAMES[1]).unwrap_or_else(|| iam_of(&address));
        Self { address, iam_address, keys }
    }

    /// Whether it is Tigris itself that answers there, and no emulator.
    pub(super) fn is_tigris(&self) -> bool {
        is_tigris(&self.address)
    }
}

fn is_tigris(address: &str) -> bool {
    own(address).is_some()
}

/// Where the IAM is of the S3 at this address: an emulator has both in one place.
fn iam_of(address: &str) -> String {
    own(address).unwrap_or(address).to_owned()
}

fn own(address: &str) -> Option<&'static str> {
    let url = Url::parse(address).ok()?;
    let host = url.host_str()?;
    OWN.iter().find(|(below, _)| host.ends_with(below)).map(|(_, iam)| *iam)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(variables: &[(&str, &str)]) -> (String, Option<String>) {
        let by = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let account = Account::said(by);
        (account.address, account.keys.map(|keys| format!("{} {}", keys.id, keys.secret.expose())))
    }

    const APP: [(&str, &str); 4] = [
        ("AWS_ENDPOINT_URL_S3", "https://fly.storage.tigris.dev"),
        ("AWS_ACCESS_KEY_ID", "tid_app"),
        ("AWS_SECRET_ACCESS_KEY", "tsec_app"),
        ("BUCKET_NAME", "polished-thunder-5646"),
    ];
    const OURS: [(&str, &str); 2] = [("TIGRIS_ACCESS_KEY_ID", "tid_own"), ("TIGRIS_SECRET_ACCESS_KEY", "tsec_own")];

    #[test]
    fn its_own_variables_say_it_and_the_address_is_the_public_one_where_nothing_is_said() {
        assert_eq!(said(&OURS), (PUBLIC.to_owned(), Some("tid_own tsec_own".to_owned())));
        assert_eq!(said(&[OURS[0]]), (PUBLIC.to_owned(), None), "a name without its secret is none");
        let elsewhere = [OURS[0], OURS[1], ("TIGRIS_ENDPOINT_URL", "http://127.0.0.1:5000")];
        assert_eq!(said(&elsewhere).0, "http://127.0.0.1:5000");
    }

    #[test]
    fn what_flys_add_on_sets_is_taken_as_a_whole_or_not_at_all() {
        assert_eq!(said(&APP), (APP[0].1.to_owned(), Some("tid_app tsec_app".to_owned())));
        assert_eq!(said(&[&APP[..], &OURS[..]].concat()), (PUBLIC.to_owned(), Some("tid_own tsec_own".to_owned())));
        let elsewhere = [&APP[..], &[("TIGRIS_ENDPOINT_URL", "http://127.0.0.1:5000")]].concat();
        assert_eq!(said(&elsewhere), ("http://127.0.0.1:5000".to_owned(), None));
    }

    #[test]
    fn its_iam_is_where_its_s3_is_unless_somebody_says_where() {
        let iam = |variables: &[(&str, &str)]| {
            let by = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            Account::said(by).iam_address
        };
        assert_eq!(iam(&OURS), "https://iam.storage.dev");
        assert_eq!(iam(&APP), "https://fly.iam.storage.tigris.dev");
        let local = [OURS[0], OURS[1], ("TIGRIS_ENDPOINT_URL", "http://127.0.0.1:5000")];
        assert_eq!(iam(&local), "http://127.0.0.1:5000");
        let elsewhere = [&APP[..], &[("TIGRIS_IAM_ENDPOINT_URL", "http://127.0.0.1:5001")]].concat();
        assert_eq!((&*iam(&elsewhere), said(&elsewhere).1), ("http://127.0.0.1:5001", None), "an app's key goes to no other address");
    }

    #[test]
    fn another_s3_is_not_taken_for_tigris() {
        for address in
            ["https://s3.eu-central-1.amazonaws.com", "https://storage.dev.example.com", "http://127.0.0.1:5000", "t3.storage.dev"]
        {
            let variables = [("AWS_ENDPOINT_URL_S3", address), APP[1], APP[2]];
            assert_eq!(said(&variables), (PUBLIC.to_owned(), None), "{address}");
        }
        assert!(is_tigris(PUBLIC));
    }
}
