//! Made-up folders: whatever stands in one comes back as it was, byte by byte.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use iasql::store::{Error, Store, Template};
use proptest::prelude::*;

use super::{
    chance::Chance,
    place::{Clock, Place, id, later, memory, options, plain, take},
};

/// What a folder holds: by path, a mode and the bytes of a file.
type Tree = BTreeMap<String, (u32, Option<Vec<u8>>)>;

const PAGE: usize = 8192;

fn tree(folder: &Path) -> Tree {
    let mut found = Tree::new();
    look(folder, "", &mut found);
    found
}

fn look(folder: &Path, prefix: &str, into: &mut Tree) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let mode = entry.metadata().expect("it is there").permissions().mode() & 0o7777;
        let is_file = entry.file_type().expect("a type").is_file();
        into.insert(path.clone(), (mode, is_file.then(|| fs::read(entry.path()).expect("a file"))));
        if !is_file {
            look(&entry.path(), &format!("{path}/"), into);
        }
    }
}

/// Bytes as relation files have them: pages of their own, pages that are alike, holes, an odd end, and now and then far more than fits a pack.
fn bytes(chance: &mut Chance) -> Vec<u8> {
    let pages = if chance.once_in(12) { 400 + chance.below(900) } else { chance.below(12) };
    let mut bytes = vec![];
    for _ in 0..pages {
        match chance.below(3) {
            0 => bytes.extend_from_slice(&[0; PAGE]),
            1 => bytes.extend_from_slice(&[chance.below(4) as u8; PAGE]),
            _ => bytes.extend((0..PAGE / 4).flat_map(|_| (chance.below(1 << 30) as u32).to_le_bytes())),
        }
    }
    bytes.truncate(bytes.len().saturating_sub(chance.below(PAGE as u64) as usize * usize::from(chance.once_in(2))));
    bytes
}

/// Few names, some of which are a file here and a folder there.
fn name(chance: &mut Chance) -> String {
    let parts = (0..=chance.below(2)).map(|_| ["a", "a-b", "b", "c", "ä"][chance.below(5) as usize]);
    parts.collect::<Vec<_>>().join("/")
}

fn fill(folder: &Path, chance: &mut Chance) {
    for _ in 0..chance.below(8) {
        let path = folder.join(name(chance));
        let parents = path.parent().is_some_and(|parent| fs::create_dir_all(parent).is_ok());
        if !parents || path.exists() {
            continue;
        }
        let is_file = !chance.once_in(4);
        if is_file {
            fs::write(&path, bytes(chance)).expect("a file")
        } else {
            fs::create_dir(&path).expect("a folder")
        }
        let mode = if is_file { [0o600, 0o640, 0o400] } else { [0o700, 0o750, 0o755] }[chance.below(3) as usize];
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
    }
}

/// A folder that has been worked in.
fn change(folder: &Path, chance: &mut Chance) {
    for (path, (_, is)) in tree(folder).into_iter().rev() {
        let path = folder.join(path);
        let Some(mut bytes) = is else { continue };
        match chance.below(6) {
            0 => fs::remove_file(path).expect("it is removed"),
            1 => fs::write(path, &bytes[..chance.below(bytes.len() as u64 + 1) as usize]).expect("it is cut"),
            2 => {
                bytes.resize(bytes.len() + chance.below(3 * PAGE as u64) as usize, chance.below(2) as u8);
                fs::write(path, bytes).expect("it is longer");
            }
            3 if !bytes.is_empty() => {
                let at = chance.below(bytes.len() as u64) as usize;
                bytes[at] ^= 1;
                fs::write(path, bytes).expect("it is another one");
            }
            _ => {}
        }
    }
    fill(folder, chance);
}

