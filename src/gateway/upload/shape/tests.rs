//! Tarballs of friends and of others.

use super::*;

const MOST: Most = Most { bytes: 1000, entries: 10 };

fn judged(names: &[&str]) -> Vec<Result<Verdict, Why>> {
    let mut shape = Shape::new(MOST);
    let kind = |name: &str| if name.ends_with('/') || name == "." { b'5' } else { b'0' };
    names.iter().map(|name| shape.judge(name.as_bytes(), kind(name), 0).map_err(|refused| refused.why)).collect()
}

fn file(path: &str) -> Result<Verdict, Why> {
    Ok(Verdict::File(path.to_owned()))
}

fn folder(path: &str) -> Result<Verdict, Why> {
    Ok(Verdict::Folder(path.to_owned()))
}

#[test]
fn a_data_folder_is_taken_however_its_tarball_was_made() {
    let wanted = [file("PG_VERSION"), folder("base"), folder("base/1"), file("base/1/1259_fsm"), file("base/1/16384.1")];
    for (first, lead) in [
        (None, ""),
        (Some("./"), "./"),
        (Some("."), "./"),
        (Some("."), ""),
        (Some("data/"), "data/"),
        (Some("./pg/"), "./pg/"),
        (None, "/"),
    ] {
        let names = ["PG_VERSION", "base/", "base/1/", "base/1/1259_fsm", "base/1/16384.1"].map(|name| format!("{lead}{name}"));
        let all: Vec<_> = first.into_iter().chain(names.iter().map(String::as_str)).collect();
        let judged = judged(&all);
        assert_eq!(&judged[all.len() - 5..], &wanted, "{lead}");
    }
}

#[test]
fn settings_and_what_a_start_makes_anew_are_left_out() {
    let names =
        ["PG_VERSION", "postgresql.auto.conf", "pg_hba.conf", "log/x", "base/5/t3_16384", "base/5/pg_internal.init", "pg_replslot/a/state"];
    assert!(judged(&names)[1..].iter().all(|verdict| *verdict == Ok(Verdict::Nothing)));
}

#[test]
fn what_leads_out_of_the_folder_is_refused() {
    for (name, why) in [
        ("../etc/passwd", Why::Outside),
        ("base/../../x", Why::Outside),
        ("/etc/passwd", Why::Absolute),
        ("base//x", Why::Sign),
        ("base/1/a\0b", Why::Sign),
        ("base/1/x y", Why::Sign),
        ("base/1/evil.so", Why::Stranger),
        ("global/x/y", Why::Stranger),
        ("authorized_keys", Why::Stranger),
        ("pg_wal/a/b/c", Why::Long),
        ("standby.signal", Why::Backup),
        ("pg_tblspc/1663/x", Why::Tablespace),
        ("pg_twophase/0000", Why::Prepared),
    ] {
        assert_eq!(judged(&["PG_VERSION", name])[1], Err(why), "{name}");
    }
    assert_eq!(judged(&["/etc/passwd"])[0], Err(Why::Absolute));
}

#[test]
fn links_devices_and_second_ones_are_refused() {
    for (kind, why) in
        [(b'1', Why::Link), (b'2', Why::Link), (b'3', Why::Special), (b'6', Why::Special), (b'S', Why::Special), (b'L', Why::Long)]
    {
        assert_eq!(Shape::new(MOST).judge(b"PG_VERSION", kind, 0).map_err(|refused| refused.why), Err(why));
    }
    assert_eq!(judged(&["PG_VERSION", "PG_VERSION"])[1], Err(Why::Twice));
}

#[test]
fn more_than_may_be_is_refused_as_soon_as_it_is_announced() {
    let mut shape = Shape::new(MOST);
    shape.judge(b"PG_VERSION", b'0', 900).unwrap();
    assert_eq!(shape.judge(b"base/1/1259", b'0', 200).unwrap_err().why, Why::Large(1000));
    let names: Vec<_> = (0..11).map(|number| format!("global/{number}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    assert_eq!(judged(&names)[10], Err(Why::Many(10)));
    assert_eq!(Shape::new(MOST).judge(b"PG_VERSION", b'0', u64::MAX).unwrap_err().why, Why::Large(1000));
}
