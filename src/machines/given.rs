//! What a machine is given beside its image, however it runs: its variables, its files, its volume.

use std::{collections::BTreeMap, path::PathBuf};

use aws_smithy_types::base64;

use super::{
    Error,
    config::{Config, File},
    machine::Machine,
    volume::{self, Volume},
    world::World,
};
use crate::resource::Secret;

/// What the configuration and the app's secrets say; a secret wins. Then what stands in every machine's environment, as on Fly.
pub(super) fn variables(machine: &Machine, config: &Config, memory_mb: u64) -> BTreeMap<String, Secret> {
    let mut env: BTreeMap<String, Secret> = config.env.iter().map(|(name, value)| (name.clone(), Secret::new(value.as_str()))).collect();
    env.extend(machine.secrets.clone());
    let process_group = config.metadata.get("fly_process_group").cloned().unwrap_or_default();
    let fixed = [
        ("FLY_APP_NAME", machine.app.clone()),
        ("FLY_MACHINE_ID", machine.id.clone()),
        ("FLY_ALLOC_ID", machine.id.clone()),
        ("FLY_MACHINE_VERSION", machine.instance_id.clone()),
        ("FLY_REGION", machine.region.clone()),
        ("FLY_PRIVATE_IP", machine.private_ip.to_string()),
        ("FLY_IMAGE_REF", config.image.clone()),
        ("FLY_PROCESS_GROUP", process_group),
        ("FLY_VM_MEMORY_MB", memory_mb.to_string()),
    ];
    env.extend(fixed.map(|(name, value)| (name.to_owned(), Secret::new(value))));
    env
}

/// What is in a file of its configuration.
pub(super) fn contents(machine: &Machine, file: &File) -> Result<Vec<u8>, Error> {
    let secret = || file.secret_name.as_ref().and_then(|name| machine.secrets.get(name)).map(Secret::expose);
    let coded = file.raw_value.as_deref().or_else(secret);
    let bytes = coded.and_then(|coded| base64::decode(coded.trim()).ok());
    bytes.ok_or_else(|| Error::launch(&machine.id, format!("the file {} has no value in base64", file.guest_path)))
}

/// The folder that is its volume; one that is fuller than it may be is none to start on.
pub(super) fn volume(world: &World, machine: &Machine, id: &str) -> Result<PathBuf, Error> {
    let data = world.home.volume(id).join("data");
    let size = world.books().volumes.get(id).map(Volume::bytes).unwrap_or_default();
    let used = volume::used(&data)?;
    if used > size {
        let said = format!("volume {id} is full: {used} bytes are in it, and it may have {size}; extend it");
        return Err(Error::launch(&machine.id, said));
    }
    Ok(data)
}
