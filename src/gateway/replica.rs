//! How a database runs that only reads what another one has in the bucket.

use super::{Here, Unavailable, Unread, here::failed};
use crate::{
    causes,
    control::Replica,
    node::{Error, Session, Terms},
    store,
};

impl Here {
    /// Has it run on what is stored of the other one, and follow that.
    pub(super) async fn reading(&self, id: &str, replica: &Replica, terms: Terms) -> Result<Session, Unavailable> {
        let unread = |why: fn(String) -> Unread| Unavailable::Replica(why(replica.label.clone()));
        if replica.of.is_none() {
            return Err(unread(Unread::Gone));
        }
        if self.bucket().is_none() {
            return Err(unread(Unread::NoBucket));
        }
        self.has_room(id)?;
        self.node().wake(id, terms).await.map_err(|error| {
            let is_gone = |cause: &(dyn std::error::Error + 'static)| matches!(cause.downcast_ref(), Some(store::Error::Deleted(_)));
            match error.own() {
                Error::Unknown(_) => unread(Unread::Unstored),
                _ if causes::all(&error).any(is_gone) => unread(Unread::Gone),
                _ => failed(error),
            }
        })
    }
}
