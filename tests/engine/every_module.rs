//! A database with every module there is: nothing of it is out of sight.

use iasql::{
    database::modules::Library,
    engine::{Kind, State},
};

use super::World;

#[tokio::test]
async fn every_type_of_every_module_can_be_listed() {
    let library = Library::carried().expect("modules");
    // what the gateway serves stands in a book, Fly and Tigris are other clouds, which a world has not: tests/served, tests/fly.rs, tests/tigris.rs, tests/ha.rs
    let others = ["gateway", "fly", "tigris", "serverless", "postgres"];
    let names: Vec<&str> = library.modules().map(|module| module.name()).filter(|name| !others.contains(name)).collect();
    let world = World::with(&names).await;
    let outcome = world.run(Kind::Refresh).await;
    assert_eq!((outcome.state, &outcome.errors[..], &outcome.blind[..]), (State::Done, &[][..], &[][..]));
}
