//! Prepared statements: a client's names for them, and which of them a server has. What is the same for several clients is prepared once.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use super::sql::{Meaning, meaning};
use crate::gateway::refusal::framed;

/// How many a server keeps, unless more are needed at once.
const MOST: usize = 500;

/// A statement as a client had it prepared.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) id: u64,
    /// The rest of its message Parse behind the name: the text, and the types of parameters.
    pub(super) rest: Vec<u8>,
    pub(super) meaning: Meaning,
    /// Whether it has a name.
    named: bool,
}

/// All that clients have prepared by a name.
#[derive(Default)]
pub(super) struct Registry {
    known: Mutex<Known>,
    last: AtomicU64,
    hasher: RandomState,
}

#[derive(Default)]
struct Known {
    by_hash: HashMap<u64, Weak<Statement>>,
    /// How many there may be before those that nobody has are looked for.
    enough: usize,
}

impl Registry {
    /// The statement of this Parse. One without a name is nobody else's.
    pub(super) fn statement(&self, rest: &[u8], named: bool) -> Arc<Statement> {
        let text = rest.split(|byte| *byte == 0).next().unwrap_or_default();
        let make = || {
            let id = self.last.fetch_add(1, Ordering::Relaxed) + 1;
            Arc::new(Statement { id, rest: rest.to_vec(), meaning: meaning(text), named })
        };
        if !named {
            return make();
        }
        let hash = self.hasher.hash_one(rest);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.by_hash.get(&hash).and_then(Weak::upgrade).filter(|found| found.rest == rest) {
            return found;
        }
        let made = make();
        known.by_hash.insert(hash, Arc::downgrade(&made));
        if known.by_hash.len() > known.enough {
            known.by_hash.retain(|_, statement| statement.strong_count() > 0);
            known.enough = known.by_hash.len() * 2 + MOST;
        }
        made
    }
}

impl Statement {
    /// Its name at servers.
    pub(super) fn name(&self) -> String {
        if self.named { name_of(self.id) } else { String::new() }
    }

    pub(super) fn is_named(&self) -> bool {
        self.named
    }

    /// Writes the message that prepares it.
    pub(super) fn parse(&self, into: &mut Vec<u8>) {
        let name = self.name();
        let length = u32::try_from(4 + name.len() + 1 + self.rest.len()).unwrap_or(u32::MAX);
        into.push(b'P');
        into.extend(length.to_be_bytes());
        into.extend(name.as_bytes());
        into.push(0);
        into.extend(&self.rest);
    }
}

fn name_of(id: u64) -> String {
    format!("iasql_{id}")
}

/// What a server has.
#[derive(Debug, Default)]
pub(super) struct Held {
    named: HashSet<u64>,
    order: VecDeque<u64>,
    unnamed: Option<u64>,
}

impl Held {
    pub(super) fn has(&self, statement: &Statement) -> bool {
        if statement.named { self.named.contains(&statement.id) } else { self.unnamed == Some(statement.id) }
    }

    /// It has said so.
    pub(super) fn got(&mut self, id: u64, named: bool) {
        if !named {
            self.unnamed = Some(id);
        } else if self.named.insert(id) {
            self.order.push_back(id);
        }
    }

    /// The one without a name is gone: each simple query takes it away.
    pub(super) fn lose_the_unnamed(&mut self) {
        self.unnamed = None;
    }

    /// All are gone.
    pub(super) fn lose_all(&mut self) {
        *self = Self::default();
    }

    /// Takes away what is too much, the oldest first: the messages that do so, and how many they are.
    pub(super) fn trim(&mut self, into: &mut Vec<u8>) -> usize {
        let surplus = self.order.len().saturating_sub(MOST);
        for id in self.order.drain(..surplus) {
            self.named.remove(&id);
            into.extend(framed(b'C', &[b"S", name_of(id).as_bytes(), &[0]].concat()));
        }
        surplus
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_statement_of_two_clients_is_one() {
        let registry = Registry::default();
        let (one, two) = (registry.statement(b"select 1\0\0\0", true), registry.statement(b"select 1\0\0\0", true));
        assert!(Arc::ptr_eq(&one, &two) && one.meaning.read);
        let other = registry.statement(b"select 1\0\0\x01\0\0\0\x17", true);
        assert_ne!(one.id, other.id);
        assert!(!Arc::ptr_eq(&registry.statement(b"select 1\0\0\0", false), &one));
        let mut message = vec![];
        one.parse(&mut message);
        assert_eq!(message, framed(b'P', &[one.name().as_bytes(), b"\0select 1\0\0\0"].concat()));
    }

    #[test]
    fn a_server_keeps_so_many_and_no_more() {
        let mut held = Held::default();
        (0..600).for_each(|id| held.got(id, true));
        let mut messages = vec![];
        assert_eq!(held.trim(&mut messages), 100);
        assert!(messages.starts_with(&framed(b'C', b"Siasql_0\0")) && held.named.len() == MOST && held.named.contains(&100));
        assert_eq!(held.trim(&mut messages), 0);
    }
}
