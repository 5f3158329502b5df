//! The checks of a machine: a connection or a request at its private address, at an interval, for as long as its process lives.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use chrono::Utc;
use reqwest::{Client, Method};
use tokio::{net::TcpStream, time::timeout};

use super::{
    config::Check,
    machine::{CheckStatus, Machine, State},
    world::World,
};
use crate::causes::innermost;

/// How much of an answer is told.
const TOLD: usize = 200;

/// Begins all checks of a machine.
pub(super) fn begin(world: &Arc<World>, machine: &Machine) {
    for (name, check) in machine.config().checks {
        note(world, machine, &name, "warning", "the check has not run yet".to_owned());
        tokio::spawn(follow(Arc::clone(world), machine.clone(), name, check));
    }
}

fn note(world: &World, machine: &Machine, name: &str, status: &'static str, output: String) {
    world.note_check(&machine.id, CheckStatus { name: name.to_owned(), status, output, updated_at: Utc::now() });
}

async fn follow(world: Arc<World>, machine: Machine, name: String, check: Check) {
    let address = SocketAddr::from((machine.private_ip, check.port));
    let grace = tokio::time::Instant::now() + check.grace();
    loop {
        let Some(state) = state(&world, &machine) else { return };
        // a frozen one answers nobody, and that is no fault
        if state == State::Started {
            match timeout(check.timeout(), look(address, &check)).await.unwrap_or_else(|_| Err("it took too long".to_owned())) {
                Ok(said) => note(&world, &machine, &name, "passing", said),
                Err(said) if tokio::time::Instant::now() < grace => note(&world, &machine, &name, "warning", said),
                Err(said) => note(&world, &machine, &name, "critical", said),
            }
        }
        // a machine that has just begun is looked at more often: who waits for it waits for this
        let soon = tokio::time::Instant::now() < grace || world.checks(&machine.id).iter().any(|status| status.status != "passing");
        let next = if soon { check.interval().min(Duration::from_secs(1)) } else { check.interval() };
        tokio::time::sleep(next).await;
    }
}

/// `None` when the process that is looked at is no more.
fn state(world: &World, machine: &Machine) -> Option<State> {
    let books = world.books();
    let found = books.machines.get(&machine.id).filter(|found| found.run == machine.run)?;
    matches!(found.state, State::Started | State::Suspending | State::Suspended).then_some(found.state)
}

async fn look(address: SocketAddr, check: &Check) -> Result<String, String> {
    if check.is_http() {
        return ask(address, check).await.map_err(|error| innermost(&error))?;
    }
    match TcpStream::connect(address).await {
        Ok(_) => Ok("Success".to_owned()),
        Err(error) => Err(format!("connecting to {address}: {error}")),
    }
}

async fn ask(address: SocketAddr, check: &Check) -> Result<Result<String, String>, reqwest::Error> {
    let client = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
    let method = check.method.as_deref().and_then(|method| method.to_uppercase().parse().ok()).unwrap_or(Method::GET);
    let path = check.path.as_deref().unwrap_or("/").trim_start_matches('/');
    let mut request = client.request(method, format!("http://{address}/{path}"));
    for header in &check.headers {
        request = header.values.iter().fold(request, |request, value| request.header(header.name.as_str(), value.as_str()));
    }
    let answer = request.send().await?;
    let status = answer.status();
    let text: String = answer.text().await?.chars().take(TOLD).collect();
    Ok(if status.is_success() { Ok(text) } else { Err(format!("{status}: {text}")) })
}
