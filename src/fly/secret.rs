//! A secret of an app: its value goes out and never comes back, a digest tells whether it is still the same.

use aws_lc_rs::digest;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{apart, error::strange, kept_key, way::Fly};
use crate::resource::{Error, Kind, Observed, Owner, Resource, Scope, gone};

/// How many letters and digits tell the secrets of an app from others.
const MARK: usize = 32;

/// A row of `fly.secret`. It has no tag and no version on Fly: that it is ours, and which value it has, stands in what the engine remembers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Secret {
    app: String,
    name: String,
    value: Option<crate::resource::Secret>,
    value_version: Option<Uuid>,
    digest: Option<String>,
    secret_id: Option<String>,
}

impl Resource for Secret {
    const TABLE: &'static str = "fly.secret";
    const SCOPE: Scope = Scope::Global;
    // a machine has secrets as they were at its last update
    const SHOWS_IN: &'static [&'static str] = &["fly.machine"];
    type Cloud = Fly;

    async fn list(fly: &Fly, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        const OPERATION: &str = "Secrets_list";
        let mut all = vec![];
        for (app, answer) in apart::all(fly, OPERATION, "secrets").await? {
            let told = told(OPERATION, &answer)?;
            let names: Vec<_> = told.iter().map(|(name, _)| name.as_str()).collect();
            // a key of Tigris' that is kept there comes and goes with its own row
            let implicit = |name: &str| kept_key::of_a_key(&names, name);
            let seen =
                |(name, digest): &(String, String)| Observed::of(Self::shown(&app, name.clone(), digest.clone())).implicit(implicit(name));
            all.extend(told.iter().map(seen));
        }
        Ok(all)
    }

    async fn create(self, _: &Owner, fly: &Fly) -> Result<Observed<Self>, Error> {
        self.written(fly).await
    }

    async fn update(self, was: Observed<Self>, _: &Owner, fly: &Fly) -> Result<Observed<Self>, Error> {
        if self.value.is_none() || self.value_version == was.row.value_version {
            return Ok(was);
        }
        self.written(fly).await
    }

    async fn delete(self, fly: &Fly) -> Result<Option<Observed<Self>>, Error> {
        match fly.delete("Secret_delete", &["apps", &self.app, "secrets", &self.name]).await {
            Ok(answer) => fly.note_secrets(&self.app, &answer),
            refused => gone(refused)?,
        }
        Ok(None)
    }
}

impl Secret {
    async fn written(self, fly: &Fly) -> Result<Observed<Self>, Error> {
        const OPERATION: &str = "Secret_create";
        let needed = || Error::new(OPERATION, Kind::Invalid, "a new secret needs a value, and the column value is NULL");
        let value = self.value.as_ref().ok_or_else(needed)?;
        let path = ["apps", &*self.app, "secrets", &*self.name];
        let answer = fly.send(OPERATION, Method::POST, &path, json!({ "value": value.expose() })).await?;
        let digest = answer["digest"].as_str().ok_or_else(|| strange(OPERATION, "digest"))?.to_owned();
        fly.note_secrets(&self.app, &answer);
        Ok(Observed::of(Self { value_version: self.value_version, ..Self::shown(&self.app, self.name.clone(), digest) }))
    }

    fn shown(app: &str, name: String, digest: String) -> Self {
        let secret_id = Some(format!("{app}/{name}"));
        Self { app: app.to_owned(), name, value: None, value_version: None, digest: Some(digest), secret_id }
    }
}

/// The names and digests in an answer, in the names' order.
fn told(operation: &'static str, answer: &Value) -> Result<Vec<(String, String)>, Error> {
    let secrets = answer["secrets"].as_array().ok_or_else(|| strange(operation, "secrets"))?;
    let one = |secret: &Value| Some((secret["name"].as_str()?.to_owned(), secret["digest"].as_str()?.to_owned()));
    let all = secrets.iter().map(|secret| one(secret).ok_or_else(|| strange(operation, "name and digest")));
    let mut all = all.collect::<Result<Vec<_>, _>>()?;
    all.sort_unstable();
    Ok(all)
}

/// The names of an app's secrets.
pub(super) async fn names(fly: &Fly, app: &str) -> Result<Vec<String>, Error> {
    const OPERATION: &str = "Secrets_list";
    let answer = fly.get(OPERATION, &["apps", app, "secrets"], &[]).await?;
    Ok(told(OPERATION, &answer)?.into_iter().map(|(name, _)| name).collect())
}

/// The same of all apps, by theirs.
pub(super) async fn names_by_app(fly: &Fly) -> Result<Vec<(String, Vec<String>)>, Error> {
    const OPERATION: &str = "Secrets_list";
    let all = apart::all(fly, OPERATION, "secrets").await?.into_iter();
    all.map(|(app, answer)| Ok((app, told(OPERATION, &answer)?.into_iter().map(|(name, _)| name).collect()))).collect()
}

/// What the secrets of an app are known by as they are now; empty where it has none.
///
/// None: the token may not see them.
pub(super) async fn mark(fly: &Fly, app: &str) -> Result<Option<String>, Error> {
    const OPERATION: &str = "Secrets_list";
    match fly.get(OPERATION, &["apps", app, "secrets"], &[]).await {
        Err(error) if error.is_absent() => Ok(Some(String::new())),
        Err(error) if error.kind == Kind::Denied => Ok(None),
        answer => Ok(Some(mark_of(&told(OPERATION, &answer?)?))),
    }
}

fn mark_of(secrets: &[(String, String)]) -> String {
    if secrets.is_empty() {
        return String::new();
    }
    let text: String = secrets.iter().map(|(name, digest)| format!("{name} {digest}\n")).collect();
    let sum = digest::digest(&digest::SHA256, text.as_bytes());
    sum.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>().chars().take(MARK).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_another_one_when_a_secret_is_another_one() {
        let secret = |name: &str, digest: &str| (name.to_owned(), digest.to_owned());
        let mark = |secrets: &[(String, String)]| mark_of(secrets);
        let one = mark(&[secret("A", "1")]);
        assert_eq!((mark(&[]).len(), one.len()), (0, MARK));
        assert!(one != mark(&[secret("A", "2")]) && one != mark(&[secret("B", "1")]) && one != mark(&[secret("A", "1"), secret("B", "1")]));
    }

    #[test]
    fn secrets_in_another_order_are_the_same() {
        let told = |names: [&str; 2]| {
            told("Secrets_list", &json!({ "secrets": names.map(|name| json!({ "name": name, "digest": "1" })) })).unwrap()
        };
        assert_eq!(told(["A", "B"]), told(["B", "A"]));
    }
}
