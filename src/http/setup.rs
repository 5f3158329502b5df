//! Makes a user's database, or tells how to reach one; and has a blueprint expand in it.

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::Value;

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
    /// The statements that a blueprint expanded to; none where its rows stood already.
    #[serde(skip_serializing_if = "Option::is_none")]
    sql: Option<Vec<String>>,
}

/// What expands into rows.
struct Blueprint {
    name: String,
    parameters: Value,
}

/// A second call rebuilds nothing.
pub(super) async fn setup(
    State(door): State<Doorway>,
    Named(db): Named<String>,
    Asked(asked): Asked<Setup>,
) -> Result<Json<Told>, Problem> {
    let blueprint = blueprint(&asked)?;
    let (made, sql) = to_the_end(door.control, db, wish(asked), blueprint).await?;
    Ok(Json(Told { created: made.created, url: made.url(), database: made.database, sql }))
}

fn blueprint(asked: &Setup) -> Result<Option<Blueprint>, Problem> {
    let Some(name) = asked.blueprint.clone() else {
        return asked
            .parameters
            .as_ref()
            .map_or(Ok(None), |_| Err(Problem::request("parameters are a blueprint's: name one with blueprint=")));
    };
    let parameters = asked.parameters.as_deref().unwrap_or("{}");
    match serde_json::from_str(parameters) {
        Ok(parameters @ Value::Object(_)) => Ok(Some(Blueprint { name, parameters })),
        _ => Err(Problem::request("parameters are one JSON object, as in {\"domain\": \"example.com\"}")),
    }
}

fn wish(asked: Setup) -> control::Setup {
    let listed = |names: String| names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    // a blueprint is a module, and needs those that its rows are of
    let modules = match (asked.modules.map(listed), asked.blueprint) {
        (modules, None) => modules,
        (modules, Some(blueprint)) => Some(modules.into_iter().flatten().chain([blueprint]).collect()),
    };
    control::Setup { modules, region: asked.region, rotate: asked.rotate, schedule: asked.schedule, ..control::Setup::default() }
}

/// In a task of its own, so that a client who hangs up leaves nothing half done.
async fn to_the_end(
    control: Control,
    db: String,
    wish: control::Setup,
    blueprint: Option<Blueprint>,
) -> Result<(Made, Option<Vec<String>>), Problem> {
    let all = tokio::spawn(async move {
        let made = control.setup(&db, wish).await?;
        let sql = match blueprint {
            Some(Blueprint { name, parameters }) => Some(control.expand(&db, &name, parameters).await?),
            None => None,
        };
        Ok::<_, control::Error>((made, sql))
    });
    Ok(all.await.map_err(|error| Problem::internal(&error))??)
}
