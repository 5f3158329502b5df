//! Tigris' IAM, strict: it has no users, knows a few calls, and refuses what Tigris is said to refuse.
//!
//! Where a call says "user" it means a key's id, but for the creation of a key, which takes a name. A policy's version, actions and buckets are looked at, and
//! what is attached is not deleted. What no client of Tigris' would ask for is a fault of ours: noted, and asked for at the end of each test.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use iasql::tigris::Tigris;
use serde_json::Value;
use tokio::net::TcpListener;

use super::strict::{KEY, Strict};

/// What a policy may name.
const ACTIONS: [&str; 7] = [
    "s3:AbortMultipartUpload",
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:ListBucketMultipartUploads",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
];
/// How many are told on a page.
const PAGE: usize = 2;
/// Whose account it is: a part of the names of policies.
const ORGANIZATION: &str = "flyio_0123456789";

/// A key as it is there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) secret: String,
    pub(super) status: String,
    /// The policies that are attached, by their names.
    pub(super) policies: BTreeSet<String>,
}

/// It, and what became of it so far.
#[derive(Clone)]
pub(super) struct Iam(Arc<Site>);

struct Site {
    address: String,
    strict: Strict,
    state: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    made: usize,
    keys: BTreeMap<String, Key>,
    policies: BTreeMap<String, Value>,
    heard: Vec<String>,
    faults: Vec<String>,
    /// The call whose next answer gets lost.
    loses: Option<String>,
}

type Answer = Result<String, (u16, &'static str, String)>;

fn absent(what: &str) -> (u16, &'static str, String) {
    (404, "NoSuchEntity", format!("{what} not found"))
}

impl Iam {
    /// That of the account whose buckets these are.
    pub(super) async fn beside(strict: &Strict) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("its address"));
        let iam = Self(Arc::new(Site { address, strict: strict.clone(), state: Mutex::default() }));
        let router = Router::new().fallback(answer).with_state(iam.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        iam
    }

    /// Where it answers.
    pub(super) fn address(&self) -> &str {
        &self.0.address
    }

    /// The way to the account's buckets and to it.
    pub(super) fn way(&self) -> Tigris {
        self.0.strict.way_with(&self.0.address)
    }

    fn state(&self) -> MutexGuard<'_, Known> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys by their ids.
    pub(super) fn keys(&self) -> BTreeMap<String, Key> {
        self.state().keys.clone()
    }

    /// The only key.
    pub(super) fn key(&self) -> (String, Key) {
        let mut keys = self.keys();
        assert_eq!(keys.len(), 1, "{keys:?}");
        keys.pop_first().expect("a key")
    }

    /// The policies by their names.
    pub(super) fn policies(&self) -> BTreeMap<String, Value> {
        self.state().policies.clone()
    }

    /// Somebody else changes something.
    pub(super) fn change(&self, change: impl FnOnce(&mut BTreeMap<String, Key>, &mut BTreeMap<String, Value>)) {
        let Known { keys, policies, .. } = &mut *self.state();
        change(keys, policies);
    }

    /// The next answer to this call gets lost.
    pub(super) fn lose(&self, action: &str) {
        self.state().loses = Some(action.to_owned());
    }

    /// The changing calls since the last time, and never a fault.
    pub(super) fn changes(&self) -> Vec<String> {
        assert_eq!(self.state().faults, [""; 0]);
        let heard = std::mem::take(&mut self.state().heard);
        heard.into_iter().filter(|action| !action.starts_with("List") && !action.starts_with("Get")).collect()
    }
}

impl Known {
    fn fault(&mut self, said: impl Into<String>) -> (u16, &'static str, String) {
        let said = said.into();
        self.faults.push(said.clone());
        (400, "InvalidArgument", said)
    }

