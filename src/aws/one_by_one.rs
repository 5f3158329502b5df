//! What AWS tells only one at a time: several questions side by side, and what is not there is left out.

use std::future::Future;

use futures::{StreamExt, TryStreamExt, stream};

use crate::resource::Error;

/// Questions in flight at a time.
const ASIDE: usize = 16;

/// Asks about each of `things`; those that are not there, or have nothing to tell, are left out.
pub(crate) async fn each<T, R, F>(things: impl IntoIterator<Item = T> + Send, ask: impl Fn(T) -> F) -> Result<Vec<R>, Error>
where
    F: Future<Output = Result<Option<R>, Error>>,
{
    let asked = stream::iter(things).map(|thing| {
        let answer = ask(thing);
        async { answer.await.or_else(|error| if error.is_absent() { Ok(None) } else { Err(error) }) }
    });
    asked.buffer_unordered(ASIDE).try_filter_map(|found| async { Ok(found) }).try_collect().await
}
