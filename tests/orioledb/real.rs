//! The real OrioleDB, its bucket being a folder: where `IASQL_ORIOLEDB` names the folder of its programs. `tests/gateway/orioledb.rs` has it on a machine, with S3.

use std::{
    env, fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use iasql::{
    causes::in_one_line,
    gateway::BucketShelf,
    node::{Engine, First, Idle, Node, Options, PORT, Session, Terms},
    resource::Secret,
    store::{self, Access, Bucket, Door},
};
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};

use super::Folder;

/// Of the password `pencil`, as RFC 7677 calculates it.
const VERIFIER: &str =
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

/// Where OrioleDB's programs are; says that a test is left out where nobody has told.
pub(crate) fn installed() -> Option<PathBuf> {
    let found = env::var_os("IASQL_ORIOLEDB").map(PathBuf::from);
    if found.is_none() {
        println!("left out: IASQL_ORIOLEDB names no folder with OrioleDB's programs");
    }
    found
}

fn terms() -> Terms {
    let never = Idle { freeze: None, stop: None, evict: None };
    Terms { engine: Engine::Orioledb, ..Terms::from(never) }
}

/// A bucket that is a folder.
struct Ground {
    folder: Folder,
    bucket: Bucket,
    bin: PathBuf,
}

impl Ground {
    async fn open(bin: PathBuf) -> Self {
        let folder = Folder::new();
        let url = format!("file://{}", folder.empty("bucket").display());
        let bucket = Bucket::open(&url, &Access::default()).await.expect("a bucket");
        Self { folder, bucket, bin }
    }

    /// A node with a folder of its own.
    async fn node(&self, name: &str) -> One {
        let home = self.folder.empty(name);
        let shelf = BucketShelf::of_orioledb(&home, self.bucket.clone(), store::Options::default());
        let door = shelf.door().await.expect("a door");
        let orioledb = shelf.orioledb(&self.bin, &door).expect("an OrioleDB");
        let options = Options { shelf: Some(Arc::new(shelf.clone())), orioledb: Some(orioledb), ..Options::new(home.join("node")) };
        let node = Node::open(options).await.unwrap_or_else(|error| panic!("{error}"));
        shelf.belongs_to(node.clone()).await.expect("a bucket");
        One { node, home, door }
    }

    fn object(&self, key: &str) -> PathBuf {
        self.folder.0.join("bucket/shop/orioledb").join(key)
    }

    fn remove(&self, key: &str) {
        fs::remove_file(self.object(key)).unwrap_or_else(|error| panic!("{key}: {error}"));
    }
}

struct One {
    node: Node,
    home: PathBuf,
    door: Door,
}

impl One {
    async fn create(&self) -> Session {
        let first = First { role: "app".to_owned(), database: "app".to_owned(), verifier: Secret::new(VERIFIER) };
        self.node.create("shop", first, terms()).await.unwrap_or_else(|error| panic!("{}", in_one_line(&error)))
    }

    async fn wake(&self) -> Session {
        self.node.wake("shop", terms()).await.unwrap_or_else(|error| panic!("{}", in_one_line(&error)))
    }

    fn data(&self) -> PathBuf {
        self.home.join("node/d/shop/data")
    }

    /// Gives up its disk, when the bucket has all.
    async fn give_up(self) {
        self.node.hand_over("shop").await.unwrap_or_else(|error| panic!("{}", in_one_line(&error)));
        self.node.shutdown().await;
        fs::remove_dir_all(&self.home).expect("a folder");
    }
}