    fn create_key(&mut self, asked: &BTreeMap<String, String>) -> Answer {
        let name = asked.get("UserName").cloned().unwrap_or_default();
        let signs = |name: &str| name.chars().all(|sign| sign.is_ascii_alphanumeric() || "_+=,.@-".contains(sign));
        if name.len() > 128 || !signs(&name) {
            return Err(self.fault(format!("{name} is no name of a key")));
        }
        self.made += 1;
        let (id, secret) = (format!("tid_key_Number{}", self.made), format!("tsec_hunter2+made/{}", self.made));
        let told = format!(
            "<AccessKey><UserName>{name}</UserName><AccessKeyId>{id}</AccessKeyId><Status>Active</Status><SecretAccessKey>{secret}</SecretAccessKey></AccessKey>"
        );
        self.keys.insert(id, Key { name, secret, status: "Active".into(), policies: BTreeSet::new() });
        Ok(told)
    }

    fn create_policy(&mut self, asked: &BTreeMap<String, String>, has: impl Fn(&str) -> bool) -> Answer {
        let name = asked.get("PolicyName").cloned().unwrap_or_default();
        let document: Value = serde_json::from_str(asked.get("PolicyDocument").map_or("", String::as_str)).unwrap_or_default();
        if name.is_empty() || name.len() > 128 {
            return Err(self.fault(format!("{name} is no name of a policy")));
        }
        if document["Version"] != "2012-10-17" {
            return Err(self.fault("a policy of another version"));
        }
        let texts = |value: &Value| value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>();
        for statement in document["Statement"].as_array().into_iter().flatten() {
            if let Some(action) = texts(&statement["Action"]).iter().find(|action| !ACTIONS.contains(&action.as_str())) {
                return Err(self.fault(format!("there is no action {action}")));
            }
            for resource in texts(&statement["Resource"]) {
                let bucket = resource.strip_prefix("arn:aws:s3:::").unwrap_or_default().trim_end_matches("/*");
                if !has(bucket) {
                    return Err((400, "MalformedPolicyDocument", format!("there is no bucket for {resource}")));
                }
            }
        }
        if self.policies.contains_key(&name) {
            return Err((409, "EntityAlreadyExists", format!("a policy called {name} already exists")));
        }
        let told = format!("<Policy>{}</Policy>", policy(&name));
        self.policies.insert(name, document);
        Ok(told)
    }

    fn attach(&mut self, asked: &BTreeMap<String, String>, is_on: bool) -> Answer {
        let name = self.policy_of(asked)?;
        let key = asked.get("UserName").and_then(|id| self.keys.get_mut(id)).ok_or_else(|| absent("Access key"))?;
        let changed = if is_on { key.policies.insert(name) } else { key.policies.remove(&name) };
        if changed || is_on { Ok(String::new()) } else { Err(absent("Attachment")) }
    }

    fn policy_of(&self, asked: &BTreeMap<String, String>) -> Result<String, (u16, &'static str, String)> {
        let arn = asked.get("PolicyArn").map_or("", String::as_str);
        let name = arn.strip_prefix(&format!("arn:aws:iam::{ORGANIZATION}:policy/")).filter(|name| self.policies.contains_key(*name));
        name.map(str::to_owned).ok_or_else(|| absent("Policy"))
    }

    fn change_key(&mut self, asked: &BTreeMap<String, String>, status: Option<&String>) -> Answer {
        let id = asked.get("AccessKeyId").cloned().unwrap_or_default();
        if asked.contains_key("UserName") {
            return Err(self.fault("a key has no user"));
        }
        let key = self.keys.get_mut(&id).ok_or_else(|| absent("Access key"))?;
        match status {
            Some(status) => key.status.clone_from(status),
            None if key.policies.is_empty() => drop(self.keys.remove(&id)),
            None => return Err((409, "DeleteConflict", "policies are attached to it".into())),
        }
        Ok(String::new())
    }

    fn delete_policy(&mut self, asked: &BTreeMap<String, String>) -> Answer {
        let name = self.policy_of(asked)?;
        if self.keys.values().any(|key| key.policies.contains(&name)) {
            return Err((409, "DeleteConflict", "it is attached to a key".into()));
        }
        self.policies.remove(&name);
        Ok(String::new())
    }

