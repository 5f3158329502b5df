//! An image: the folder that a name leads to, copied into the home under its digest, so that a machine goes on with what it was made from.

use std::{
    fs, io,
    os::unix::{
        fs::{PermissionsExt, lchown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use aws_lc_rs::digest::{Context, SHA256};
use nix::unistd::{Gid, Uid, geteuid};

use super::{Error, file, home::Home, machine::Image, refusal::Refusal};
use crate::local;

/// The program that an image runs.
pub(super) const ENTRYPOINT: &str = "entrypoint";
/// The program that makes what all its machines need, once, where an image has one; it is given the folder for that.
const BUILD: &str = "build";
/// The same, where that takes so much that it is not done before somebody asks for the image.
const BUILD_WHEN_ASKED: &str = "build-when-asked";
/// That folder, beside the entrypoint.
const BUILT: &str = "built";
/// By what a machine is told where PGlite is, and the file there that says which one is installed.
pub(super) const PGLITE: &str = "IASQL_INSTANCE_PGLITE";
const INSTALLED: &str = "installed";
/// Where Fly's users push.
const REGISTRY: &str = "registry.fly.io";

/// What a reference names: `registry.fly.io/shop:v1`, `iasql/postgres`, `postgres`.
pub(super) struct Reference<'a> {
    pub(super) registry: &'a str,
    pub(super) repository: &'a str,
    pub(super) tag: &'a str,
    /// The folder below the images' folder.
    pub(super) name: &'a str,
}

/// Reads a reference.
pub(super) fn reference(image: &str) -> Result<Reference<'_>, Refusal> {
    let bad = || Refusal::invalid(format!("config.image {image:?} is no image; it looks like registry.fly.io/app:tag"));
    parse(image).ok_or_else(bad)
}

fn parse(image: &str) -> Option<Reference<'_>> {
    let (rest, _) = image.split_once('@').unwrap_or((image, ""));
    let (rest, tag) = match rest.rsplit_once(':') {
        Some((rest, tag)) if !tag.contains('/') => (rest, tag),
        _ => (rest, "latest"),
    };
    // what has a dot or a port before the first slash is a registry, as Docker reads it
    let (registry, repository) = match rest.split_once('/') {
        Some((first, repository)) if first.contains(['.', ':']) => (first, repository),
        _ => (REGISTRY, rest),
    };
    let name = repository.rsplit('/').next()?;
    let sign = |sign: char| sign.is_ascii_alphanumeric() || "-_.".contains(sign);
    let good = !name.is_empty() && !name.starts_with('.') && name.chars().all(sign) && !tag.is_empty();
    good.then_some(Reference { registry, repository, tag, name })
}

/// Finds an image, and copies it into the home where it is not there yet; what it has to make once for all machines is made then.
///
/// # Errors
/// When the reference is none, nothing here has that name, or it can't be built.
pub(super) fn pull(home: &Home, images: &Path, image: &str) -> Result<Image, Refusal> {
    let found = reference(image)?;
    let from = images.join(found.name);
    if !from.join(ENTRYPOINT).is_file() {
        let said = format!("config.image {image:?} was not found: there is no {}", from.join(ENTRYPOINT).display());
        return Err(Refusal::Missing(said));
    }
    let digest = digest(&from).map_err(Error::folder("read", &from))?;
    let folder = format!("{}-{}", found.name, &digest[..16]);
    lay(home, &from, &home.images().join(&folder))?;
    let text = |text: &str| text.to_owned();
    let (registry, repository, tag) = (text(found.registry), text(found.repository), text(found.tag));
    Ok(Image { registry, repository, tag, digest: format!("sha256:{digest}"), folder })
}

