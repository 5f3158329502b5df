//! What a bucket has of an OrioleDB, made a data folder; and a data folder compared with it. Without an OrioleDB.

use std::{fs, path::Path};

use iasql::store::Error;

use super::{
    Folder, names,
    recorded::{Recorded, line, packed, segment},
};

/// The state in `pg_control` while a server runs.
const RUNS: [u8; 4] = [6, 0, 0, 0];

fn read(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[tokio::test]
async fn of_a_stopped_one_the_last_checkpoint_comes_back_with_the_files_of_earlier_ones_that_it_stands_on() {
    let (recorded, folder) = (Recorded::new().await, Folder::new());
    let data = folder.empty("data");
    assert!(recorded.orioledb().await.restore(&data).await.expect("files"));
    assert_eq!(read(&data, "global/pg_control")[16..20], RUNS, "what it committed after its last stop would not be read");
    let stopped = recorded.get("data/3/global/pg_control").await.expect("an object");
    assert_eq!(read(&data, "global/pg_control")[20..288], stopped[20..288]);
    assert_eq!(Some(read(&data, "orioledb_data/control")), recorded.get("data/3/orioledb_data/control").await);
    // of the second checkpoint, of the first, and of the third
    assert_eq!([read(&data, "base/5/1249").len(), read(&data, "base/5/2609").len()], [450_560, 368_640]);
    assert_eq!((read(&data, "PG_VERSION"), read(&data, "global/pg_filenode.map")), (b"17\n".to_vec(), b"a map".to_vec()));
    assert_eq!(names(&data.join("orioledb_data")), ["3.xid", "control", "file_checksums", "small_file_checksums"]);
    assert_eq!(names(&data.join("orioledb_data/1")), ["2-3.map", "3-3.map", "4-3.map", "5-3.map", "6-3.map"]);
    // what was sent for later use is no WAL
    assert_eq!(names(&data.join("pg_wal")), [segment(0x21)]);
    assert!(data.join("pg_notify").is_dir() && data.join("pg_logical/mappings").is_dir());
}

#[tokio::test]
async fn all_of_the_wal_behind_the_checkpoint_comes_with_it_and_what_lies_behind_a_gap_goes() {
    let (recorded, folder) = (Recorded::new().await, Folder::new());
    for number in [0x22, 0x23, 0x25, 0x26] {
        recorded.wal(number, number).await;
    }
    recorded.wal(0x24, 0x9).await;
    let data = folder.empty("data");
    assert!(recorded.orioledb().await.restore(&data).await.expect("files"));
    assert_eq!(names(&data.join("pg_wal")), [0x21, 0x22, 0x23].map(segment));
    // the last one is written on, and is to be sent again
    assert_eq!(names(&data.join("pg_wal/archive_status")), [0x21, 0x22].map(|number| format!("{}.done", segment(number))));
    for (number, there) in [(0x23, true), (0x24, true), (0x25, false), (0x26, false)] {
        assert_eq!(recorded.get(&format!("wal/{}", segment(number))).await.is_some(), there, "{number:X}");
    }
}

#[tokio::test]
async fn a_checkpoint_that_lacks_anything_gives_way_to_the_one_before() {
    let missing = [
        "data/3/global/pg_control".to_owned(),
        "data/3/orioledb_data/control".to_owned(),
        "data/3/orioledb_data/3.xid".to_owned(),
        "data/3/orioledb_data/file_checksums".to_owned(),
        "data/3/orioledb_data/small_file_checksums".to_owned(),
        "data/3/orioledb_data/small_files_0".to_owned(),
        format!("wal/{}", segment(0x21)),
    ];
    for key in missing {
        let (recorded, folder) = (Recorded::new().await, Folder::new());
        recorded.remove(&key).await;
        let data = folder.empty("data");
        assert!(recorded.orioledb().await.restore(&data).await.unwrap_or_else(|error| panic!("{key}: {error}")));
        let second = recorded.get("data/2/orioledb_data/control").await;
        assert_eq!(Some(read(&data, "orioledb_data/control")), second, "{key}");
        assert_eq!(read(&data, "global/pg_filenode.map"), b"an older map", "{key}");
        // a server refuses where a newer one is said to be there
        assert_eq!(recorded.get("data/orioledb_data/control").await, second, "{key}");
    }
}

#[tokio::test]
async fn where_no_checkpoint_is_whole_it_is_said_what_is_missing_and_nothing_is_touched() {
    let (recorded, folder) = (Recorded::new().await, Folder::new());
    recorded.remove("data/1/base/5/2609").await;
    let (before, data) = (recorded.count("").await, folder.empty("data"));
    let error = recorded.orioledb().await.restore(&data).await.expect_err("a refusal");
    assert!(matches!(&error, Error::Incomplete { number: 3, .. }), "{error}");
    assert!(error.to_string().contains("lacks data/1/base/5/2609"), "{error}");
    assert_eq!((recorded.count("").await, fs::read_dir(&data).expect("a folder").count()), (before, 0));
}

#[tokio::test]
async fn what_a_making_left_that_did_not_come_to_its_end_goes_and_there_is_no_database() {
    let (recorded, folder) = (Recorded::empty(), Folder::new());
    assert!(!recorded.orioledb().await.restore(&folder.empty("first")).await.expect("an answer"));
    for key in ["data/1/base/5/1249", "data/orioledb_data/control", "wal/000000010000000000000001", "data/1/orioledb_data/small_files_0"] {
        recorded.put(key, vec![7; 100]).await;
    }
    assert!(!recorded.orioledb().await.restore(&folder.empty("second")).await.expect("an answer"));
    assert_eq!(recorded.count("").await, 0);
}

#[tokio::test]
async fn a_disk_may_be_given_up_when_the_bucket_has_all_and_what_only_the_disk_has_is_put_there() {
    const PART: usize = 1 << 20;
    let (recorded, folder) = (Recorded::new().await, Folder::new());
    let (data, orioledb) = (folder.empty("data"), recorded.orioledb().await);
    assert!(orioledb.restore(&data).await.expect("files"));
    assert_eq!(orioledb.mend(&data).await.expect("an answer"), Vec::<String>::new());
    // a table as the server that stopped here has it, of which the bucket lacks one part and has a second too short
    let table = [vec![0; 8192], vec![1; PART], vec![2; PART], vec![0; PART], vec![4; 100]].concat();
    fs::create_dir_all(data.join("orioledb_data/5")).expect("a folder");
    fs::write(data.join("orioledb_data/5/16492-2"), &table).expect("a file");
    // one without a map is nobody's
    fs::write(data.join("orioledb_data/5/16500-2"), &table).expect("a file");
    let map = recorded.get("orioledb_data/2/5/16492.map").await.expect("an object");
    fs::write(data.join("orioledb_data/5/16492-2.map"), &map).expect("a file");
    recorded.remove("orioledb_data/2/5/16492.map").await;
    recorded.remove("orioledb_data/2/5/16492.0.0").await;
    recorded.put("orioledb_data/2/5/16492.0.1", vec![9; 10]).await;
    recorded.put("orioledb_data/2/5/16492.0.3", vec![4; 100]).await;
    assert_eq!(orioledb.mend(&data).await.expect("an answer"), Vec::<String>::new());
    for (key, bytes) in [("16492.map", map), ("16492.0.0", vec![1; PART]), ("16492.0.1", vec![2; PART]), ("16492.0.2", vec![7; PART])] {
        assert_eq!(recorded.get(&format!("orioledb_data/2/5/{key}")).await, Some(bytes), "{key}");
    }
    // what OrioleDB has let go of on this disk is nowhere any more
    recorded.remove("orioledb_data/2/5/16492.0.2").await;
    assert_eq!(orioledb.mend(&data).await.expect("an answer"), ["orioledb_data/2/5/16492.0.2"]);
}

#[tokio::test]
async fn where_a_file_of_the_last_checkpoint_is_missing_the_next_one_is_made_to_bring_all() {
    let (recorded, folder) = (Recorded::new().await, Folder::new());
    let (data, orioledb) = (folder.empty("data"), recorded.orioledb().await);
    assert!(orioledb.restore(&data).await.expect("files"));
    for key in ["data/1/base/5/2609", "data/3/orioledb_data/small_files_0"] {
        recorded.remove(key).await;
    }
    assert_eq!(orioledb.mend(&data).await.expect("an answer"), ["data/1/base/5/2609", "data/3/global/pg_filenode.map"]);
    assert_eq!(names(&data.join("orioledb_data")), ["3.xid", "control"]);
}

#[tokio::test]
async fn small_files_that_no_list_names_come_too_and_those_that_only_the_list_before_does() {
    let (recorded, folder) = (Recorded::new().await, Folder::new());
    let bundle = [("global/pg_filenode.map", "a map"), ("base/5/16384", "the last of a hundred")];
    recorded.put("data/3/orioledb_data/small_files_0", packed(&bundle)).await;
    let list = [line("./PG_VERSION", 1), line("./global/pg_filenode.map", 3)].concat();
    recorded.put("data/3/orioledb_data/small_file_checksums", list.into_bytes()).await;
    let before =
        [line("./PG_VERSION", 1), line("./base/5/PG_VERSION", 1), line("./base/5/16390", 1), line("./global/pg_filenode.map", 1)].concat();
    recorded.put("data/2/orioledb_data/small_file_checksums", before.into_bytes()).await;
    let (data, orioledb) = (folder.empty("data"), recorded.orioledb().await);
    assert!(orioledb.restore(&data).await.expect("files"));
    assert_eq!((read(&data, "base/5/16384"), read(&data, "base/5/PG_VERSION")), (b"the last of a hundred".to_vec(), b"17\n".to_vec()));
    assert_eq!(read(&data, "global/pg_filenode.map"), b"a map");
    assert!(!data.join("base/5/16390").exists(), "it was dropped");
    assert_eq!(orioledb.mend(&data).await.expect("an answer"), Vec::<String>::new());
    // of what the disk has and no checkpoint, only what a start makes anew may stay out
    for (name, counts) in
        [("base/5/20000", true), ("pg_stat/pgstat.stat", false), ("base/5/t3_20001", false), ("base/5/pg_internal.init", false)]
    {
        fs::create_dir_all(data.join(name).parent().expect("a folder")).expect("a folder");
        fs::write(data.join(name), "late").expect("a file");
        let lacks = if counts { vec![format!("data/3/{name}")] } else { vec![] };
        assert_eq!(orioledb.mend(&data).await.expect("an answer"), lacks);
        fs::remove_file(data.join(name)).expect("the file");
    }
}
