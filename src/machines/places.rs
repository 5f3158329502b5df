//! Where Fly has machines, as its page of regions lists them (fly.io/docs/reference/regions).

/// The codes of all regions.
const REGIONS: [&str; 18] =
    ["ams", "arn", "bom", "cdg", "dfw", "ewr", "fra", "gru", "iad", "jnb", "lax", "lhr", "nrt", "ord", "sin", "sjc", "syd", "yyz"];

use super::refusal::Refusal;

/// Takes what is a region.
pub(super) fn region(code: &str) -> Result<String, Refusal> {
    match REGIONS.contains(&code) {
        true => Ok(code.to_owned()),
        false => Err(Refusal::invalid(format!("region {code:?} is unknown; there are {}", REGIONS.join(", ")))),
    }
}
