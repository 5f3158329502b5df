//! What is in the bucket, told to the registry; and the pins that the registry wants there.

use uuid::Uuid;

use super::{Failure, Kept};
use crate::{
    causes::in_one_line,
    control::{Control, ToldVersion, WantedPin},
    store::{Error, Id, Store, Version},
};

/// What whoever wrote a pin sees meanwhile; another gateway, or this one with a bucket, may still set it.
const NO_BUCKET: &str = "wanted; the gateway that runs databases has no bucket, and so there are no versions: start it with --bucket";

impl Kept {
    /// Tells of the versions of databases that were put away, or lost some.
    pub(super) async fn tell(&self) -> Result<(), Failure> {
        let (Some(bucket), Some(control)) = (&self.bucket, &self.control) else { return Ok(()) };
        for database in bucket.changed() {
            if let Err(error) = tell_of(control, bucket.store()?, &database).await {
                bucket.has_changed(&database);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Sets the pins that are wanted, and lets go of those that are gone.
    pub(super) async fn pins(&self) -> Result<(), Failure> {
        let Some(control) = &self.control else { return Ok(()) };
        let mut failed = None;
        for wanted in control.wanted_pins().await? {
            let done = match &self.bucket {
                Some(bucket) => carry_out(control, bucket.store()?, wanted).await,
                None if wanted.is_gone => Err("this gateway has no bucket, where a pin would be let go of".into()),
                None => Ok(control.note_pin(wanted.pin, Err(NO_BUCKET.to_owned())).await?),
            };
            // one that can't be carried out does not keep the others
            failed = done.err().or(failed);
        }
        failed.map_or(Ok(()), Err)
    }
}

async fn tell_of(control: &Control, store: &Store, database: &str) -> Result<(), Failure> {
    // what is in the bucket under another name is nobody's row
    let Ok(id) = database.parse::<Uuid>() else { return Ok(()) };
    let known = control.newest_version_of_served(id).await?;
    let (numbers, come) = store.versions_since(&Id::new(database)?, known).await?;
    let come: Vec<_> = come.into_iter().map(told).collect();
    Ok(control.note_versions_of_served(id, &numbers, &come).await?)
}

async fn carry_out(control: &Control, store: &Store, wanted: WantedPin) -> Result<(), Failure> {
    let (database, name) = (Id::new(wanted.id.to_string())?, Id::new(wanted.pin.to_string())?);
    if wanted.is_gone {
        return match store.unpin(&database, &name).await {
            Ok(()) | Err(Error::NoPin { .. }) => Ok(control.forget_pin(wanted.pin).await?),
            Err(error) => Err(error.into()),
        };
    }
    let number = match wanted.number {
        Some(number) => Some(number),
        None => store.newest_version(&database).await?.map(|newest| newest.number),
    };
    // one that was never put away has no version yet: as soon as there is one it is kept
    let Some(number) = number else { return Ok(()) };
    let became = match store.pin(&database, &name, number).await {
        Ok(()) => Ok(number),
        Err(error @ (Error::NoVersion { .. } | Error::Deleted(_))) => Err(in_one_line(&error)),
        // an attempt of before whose end nobody has noted, and the newest is another one by now
        Err(Error::Taken(_)) => {
            store.pins(&database).await?.iter().find(|(pin, _)| *pin == name).map_or(Err("it is gone".to_owned()), |(_, on)| Ok(*on))
        }
        Err(error) => return Err(error.into()),
    };
    Ok(control.note_pin(wanted.pin, became).await?)
}

fn told(version: Version) -> ToldVersion {
    let bytes = |bytes: u64| bytes.try_into().unwrap_or(i64::MAX);
    ToldVersion {
        number: bytes(version.number),
        kind: version.kind.word().to_owned(),
        made_at: version.at,
        made_by: version.by,
        size_bytes: bytes(version.size),
        stored_bytes: bytes(version.stored),
    }
}
