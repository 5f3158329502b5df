//! How many files and connections this process may have open.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Has the system give as many as it would: shells leave most programs a thousand, which one client of a gateway could use up.
pub fn as_many_as_may_be() {
    if let Ok((_, most)) = getrlimit(Resource::RLIMIT_NOFILE) {
        // where it says no it stays as it was
        let _as_it_was = setrlimit(Resource::RLIMIT_NOFILE, most, most);
    }
}

/// How many there may be at a time.
pub fn most() -> usize {
    getrlimit(Resource::RLIMIT_NOFILE).map_or(1024, |(now, _)| usize::try_from(now).unwrap_or(usize::MAX))
}
