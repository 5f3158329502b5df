//! What is refused, held up or asked about before anything is changed in the cloud.

mod approval;
mod attacks;
mod data;
mod limits;
mod page;
mod policies;
mod protection;
mod unseen;
