//! RDS: databases, the subnets they stand in and the parameters they run with.

pub(super) mod address;
pub(super) mod db_instance;
pub(super) mod db_parameter_group;
pub(super) mod db_subnet_group;
mod parameters;
mod tags;
