//! What a Dockerfile is built from: the files that it copies, as one archive, and nothing beside them.

use std::{
    collections::BTreeSet,
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Component, Path, PathBuf},
};

use aws_lc_rs::digest::{SHA256, digest};

use super::ignored::Ignored;
use crate::machines::{Error, refusal::Refusal};

pub(super) const DOCKERFILE: &str = "Dockerfile";
/// What is larger has something in it that nobody meant.
const LARGEST: u64 = 512 << 20;

/// An archive to build from.
pub(super) struct Context {
    pub(super) tar: Vec<u8>,
    /// Where the Dockerfile is in it.
    pub(super) dockerfile: String,
    /// 16 digits that follow from all that is in it.
    pub(super) digest: String,
}

/// Collects what the Dockerfile in a folder below the images' folder copies. Its paths begin in its own folder; where one of them is only to be
/// found from the folder above the images', in that, as with `docker build --file images/<name>/Dockerfile .`.
pub(super) fn of(images: &Path, folder: &Path) -> Result<Context, Refusal> {
    let path = folder.join(DOCKERFILE);
    let text = fs::read_to_string(&path).map_err(Error::folder("read", &path))?;
    let sources = sources(&text);
    let above = images.parent().unwrap_or(images);
    let is_above = sources.iter().any(|source| !folder.join(source).exists() && above.join(source).exists());
    let root = if is_above { above } else { folder };
    let dockerfile = path.strip_prefix(root).unwrap_or(&path).to_owned();
    let ignored = Ignored::read(&fs::read_to_string(root.join(".dockerignore")).unwrap_or_default());
    let mut files = BTreeSet::from([dockerfile.clone()]);
    for source in &sources {
        walk(root, source, &ignored, &mut files).map_err(Error::folder("read", root.join(source)))?;
    }
    let length = |file: &PathBuf| fs::symlink_metadata(root.join(file)).map_or(0, |found| found.len());
    let size: u64 = files.iter().map(length).sum();
    if size > LARGEST {
        let said = format!("config.image: what {} copies has {size} bytes, and may have {LARGEST}", path.display());
        return Err(Refusal::Unprocessable(format!("{said}: name in {} what it does not need", root.join(".dockerignore").display())));
    }
    let tar = pack(root, &files).map_err(Error::folder("read", root))?;
    let sum = digest(&SHA256, &tar);
    let digest = sum.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Ok(Context { tar, dockerfile: dockerfile.display().to_string(), digest })
}

/// What COPY and ADD name, each as far as it has no wildcard and no variable. What comes from another stage or from elsewhere is not here.
fn sources(dockerfile: &str) -> Vec<PathBuf> {
    let whole = dockerfile.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n").replace("\\\n", " ");
    let mut found = vec![];
    for line in whole.lines() {
        let Some((verb, rest)) = line.trim().split_once(char::is_whitespace) else { continue };
        if !["copy", "add"].contains(&verb.to_lowercase().as_str()) {
            continue;
        }
        let mut rest = rest.trim();
        let mut elsewhere = false;
        while let Some(flag) = rest.strip_prefix("--") {
            elsewhere |= flag.starts_with("from=");
            rest = flag.split_once(char::is_whitespace).map_or("", |(_, rest)| rest.trim());
        }
        let words: Vec<String> = serde_json::from_str(rest).unwrap_or_else(|_| rest.split_whitespace().map(str::to_owned).collect());
        let all = words.split_last().map(|(_, sources)| sources).unwrap_or_default();
        found.extend(
            all.iter().filter(|source| !elsewhere && !source.contains("://") && !source.starts_with("<<")).map(|source| fixed(source)),
        );
    }
    found
}

fn fixed(source: &str) -> PathBuf {
    let parts = Path::new(source).components().filter_map(|part| match part {
        Component::Normal(part) => Some(part),
        _ => None,
    });
    parts.take_while(|part| !part.to_string_lossy().contains(['*', '?', '[', '$'])).collect()
}

