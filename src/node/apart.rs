//! A process that has no network: what comes from outside is opened where it reaches nobody.

use std::process::Stdio;

use tokio::{process::Command, sync::OnceCell};

use super::{Error, home::Owner};
use crate::local;

/// A network namespace of its own, in a user namespace that needs no right (`unshare(1)`, `user_namespaces(7)`). Sockets that are files work in it.
const WORDS: [&str; 4] = ["/usr/bin/unshare", "--user", "--map-current-user", "--net"];

static POSSIBLE: OnceCell<bool> = OnceCell::const_new();

/// What is said before a command so that it has no network; nothing where this machine does not allow that, which is logged once.
pub(super) async fn words(owner: Owner) -> &'static [&'static str] {
    let possible = *POSSIBLE.get_or_init(|| try_it(owner)).await;
    if possible { &WORDS } else { &[] }
}

/// The same for a program that wants its user to have a name: there he is the one whom the machine has for Postgres. Nothing where he has
/// one, or this machine does not allow that.
///
/// # Errors
/// When the machine has nobody for Postgres.
pub(super) async fn named(owner: Owner) -> Result<Vec<String>, Error> {
    let words = words(owner).await;
    if owner.is_none() || words.is_empty() {
        return Ok(words.iter().map(ToString::to_string).collect());
    }
    let (user, _) = local::server_user()?;
    Ok(vec![WORDS[0].to_owned(), WORDS[1].to_owned(), format!("--map-user={user}"), WORDS[3].to_owned()])
}

async fn try_it(owner: Owner) -> bool {
    let mut command = Command::new(WORDS[0]);
    command
        .args(&WORDS[1..])
        .arg("/bin/true")
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some((user, group)) = owner {
        command.uid(user.as_raw()).gid(group.as_raw());
    }
    let possible = command.status().await.is_ok_and(|ended| ended.success());
    if !possible {
        tracing::warn!("this machine lets nobody but root make a network namespace: what is uploaded is opened without one");
    }
    possible
}
