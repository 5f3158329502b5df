//! What a machine's container is made of, and what is seen of one.

use std::{collections::HashMap, path::PathBuf};

use bollard::models::{
    ContainerCreateBody, ContainerInspectResponse, ContainerState, ContainerStateStatusEnum as Status, HostConfig, HostConfigLogConfig,
    Mount, MountType, ResourcesUlimits,
};
use chrono::{DateTime, Utc};

use crate::machines::{Error, config::Config, given, machine::Machine, native::PROCESSES, process::Exit};

/// The labels of a container of ours: whose home it is of, which machine's, which run of it.
pub(super) const HOME: &str = "iasql.home";
const MACHINE: &str = "iasql.machine";
const RUN: &str = "iasql.run";
/// As much of what it says as the log of a machine keeps: two files of 4 MB.
const LOG: [(&str, &str); 2] = [("max-size", "4m"), ("max-file", "2")];

/// The name of a machine's container.
pub(super) fn name(machine: &str) -> String {
    format!("iasql-{machine}")
}

/// The machine and the run that labels tell.
pub(super) fn whose(labels: &HashMap<String, String>) -> Option<(&str, u64)> {
    Some((labels.get(MACHINE)?, labels.get(RUN)?.parse().ok()?))
}

/// A container of ours.
pub(super) struct Found {
    pub(super) id: String,
    pub(super) run: u64,
    pub(super) status: Status,
    /// Its first process, the engine's init.
    pub(super) init: i32,
    state: ContainerState,
}

/// What the engine tells of a container, where it is of this home.
pub(super) fn found(seen: ContainerInspectResponse, home: &str) -> Option<Found> {
    let labels = seen.config?.labels?;
    let (_, run) = whose(&labels).filter(|_| labels.get(HOME).is_some_and(|at| at == home))?;
    let state = seen.state?;
    let init = state.pid.and_then(|pid| i32::try_from(pid).ok()).unwrap_or_default();
    Some(Found { id: seen.id?, run, status: state.status?, init, state })
}

impl Found {
    pub(super) fn has_begun(&self) -> bool {
        self.status != Status::CREATED
    }

    /// Whether it has processes.
    pub(super) fn lives(&self) -> bool {
        matches!(self.status, Status::RUNNING | Status::PAUSED | Status::RESTARTING | Status::STOPPING)
    }

    /// How it ended. Of one that a signal ended the engine, too, says 128 and the signal.
    pub(super) fn exit(&self) -> Exit {
        let time = |text: &Option<String>| text.as_deref().and_then(|text| DateTime::parse_from_rfc3339(text).ok()).map(|at| at.to_utc());
        let code = self.state.exit_code.and_then(|code| i32::try_from(code).ok()).unwrap_or(-1);
        let ended_at = time(&self.state.finished_at).unwrap_or_else(Utc::now);
        Exit {
            run: self.run,
            code,
            signal: (129..=192).contains(&code).then(|| code - 128),
            oom_killed: self.state.oom_killed == Some(true),
            started_at: time(&self.state.started_at).unwrap_or(ended_at),
            ended_at,
        }
    }
}

/// The files of its configuration as the engine takes them; none where there are none.
pub(super) fn files(machine: &Machine, config: &Config) -> Result<Option<Vec<u8>>, Error> {
    if config.files.is_empty() {
        return Ok(None);
    }
    let mut tar = tar::Builder::new(vec![]);
    for file in &config.files {
        let bytes = given::contents(machine, file)?;
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        let laid = tar.append_data(&mut header, file.guest_path.trim_start_matches('/'), bytes.as_slice());
        laid.map_err(|error| Error::launch(&machine.id, format!("the file {} can't be laid: {error}", file.guest_path)))?;
    }
    tar.into_inner().map(Some).map_err(|error| Error::launch(&machine.id, error))
}

/// All that the engine has to know of it.
pub(super) fn body(
    machine: &Machine,
    config: &Config,
    volumes: Vec<(PathBuf, String)>,
    home: &str,
    processors: u64,
) -> ContainerCreateBody {
    let (memory_mb, cpus) = config.guest().map_or((256, 1), |guest| (guest.memory_mb, guest.cpus));
    let env = given::variables(machine, config, memory_mb);
    let init = &config.init;
    let words = |words: &[String]| (!words.is_empty()).then(|| words.to_vec());
    let (entrypoint, cmd) = if init.exec.is_empty() { (words(&init.entrypoint), words(&init.cmd)) } else { (words(&init.exec), None) };
    let labels = [(HOME, home.to_owned()), (MACHINE, machine.id.clone()), (RUN, machine.run.to_string())];
    ContainerCreateBody {
        image: Some(machine.image.folder.clone()),
        env: Some(env.iter().map(|(name, value)| format!("{name}={}", value.expose())).collect()),
        entrypoint,
        cmd,
        labels: Some(labels.map(|(name, value)| (name.to_owned(), value)).into()),
        host_config: Some(host(volumes, memory_mb, cpus.min(processors))),
        ..Default::default()
    }
}

/// Its volumes and its limits. It has this machine's network: an address of loopback is the same one for all machines and for us.
fn host(volumes: Vec<(PathBuf, String)>, memory_mb: u64, cpus: u64) -> HostConfig {
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let mount = |(data, path): (PathBuf, String)| Mount {
        typ: Some(MountType::BIND),
        source: Some(data.display().to_string()),
        target: Some(path),
        ..Default::default()
    };
    let memory = signed(memory_mb << 20);
    HostConfig {
        network_mode: Some("host".to_owned()),
        mounts: Some(volumes.into_iter().map(mount).collect()),
        memory: Some(memory),
        memory_swap: Some(memory),
        nano_cpus: Some(signed(cpus * 1_000_000_000)),
        pids_limit: Some(i64::from(PROCESSES)),
        ulimits: Some(vec![ResourcesUlimits { name: Some("core".to_owned()), soft: Some(0), hard: Some(0) }]),
        // the first process of a container would be deaf to signals for which it has no handler, and nobody would reap orphans
        init: Some(true),
        log_config: Some(HostConfigLogConfig {
            typ: Some("json-file".to_owned()),
            config: Some(LOG.map(|(name, value)| (name.to_owned(), value.to_owned())).into()),
        }),
        ..Default::default()
    }
}
