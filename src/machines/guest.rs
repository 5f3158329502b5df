//! How large a machine is, and which sizes there are (fly.io/docs/machines/guides-examples/machine-sizing).

use serde::{Deserialize, Serialize};

use super::refusal::Refusal;

/// Memory that each processor brings at least and at most, in MB, the steps between, and how many processors there can be.
struct Kind {
    least: u64,
    most: u64,
    step: u64,
    cpus: &'static [u64],
}

const SHARED: Kind = Kind { least: 256, most: 2048, step: 256, cpus: &[1, 2, 4, 6, 8] };
const PERFORMANCE: Kind = Kind { least: 2048, most: 8192, step: 1024, cpus: &[1, 2, 4, 6, 8, 10, 12, 14, 16] };

/// The size of a machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Guest {
    #[serde(default = "shared")]
    cpu_kind: String,
    #[serde(default = "one")]
    pub(super) cpus: u64,
    /// In MB; what the kind has at least where nothing is said.
    #[serde(default)]
    pub(super) memory_mb: u64,
}

fn shared() -> String {
    "shared".to_owned()
}

fn one() -> u64 {
    1
}

impl Guest {
    /// What a machine has of which nothing is said: the smallest there is.
    pub(super) fn smallest() -> Self {
        Self { cpu_kind: shared(), cpus: 1, memory_mb: SHARED.least }
    }

    /// By the name of a preset, as `shared-cpu-2x`.
    pub(super) fn preset(name: &str) -> Result<Self, Refusal> {
        let unknown = || Refusal::invalid(format!("config.size {name:?} is unknown; it looks like shared-cpu-1x or performance-2x"));
        let (kind, rest) = match name.strip_prefix("shared-cpu-") {
            Some(rest) => ("shared", rest),
            None => ("performance", name.strip_prefix("performance-").ok_or_else(unknown)?),
        };
        let cpus = rest.strip_suffix('x').and_then(|cpus| cpus.parse().ok()).ok_or_else(unknown)?;
        Self { cpu_kind: kind.to_owned(), cpus, memory_mb: 0 }.checked()
    }

    /// Refuses what Fly does not sell.
    pub(super) fn checked(mut self) -> Result<Self, Refusal> {
        let kind = match self.cpu_kind.as_str() {
            "shared" => SHARED,
            "performance" => PERFORMANCE,
            other => return Err(Refusal::invalid(format!("config.guest.cpu_kind {other:?} is unknown; it is shared or performance"))),
        };
        if !kind.cpus.contains(&self.cpus) {
            let said = format!("config.guest.cpus of a {} machine is one of {:?}, not {}", self.cpu_kind, kind.cpus, self.cpus);
            return Err(Refusal::invalid(said));
        }
        let (least, most) = (kind.least * self.cpus, kind.most * self.cpus);
        if self.memory_mb == 0 {
            self.memory_mb = least;
        }
        if !(least..=most).contains(&self.memory_mb) || !self.memory_mb.is_multiple_of(kind.step) {
            let said =
                format!("config.guest.memory_mb is {least} to {most} in steps of {} for this machine, not {}", kind.step, self.memory_mb);
            return Err(Refusal::invalid(said));
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_fly_does_not_sell_are_refused() {
        let guest = |cpu_kind: &str, cpus, memory_mb| Guest { cpu_kind: cpu_kind.into(), cpus, memory_mb }.checked();
        assert_eq!(guest("shared", 2, 0).unwrap().memory_mb, 512);
        assert_eq!(guest("performance", 1, 4096).unwrap().memory_mb, 4096);
        for (kind, cpus, memory) in
            [("huge", 1, 256), ("shared", 3, 768), ("shared", 1, 300), ("shared", 1, 4096), ("performance", 1, 1024)]
        {
            assert!(guest(kind, cpus, memory).is_err(), "{kind} {cpus} {memory}");
        }
        assert_eq!(Guest::preset("performance-2x").unwrap().memory_mb, 4096);
        assert!(Guest::preset("shared-cpu-x").is_err());
    }
}
