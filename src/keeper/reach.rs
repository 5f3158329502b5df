//! The way to whoever leads a cluster, for those who look after what stands inside.

use futures::future::BoxFuture;
use sqlx::postgres::PgConnectOptions;

use super::lead::site;
use crate::{
    causes::in_one_line,
    control::{Control, Reach},
};

/// The clusters of the book.
pub struct Ways(Control);

impl Ways {
    /// Of this book.
    pub fn of(control: &Control) -> Self {
        Self(control.clone())
    }
}

impl Reach for Ways {
    fn primary<'a>(&'a self, database: &'a str, cluster: &'a str, inside: &'a str) -> BoxFuture<'a, Result<PgConnectOptions, String>> {
        Box::pin(async move {
            let all = self.0.clusters_to_lead().await.map_err(|error| in_one_line(&error))?;
            let led = all.into_iter().find(|led| led.database == database && led.name == cluster && led.keys.is_some());
            let led = led.ok_or("its keys can't be opened here")?;
            let site = site(&self.0, &led).map_err(|error| in_one_line(&error))?;
            site.primary(inside).await.map_err(|error| in_one_line(&error))
        })
    }
}
