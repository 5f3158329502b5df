//! `iasql node`: runs databases that gateways lead their clients to, and has no door for clients.

use std::{net::SocketAddr, sync::Arc};

use iasql::{
    gateway::{Gateway, Limits, Settings},
    shutdown,
};

use super::{
    error::Error,
    exit::DONE,
    hosting::{self, Hosting},
    member::{Member, listen, port, said},
    show::Show,
};

pub(crate) const EXAMPLES: &str = "\
Examples:
  iasql node --bucket s3://tenants/databases --advertise node-1.internal --listen 0.0.0.0:5433 --certificate wildcard.pem --database-url postgres://iasql@db.internal/iasql
  iasql gateway --nodes --bucket s3://tenants/databases --listen 0.0.0.0:5432 --certificate wildcard.pem --database-url postgres://iasql@db.internal/iasql

The second line is the gateway, which leads clients to the first: both have the same bucket, and show the same certificate.";

/// Where it listens for gateways, and what it runs.
#[derive(clap::Args)]
#[command(mut_arg("bucket", |arg| arg.required(true)), mut_arg("advertise", |arg| arg.required(true)))]
pub(crate) struct Node {
    #[command(flatten)]
    member: Member,
    #[command(flatten)]
    hosting: Hosting,
    /// Where gateways lead their clients to
    #[arg(long, env = "IASQL_NODE_LISTEN", default_value = "127.0.0.1:5433", value_name = "ADDRESS")]
    listen: SocketAddr,
}

impl Node {
    pub(crate) async fn run(self, show: &Show) -> Result<u8, Error> {
        let shutdown = shutdown::on_signal().map_err(|source| Error::Io { what: "listening for signals".into(), source })?;
        let (door, web) = (listen("--listen", self.listen)?, self.hosting.doors()?);
        let port = port(&door);
        let standing = self.member.stand("node", port, show).await?;
        let hosted = self.hosting.open(&self.member, &standing, self.member.whereabouts()).await?;
        let care = hosted.care();
        care.agrees().await.map_err(|error| Error::Said(error.to_string()))?;
        care.begin().await;
        let gateway = Gateway::new(standing.shown.certificates(), Arc::new(hosted.here.clone()), of_strangers(&standing.settings));
        let gateway = gateway.map_err(said)?;
        let gateway = gateway.among(care.neighbours()).for_gateways();
        if let Some(address) = self.member.address(port) {
            show.answer(&format!("gateways lead their clients to {address}"));
        }
        web.announce(&standing, &self.member.domain, show);
        let (http, https) = web.ports();
        show.document(&serde_json::json!({ "event": "ready", "port": port, "http": http, "https": https, "domain": self.member.domain }));
        show.answer("ready; Ctrl-C stops");
        hosting::serve(door, gateway, standing, Some((hosted, web)), care, shutdown).await;
        Ok(DONE)
    }
}

/// A few gateways bring all sessions there are, and each has counted its own: here those are counted who have not shown yet that they are gateways, and
/// leave half of the places to those who have.
fn of_strangers(settings: &Settings) -> Settings {
    let limits = Limits { per_address: settings.limits.in_all / 2, ..settings.limits };
    Settings { limits, ..settings.clone() }
}
