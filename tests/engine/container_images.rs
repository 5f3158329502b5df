//! Images in repositories: seen, referred to, and never made.

use iasql::engine::Kind;

use super::World;

const MANIFEST: &str = r#"{"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
    "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 1, "digest": "sha256:0a"}, "layers": []}"#;

#[tokio::test]
async fn an_image_is_shown_can_be_referred_to_and_goes_with_its_repository_only_by_force() {
    let mut world = World::with(&["ecr"]).await;
    world.sql("insert into ecr.repository (name) values ('shop/web')").await;
    world.check().await;
    let aws = world.outside().await;
    let pushed = aws.ecr().put_image().repository_name("shop/web").image_tag("1").image_manifest(MANIFEST).send().await.expect("an image");
    let digest = pushed.image.and_then(|image| image.image_id).and_then(|id| id.image_digest).expect("its digest");
    world.run(Kind::Refresh).await;
    assert_eq!(world.ask("select image_digest || ' ' || image_tags[1] from observed.ecr_image").await, [format!("{digest} 1")]);
    assert_eq!(world.diff().await, ["Nothing to do: the cloud is as the tables say."]);

    let row = format!("insert into ecr.image (repository, image_digest) values ('shop/web', '{digest}')");
    world.sql(&row).await;
    assert_eq!(world.check().await, Vec::<String>::new());
    let uri = world.ask("select o.image_uri from ecr.image join observed.ecr_image o using (row_id)").await.remove(0);
    assert!(uri.ends_with(&format!("/shop/web@{digest}")), "{uri}");
    let said = world.refusal(&row.replace("(repository", "(reference_only, repository").replace("values (", "values (false, ")).await;
    assert!(said.contains("an_image_can_only_be_referred_to"), "{said}");

    world.sql("delete from ecr.image; delete from ecr.repository").await;
    let refused = world.run(Kind::Check).await;
    assert!(refused.errors.iter().any(|error| error.contains("RepositoryNotEmptyException")), "{refused:#?}");
    world.sql("insert into ecr.repository (name, force_delete) values ('shop/web', true)").await;
    assert_eq!(world.check().await, ["TagResource"]);
    world.sql("delete from ecr.repository").await;
    assert_eq!(world.check().await, ["DeleteRepository"]);
}
