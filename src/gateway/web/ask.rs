//! Who asks: the login of a database, by its password. Whoever is not let in learns nothing, and wakes nothing.

use std::{sync::Arc, time::Instant};

use aws_smithy_types::base64;
use axum::http::{HeaderMap, header};
use tokio::{task::spawn_blocking, time::sleep};

use super::{Web, asker::Asker, refusal::Refusal};
use crate::{
    control::Found,
    gateway::{
        names,
        scram::{Verifier, fits},
    },
    resource::Secret,
};

/// The longest header that may hold a user and a password, in bytes.
const LONGEST: usize = 2048;

/// The database, where whoever asks is its login.
pub(super) async fn admitted(web: &Web, id: &str, asker: &Asker) -> Result<Found, Refusal> {
    let ((user, password), from) = presented(&asker.headers).zip(asker.from).ok_or_else(Refusal::stranger)?;
    // no label has a dot, so what is below another domain than the first is named with it
    let label = names::folded(id.as_bytes()).map(|label| match &asker.below {
        Some(domain) => format!("{label}.{domain}"),
        None => label,
    });
    let said = label.clone().unwrap_or_default();
    let may = || web.0.guesses.may(from, &said, Instant::now()).map_err(Refusal::guesses);
    may()?;
    let unproved = web.0.guesses.begun(from);
    let found = match &label {
        Some(label) => web.0.here.find(label).await,
        None => Ok(None),
    };
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            // that is nothing that they tried
            unproved.proved();
            return Err(error.into());
        }
    };
    let known = found.as_ref().filter(|found| found.role == user).and_then(|found| Verifier::read(&found.verifier));
    // whoever is not there is looked for as long as whoever is
    let name = format!("{said}\0{user}");
    let verifier = known.unwrap_or_else(|| Verifier::made_up(&web.0.strangers, name.as_bytes()));
    let turn = Arc::clone(&web.0.checks).acquire_owned().await;
    // others may have come meanwhile
    may()?;
    let guesses = Arc::clone(&web.0.guesses);
    // all of it counts, whether somebody waits for the answer or not
    let checked = spawn_blocking(move || {
        let late = (!fits(&verifier, password.expose())).then(|| guesses.wrong(from, &said, Instant::now()));
        (late, drop(turn)).0
    });
    match checked.await {
        Ok(None) => {
            unproved.proved();
            let found = found.ok_or_else(Refusal::stranger)?;
            match &found.machine {
                Some(machine) => Err(Refusal::on_a_machine(&machine.name)),
                None => Ok(found),
            }
        }
        Ok(Some(late)) => (sleep(late).await, Err(Refusal::stranger())).1,
        Err(_) => Err(Refusal::stranger()),
    }
}

/// The same where it is about files that the database has itself.
pub(super) async fn admitted_to_files(web: &Web, id: &str, asker: &Asker) -> Result<Found, Refusal> {
    let found = admitted(web, id, asker).await?;
    found.replica.as_ref().map_or(Ok(()), |replica| Err(Refusal::replica(&replica.label)))?;
    Ok(found)
}

/// The user and the password of `Basic …` (RFC 7617).
fn presented(headers: &HeaderMap) -> Option<(String, Secret)> {
    let (scheme, text) = headers.get(header::AUTHORIZATION)?.to_str().ok().filter(|text| text.len() <= LONGEST)?.split_once(' ')?;
    let decoded = scheme.eq_ignore_ascii_case("basic").then(|| base64::decode(text.trim()).ok())??;
    let text = String::from_utf8(decoded).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), Secret::new(password)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(value: &str) -> HeaderMap {
        [(header::AUTHORIZATION, value.parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn a_password_may_hold_anything_and_a_user_no_colon() {
        let text = format!("bAsIc {}", base64::encode("ann:a:b ö"));
        let (user, password) = presented(&header(&text)).unwrap();
        assert_eq!((&*user, password.expose()), ("ann", "a:b ö"));
    }

    #[test]
    fn what_is_no_basic_names_nobody() {
        for wrong in ["Bearer abc", "Basic", "Basic !!", "Basic YW5u", &format!("Basic {}", base64::encode([0xff, b':']))] {
            assert!(presented(&header(wrong)).is_none(), "{wrong}");
        }
        assert!(presented(&HeaderMap::new()).is_none());
    }
}
