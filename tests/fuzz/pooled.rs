//! Statements of all kinds before a pooler, which says of each whether a standby may answer it.

use iasql::gateway::pool::sql::meaning;
use proptest::prelude::*;

use super::runner;

/// Pieces of which statements are made, and worse.
fn piece() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "select",
        "insert",
        "into",
        "update",
        "for",
        "with",
        "as",
        "(",
        ")",
        ";",
        "'",
        "\"",
        "$$",
        "$a$",
        "/*",
        "*/",
        "--",
        "\n",
        "\\",
        "e'",
        "u&",
        "nextval",
        "lower",
        "set",
        "listen",
        "set_config",
        "true",
        ",",
        ".",
        "pg_catalog",
        "begin",
        "read",
        "only",
        "1",
        "$1",
        "é",
    ]);
    prop_oneof![8 => words.prop_map(str::to_owned), 1 => "\\PC{0,6}"]
}

/// What has a blank's place.
fn blank() -> impl Strategy<Value = String> {
    prop::sample::select(vec![" ", "\n", "\t", "/* insert into t */", "-- ' \n", "/* /* ' */ \" */"]).prop_map(str::to_owned)
}

/// Texts that hold whatever they hold.
fn quoted() -> impl Strategy<Value = String> {
    let inside = "[a-z ;()-]{0,12}";
    prop_oneof![
        inside.prop_map(|text| format!("'{text} '' insert'")),
        inside.prop_map(|text| format!("$q${text} update ' $q$")),
        inside.prop_map(|text| format!("\"{text} delete\"")),
        inside.prop_map(|text| format!("e'{text} \\' into '")),
    ]
}

#[test]
fn whatever_is_said_is_judged_and_nothing_breaks() {
    let texts = prop::collection::vec(piece(), 0..30);
    runner(2000)
        .run(&texts, |pieces| {
            for glue in ["", " "] {
                let text = pieces.join(glue);
                let found = meaning(text.as_bytes());
                prop_assert!(!(found.read && found.pins), "{}", text);
                prop_assert!(!(found.harmless && found.pins), "{}", text);
            }
            Ok(())
        })
        .unwrap_or_else(|failed| panic!("{failed}"));
}

#[test]
fn neither_comments_nor_texts_hide_what_a_statement_is() {
    let made = (prop::collection::vec(blank(), 5), quoted(), any::<bool>());
    runner(2000)
        .run(&made, |(blanks, text, writes)| {
            let [a, b, c, d, e] = &blanks[..] else { return Ok(()) };
            let read = format!("{a}select{b}{text}{c},{d}lower(x){e}from t");
            prop_assert!(meaning(read.as_bytes()).read, "{}", read);
            let hidden = if writes { "f" } else { "nextval" };
            let write = format!("{a}select{b}{text}{c},{d}{hidden}{e}(x)");
            prop_assert!(!meaning(write.as_bytes()).read, "{}", write);
            let two = format!("{read}{b};{a}insert{c}into t values ({text})");
            prop_assert!(!meaning(two.as_bytes()).read, "{}", two);
            Ok(())
        })
        .unwrap_or_else(|failed| panic!("{failed}"));
}
