//! Objects and queues as users write them: from SQL, one or many at a time.

use super::World;

#[tokio::test]
async fn an_uploaded_text_gets_its_content_type_and_a_bucket_goes_after_its_objects() {
    let mut world = World::with(&["s3"]).await;
    let bucket = format!("site-{}", world.account.id);
    world.sql(&format!("insert into s3.bucket (name) values ('{bucket}'); select s3.upload('{bucket}', 'docs/index.HTML', 'hello')")).await;
    assert_eq!(world.check().await, ["CreateBucket", "PutObject"]);
    world
        .sql(&format!("select s3.upload('{bucket}', 'docs/index.HTML', 'good bye'), s3.upload('{bucket}', 'raw', '', 'text/plain')"))
        .await;
    assert_eq!(world.check().await, ["PutObject", "PutObject"]);
    let aws = world.outside().await;
    let page = aws.s3().get_object().bucket(&bucket).key("docs/index.HTML").send().await.expect("the page");
    assert_eq!(page.content_type(), Some("text/html"));
    assert_eq!(page.body.collect().await.expect("its content").to_vec(), b"good bye");
    let raw = aws.s3().head_object().bucket(&bucket).key("raw").send().await.expect("the other one");
    assert_eq!((raw.content_type(), raw.content_length()), (Some("text/plain"), Some(0)));
    world.sql("delete from s3.object; delete from s3.bucket").await;
    assert_eq!(world.check().await, ["DeleteObject", "DeleteObject", "DeleteBucket"]);
}

#[tokio::test]
async fn a_hundred_queues_with_a_queue_for_what_failed_are_made_with_a_call_each() {
    let mut world = World::with(&["sqs"]).await;
    let many = "insert into sqs.queue (name, visibility_timeout, dead_letter_queue, max_receive_count, tags) \
                select 'orders-' || n, 60, 'failed', 5, '{\"team\": \"shop\"}' from generate_series(1, 99) n";
    world.sql(&format!("insert into sqs.queue (name) values ('failed'); {many}")).await;
    let calls = world.check().await;
    assert_eq!((calls.len(), calls.iter().all(|call| call == "CreateQueue")), (100, true));
}
