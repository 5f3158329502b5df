//! A real cluster there and back: stored, removed, fetched, started, and all its rows are there.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Instant,
};

use iasql::{
    resource::Secret,
    store::{Bucket, Error, Role, Shelf, Store, Template},
};

use super::{
    place::{Clock, Place, folder, id, memory, options, s3, take},
    postgres::{Clusters, owner},
};

const SMALL: &str = "create table public.note (id int primary key, text text); insert into public.note values (1, 'hello')";
const ROWS: &str = "create table public.big as select i, md5(i::text) as text from generate_series(1, 20000) i; checkpoint";
const COUNT: &str = "select count(*) from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace";

async fn there_and_back(bucket: Bucket, of: &str) {
    let clusters = Clusters::new();
    clusters.init("template");
    let template = Template::open(clusters.join("template")).await.expect("a template");
    let store = Store::new(bucket, vec![template.clone()], options(&Clock::new()));
    let (shop, roles) = (id("shop"), vec![Role { name: "postgres".into(), verifier: Secret::new("SCRAM-SHA-256$4096:x") }]);
    let mut writer = take(&store, "shop", "node").await;
    clusters.copy("template", "data");
    let mut counted = String::new();
    for (what, sql) in [("untouched", "select 1"), ("with a small table", SMALL), ("with 20,000 rows", ROWS), ("once more", "select 1")] {
        clusters.start("data");
        clusters.psql("data", sql);
        counted = clusters.psql("data", COUNT);
        clusters.stop("data", "fast");
        let begun = Instant::now();
        let version = writer.put(&clusters.join("data"), roles.clone()).await.expect("it is stored");
        let (put, stored) = (begun.elapsed(), version.content.as_ref().expect("files").stored());
        // not removed: ext4 makes thousands of files much slower in the seconds after so many were
        fs::rename(clusters.join("data"), clusters.join(&format!("before {what}"))).expect("the folder is moved away");
        let begun = Instant::now();
        let fetched = store.fetch(&shop, &clusters.join("data"), owner()).await.expect("an answer").expect("a version");
        println!("{of}, {what}: {stored} bytes, put {put:?}, fetched {:?}", begun.elapsed());
        assert_eq!(fetched.content.expect("files").roles, roles);
        if what != "with 20,000 rows" && what != "once more" {
            assert!(stored < 150_000, "{what}: {stored} bytes");
        }
    }
    clusters.start("data");
    assert_eq!(
        clusters.psql("data", "select count(*), sum(i), md5(string_agg(text, '' order by i)) from public.big"),
        clusters.psql("data", "select count(*), sum(i), md5(string_agg(md5(i::text), '' order by i)) from generate_series(1, 20000) i")
    );
    assert_eq!(clusters.psql("data", "select text from public.note"), "hello");
    assert_eq!(clusters.psql("data", COUNT), counted);
    clusters.stop("data", "fast");
}

#[tokio::test]
async fn a_cluster_comes_back_from_the_cloud_with_all_its_rows() {
    there_and_back(s3().await, "s3").await;
}

#[tokio::test]
async fn a_cluster_comes_back_from_a_folder_with_all_its_rows() {
    let place = Place::new();
    there_and_back(folder(&place).await, "folder").await;
}

#[tokio::test]
async fn of_much_written_wal_the_last_checkpoint_is_enough() {
    let clusters = Clusters::new();
    clusters.init("template");
    let template = Template::open(clusters.join("template")).await.expect("a template");
    let store = Store::new(memory().await, vec![template.clone()], options(&Clock::new()));
    let mut writer = take(&store, "shop", "node").await;
    clusters.copy("template", "data");
    // the checkpoint stands at another place of its file each time, and files are used again
    for round in 0..6 {
        clusters.start("data");
        clusters.psql("data", "create table if not exists public.t (i int, text text)");
        clusters
            .psql("data", &format!("insert into public.t select i, repeat('x', 150) from generate_series(1, {}) i", 3000 + 1777 * round));
        clusters.psql("data", "delete from public.t where i > 100");
        clusters.psql("data", "vacuum public.t");
        let rows = clusters.psql("data", "select count(*) from public.t");
        clusters.stop("data", "fast");
        let stored = writer.put(&clusters.join("data"), vec![]).await.expect("it is stored").content.as_ref().expect("files").stored();
        fs::remove_dir_all(clusters.join("data")).expect("the folder is removed");
        store.fetch(&id("shop"), &clusters.join("data"), owner()).await.expect("an answer").expect("a version");
        let wal: Vec<_> = fs::read_dir(clusters.join("data/pg_wal")).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
        assert!(wal.len() <= 3, "{wal:?}");
        assert!(stored < 200_000, "{stored} bytes");
        clusters.start("data");
        assert_eq!(clusters.psql("data", "select count(*) from public.t"), rows);
        clusters.psql("data", "checkpoint");
        clusters.stop("data", "fast");
    }
}

