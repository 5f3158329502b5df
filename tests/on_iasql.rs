//! The engine's own infrastructure as rows: the blueprint in a database of one's own, and the script as a person runs it.

mod blueprint;
mod script;