    fn told(&mut self, action: &str, asked: &BTreeMap<String, String>) -> Answer {
        match action {
            "ListAccessKeys" if asked.contains_key("UserName") => Err(self.fault("there are no users whose keys could be listed")),
            // as its own client spells it
            "ListAccessKeys" => Ok(page(
                asked,
                "AccessKeyMetadata",
                self.keys.iter().map(|(id, key)| {
                    let (name, status) = (&key.name, key.status.to_lowercase());
                    format!("<UserName>{name}</UserName><AccessKeyId>{id}</AccessKeyId><Status>{status}</Status>")
                }),
            )),
            "ListPolicies" => Ok(page(asked, "Policies", self.policies.keys().map(|name| policy(name)))),
            "ListUserPolicies" => {
                let key = asked.get("UserName").and_then(|id| self.keys.get(id)).ok_or_else(|| absent("Access key"))?;
                Ok(page(asked, "PolicyNames", key.policies.iter().cloned()))
            }
            "GetPolicyVersion" => {
                let name = self.policy_of(asked)?;
                let said: String = self.policies[&name].to_string().replace('%', "%25").replace('"', "%22").replace('&', "%26");
                Ok(format!("<PolicyVersion><Document>{said}</Document><VersionId>v1</VersionId></PolicyVersion>"))
            }
            _ => {
                self.fault(format!("there is no {action}"));
                Err((501, "NotImplemented", format!("{action} is not implemented")))
            }
        }
    }
}

fn policy(name: &str) -> String {
    let arn = format!("arn:aws:iam::{ORGANIZATION}:policy/{name}");
    format!("<PolicyName>{name}</PolicyName><Arn>{arn}</Arn><DefaultVersionId>v1</DefaultVersionId>")
}

/// A page of a list.
fn page(asked: &BTreeMap<String, String>, name: &str, all: impl Iterator<Item = String>) -> String {
    let from: usize = asked.get("Marker").and_then(|marker| marker.parse().ok()).unwrap_or_default();
    let mut rest = all.skip(from);
    let members: String = rest.by_ref().take(PAGE).map(|one| format!("<member>{one}</member>")).collect();
    let more = rest.next().map_or(String::new(), |_| format!("<Marker>{}</Marker>", from + PAGE));
    format!("<{name}>{members}</{name}><IsTruncated>{}</IsTruncated>{more}", !more.is_empty())
}

async fn answer(State(iam): State<Iam>, headers: HeaderMap, body: String) -> Response {
    let form = reqwest::Url::parse(&format!("http://x/?{body}")).expect("a form");
    let asked: BTreeMap<String, String> = form.query_pairs().into_owned().collect();
    let action = asked.get("Action").cloned().unwrap_or_default();
    let signed = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut known = iam.state();
    known.heard.push(action.clone());
    let said = match &*action {
        _ if !signed.contains(KEY[0]) => Err((403, "InvalidClientTokenId", "the key is not known".to_owned())),
        _ if !signed.contains("/iam/aws4_request") => Err(known.fault("signed for another service")),
        "CreateAccessKey" => known.create_key(&asked),
        "UpdateAccessKey" => known.change_key(&asked, asked.get("Status")),
        "DeleteAccessKey" => known.change_key(&asked, None),
        "CreatePolicy" => known.create_policy(&asked, |bucket| iam.0.strict.known(bucket).is_some()),
        "AttachUserPolicy" => known.attach(&asked, true),
        "DetachUserPolicy" => known.attach(&asked, false),
        "DeletePolicy" => known.delete_policy(&asked),
        _ => known.told(&action, &asked),
    };
    let is_lost = known.loses.take_if(|loses| *loses == action).is_some();
    let (status, text) = match said {
        _ if is_lost => (502, String::new()),
        Ok(said) => (200, format!("<{action}Response><{action}Result>{said}</{action}Result></{action}Response>")),
        Err((status, code, said)) => (
            status,
            format!("<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{said}</Message></Error></ErrorResponse>"),
        ),
    };
    (StatusCode::from_u16(status).expect("a status"), [(header::CONTENT_TYPE, "text/xml")], text).into_response()
}
