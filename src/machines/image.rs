//! An image: the folder that a name leads to, copied into the home under its digest, so that a machine goes on with what it was made from.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use aws_lc_rs::digest::{Context, SHA256};

use super::{Error, file, home::Home, machine::Image, refusal::Refusal};

/// The program that an image runs.
pub(super) const ENTRYPOINT: &str = "entrypoint";
/// Where Fly's users push.
const REGISTRY: &str = "registry.fly.io";

/// What a reference names: `registry.fly.io/shop:v1`, `iasql/postgres`, `postgres`.
struct Reference<'a> {
    registry: &'a str,
    repository: &'a str,
    tag: &'a str,
    /// The folder below the images' folder.
    name: &'a str,
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

/// Finds an image, and copies it into the home where it is not there yet.
///
/// # Errors
/// When the reference is none, or nothing here has that name.
pub(super) fn pull(home: &Home, images: &Path, image: &str) -> Result<Image, Refusal> {
    let found = parse(image)
        .ok_or_else(|| Refusal::invalid(format!("config.image {image:?} is no image; it looks like registry.fly.io/app:tag")))?;
    let from = images.join(found.name);
    if !from.join(ENTRYPOINT).is_file() {
        let said = format!("config.image {image:?} was not found: there is no {}", from.join(ENTRYPOINT).display());
        return Err(Refusal::Missing(said));
    }
    let digest = digest(&from).map_err(Error::folder("read", &from))?;
    let folder = format!("{}-{}", found.name, &digest[..16]);
    copy(&from, &home.images().join(&folder))?;
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

/// Copies it aside first, so that one half copied is never taken for whole.
fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    if to.exists() {
        return Ok(());
    }
    let aside = to.with_extension(format!("{}.new", super::ids::nonce()?));
    let copied = (|| {
        fs::create_dir_all(&aside)?;
        for (name, path) in files(from, Path::new(""))? {
            let target = aside.join(&name);
            fs::create_dir_all(target.parent().unwrap_or(&aside))?;
            fs::copy(&path, &target)?;
            let run = fs::metadata(&path)?.permissions().mode() & 0o111 != 0 || name == Path::new(ENTRYPOINT);
            fs::set_permissions(&target, fs::Permissions::from_mode(if run { 0o755 } else { 0o644 }))?;
        }
        fs::rename(&aside, to)
    })();
    match copied {
        // somebody else was faster
        Err(_) if to.exists() => file::remove(&aside),
        copied => copied.map_err(Error::folder("copy the image to", to)),
    }
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
