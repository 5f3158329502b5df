//! The types that pass a procedure, as Rust has them.

use crate::schema::sql_type::{Base, Type};

/// As it comes back: `i64`, `Vec<String>`, `Option<uuid::Uuid>`.
pub(super) fn owned(of: Type, optional: bool) -> String {
    let one = match of.base {
        Base::Text => "String",
        Base::Bytea => "Vec<u8>",
        base => plain(base),
    };
    maybe(if of.array { format!("Vec<{one}>") } else { one.to_owned() }, optional)
}

/// As it is given: `i64`, `&[String]`, `Option<&str>`. What can be copied for nothing goes by value.
pub(super) fn borrowed(of: Type, optional: bool) -> String {
    let one = match (of.base, of.array) {
        (_, true) => format!("&[{}]", owned(Type { array: false, ..of }, false)),
        (Base::Text, false) => "&str".to_owned(),
        (Base::Bytea, false) => "&[u8]".to_owned(),
        (Base::Jsonb, false) => format!("&{}", plain(Base::Jsonb)),
        (base, false) => plain(base).to_owned(),
    };
    maybe(one, optional)
}

fn maybe(of: String, optional: bool) -> String {
    if optional { format!("Option<{of}>") } else { of }
}

fn plain(base: Base) -> &'static str {
    match base {
        Base::Boolean => "bool",
        Base::Smallint => "i16",
        Base::Integer => "i32",
        Base::Bigint => "i64",
        Base::DoublePrecision => "f64",
        Base::Text => "str",
        Base::Uuid => "uuid::Uuid",
        Base::Jsonb => "serde_json::Value",
        Base::Timestamptz => "chrono::DateTime<chrono::Utc>",
        Base::Bytea => "[u8]",
    }
}
