//! The script that builds an image and pushes it to where a database's rows say.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

use super::{
    doorway::Doorway,
    problem::Problem,
    query::{Asked, BuildAndPush},
};

/// A shell script. It holds no secret: whoever runs it logs in with credentials of his own.
pub(super) async fn script(State(door): State<Doorway>, Asked(asked): Asked<BuildAndPush>) -> Result<Response, Problem> {
    let script = door.control.build_and_push(&asked.db, &asked.blueprint).await?;
    Ok(([(header::CONTENT_TYPE, "text/x-shellscript; charset=utf-8")], script).into_response())
}
