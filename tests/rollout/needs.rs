//! A module that comes to need another one brings it along.

use iasql::{
    control::{Rollout, Setup},
    database::modules::Library,
    schema::Schema,
};

use super::{admin, ask};
use crate::{control::own, support};

const PLACE: &str = "-- Places.\n\ncreate table ground.place (name text primary key);\ncomment on table ground.place is 'A place.';\ncomment on column ground.place.name is 'Its name.';\n";
const HOUSE: &str = "-- Houses.\n\ncreate table above.house (name text primary key);\ncomment on table above.house is 'A house.';\ncomment on column above.house.name is 'Its name.';\n";
const STANDS: &str = "-- Where houses stand.\n\nalter table above.house add column place text references ground.place (name);\ncomment on column above.house.place is 'Where it stands.';\n";
const FLOATS: &str = "-- Houses stand nowhere.\n\nalter table above.house drop column place;\n";

fn schema(name: &str, files: &[(&str, &str)]) -> Schema {
    let files = files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
    Schema::from_files(name, name, files).unwrap_or_else(|faults| panic!("{faults}"))
}

/// Houses that need no ground.
fn before() -> Library {
    let above =
        schema("above", &[("schema", "about Houses.\nneeds iasql\n"), ("versions/0001", "about Houses.\nhouse\n"), ("house.sql", HOUSE)]);
    Library::of(Library::carried().unwrap().base().as_ref().clone(), [above])
}

/// Houses that stand on some.
fn after() -> Library {
    let ground =
        schema("ground", &[("schema", "about Ground.\nneeds iasql\n"), ("versions/0001", "about Places.\nplace\n"), ("place.sql", PLACE)]);
    let above = schema(
        "above",
        &[
            ("schema", "about Houses.\nneeds iasql\nneeds ground\n"),
            ("versions/0001", "about Houses.\nhouse\n"),
            ("house.sql", HOUSE),
            ("versions/0002", "about They stand somewhere.\nstands\n"),
            ("stands.up.sql", STANDS),
            ("stands.down.sql", FLOATS),
        ],
    );
    Library::of(Library::carried().unwrap().base().as_ref().clone(), [ground, above])
}

#[tokio::test]
async fn a_module_that_comes_to_need_another_brings_it_along() {
    let (own, name) = (own().await, support::database_name());
    let setup = Setup { modules: Some(vec!["above".into()]), ..Setup::default() };
    own.control.clone().with_library(before()).setup(&name, setup).await.unwrap_or_else(|error| panic!("{error:?}"));
    let control = own.control.clone().with_library(after());
    let report = control.roll_out(&Rollout::default(), &|_| {}).await.unwrap();
    assert!(report.failed.is_empty(), "{report:#?}");
    assert_eq!(report.upgraded[&name].made, ["ground 1", "above 2"]);
    assert_eq!(control.database(&name).await.unwrap().modules, ["above", "ground"]);
    assert_eq!(ask(&mut admin(&name).await, "select name from iasql.module order by installed_at").await, ["above", "ground"]);
    let again = control.roll_out(&Rollout::default(), &|_| {}).await.unwrap();
    assert_eq!((again.upgraded.len(), again.current), (0, 1));
}