async fn ask(session: &Session, sql: &str) -> String {
    let options = PgConnectOptions::new_without_pgpass().socket(session.folder()).port(PORT).username("app").database("app");
    let mut connection = PgConnection::connect_with(&options).await.expect("a connection");
    let answer = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await;
    connection.close().await.expect("a good end");
    answer.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

async fn say(session: &Session, sql: &str) {
    let options = PgConnectOptions::new_without_pgpass().socket(session.folder()).port(PORT).username("app").database("app");
    let mut connection = PgConnection::connect_with(&options).await.expect("a connection");
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    connection.close().await.expect("a good end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_of_orioledbs_outlives_its_disk_again_and_again() {
    let Some(bin) = installed() else { return };
    let ground = Ground::open(bin).await;
    let one = ground.node("first").await;
    let session = one.create().await;
    say(
        &session,
        "create table t (n int primary key, w text); insert into t select n, repeat('x', 50) from generate_series(1, 20000) as n",
    )
    .await;
    let way = "select a.amname::text from pg_class as c join pg_am as a on a.oid = c.relam where c.relname = 't'";
    assert_eq!(ask(&session, way).await, "orioledb");
    assert!(ground.object("data/orioledb_data/s3_lock").exists());
    drop(session);
    one.give_up().await;
    assert!(!ground.object("data/orioledb_data/s3_lock").exists());
    // more often than the checkpoints that OrioleDB's own way back knows to follow
    for round in 1..=4 {
        let begin = Instant::now();
        let one = ground.node(&format!("n{round}")).await;
        let session = one.wake().await;
        assert_eq!(
            ask(&session, "select concat_ws(' ', count(*), sum(n)) from t").await,
            format!("{} {}", 19_999 + round, 200_010_000 + (1..round).map(|n| 20_000 + n).sum::<i64>())
        );
        println!("a lost disk, restored, started and read: {} ms", begin.elapsed().as_millis());
        say(&session, &format!("insert into t values ({}, 'y'); create table t{round} as select 1 as a", 20_000 + round)).await;
        drop(session);
        one.give_up().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_it_shows_to_every_role_opens_a_door_on_this_machine_and_nothing_in_its_data_or_the_bucket_has_even_that() {
    let Some(bin) = installed() else { return };
    let ground = Ground::open(bin).await;
    let one = ground.node("one").await;
    let session = one.create().await;
    let word = one.door.word().expose().to_owned();
    assert_eq!(ask(&session, "show orioledb.s3_accesskey").await, word);
    assert_eq!(ask(&session, "show orioledb.s3_secretkey").await, "none");
    drop(session);
    let settings = one.data().with_file_name("orioledb.conf");
    let found = fs::metadata(&settings).expect("settings");
    assert_eq!((found.mode() & 0o777, found.uid()), (0o600, fs::metadata(one.data()).expect("a folder").uid()));
    let holds = |path: &Path| fs::read(path).is_ok_and(|bytes| bytes.windows(word.len()).any(|part| part == word.as_bytes()));
    assert!(holds(&settings) && !holds(&one.data().with_file_name("log")));
    let mut left = vec![one.data(), ground.folder.0.join("bucket")];
    while let Some(folder) = left.pop() {
        for path in fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()) {
            assert!(!holds(&path), "{}", path.display());
            if path.is_dir() {
                left.push(path);
            }
        }
    }
    one.give_up().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_instance_on_the_same_bucket_is_refused_and_told_who_has_it() {
    let Some(bin) = installed() else { return };
    let ground = Ground::open(bin).await;
    let (one, other) = (ground.node("one").await, ground.node("other").await);
    let session = one.create().await;
    let refused = other.node.wake("shop", terms()).await.expect_err("a refusal");
    let said = in_one_line(&refused);
    let holder = fs::read_to_string(one.home.join("holder")).expect("a name");
    assert!(said.contains(&format!("is held by {holder}")), "{said}");
    say(&session, "create table t as select 1 as n").await;
    drop(session);
    one.give_up().await;
    let session = other.wake().await;
    assert_eq!(ask(&session, "select n::text from t").await, "1");
    drop(session);
    other.give_up().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_never_came_into_the_bucket_is_brought_there_before_the_disk_is_given_up() {
    let Some(bin) = installed() else { return };
    let ground = Ground::open(bin).await;
    let one = ground.node("one").await;
    let session = one.create().await;
    say(&session, "create table t as select n from generate_series(1, 50000) as n").await;
    let tree =
        ask(&session, "select concat_ws('/', d.oid, pg_relation_filenode('t')) from pg_database as d where d.datname = current_database()")
            .await;
    drop(session);
    one.node.end("shop").await.expect("an end");
    let own = fs::read(one.data().join("orioledb_data/control")).expect("a control file");
    let last = u32::from_le_bytes(own[8..12].try_into().expect("four bytes"));
    let files = fs::read_to_string(one.data().join("orioledb_data/file_checksums")).expect("a list");
    let first = files.lines().next().expect("a file").trim_start_matches("FILE: ").to_owned();
    let (name, checkpoint) = (first.split(',').next().expect("a name"), first.rsplit(' ').next().expect("a number"));
    // a part of the table, its map, a file of Postgres' own and the end of the checkpoint
    for key in [
        format!("orioledb_data/{last}/{tree}.0.0"),
        format!("orioledb_data/{last}/{tree}.map"),
        format!("data/{checkpoint}/{name}"),
        format!("data/{last}/global/pg_control"),
    ] {
        ground.remove(&key);
    }
    one.give_up().await;
    let one = ground.node("again").await;
    let session = one.wake().await;
    assert_eq!(ask(&session, "select concat_ws(' ', count(*), sum(n)) from t").await, "50000 1250025000");
    drop(session);
    one.give_up().await;
}
