//! Makes a user's database, or tells how to reach one.

use axum::{Json, extract::State};
use serde::Serialize;

use super::{
    doorway::Doorway,
    problem::Problem,
    query::{Asked, Named, Setup},
};
use crate::{
    control::{self, Control, Made},
    resource::Secret,
};

/// How to reach a database. The password stands in `url` the one time that there is one.
#[derive(Serialize)]
pub(super) struct Told {
    created: bool,
    url: Secret,
    database: control::DatabaseInfo,
}

/// A second call rebuilds nothing.
pub(super) async fn setup(
    State(door): State<Doorway>,
    Named(db): Named<String>,
    Asked(asked): Asked<Setup>,
) -> Result<Json<Told>, Problem> {
    let made = to_the_end(door.control, db, wish(asked)).await?;
    Ok(Json(Told { created: made.created, url: made.url(), database: made.database }))
}

fn wish(asked: Setup) -> control::Setup {
    let modules = asked.modules.map(|names| names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect());
    control::Setup { modules, region: asked.region, rotate: asked.rotate, schedule: asked.schedule, ..control::Setup::default() }
}

/// In a task of its own, so that a client who hangs up leaves nothing half done.
async fn to_the_end(control: Control, db: String, wish: control::Setup) -> Result<Made, Problem> {
    let made = tokio::spawn(async move { control.setup(&db, wish).await });
    Ok(made.await.map_err(|error| Problem::internal(&error))??)
}
