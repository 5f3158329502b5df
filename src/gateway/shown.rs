//! Which certificates are shown: a file's or the development authority's for the gateway's own domain, and those that rows have, for theirs and for
//! that one. Others take their place while sessions go on.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use chrono::{Days, Utc};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use super::{Certificates, Domain, Error};
use crate::{
    causes::in_one_line,
    control::{Control, ShownCertificate},
    resource::Secret,
};

/// How often it is looked whether there are others.
const LOOK: Duration = Duration::from_secs(5);
/// How long before its end a certificate is spoken of.
const SOON: Days = Days::new(14);

/// What is shown who comes to the gateway's own domain.
#[derive(Clone, Debug)]
pub enum Own {
    /// What stands in this file, whatever rows say.
    File(PathBuf),
    /// A row's, and until there is one this.
    Rows(Domain),
}

/// Keeps what is shown as it is to be.
pub struct Shown {
    domain: String,
    own: Own,
    control: Control,
    certificates: Arc<Certificates>,
    now: Vec<Domain>,
    /// What was the matter at the last look.
    said: Vec<String>,
}

impl Shown {
    /// Begins with what stands in the file and in the registry.
    ///
    /// # Errors
    /// Where the gateway's own certificate can't be read. What is the matter with rows' is logged.
    pub async fn open(domain: impl Into<String>, own: Own, control: Control) -> Result<Self, Error> {
        let domain = domain.into();
        let first = own.read(&domain)?;
        let certificates = Arc::new(Certificates::new(std::slice::from_ref(&first))?);
        let mut shown = Self { domain, own, control, certificates, now: vec![first], said: vec![] };
        shown.look().await;
        Ok(shown)
    }

    /// What the gateway shows.
    pub fn certificates(&self) -> Arc<Certificates> {
        Arc::clone(&self.certificates)
    }

    /// Whether what the gateway's own domain shows is no row's.
    pub fn is_own(&self) -> bool {
        match &self.own {
            Own::File(_) => true,
            Own::Rows(own) => self.now.first() == Some(own),
        }
    }

    /// Looks every five seconds, until `shutdown`.
    pub async fn follow(mut self, shutdown: CancellationToken) {
        let mut ticks = interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let look = async {
            loop {
                ticks.tick().await;
                self.look().await;
            }
        };
        shutdown.run_until_cancelled(look).await;
    }

    async fn look(&mut self) {
        let mut complaints = vec![];
        let mut keep = |complaint: String| complaints.push(complaint);
        let own = self.own.read(&self.domain).and_then(fit);
        let own = own.map_err(|error| keep(in_one_line(&error))).ok().or_else(|| self.now.first().cloned());
        let rows = match timeout(LOOK, self.control.shown_certificates()).await {
            Ok(Ok(rows)) => {
                rows.iter().filter_map(ending).for_each(&mut keep);
                rows.into_iter().filter_map(|row| usable(row).map_err(&mut keep).ok()).collect()
            }
            // those of before stay
            Ok(Err(error)) => (keep(in_one_line(&error)), self.now.clone()).1,
            Err(_) => (keep("the registry is silent".to_owned()), self.now.clone()).1,
        };
        let wanted = arranged(own, matches!(self.own, Own::File(_)), rows);
        if wanted != self.now {
            match self.certificates.replace(&wanted) {
                Ok(()) => self.show(wanted),
                Err(error) => keep(in_one_line(&error)),
            }
        }
        self.complain(complaints);
    }

    fn show(&mut self, wanted: Vec<Domain>) {
        let domains: Vec<_> = wanted.iter().map(|domain| domain.name.as_str()).collect();
        tracing::info!(domains = domains.join(" "), "other certificates are shown from now on");
        self.now = wanted;
    }

    /// Says what is the matter, where it is not what was the matter at the last look.
    fn complain(&mut self, complaints: Vec<String>) {
        for complaint in complaints.iter().filter(|complaint| !self.said.contains(complaint)) {
            tracing::error!(complaint, "a certificate needs somebody; what can be shown is shown");
        }
        self.said = complaints;
    }
}

impl Own {
    fn read(&self, domain: &str) -> Result<Domain, Error> {
        match self {
            Self::File(path) => Ok(Domain { name: domain.to_owned(), pem: Secret::new(read(path)?) }),
            Self::Rows(first) => Ok(first.clone()),
        }
    }
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|source| Error::File { doing: "read", path: path.to_owned(), source })
}

/// What is to be said of one that is over soon, or is over: it is shown all the same, for there is no better one.
fn ending(row: &ShownCertificate) -> Option<String> {
    let ShownCertificate { domain, not_after, is_ordered, .. } = row;
    // of one that is ordered it stands in its row, and in the log of whoever orders it, what is the matter
    (*not_after < Utc::now() + SOON && !is_ordered)
        .then(|| format!("the certificate of {domain} is over at {not_after}: write another one into its row"))
}

/// A row's, where it can be shown; one that can't does not keep the others.
fn usable(row: ShownCertificate) -> Result<Domain, String> {
    let opened = row.pem.map_err(|error| format!("the certificate of {} could not be opened: {error}", row.domain));
    fit(Domain { name: row.domain, pem: opened? }).map_err(|error| in_one_line(&error))
}

fn fit(domain: Domain) -> Result<Domain, Error> {
    Certificates::new(std::slice::from_ref(&domain)).map(|_| domain)
}

/// The gateway's own domain first: it is for who names none. A row's is before the authority's, and behind a file's.
fn arranged(own: Option<Domain>, is_fixed: bool, rows: Vec<Domain>) -> Vec<Domain> {
    let Some(own) = own else { return rows };
    let (same, others): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.name == own.name);
    let first = same.into_iter().next().filter(|_| !is_fixed).unwrap_or(own);
    [vec![first], others].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_domain_is_first_a_row_is_before_the_authority_and_behind_a_file() {
        let domain = |name: &str, pem: &str| Domain { name: name.to_owned(), pem: Secret::new(pem) };
        let rows = || vec![domain("a.example", "row"), domain("own.example", "row")];
        let shown = |own: Option<Domain>, is_fixed| {
            let all = arranged(own, is_fixed, rows());
            all.into_iter().map(|domain| format!("{} {}", domain.name, domain.pem.expose())).collect::<Vec<_>>()
        };
        let own = || Some(domain("own.example", "own"));
        assert_eq!(shown(own(), false), ["own.example row", "a.example row"]);
        assert_eq!(shown(own(), true), ["own.example own", "a.example row"]);
    }
}
