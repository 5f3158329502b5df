//! A user's database on its way from one server to another. Nothing here knows where it is said to be.

mod compare;
mod door;
mod dump;
mod roles;

use std::path::Path;

pub use compare::Look;
pub use door::{close, open};

use super::{
    modules::Library,
    server::{Failed, connect, run},
    services, setup,
    unmade::Error as Unmade,
};
use crate::{password::Password, schema};

/// Why a database could not be taken along.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A step failed.
    #[error(transparent)]
    Step(#[from] Failed),
    /// The database could not be made or removed.
    #[error(transparent)]
    Unmade(#[from] Unmade),
    /// A schema could not be looked at.
    #[error(transparent)]
    Schema(#[from] schema::Error),
    /// A program of Postgres' own failed.
    #[error("{program} failed: {said}")]
    Program {
        /// Which.
        program: &'static str,
        /// Its last words.
        said: String,
    },
    /// A file could not be written or read.
    #[error("keeping what was dumped")]
    File(#[from] std::io::Error),
    /// There is no randomness.
    #[error("making a password: {0}")]
    Random(getrandom::Error),
    /// Something of it would not work there.
    #[error("{0}")]
    Unfit(String),
}

/// Where from, where to.
#[derive(Clone, Debug)]
pub struct Way<'a> {
    /// The database.
    pub name: &'a str,
    /// An administrator's address of the server that has it.
    pub from: &'a str,
    /// The same of the server that gets it.
    pub to: &'a str,
    /// The folder of `pg_dump` and `pg_restore`.
    pub tools: &'a Path,
}

/// Copies a closed database, with its roles and all that the server keeps for them. What a former try left there is removed. The copy
/// stays closed too.
///
/// # Errors
/// When a step fails. What is there then is half a database, which nobody can log in to.
pub async fn copy(way: &Way<'_>) -> Result<(), Error> {
    let Way { name, from, to, .. } = *way;
    services::ensure(to).await?;
    setup::remove(to, name).await?;
    roles::fits(way).await?;
    // for as long as it takes to bring the tenant's own objects in, as the tenant: they may hold traps for anybody else
    let passing = Password::random().map_err(Error::Random)?;
    let owner = setup::owner(name);
    let words = [("database", name), ("tenant", name), ("owner", &*owner), ("verifier", &*passing.verifier)];
    let mut server = connect(to, None).await?;
    run(&mut server, "making the roles", include_str!("../sql/roles.sql"), &words).await?;
    roles::create(from, &mut server, name).await?;
    run(&mut server, "closing the database to others", include_str!("../sql/close_and_open.sql"), &words).await?;
    run(&mut server, "letting the login in", include_str!("../sql/let_in.sql"), &words).await?;
    let dump = dump::take(way).await?;
    dump::bring_ours(way, &dump).await?;
    let mut inside = connect(to, Some(name)).await?;
    run(&mut inside, "giving the tenant their schema", include_str!("../sql/move_public.sql"), &words).await?;
    dump::bring_theirs(way, &dump, &passing.secret).await?;
    roles::row_types(way, &mut inside).await?;
    setup::harden(&mut inside, name).await?;
    roles::take_along(from, &mut server, name).await?;
    Ok(())
}

/// Makes numbers of transactions, which are those of the server that was left, none that the new one will ever give again.
///
/// # Errors
/// When the server refuses.
pub async fn renumber(to: &str, name: &str) -> Result<(), Error> {
    let owner = setup::owner(name);
    let mut inside = connect(to, Some(name)).await?;
    Ok(run(&mut inside, "marking transactions as another server's", include_str!("../sql/move_renumber.sql"), &[("owner", &owner)]).await?)
}

/// What the two look like; they are to be the same.
///
/// # Errors
/// When one of the servers does not answer.
pub async fn differences(way: &Way<'_>, library: &Library) -> Result<Vec<String>, Error> {
    let before = Look::at(way.from, way.name, library).await?;
    let after = Look::at(way.to, way.name, library).await?;
    Ok(after.differences(&before))
}
