//! Whose Fly organization a database is about: its own, that of its secret, or that of the engine's environment.

use super::{Control, Error, NoCredentials, credentials::Held};
use crate::{fly::Fly, resource::Secret};

/// A database's own organization, with the token as it is kept: sealed.
#[derive(Clone, PartialEq)]
pub(super) struct FlyAccount {
    pub(super) organization: String,
    pub(super) sealed: String,
}

/// What is asked of a setup about a database's own organization.
#[derive(Clone, Debug)]
pub enum FlyWish {
    /// It is to have this one.
    Have {
        /// The token for it.
        token: Secret,
        /// Its short name; `personal` where none is named.
        organization: Option<String>,
    },
    /// It is to have none of its own.
    Forget,
}

impl Control {
    /// Keeps a database's own Fly organization, or forgets it.
    ///
    /// # Errors
    /// When there is no key to seal a token with, or the metadata database fails.
    pub async fn set_fly(&self, database: &str, wish: &FlyWish) -> Result<(), Error> {
        self.forget_drivers(database);
        let procs = &self.services.http.procs;
        let FlyWish::Have { token, organization } = wish else { return Ok(procs.fly_account_remove(database).await?) };
        let no_key = || Error::Keys {
            place: "--key-file or --key-secret".to_owned(),
            said: "there is no key to seal a token for Fly with".to_owned(),
        };
        let sealed = self.keys().await.keep(&place(database), token).ok_or_else(no_key)?;
        Ok(procs.fly_account_set(database, organization.as_deref().unwrap_or(Fly::PERSONAL), &sealed).await?)
    }

    /// The way to a database's organization. What nobody says of it is as the environment says.
    pub(super) async fn fly_of(&self, database: &str, own: Option<&FlyAccount>, held: Option<&Held>) -> Result<Fly, Error> {
        if let Some(FlyAccount { organization, sealed }) = own {
            let closed = |said: String| NoCredentials::Closed { database: database.to_owned(), said };
            let token = self.keys().await.kept(&place(database), sealed).map_err(|error| closed(error.to_string()))?;
            return Ok(self.fly.of(organization, token));
        }
        let of_secret = held.and_then(|held| Some((held.fly_org.as_deref().unwrap_or(Fly::PERSONAL), held.fly_api_token.clone()?)));
        Ok(of_secret.map_or_else(|| self.fly.clone(), |(organization, token)| self.fly.of(organization, token)))
    }
}

/// What a token is sealed as: that of another database is not opened.
pub(super) fn place(database: &str) -> String {
    format!("the Fly token of {database}")
}
