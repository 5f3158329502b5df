//! `pg_dump` and `pg_restore`: what is ours is brought in by an administrator, what is the tenant's by the tenant.

use std::{
    env,
    fs::{self, File, OpenOptions},
    io::{Seek, SeekFrom, Write},
    os::{fd::AsRawFd, unix::fs::OpenOptionsExt},
    process::Stdio,
};

use tokio::process::Command;
use url::Url;
use uuid::Uuid;

use super::{Error, Way};
use crate::resource::Secret;

/// A dump, in a file that has no name: it is gone with this process, however that ends, for rows may hold secrets.
pub(super) struct Dump {
    file: File,
    /// A line for each thing, its owner last.
    contents: String,
}

/// Dumps a database that nobody is in.
pub(super) async fn take(way: &Way<'_>) -> Result<Dump, Error> {
    let file = nameless()?;
    let mut command = program(way, "pg_dump");
    command.args(["--format=custom", "--compress=1", "--no-password"]);
    into(&mut command, way.from, way.name, None)?;
    done("pg_dump", command.stdin(Stdio::null()).stdout(file.try_clone()?)).await?;
    let mut command = program(way, "pg_restore");
    let contents = done("pg_restore", command.arg("--list").stdin(again(&file)?).stdout(Stdio::piped())).await?;
    Ok(Dump { file, contents })
}

/// All but what the tenant owns; their schemas, empty, are among it.
pub(super) async fn bring_ours(way: &Way<'_>, dump: &Dump) -> Result<(), Error> {
    let ours = dump.only(|line| !is_theirs(line, way.name));
    restore(way, dump, &ours, None).await
}

/// What the tenant owns, with their rights and no others: a constraint or an index of theirs may call what it likes.
pub(super) async fn bring_theirs(way: &Way<'_>, dump: &Dump, password: &Secret) -> Result<(), Error> {
    let theirs = dump.only(|line| is_theirs(line, way.name));
    restore(way, dump, &theirs, Some(password)).await
}

impl Dump {
    fn only(&self, wanted: impl Fn(&str) -> bool) -> String {
        self.contents.lines().filter(|line| !line.starts_with(';') && wanted(line)).fold(String::new(), |all, line| all + line + "\n")
    }
}

/// `215; 1259 16400 TABLE public t shop`: the last word is the owner, whatever the name before it is made of.
fn is_theirs(line: &str, tenant: &str) -> bool {
    let kind = line.split_whitespace().nth(3).unwrap_or_default();
    kind != "SCHEMA" && line.rsplit(' ').next() == Some(tenant)
}

async fn restore(way: &Way<'_>, dump: &Dump, list: &str, tenant: Option<&Secret>) -> Result<(), Error> {
    if list.is_empty() {
        return Ok(());
    }
    let mut lines = nameless()?;
    lines.write_all(list.as_bytes())?;
    let mut command = program(way, "pg_restore");
    command.args(["--exit-on-error", "--single-transaction", "--no-password"]);
    command.arg(format!("--use-list=/proc/{}/fd/{}", std::process::id(), lines.as_raw_fd()));
    if tenant.is_some() {
        command.arg("--no-owner");
    }
    into(&mut command, way.to, way.name, tenant.map(|password| (way.name, password)))?;
    done("pg_restore", command.stdin(again(&dump.file)?).stdout(Stdio::null())).await.map(drop)
}

fn program(way: &Way<'_>, name: &str) -> Command {
    let mut command = Command::new(way.tools.join(name));
    command.kill_on_drop(true).env_clear().env("LC_ALL", "C.UTF-8").env("PGTZ", "UTC");
    if let Some(file) = crate::config::password_file() {
        command.env("PGPASSFILE", file);
    }
    command
}

/// Names the database. A password goes with the environment, which only its own user sees.
fn into(command: &mut Command, admin_url: &str, name: &str, login: Option<(&str, &Secret)>) -> Result<(), Error> {
    let nonsense = || Error::Unfit("the address of a server makes no sense".to_owned());
    let mut url = Url::parse(admin_url).map_err(|_| nonsense())?;
    url.set_path(name);
    let own = url.password().map(percent);
    url.set_password(None).map_err(|()| nonsense())?;
    if let Some((user, _)) = login {
        url.set_username(user).map_err(|()| nonsense())?;
    }
    if let Some(password) = login.map(|(_, password)| password.expose().to_owned()).or(own) {
        command.env("PGPASSWORD", password);
    }
    command.arg(format!("--dbname={url}"));
    Ok(())
}

/// `a%3Ab` is `a:b`.
fn percent(text: &str) -> String {
    let decoded = url::form_urlencoded::parse(text.replace('+', "%2B").as_bytes()).next().map(|(key, _)| key.into_owned());
    decoded.unwrap_or_default()
}

/// Runs it to its end; answers with what it said.
async fn done(name: &'static str, command: &mut Command) -> Result<String, Error> {
    let output = command.stderr(Stdio::piped()).spawn()?.wait_with_output().await?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    // a row that fails is told with its values
    let safe = said.lines().filter(|line| !line.contains("DETAIL") && !line.contains("CONTEXT")).take(4).collect::<Vec<_>>().join("; ");
    Err(Error::Program { program: name, said: safe })
}

fn nameless() -> Result<File, Error> {
    let path = env::temp_dir().join(format!("iasql-{}", Uuid::new_v4().simple()));
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
    fs::remove_file(&path)?;
    Ok(file)
}

/// From its beginning.
fn again(file: &File) -> Result<File, Error> {
    let mut file = file.try_clone()?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_tenant_owns_is_told_by_the_last_word() {
        for (line, theirs) in [
            ("215; 1259 16400 TABLE public orders shop", true),
            ("216; 1259 16401 TABLE public shop_owner shop", true),
            ("217; 1259 16402 TABLE iasql shop shop_owner", false),
            ("5; 2615 2200 SCHEMA - public shop", false),
            ("218; 0 0 COMMENT - EXTENSION plpgsql ", false),
        ] {
            assert_eq!(is_theirs(line, "shop"), theirs, "{line}");
        }
    }

    #[test]
    fn a_password_is_what_it_was_before_it_stood_in_an_address() {
        assert_eq!(percent("a%3Ab%25+c"), "a:b%+c");
    }
}
