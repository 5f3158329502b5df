//! What Fly lists app by app.

use futures::{StreamExt, TryStreamExt, stream};
use serde_json::Value;

use super::{app, way::Fly};
use crate::resource::Error;

/// How many apps are asked at a time: Fly counts calls by app.
const AT_ONCE: usize = 8;

/// The answers for all of the organization's apps, with their names; an app that has gone meanwhile has none.
pub(super) async fn all(fly: &Fly, operation: &'static str, noun: &'static str) -> Result<Vec<(String, Value)>, Error> {
    let of = |app: app::App| {
        let fly = fly.clone();
        async move {
            match fly.get(operation, &["apps", app.name(), noun], &[]).await {
                Err(error) if error.is_absent() => Ok(None),
                answer => answer.map(|answer| Some((app.name().to_owned(), answer))),
            }
        }
    };
    let answers = stream::iter(app::names(fly).await?.into_iter().map(of)).buffer_unordered(AT_ONCE);
    Ok(answers.try_collect::<Vec<_>>().await?.into_iter().flatten().collect())
}
