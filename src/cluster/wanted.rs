//! What is wanted of a cluster: whoever keeps it may want something else at any time.

use std::collections::{BTreeMap, BTreeSet};

use super::Error;
use crate::failover::{Member, Timing, Wish};

/// The longest name of a database, in bytes (`NAMEDATALEN`).
const LONGEST: usize = 63;

/// What is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Who belongs to it. A number may be given again when its member has left: whoever has it then comes with other data, or none.
    pub members: BTreeSet<Member>,
    /// Whether a commit waits for a standby. With one member nobody could be waited for.
    pub synchronous: bool,
    /// Who should lead, where somebody should.
    pub preferred: Option<Member>,
    /// Settings of Postgres, alike on all members.
    pub settings: BTreeMap<String, String>,
    /// Databases that are to be there, owned by the pooler's role.
    pub databases: BTreeSet<String>,
    /// How long things may take.
    pub timing: Timing,
}

impl Wanted {
    /// Whether it can be.
    ///
    /// # Errors
    /// A sentence that says why not.
    pub fn check(&self) -> Result<(), Error> {
        let refused = |why: String| Err(Error::Said(why));
        let is_setting = |name: &String| !name.is_empty() && name.bytes().all(|sign| sign.is_ascii_alphanumeric() || b"_.".contains(&sign));
        match () {
            () if self.members.is_empty() => refused("a cluster has at least one member".to_owned()),
            () if self.timing.margin < 0 || self.timing.lease < 4 * self.timing.margin || self.timing.lease <= 0 => {
                refused("a lease has to last at least four times its margin".to_owned())
            }
            () if self.preferred.is_some_and(|member| !self.members.contains(&member)) => {
                refused("whoever should lead has to be a member".to_owned())
            }
            () => {
                if let Some(name) = self.settings.keys().find(|name| !is_setting(name)) {
                    return refused(format!("{name:?} is no name of a setting"));
                }
                if let Some(value) = self.settings.values().find(|value| value.contains(['\n', '\0'])) {
                    return refused(format!("{value:?} can't be the value of a setting"));
                }
                let bad = |name: &&String| name.is_empty() || name.len() > LONGEST || name.contains('\0');
                self.databases.iter().find(bad).map_or(Ok(()), |name| refused(format!("{name:?} is no name of a database")))
            }
        }
    }

    /// What of it the record says.
    pub(super) fn wish(&self) -> Wish {
        let synchronous = self.synchronous && self.members.len() > 1;
        Wish { members: self.members.clone(), synchronous, preferred: self.preferred, timing: self.timing }
    }
}
