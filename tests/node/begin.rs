//! How a database begins: whole or not at all, and out of others' reach.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
    process::Command,
    sync::Arc,
    time::Duration,
};

use iasql::{
    gateway::BucketShelf,
    node::{Error, First, Idle, Node, Options, Tier},
    store,
};
use nix::unistd::geteuid;

use super::{NEVER, Site, connect, first, in_time, options, processes, said, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_database_is_its_first_roles_whose_verifier_is_the_one_that_was_given() {
    let site = Site::open("first").await;
    let owner = First { role: "o'brien \"x\"".to_owned(), database: "Main one".to_owned(), ..first() };
    let session = in_time(site.node.create("a", owner.clone(), NEVER)).await.expect("a database");
    let logins = session.logins().await.expect("the logins");
    assert_eq!(logins.len(), 1, "{logins:?}");
    assert_eq!(logins[0].name, owner.role);
    assert_eq!(logins[0].verifier.0.expose(), owner.verifier.expose());
    assert!(!logins[0].superuser && logins[0].valid_until.is_none());
    assert!(!format!("{logins:?}").contains("SCRAM"), "a verifier shows");
    drop(session);
    let again = site.node.create("a", first(), NEVER).await.expect_err("there is one");
    assert!(matches!(again, Error::Exists(_)), "{again}");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_is_kept_tidy_by_autovacuum_and_has_as_many_sessions_for_its_login_as_were_said() {
    let site = Site::of(Options { connections: 2, ..options("tidy") }).await;
    let session = site.create("a", NEVER).await;
    let mut connection = connect(session.folder()).await.expect("a connection");
    let mut show = async |name: &str| -> String {
        let words = sqlx::AssertSqlSafe(format!("show {name}"));
        in_time(sqlx::query_scalar(words).fetch_one(&mut connection)).await.expect("a setting")
    };
    assert_eq!((show("autovacuum").await, show("track_counts").await), ("on".to_owned(), "on".to_owned()));
    let (all, own): (u32, u32) =
        (show("max_connections").await.parse().expect("a number"), show("superuser_reserved_connections").await.parse().expect("a number"));
    assert!(own > 0 && all > own + 2, "{all} with {own} of the node's own");
    drop(session);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_verifier_is_in_a_log_and_none_when_a_role_is_refused() {
    let site = Site::open("log").await;
    let owner = first();
    drop(in_time(site.node.create("a", owner.clone(), NEVER)).await.expect("a database"));
    let refused = First { role: "postgres".to_owned(), ..owner.clone() };
    let error = site.node.create("b", refused, NEVER).await.expect_err("that one is there already");
    assert_eq!(error.to_string(), "could not make the first role of the database b");
    let said = iasql::causes::in_one_line(&error);
    assert!(said.contains("already exists") && !said.contains(owner.verifier.expose()), "{said}");
    let log = fs::read_to_string(site.data("a").with_file_name("log")).expect("a log");
    assert!(!log.contains("SCRAM"), "{log}");
    assert!(!site.data("b").exists() && site.tier("b").is_none(), "half a database is left");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_that_is_refused_says_why_and_leaves_nothing_of_a_new_database() {
    let site = Site::of(Options { connections: 1_000_000, ..options("refused") }).await;
    let error = in_time(site.node.create("a", first(), NEVER)).await.expect_err("that is too much");
    assert!(matches!(&error, Error::Start { said, .. } if said.contains("max_connections")), "{error}");
    assert!(!site.data("a").exists());
    assert_eq!(site.node.status(), []);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_lacks_a_file_says_so_when_it_is_woken_and_stays_as_it_is() {
    let site = Site::open("lacks").await;
    drop(site.create("a", NEVER).await);
    in_time(site.node.lay_down("a")).await.expect("a stop");
    let (file, aside) = (site.data("a").join("global/pg_control"), site.data("a").join("global/aside"));
    fs::rename(&file, &aside).expect("the file");
    let error = in_time(site.node.wake("a", NEVER)).await.expect_err("it lacks a file");
    let said = error.to_string();
    assert!(said.starts_with("the database a did not start: ") && said.contains("global/pg_control\": No such file"), "{said}");
    assert_eq!(processes(&site.data("a")), []);
    fs::rename(&aside, &file).expect("the file");
    assert_eq!(super::kept(&site.wake("a", NEVER).await).await, 0);
    site.end().await;
}

/// A disk of 16 MB, where this machine lets one be mounted: a cluster has 28.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_named_and_leaves_nothing_of_a_new_database() {
    let options = options("full");
    fs::create_dir_all(&options.home).expect("a folder");
    let mount =
        |what: &str, arguments: &[&str]| Command::new(what).args(arguments).arg(&options.home).status().is_ok_and(|done| done.success());
    if !geteuid().is_root() || !mount("mount", &["-t", "tmpfs", "-o", "size=16m,mode=0711", "none"]) {
        println!("no disk could be mounted here, so none was filled");
        return fs::remove_dir(&options.home).expect("the folder");
    }
    let site = Site::of(options.clone()).await;
    let error = in_time(site.node.create("a", first(), NEVER)).await.expect_err("the disk is full");
    let said = iasql::causes::in_one_line(&error);
    let (nothing, status) = (!site.data("a").exists(), site.node.status());
    in_time(site.node.shutdown()).await;
    drop(site);
    assert!(mount("umount", &[]), "it is still in use");
    fs::remove_dir(&options.home).expect("the folder");
    assert!(said.starts_with("could not copy the template to") && said.contains("No space left on device"), "{said}");
    assert!(nothing && status.is_empty(), "{status:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_database_is_gone_whoever_used_it() {
    let site = Site::open("removed").await;
    let session = site.create("a", NEVER).await;
    in_time(site.node.delete("a")).await.expect("an end");
    assert!(!site.data("a").exists());
    assert_eq!(processes(&site.data("a")), []);
    connect(session.folder()).await.expect_err("it is gone");
    drop(session);
    assert!(matches!(site.node.wake("a", NEVER).await.expect_err("it is gone").own(), Error::Unknown(_)));
    in_time(site.node.delete("a")).await.expect("nothing to do");
    until("nothing is remembered of it", || site.node.status().is_empty()).await;
    drop(site.create("a", NEVER).await);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_database_is_run_by_a_user_of_its_own_and_no_other_reaches_its_socket_or_files() {
    let site = Site::open("users").await;
    let (one, other) = (site.create("a", NEVER).await, site.create("b", NEVER).await);
    let mut users = vec![];
    for (id, session) in [("a", &one), ("b", &other)] {
        for folder in [session.folder().to_owned(), site.data(id), site.home.join("d").join(id)] {
            let found = fs::metadata(&folder).expect("a folder");
            assert_eq!(found.permissions().mode() & 0o777, 0o700, "{}", folder.display());
            users.push(found.uid());
        }
        let process = session.process().await.expect("a process");
        let runs = fs::metadata(format!("/proc/{process}")).expect("a process");
        assert_eq!(runs.uid(), users[users.len() - 1]);
        let limits = fs::read_to_string(format!("/proc/{process}/limits")).expect("its limits");
        let data = limits.lines().find(|line| line.starts_with("Max data size")).expect("the limit").to_owned();
        assert!(data.contains(&(512 << 20).to_string()), "{data}");
    }
    if geteuid().is_root() {
        assert!(users[0] != users[3] && users.iter().all(|user| *user != 0), "{users:?}");
    }
    drop((one, other));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_database_is_the_copy_that_was_made_before_anybody_asked() {
    let site = Site::open("spare").await;
    drop(site.create("a", NEVER).await);
    let spare = site.home.join("spare");
    until("there is a copy", || spare.exists()).await;
    let copy = fs::metadata(&spare).expect("a folder").ino();
    let session = site.create("b", NEVER).await;
    assert_eq!(fs::metadata(site.data("b")).expect("a folder").ino(), copy);
    until("there is the next one", || spare.exists()).await;
    drop(session);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_gets_the_copy_its_files_are_one_users_and_no_other_databases() {
    let site = Site::open("spare-users").await;
    drop(site.create("a", NEVER).await);
    until("there is a copy", || site.home.join("spare").exists()).await;
    let sessions = tokio::join!(site.create("b", NEVER), site.create("c", NEVER), site.create("d", NEVER));
    until("there is the next one", || site.home.join("spare").exists()).await;
    let owner = |path: &Path| fs::metadata(path).expect("a file").uid();
    let mut owners = vec![owner(&site.home.join("spare"))];
    for id in ["a", "b", "c", "d"] {
        let data = site.data(id);
        let all = ["", "PG_VERSION", "base/1/PG_VERSION", "global/pg_control", "pg_wal"].map(|below| owner(&data.join(below)));
        assert!(all.iter().all(|one| *one == all[0]), "{id}: {all:?}");
        owners.push(all[0]);
    }
    if geteuid().is_root() {
        assert_eq!(owners.iter().collect::<BTreeSet<_>>().len(), owners.len(), "two have one user: {owners:?}");
    }
    drop(sessions);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_never_work_in_one_folder() {
    let site = Site::open("two-nodes").await;
    let Err(refused) = in_time(Node::open(options("two-nodes"))).await else { panic!("two nodes work in one folder") };
    assert!(refused.to_string().starts_with("another node works in "), "{refused}");
    assert_eq!(site.tier("a"), None::<Tier>);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_template_that_several_make_at_once_is_made_whole() {
    let templates = std::env::temp_dir().join(format!("iasql-node-{}-template", std::process::id()));
    let open = |name: &str| Site::of(Options { templates: Some(templates.clone()), ..options(name) });
    let (one, other) = in_time(async { tokio::join!(open("template-a"), open("template-b")) }).await;
    assert_eq!(one.node.template(), other.node.template());
    assert_eq!(fs::read_dir(&templates).expect("a folder").count(), 1, "something half made is left");
    drop((one.create("a", NEVER).await, other.create("a", NEVER).await));
    one.end().await;
    other.end().await;
    fs::remove_dir_all(templates).expect("the folder");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_of_one_bucket_have_one_template_and_use_their_ready_copy_for_what_another_stored() {
    let folder = std::env::temp_dir().join(format!("iasql-node-{}-one-bucket", std::process::id()));
    let bucket = store::Bucket::open(&format!("file://{}", folder.display()), &store::Access::default()).await.expect("a bucket");
    let open = async |name: &str| {
        let options = Options { templates: None, ..options(name) };
        let shelf = BucketShelf::new(options.home.with_extension("notes"), bucket.clone(), store::Options::default());
        let site = Site::of(Options { shelf: Some(Arc::new(shelf.clone())), ..options }).await;
        in_time(shelf.belongs_to(site.node.clone())).await.expect("a bucket");
        site
    };
    let (one, other) = (open("one-bucket-a").await, open("one-bucket-b").await);
    let fingerprint = async |site: &Site| store::Template::open(site.node.template()).await.expect("a template").fingerprint().to_owned();
    assert_eq!(fingerprint(&one).await, fingerprint(&other).await);

    drop(one.create("a", Idle { freeze: None, stop: Some(Duration::ZERO), evict: Some(Duration::ZERO) }).await);
    until("a is in the bucket", || one.tier("a").is_none()).await;
    drop(other.create("b", NEVER).await);
    let spare = other.home.join("spare");
    until("there is a copy", || spare.exists()).await;
    let number = |path: &Path| fs::metadata(path).expect("a folder").ino();
    let copy = number(&spare);
    let session = in_time(other.node.wake("a", NEVER)).await.expect("the database");
    assert_eq!(number(&other.home.join("d/a/data")), copy);
    said(&session, "insert into public.kept values (1)").await;
    drop(session);
    for site in [one, other] {
        fs::remove_dir_all(site.home.with_extension("notes")).expect("the notes");
        site.end().await;
    }
    fs::remove_dir_all(folder).expect("the bucket");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_begins_with_the_template_that_its_image_has_brought_and_makes_none() {
    let image = std::env::temp_dir().join(format!("iasql-node-{}-image", std::process::id()));
    let made = in_time(iasql::node::bring_along(&image, None)).await.expect("a template");
    assert_eq!(in_time(iasql::node::bring_along(&image, None)).await.expect("the same"), made);
    let [brought] = &made[..] else { panic!("{made:?}") };
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode(&image), mode(brought), mode(&brought.join("base")), mode(&brought.join("PG_VERSION"))), (0o755, 0o755, 0o755, 0o644));
    let site = Site::of(Options { templates: None, brought: Some(image.clone()), ..options("brought") }).await;
    // what initdb makes has another number each time: the first eight bytes of the control file
    let number = |folder: &Path| fs::read(folder.join("global/pg_control")).expect("a control file")[..8].to_vec();
    assert_eq!(number(site.node.template()), number(brought));
    let session = site.create("a", NEVER).await;
    said(&session, "insert into public.kept values (1)").await;
    drop(session);
    site.end().await;
    fs::remove_dir_all(image).expect("the image");
}
