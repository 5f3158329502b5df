//! Entries of tarballs of all kinds: what is let through lies inside the folder, once, and is no more than may be.

use std::collections::HashSet;

use iasql::gateway::upload::shape::{Most, Shape, Verdict};
use proptest::prelude::*;

use super::runner;

const MOST: Most = Most { bytes: 1 << 20, entries: 40 };

/// Names as they are, nearly as they are, and any at all.
fn name() -> impl Strategy<Value = Vec<u8>> {
    let part = prop::sample::select(vec![
        "base",
        "global",
        "pg_wal",
        "pg_tblspc",
        "PG_VERSION",
        "pg_control",
        "1",
        "16384",
        "16384_fsm",
        "t1_2",
        "..",
        ".",
        "",
        "etc",
        "pgsql_tmp",
        "a b",
        "postgresql.auto.conf",
        "standby.signal",
    ]);
    let shaped = (prop::sample::select(vec!["", "./", "/", "data/", "../"]), prop::collection::vec(part, 0..5), any::<bool>());
    let shaped =
        shaped.prop_map(|(lead, parts, folder)| format!("{lead}{}{}", parts.join("/"), if folder { "/" } else { "" }).into_bytes());
    prop_oneof![6 => shaped, 1 => prop::collection::vec(any::<u8>(), 0..120)]
}

fn entry() -> impl Strategy<Value = (Vec<u8>, u8, u64)> {
    let kind = prop_oneof![6 => Just(b'0'), 3 => Just(b'5'), 1 => any::<u8>()];
    let size = prop_oneof![3 => Just(0), 3 => 0..100_000_u64, 1 => any::<u64>()];
    (name(), kind, size)
}

#[test]
fn whatever_a_tarball_holds_what_is_let_through_lies_inside_and_is_bounded() {
    runner(3000)
        .run(&prop::collection::vec(entry(), 0..60), |entries| {
            let (mut shape, mut seen, mut sum, mut kept) = (Shape::new(MOST), HashSet::new(), 0_u64, 0);
            for (name, kind, size) in entries {
                let verdict = match shape.judge(&name, kind, size) {
                    Ok(verdict) => verdict,
                    Err(refused) => {
                        let said = refused.to_string();
                        prop_assert!(!said.contains('\n') && said.is_ascii(), "{said}");
                        break;
                    }
                };
                sum = sum.saturating_add(size);
                kept += 1;
                prop_assert!(sum <= MOST.bytes && kept <= MOST.entries);
                let (Verdict::File(path) | Verdict::Folder(path)) = &verdict else { continue };
                prop_assert!([b'0', 0, b'5'].contains(&kind));
                prop_assert_eq!(matches!(verdict, Verdict::Folder(_)), kind == b'5');
                prop_assert!(path.split('/').all(|part| !["", ".", ".."].contains(&part)), "{path}");
                prop_assert!(seen.insert(path.clone()), "{path} twice");
                let first = path.split('/').next().unwrap_or_default();
                prop_assert!(first == "PG_VERSION" || ["base", "global"].contains(&first) || first.starts_with("pg_"), "{path}");
            }
            Ok(())
        })
        .unwrap_or_else(|failed| panic!("{failed}"));
}
