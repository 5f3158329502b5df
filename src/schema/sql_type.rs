//! The types that may pass a procedure, in SQL and in Rust.

use std::fmt;

/// A type without its brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// `boolean`
    Boolean,
    /// `smallint`
    Smallint,
    /// `integer`
    Integer,
    /// `bigint`
    Bigint,
    /// `double precision`
    DoublePrecision,
    /// `text`
    Text,
    /// `uuid`
    Uuid,
    /// `jsonb`
    Jsonb,
    /// `timestamptz`
    Timestamptz,
    /// `bytea`
    Bytea,
}

/// A type as it passes a procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Type {
    /// What it is, or what its members are.
    pub base: Base,
    /// Whether it is an array.
    pub array: bool,
}

const NAMES: [(&str, Base); 10] = [
    ("boolean", Base::Boolean),
    ("smallint", Base::Smallint),
    ("integer", Base::Integer),
    ("bigint", Base::Bigint),
    ("double precision", Base::DoublePrecision),
    ("text", Base::Text),
    ("uuid", Base::Uuid),
    ("jsonb", Base::Jsonb),
    ("timestamptz", Base::Timestamptz),
    ("bytea", Base::Bytea),
];
/// Other words of SQL for some of them.
const ALIASES: [(&str, Base); 7] = [
    ("bool", Base::Boolean),
    ("int", Base::Integer),
    ("int2", Base::Smallint),
    ("int4", Base::Integer),
    ("int8", Base::Bigint),
    ("float8", Base::DoublePrecision),
    ("timestamp with time zone", Base::Timestamptz),
];

impl Type {
    /// Reads `integer`, `text[]`, `timestamp with time zone`.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let (name, array) = words.strip_suffix("[]").map_or((&*words, false), |name| (name.trim_end(), true));
        let found = NAMES.iter().chain(&ALIASES).find(|(known, _)| *known == name);
        let names = NAMES.map(|(name, _)| name).join(", ");
        found
            .map(|(_, base)| Self { base: *base, array })
            .ok_or_else(|| format!("the type {text} can't pass a procedure; those that can are {names}, and arrays of them"))
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(_, base)| *base == self.base).map_or("", |(name, _)| name);
        write!(f, "{name}{}", if self.array { "[]" } else { "" })
    }
}