#[tokio::test]
async fn a_cluster_that_runs_or_was_killed_is_not_stored() {
    let clusters = Clusters::new();
    clusters.init("template");
    let template = Template::open(clusters.join("template")).await.expect("a template");
    let store = Store::new(memory().await, vec![template], options(&Clock::new()));
    let mut writer = take(&store, "shop", "node").await;
    clusters.copy("template", "data");
    clusters.start("data");
    let refused = writer.put(&clusters.join("data"), vec![]).await.expect_err("it runs");
    assert!(matches!(refused, Error::NotStopped { .. }), "{refused:?}");
    clusters.stop("data", "immediate");
    let refused = writer.put(&clusters.join("data"), vec![]).await.expect_err("it was killed");
    assert!(refused.to_string().contains("did not stop in order"), "{refused}");
    assert_eq!(store.versions(&id("shop")).await.expect("versions"), []);
}

#[tokio::test]
async fn a_node_without_the_template_gets_it_from_the_bucket() {
    let (clusters, bucket) = (Clusters::new(), memory().await);
    clusters.init("template");
    let template = Template::open(clusters.join("template")).await.expect("a template");
    let store = Store::new(bucket.clone(), vec![template.clone()], options(&Clock::new()));
    store.share_template(&template, "node").await.expect("it is shared");
    store.share_template(&template, "node").await.expect("twice is once");
    clusters.copy("template", "data");
    take(&store, "shop", "node").await.put(&clusters.join("data"), vec![]).await.expect("it is stored");
    assert_eq!(store.databases().await.expect("names"), [id("shop")]);

    let elsewhere = Store::new(bucket.clone(), vec![], options(&Clock::new()));
    let refused = elsewhere.fetch(&id("shop"), &clusters.join("fetched"), owner()).await.expect_err("there is no template");
    let Error::OtherTemplate { wanted } = refused else { panic!("{refused:?}") };
    let brought = elsewhere.fetch_template(&wanted, &clusters.join("brought"), owner()).await.expect("the template");
    let elsewhere = Store::new(bucket, vec![brought], options(&Clock::new()));
    elsewhere.fetch(&id("shop"), &clusters.join("fetched"), owner()).await.expect("an answer").expect("a version");
    clusters.start("fetched");
    assert_eq!(clusters.psql("fetched", "select 1"), "1");
    clusters.stop("fetched", "fast");
}

#[tokio::test]
async fn a_ready_copy_of_the_template_becomes_the_database_as_a_new_copy_would() {
    let (clusters, bucket) = (Clusters::new(), memory().await);
    clusters.init("template");
    let template = Template::open(clusters.join("template")).await.expect("a template");
    let store = Store::new(bucket, vec![template.clone()], options(&Clock::new()));
    assert!(store.fetch_shared_template(template.major(), &clusters.join("none")).await.expect("an answer").is_none());
    store.share_template(&template, "node").await.expect("it is shared");
    let shared = store.fetch_shared_template(template.major(), &clusters.join("shared")).await.expect("an answer").expect("a template");
    assert_eq!(shared.fingerprint(), template.fingerprint());
    assert!(store.fetch_shared_template(template.major() + 1, &clusters.join("none")).await.expect("an answer").is_none());

    clusters.copy("template", "data");
    clusters.start("data");
    clusters.psql("data", SMALL);
    // its old files are gone
    clusters.psql("data", "vacuum full pg_catalog.pg_description");
    clusters.stop("data", "fast");
    let shelf = Shelf::new(store.clone(), "node");
    assert!(shelf.take(&id("shop"), 0).await.is_ok());
    shelf.put(&id("shop"), &clusters.join("data"), vec![]).await.expect("it is stored");
    clusters.copy("template", "spare");
    for (folder, spare) in [("from the copy", true), ("from the template", false)] {
        let spare = spare.then(|| clusters.join("spare"));
        assert!(shelf.bring(&id("shop"), None, &clusters.join(folder), spare.as_deref()).await.expect("an answer"));
    }
    assert!(!clusters.join("spare").exists(), "it was copied");
    let [one, other] = ["from the copy", "from the template"].map(|name| contents(&clusters.join(name)));
    assert!(one.len() > 500, "{}", one.len());
    assert!(one == other, "a file differs");
}

/// Every file below a folder, with its mode and what is in it.
fn contents(folder: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(one) = folders.pop() {
        for entry in fs::read_dir(one).expect("a folder").map(|entry| entry.expect("an entry")) {
            let (path, meta) = (entry.path(), entry.metadata().expect("an entry"));
            let bytes = if meta.is_dir() { vec![] } else { fs::read(&path).expect("a file") };
            if meta.is_dir() {
                folders.push(path.clone());
            }
            found.insert(path.strip_prefix(folder).expect("it is below").to_owned(), (meta.permissions().mode(), bytes));
        }
    }
    found
}
