//! A volume: a folder with a size. Which machine has it stands in the machine's configuration, and nowhere else.

use std::{fs, io, path::Path};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Error, refusal::Refusal};

/// The smallest and the largest that Fly gives, in GB (fly.io/docs/machines/api/volumes-resource).
pub(super) const SIZES: std::ops::RangeInclusive<u64> = 1..=500;
/// What is told of a file system.
const BLOCK: u64 = 4096;
const GB: u64 = 1 << 30;

/// What is kept of a volume.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Volume {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) app: String,
    pub(super) region: String,
    pub(super) size_gb: u64,
    pub(super) encrypted: bool,
    pub(super) snapshot_retention: u64,
    pub(super) auto_backup_enabled: bool,
    pub(super) created_at: DateTime<Utc>,
}

impl Volume {
    /// As a client sees it: who has it, and how many bytes are in it.
    pub(super) fn shown(&self, state: &str, attached: Option<&str>, used: u64) -> Value {
        let blocks = self.size_gb * GB / BLOCK;
        let free = blocks.saturating_sub(used.div_ceil(BLOCK));
        json!({
            "id": self.id, "name": self.name, "state": state, "size_gb": self.size_gb, "region": self.region, "zone": "here",
            "encrypted": self.encrypted, "attached_machine_id": attached, "attached_alloc_id": null, "created_at": self.created_at,
            "fstype": "ext4", "snapshot_retention": self.snapshot_retention, "auto_backup_enabled": self.auto_backup_enabled,
            "blocks": blocks, "block_size": BLOCK, "blocks_free": free, "blocks_avail": free, "bytes_used": used,
            "bytes_total": self.size_gb * GB, "host_status": "ok",
        })
    }

    /// How large it may be, in bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.size_gb * GB
    }
}

/// Takes what can be a volume's name (fly.io/docs/machines/api/volumes-resource).
pub(super) fn name(name: &str) -> Result<String, Refusal> {
    let sign = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_';
    if (1..=30).contains(&name.len()) && name.chars().all(sign) {
        return Ok(name.to_owned());
    }
    Err(Refusal::invalid(format!("name {name:?} is none for a volume: 1 to 30 of a-z, 0-9 and _")))
}

/// Takes what can be a volume's size.
pub(super) fn size(size_gb: u64) -> Result<u64, Refusal> {
    if SIZES.contains(&size_gb) {
        return Ok(size_gb);
    }
    Err(Refusal::invalid(format!("size_gb is {} to {}, not {size_gb}", SIZES.start(), SIZES.end())))
}

/// How many bytes are in a folder. What goes away meanwhile is not counted.
pub(super) fn used(folder: &Path) -> Result<u64, Error> {
    walk(folder).map_err(Error::folder("measure", folder))
}

fn walk(folder: &Path) -> io::Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.metadata() {
            Ok(found) if found.is_dir() => sum += gone_is_nothing(walk(&entry.path()))?,
            // the blocks that it has, for a file may have holes
            Ok(found) => sum += std::os::unix::fs::MetadataExt::blocks(&found) * 512,
            Err(error) => sum += gone_is_nothing(Err(error))?,
        }
    }
    Ok(sum)
}

fn gone_is_nothing(found: io::Result<u64>) -> io::Result<u64> {
    match found {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        found => found,
    }
}
