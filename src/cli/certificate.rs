//! `iasql certificate`: an authority for development, and a certificate of its for all names below a domain.

use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::PathBuf};

use chrono::Utc;
use clap::Args;
use iasql::{
    authority::{self, Authority},
    causes::in_one_line,
};

use super::{error::Error, exit::DONE, member::domain, show::Show};

pub(crate) const EXAMPLES: &str = "\
Examples:
  iasql certificate db.example.com --into tls     tls/authority.crt for clients (sslrootcert), tls/db.example.com.pem for
                                                  iasql gateway --certificate

The authority is kept in the folder and signs the next certificate, too. It is for development: nobody trusts it who is not told to.";

/// For which names, and where it is kept.
#[derive(Args)]
pub(crate) struct Certificate {
    /// The domain: the certificate is for all names right below it
    #[arg(value_parser = domain)]
    domain: String,
    /// The folder in which the authority is, or is made
    #[arg(long, value_name = "DIR", default_value = ".iasql/gateway/authority")]
    into: PathBuf,
}

impl Certificate {
    pub(crate) fn run(&self, show: &Show) -> Result<u8, Error> {
        let said = |error: authority::Error| Error::Said(in_one_line(&error));
        let authority = Authority::open(&self.into, Utc::now()).map_err(said)?;
        let issued = authority.issue(&self.domain, Utc::now()).map_err(said)?;
        let file = self.into.join(format!("{}.pem", self.domain));
        write(&file, issued.pem.expose()).map_err(|source| Error::Io { what: format!("writing {}", file.display()), source })?;
        show.answer(&file.display().to_string());
        show.document(&serde_json::json!({ "certificate": file, "authority": authority.certificate() }));
        show.say(&format!("clients trust it with sslmode=verify-full sslrootcert={}", authority.certificate().display()));
        Ok(DONE)
    }
}

/// For its owner only; whole or not at all, for a gateway may be reading it.
fn write(file: &std::path::Path, text: &str) -> std::io::Result<()> {
    let aside = file.with_extension("new");
    fs::OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&aside)?.write_all(text.as_bytes())?;
    fs::rename(aside, file)
}