async fn comes_back(seed: u64) {
    let (place, mut chance) = (Place::new(), Chance::new(seed));
    let folders = ["template", "work"].map(|name| place.join(name));
    folders.iter().for_each(|folder| fs::create_dir(folder).expect("a folder"));
    fill(&folders[0], &mut chance);
    let template = Template::open(&folders[0]).await.expect("a template");
    for (path, (mode, is)) in tree(&folders[0]) {
        let to = folders[1].join(path);
        match is {
            Some(bytes) => fs::write(&to, bytes).expect("a copy"),
            None => fs::create_dir(&to).expect("a copy"),
        }
        fs::set_permissions(&to, fs::Permissions::from_mode(mode)).expect("a mode");
    }
    let store = Store::new(memory().await, vec![template.clone()], options(&Clock::new()));
    let mut writer = take(&store, "shop", "one").await;
    // later versions refer to what earlier ones stored
    for version in 0..3 {
        change(&folders[1], &mut chance);
        writer.put_plain(&folders[1], &template).await.expect("it is stored");
        let fetched = place.join(&format!("fetched-{version}"));
        store.fetch(&id("shop"), &fetched, None).await.expect("an answer").expect("a version");
        assert!(tree(&fetched) == tree(&folders[1]), "seed {seed}, version {version}");
        store.collect(&id("shop"), later()).await.expect("collected");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_folder_comes_back_as_it_was(seed in any::<u64>()) {
        tokio::runtime::Runtime::new().expect("a runtime").block_on(comes_back(seed));
    }
}

#[tokio::test]
async fn what_equals_the_template_costs_a_manifest_and_no_blob() {
    let place = Place::new();
    let template = plain(&place).await;
    let store = Store::new(memory().await, vec![template.clone()], options(&Clock::new()));
    let mut writer = take(&store, "shop", "one").await;
    let stored = writer.put_plain(template.folder(), &template).await.expect("it is stored");
    assert_eq!(stored.content.as_ref().expect("files").stored(), 0);
    let fetched = place.join("fetched");
    assert!(store.fetch(&id("shop"), &fetched, None).await.expect("an answer").is_some());
    assert!(tree(&fetched) == tree(template.folder()));
}

#[tokio::test]
async fn of_a_large_file_a_new_version_stores_what_has_changed() {
    let (place, mut chance) = (Place::new(), Chance::new(1));
    let template = plain(&place).await;
    let store = Store::new(memory().await, vec![template.clone()], options(&Clock::new()));
    let folder = place.join("work");
    fs::create_dir(&folder).expect("a folder");
    let mut large: Vec<u8> = (0..10 << 20).map(|_| chance.below(256) as u8).collect();
    fs::write(folder.join("large"), &large).expect("a file");
    let mut writer = take(&store, "shop", "one").await;
    let first = writer.put_plain(&folder, &template).await.expect("it is stored").content.as_ref().expect("files").stored();
    assert!(first > 10 << 20, "it can't be compressed");
    large[0] ^= 1;
    fs::write(folder.join("large"), &large).expect("a file");
    writer.put_plain(&folder, &template).await.expect("it is stored");
    let listed = store.used(&id("shop")).await.expect("a size");
    assert!((first..first + (5 << 20)).contains(&listed), "{listed} bytes for both, {first} for one");
}

#[tokio::test]
async fn links_pipes_and_sockets_are_refused() {
    let place = Place::new();
    let template = plain(&place).await;
    let store = Store::new(memory().await, vec![template.clone()], options(&Clock::new()));
    let mut writer = take(&store, "shop", "one").await;
    type Make = fn(&Path);
    let made: [(&str, Make); 3] = [
        ("a symbolic link", |path| symlink("/etc/passwd", path).expect("a link")),
        ("a pipe", |path| nix::unistd::mkfifo(path, nix::sys::stat::Mode::S_IRWXU).expect("a pipe")),
        ("a socket", |path| drop(std::os::unix::net::UnixListener::bind(path).expect("a socket"))),
    ];
    for (what, make) in made {
        let folder = place.join(&what.replace(' ', "-"));
        fs::create_dir(&folder).expect("a folder");
        make(&folder.join("odd"));
        let refused = writer.put_plain(&folder, &template).await.expect_err("refused");
        assert!(matches!(&refused, Error::Kind { path, what: said } if path == "odd" && *said == what), "{refused:?}");
    }
    assert_eq!(store.versions(&id("shop")).await.expect("versions"), []);
}
