//! Where plan, resource and database meet: observe, plan, guard, apply, until the plan is empty.

mod apply;
mod ask;
mod doubt;
mod drift;
mod error;
mod guard;
mod import;
mod outcome;
mod refresh;
mod repeats;
mod retry;
mod run;

pub use ask::{Ask, Kind, Watch};
pub use error::Error;
pub use import::{Imported, Told};
pub use outcome::{Outcome, Progress, State};
pub use run::run;