/// Every file at or below a path that is not ignored. What is not there is missed by the engine, in its own words.
fn walk(root: &Path, path: &Path, ignored: &Ignored, into: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    let at = root.join(path);
    match fs::symlink_metadata(&at) {
        Err(_) => {}
        Ok(found) if found.is_dir() => {
            for entry in fs::read_dir(&at)? {
                let below = path.join(entry?.file_name());
                // below what is ignored something may be named again, and nobody looks there otherwise
                if !ignored.is_whole(&below) {
                    walk(root, &below, ignored, into)?;
                }
            }
        }
        Ok(found) if found.is_file() || found.is_symlink() => {
            if !ignored.has(path) {
                into.insert(path.to_owned());
            }
        }
        Ok(_) => {}
    }
    Ok(())
}

/// Without times and owners: the same files make the same archive.
fn pack(root: &Path, files: &BTreeSet<PathBuf>) -> io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(vec![]);
    for file in files {
        let at = root.join(file);
        let mut header = tar::Header::new_gnu();
        let found = fs::symlink_metadata(&at)?;
        if found.is_symlink() {
            header.set_entry_type(tar::EntryType::Symlink);
            header.set_size(0);
            header.set_mode(0o777);
            tar.append_link(&mut header, file, fs::read_link(&at)?)?;
            continue;
        }
        let bytes = fs::read(&at)?;
        header.set_size(bytes.len() as u64);
        header.set_mode(if found.permissions().mode() & 0o111 != 0 { 0o755 } else { 0o644 });
        tar.append_data(&mut header, file, bytes.as_slice())?;
    }
    tar.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dockerfile_copies_is_read_from_it() {
        let text = "FROM a AS b\nCOPY --chown=1:1 one two/ /to/\n# COPY no /no\nCOPY --from=b /x /y\nadd [\"a file\", \"/z\"]\nADD https://x/y /z\n\
            RUN copy nothing\nCOPY deep/*.sql \\\n  more/$NAME/x ./\nCOPY . .\n";
        let paths: Vec<_> = sources(text).iter().map(|path| path.display().to_string()).collect();
        assert_eq!(paths, ["one", "two", "a file", "deep", "more", ""]);
    }

    #[test]
    fn paths_begin_in_the_dockerfiles_folder_or_above_the_images() {
        let top = std::env::temp_dir().join(format!("iasql-context-{}", std::process::id()));
        let images = top.join("images");
        for (file, text) in [
            ("images/own/Dockerfile", "FROM scratch\nCOPY entrypoint /\n"),
            ("images/own/entrypoint", "x"),
            ("images/own/more", "x"),
            ("images/whole/Dockerfile", "FROM scratch\nCOPY . .\nCOPY images/whole/entrypoint /\n"),
            ("images/whole/entrypoint", "x"),
            ("secret", "x"),
            (".dockerignore", "secret\n"),
        ] {
            fs::create_dir_all(top.join(file).parent().unwrap()).unwrap();
            fs::write(top.join(file), text).unwrap();
        }
        let names = |context: &Context| -> Vec<String> {
            let mut tar = tar::Archive::new(context.tar.as_slice());
            tar.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().display().to_string()).collect()
        };
        let own = of(&images, &images.join("own")).unwrap();
        assert_eq!((own.dockerfile.as_str(), names(&own)), ("Dockerfile", vec!["Dockerfile".to_owned(), "entrypoint".to_owned()]));
        let whole = of(&images, &images.join("whole")).unwrap();
        assert_eq!(whole.dockerfile, "images/whole/Dockerfile");
        let names = names(&whole);
        assert!(names.contains(&"images/own/more".to_owned()) && !names.contains(&"secret".to_owned()), "{names:?}");
        assert_eq!(own.digest, of(&images, &images.join("own")).unwrap().digest);
        fs::write(images.join("own/entrypoint"), "y").unwrap();
        assert_ne!(own.digest, of(&images, &images.join("own")).unwrap().digest);
        fs::remove_dir_all(&top).unwrap();
    }
}
