//! Where an access key of Tigris' is kept: its secret half is told once, and goes from there straight into the secrets of an app.

use std::collections::BTreeMap;

use aws_lc_rs::digest;
use reqwest::Method;
use serde_json::json;

use super::{secret, way::Fly};
use crate::resource::{Error, Secret, gone};

/// What a program finds its key by, as every client of S3 looks for it.
const NAMES: [&str; 2] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
/// How the secret begins whose name says which key the app has: of a secret only the name can be read.
const MARK: &str = "IASQL_TIGRIS_KEY_";
/// How many bytes of the digest of a key's id stand behind it.
const LENGTH: usize = 16;

/// What says that an app has this key.
fn mark(access_key_id: &str) -> String {
    let digest = digest::digest(&digest::SHA256, access_key_id.as_bytes());
    digest.as_ref().iter().take(LENGTH).fold(MARK.to_owned(), |mark, byte| format!("{mark}{byte:02X}"))
}

fn is_mark(name: &str) -> bool {
    name.starts_with(MARK)
}

/// Which of an app's secrets are a key's that is kept here: they go with that key, and are nobody else's.
pub(super) fn of_a_key(names: &[&str], name: &str) -> bool {
    is_mark(name) || NAMES.contains(&name) && names.iter().any(|name| is_mark(name))
}

/// Which keys an app has, as far as they were put there by [`Fly::keep_key`].
pub(crate) struct Kept(Vec<String>);

impl Kept {
    /// A key of which one half is missing is none.
    fn among(names: Vec<String>) -> Self {
        let has_both = NAMES.iter().all(|name| names.iter().any(|known| known == name));
        Self(names.into_iter().filter(|name| has_both && is_mark(name)).collect())
    }

    /// Whether it has this one.
    pub(crate) fn has(&self, access_key_id: &str) -> bool {
        self.0.contains(&mark(access_key_id))
    }
}

impl Fly {
    /// Which keys the organization's apps have.
    pub(crate) async fn kept_keys(&self) -> Result<BTreeMap<String, Kept>, Error> {
        let all = secret::names_by_app(self).await?.into_iter();
        Ok(all.map(|(app, names)| (app, Kept::among(names))).collect())
    }

    /// Puts both halves of a key among the secrets of an app, in the place of another one's, and what says so: all in one call.
    pub(crate) async fn keep_key(&self, app: &str, access_key_id: &str, half: &Secret) -> Result<(), Error> {
        let own = mark(access_key_id);
        let values = json!({ NAMES[0]: access_key_id, NAMES[1]: half.expose(), (own.as_str()): access_key_id });
        let answer = self.send("Secrets_update", Method::POST, &["apps", app, "secrets"], json!({ "values": values })).await;
        // whoever refuses it may repeat it
        let answer = answer.map_err(|error| Error { said: half.masked_in(&error.said), ..error })?;
        self.note_secrets(app, &answer);
        let others = self.names(app).await?.into_iter().filter(|name| is_mark(name) && *name != own);
        for other in others {
            self.drop_secret(app, &other).await?;
        }
        Ok(())
    }

    /// Takes a key away from an app that has it; one that has another one by now keeps that.
    pub(crate) async fn forget_key(&self, app: &str, access_key_id: &str) -> Result<(), Error> {
        let (names, own) = (self.names(app).await?, mark(access_key_id));
        if names.iter().filter(|name| is_mark(name)).eq([&own]) {
            for name in NAMES {
                self.drop_secret(app, name).await?;
            }
        }
        // this one last: as long as it is there, the others are known as the key's
        self.drop_secret(app, &own).await
    }

    async fn names(&self, app: &str) -> Result<Vec<String>, Error> {
        match secret::names(self, app).await {
            Err(error) if error.is_absent() => Ok(vec![]),
            names => names,
        }
    }

    async fn drop_secret(&self, app: &str, name: &str) -> Result<(), Error> {
        match self.delete("Secret_delete", &["apps", app, "secrets", name]).await {
            Ok(answer) => self.note_secrets(app, &answer),
            refused => gone(refused)?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_a_variable_that_says_which_key_it_is_and_not_what_it_is() {
        let [one, other] = ["tid_one", "tid_other"].map(mark);
        assert!(one != other && is_mark(&one) && one.len() == MARK.len() + 2 * LENGTH && !one.contains("one"), "{one}");
        assert!(Kept(vec![one.clone()]).has("tid_one") && !Kept(vec![one]).has("tid_other"));
    }

    #[test]
    fn without_a_mark_the_secrets_of_that_name_are_the_users_own() {
        let own = mark("tid_one");
        let with: Vec<&str> = NAMES.into_iter().chain([own.as_str(), "WORD"]).collect();
        assert!(with[..3].iter().all(|name| of_a_key(&with, name)) && !of_a_key(&with, "WORD"));
        assert!(!NAMES.iter().any(|name| of_a_key(&NAMES, name)));
    }
}
