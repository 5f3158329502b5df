//! Which node a database is led to that nobody has: by its place first, then so that all gateways say the same. No socket, no clock.

use std::cmp::Reverse;

use aws_lc_rs::digest;
use uuid::Uuid;

use crate::control::Neighbour;

/// The nodes that may run a database, the best first. `wanted` is where its row says that it is to be, and `near` where whoever asks is, which counts
/// where the row says nothing.
///
/// Among those of one place each has a number of its own for each database (rendezvous hashing): a node that comes or goes moves no database but its own.
pub(super) fn ranked(mut nodes: Vec<Neighbour>, database: Uuid, wanted: Option<&str>, near: Option<&str>) -> Vec<Neighbour> {
    nodes.retain(|node| may(node, wanted));
    let place = wanted.or(near);
    let is_there = |node: &Neighbour| place.is_some() && node.location.as_deref() == place;
    nodes.sort_by_cached_key(|node| Reverse((is_there(node), drawn(node, database))));
    nodes
}

/// Whether a node may run what is to be there: one elsewhere takes it for one that is not there, one that has not said where it is takes all.
pub(super) fn may(node: &Neighbour, wanted: Option<&str>) -> bool {
    wanted.is_none() || node.location.is_none() || node.location.as_deref() == wanted
}

/// By the node's name, which it keeps where its address changes.
fn drawn(node: &Neighbour, database: Uuid) -> Vec<u8> {
    digest::digest(&digest::SHA256, &[database.as_bytes(), node.holder.as_bytes()].concat()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(holder: &str, location: Option<&str>) -> Neighbour {
        let (address, location) = (format!("{holder}:1"), location.map(str::to_owned));
        Neighbour { holder: holder.into(), address, runs_databases: true, location, bucket: Uuid::nil() }
    }

    fn named(nodes: &[Neighbour]) -> Vec<&str> {
        nodes.iter().map(|node| &*node.holder).collect()
    }

    #[test]
    fn gateways_agree_in_whatever_order_they_know_the_nodes_and_each_node_has_its_part() {
        let nodes: Vec<_> = ["a", "b", "c", "d"].map(|holder| node(holder, None)).to_vec();
        let first = |nodes: Vec<Neighbour>, database| ranked(nodes, Uuid::from_u128(database), None, None).remove(0).holder;
        let mut parts = [0; 4];
        for database in 0..1000 {
            let reversed = nodes.iter().rev().cloned().collect();
            let one = first(nodes.clone(), database);
            assert_eq!(one, first(reversed, database));
            // where one goes that was not the first, nothing moves
            let fewer = nodes.iter().filter(|node| node.holder == one || node.holder != "d").cloned().collect();
            assert_eq!(one, first(fewer, database));
            parts[usize::from(one.as_bytes()[0] - b'a')] += 1;
        }
        assert!(parts.iter().all(|part| (150..350).contains(part)), "{parts:?}");
    }

    #[test]
    fn where_a_row_says_a_place_counts_first_and_then_where_the_gateway_is() {
        let nodes = || vec![node("a", Some("ams")), node("b", Some("fra")), node("c", None)];
        let of = |wanted, near| ranked(nodes(), Uuid::from_u128(7), wanted, near);
        assert_eq!(named(&of(Some("fra"), Some("ams"))), ["b", "c"]);
        assert_eq!(named(&of(Some("lhr"), None)), ["c"]);
        assert_eq!((named(&of(None, Some("ams")))[0], of(None, Some("ams")).len()), ("a", 3));
        assert_eq!(of(None, None).len(), 3);
    }
}