/// All that is in a folder: names, contents, and what may be run.
fn digest(folder: &Path) -> io::Result<String> {
    let mut sum = Context::new(&SHA256);
    for (name, path) in files(folder, Path::new(""))? {
        sum.update(name.to_string_lossy().as_bytes());
        sum.update(&[0, u8::from(fs::metadata(&path)?.permissions().mode() & 0o111 != 0)]);
        let bytes = fs::read(&path)?;
        sum.update(&bytes.len().to_be_bytes());
        sum.update(&bytes);
    }
    Ok(sum.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Every file below a folder with its name there, in order.
fn files(folder: &Path, name: &Path) -> io::Result<Vec<(PathBuf, PathBuf)>> {
    let mut entries = fs::read_dir(folder.join(name))?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    let mut found = vec![];
    for entry in entries {
        let name = name.join(entry.file_name());
        match fs::metadata(entry.path())?.is_dir() {
            true => found.extend(files(folder, &name)?),
            false => found.push((name, entry.path())),
        }
    }
    Ok(found)
}

/// Has those images built that have something to build, before somebody waits for one. What fails is told whoever asks for it.
pub(super) fn build_all(home: &Home, images: &Path) {
    let names = fs::read_dir(images).into_iter().flatten().flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    for name in names.filter(|name| images.join(name).join(BUILD).is_file()) {
        if let Err(refusal) = pull(home, images, &name) {
            tracing::warn!(image = name, "{refusal}");
        }
    }
}

/// Copies and builds it aside, so that one half done is never taken for whole.
fn lay(home: &Home, from: &Path, to: &Path) -> Result<(), Refusal> {
    if to.exists() {
        return Ok(());
    }
    let aside = to.with_extension(format!("{}.new", super::ids::nonce()?));
    let laid = copy(from, &aside).map_err(Error::folder("copy the image to", to)).map_err(Refusal::from).and_then(|()| build(home, &aside));
    let laid = laid.and_then(|()| fs::rename(&aside, to).map_err(Error::folder("rename", &aside)).map_err(Refusal::from));
    match laid {
        Ok(()) => Ok(()),
        failed => {
            file::remove(&aside)?;
            // somebody else was faster
            if to.exists() { Ok(()) } else { failed }
        }
    }
}

/// Lays PGlite into the home, where machines get: anew where another one is installed by now.
pub(super) fn lay_pglite(home: &Home, from: &Path) -> Result<(), Error> {
    let (to, of) = (home.pglite(), |folder: &Path| fs::read(folder.join(INSTALLED)).ok());
    if of(&to).is_some_and(|laid| Some(laid) == of(from)) {
        return Ok(());
    }
    let aside = to.with_extension("new");
    let laid = || {
        for old in [&to, &aside].into_iter().filter(|old| old.exists()) {
            fs::remove_dir_all(old)?;
        }
        copy(from, &aside)?;
        fs::rename(&aside, &to)
    };
    laid().map_err(Error::folder("lay PGlite into", &to))
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for (name, path) in files(from, Path::new(""))? {
        let target = to.join(&name);
        fs::create_dir_all(target.parent().unwrap_or(to))?;
        fs::copy(&path, &target)?;
        let run = fs::metadata(&path)?.permissions().mode() & 0o111 != 0 || name == Path::new(ENTRYPOINT);
        fs::set_permissions(&target, fs::Permissions::from_mode(if run { 0o755 } else { 0o644 }))?;
    }
    Ok(())
}

/// Runs what a Dockerfile would `RUN`, as the user whom this machine has for Postgres where we are root; what it makes is nobody's to change then.
fn build(home: &Home, image: &Path) -> Result<(), Refusal> {
    let (programs, built) = ([BUILD, BUILD_WHEN_ASKED].map(|name| image.join(name)), image.join(BUILT));
    let Some(program) = programs.into_iter().find(|program| program.is_file()) else { return Ok(()) };
    let user = if geteuid().is_root() { Some(local::server_user().map_err(Error::from)?) } else { None };
    let made = fs::create_dir(&built).and_then(|()| give(&built, user));
    made.map_err(Error::folder("make the folder", &built))?;
    let mut command = Command::new(&program);
    command.arg(&built).current_dir(&built).stdin(Stdio::null()).env_clear();
    command.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", home.programs().display()));
    if home.pglite().exists() {
        command.env(PGLITE, home.pglite());
    }
    if let Some((user, group)) = user {
        command.uid(user.as_raw()).gid(group.as_raw());
    }
    let done = command.output().map_err(Error::folder("run", &program))?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
        return Err(Refusal::Unprocessable(format!(
            "config.image could not be built: its program {} ended with {}: {said}",
            program.file_name().unwrap_or_default().display(),
            done.status
        )));
    }
    let ours = user.map(|_| (Uid::from_raw(0), Gid::from_raw(0)));
    give_all(&built, ours).map_err(Error::folder("take over", &built)).map_err(Refusal::from)
}

fn give(path: &Path, owner: Option<(Uid, Gid)>) -> io::Result<()> {
    let Some((user, group)) = owner else { return Ok(()) };
    // a link's own, and nothing that it leads to
    lchown(path, Some(user.as_raw()), Some(group.as_raw()))
}

fn give_all(path: &Path, owner: Option<(Uid, Gid)>) -> io::Result<()> {
    if fs::symlink_metadata(path)?.is_dir() {
        for entry in fs::read_dir(path)? {
            give_all(&entry?.path(), owner)?;
        }
    }
    give(path, owner)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn an_image_is_found_by_the_last_part_of_its_name() {
        let read = |image| parse(image).map(|found| (found.registry, found.repository, found.tag, found.name));
        assert_eq!(read("registry.fly.io/shop:v1"), Some(("registry.fly.io", "shop", "v1", "shop")));
        assert_eq!(read("iasql/postgres"), Some(("registry.fly.io", "iasql/postgres", "latest", "postgres")));
        assert_eq!(read("localhost:5000/a@sha256:00"), Some(("localhost:5000", "a", "latest", "a")));
        for bad in ["", "a/", "../..", "a b", ":v1", ".."] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
