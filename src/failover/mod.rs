//! Who leads a cluster, and what is to be done about it now. No database, no cloud, no clock.
//!
//! 1. What is decided stands in a record, in a store that compares before it sets. `decide` looks at the record and at what is seen of the members,
//!    and says what to do now. It remembers nothing: a crashed engine goes on from the record, and of two the one that writes second reads again.
//! 2. Nothing is done that the record does not say already. Every act may be done twice, and a late one is refused (`heeds`).
//! 3. Every leadership has a term of its own and a timeline of the same number. Only whom the record names may hold the lease (`Record::may_lead`).
//! 4. Nobody is promoted before the former primary is known to be stopped, or its lease to be over; nor before he has all that can be had.

mod act;
mod choose;
mod decide;
mod follow;
mod lead;
mod planned;
#[cfg(test)]
mod proof;
mod record;
mod seen;
mod takeover;
mod wish;

pub use act::{Act, Stamp, Told, heeds};
pub use decide::decide;
pub use record::{Millis, Planned, Record, Standing, Step, Timing};
pub use seen::{Look, Place, Pooler, Role, Seen};
pub use wish::{Wish, approach};

/// A member's number in its cluster. Given again it is a member that comes anew: only the record says who follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Member(pub u16);
