//! What the user of the campaign may do: `moves.sql`.

use std::fmt;

/// One thing to do in one transaction.
#[derive(Clone, Copy)]
pub(super) struct Move {
    /// The database it is for.
    pub(super) database: &'static str,
    /// What it is.
    pub(super) name: &'static str,
    sql: &'static str,
}

impl fmt::Debug for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.database, self.name)
    }
}

impl Move {
    /// Its statements, with numbers put in.
    pub(super) fn sql(&self, unique: u64, chance: usize) -> String {
        self.sql.replace("{n}", &unique.to_string()).replace("{k}", &chance.to_string())
    }
}

/// The moves for a database.
pub(super) fn moves(database: &str) -> Vec<Move> {
    let all = include_str!("moves.sql").split("-- move ").skip(1).map(|text| {
        let (head, sql) = text.split_once('\n').expect("a move has statements");
        let (database, name) = head.split_once(": ").expect("a move is of a database");
        Move { database, name, sql }
    });
    all.filter(|one| one.database == database).collect()
}
