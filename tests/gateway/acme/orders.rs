//! From a row to what psql verifies, and again before it is over; and what becomes of it when an authority says no, or nothing.

use iasql::gateway::Authority;

use super::*;

const GOOD: Pebble = Pebble { seconds: 3600, refuses: "nobody.example.com" };

#[tokio::test]
async fn a_row_that_names_an_authority_becomes_a_certificate_that_psql_verifies_in_full() {
    let mut stage = Stage::new().await;
    let gateway = stage.gateway("a").await;
    let pebble = stage.authority(GOOD, &gateway).await;
    stage.order().await;
    stage.becomes("valid").await;
    until("the certificate", async || answer(&gateway, &pebble.root).await).await;
    stage.site.check().await;
    let row =
        "select concat_ws(' ', state, names, length(fingerprint), not_after > now() + interval '50 minutes') from gateway.certificate";
    assert_eq!(stage.site.ask(row).await, ["valid {*.db.example.com} 64 t"]);
    stage.site.rests().await;
    // it is ordered again when a third is left, its key and that of the account are sealed, and DNS says nothing any more
    let next = "select (not_until - now() between interval '35 minutes' and interval '41 minutes')::text || answers::text || failures from control.served_order";
    assert_eq!(stage.site.registry(next).await, ["true{}0"]);
    let open = "select t::text from (select to_jsonb(c) from control.served_certificate c union all select to_jsonb(a) from control.served_account a) as t (t)
      where t::text ~ 'PRIVATE|pkcs8'";
    assert_eq!(stage.site.registry(open).await, Vec::<String>::new());
    assert_eq!(stage.site.registry("select directory from control.served_account").await, [directory(stage.port)]);
    stage.site.sql("delete from gateway.certificate").await;
    stage.site.check().await;
    assert_eq!(
        stage.site.registry("select domain from control.served_order union select domain from control.served_certificate").await,
        [""; 0]
    );
    stage.site.rests().await;
    gateway.stop().await;
}

#[tokio::test]
async fn a_row_that_no_gateway_orders_says_so_after_a_while() {
    let mut stage = Stage::new().await;
    stage.order().await;
    let said = "select state from gateway.certificate";
    assert_eq!(stage.site.ask(said).await, ["wanted"]);
    stage.site.registry("update control.served_order set not_until = not_until - interval '2 minutes' returning domain").await;
    stage.site.check().await;
    let state = stage.site.ask(said).await.pop().unwrap_or_default();
    assert!(state.starts_with("wanted") && state.contains("--dns"), "{state}");
    // one that orders has seen it, and is about to
    stage.site.registry("update control.served_order set looked_at = clock_timestamp() returning domain").await;
    stage.site.check().await;
    assert_eq!(stage.site.ask(said).await, ["wanted"]);
}

#[tokio::test]
async fn it_is_ordered_again_before_it_is_over_and_nobody_is_dropped() {
    let mut stage = Stage::new().await;
    let gateway = stage.gateway("a").await;
    let pebble = stage.authority(Pebble { seconds: 45, ..GOOD }, &gateway).await;
    stage.order().await;
    stage.becomes("valid").await;
    let first = stage.fingerprint().await;
    until("the certificate", async || answer(&gateway, &pebble.root).await).await;
    let mut inside = Talk::begin(&place(&gateway, "shop.db.example.com", &pebble.root));
    assert_eq!(inside.ask("select 1;").await.as_deref(), Some("1"));
    until("another one", async || stage.fingerprint().await.filter(|now| Some(now) != first.as_ref())).await;
    let over =
        "select 'over' from control.served_certificate where not_after - interval '45 seconds' + interval '16 seconds' < clock_timestamp()";
    until("the first one's end", async || stage.site.registry(over).await.pop()).await;
    assert_eq!(answer(&gateway, &pebble.root).await.as_deref(), Some("1"), "the new one is shown");
    assert_eq!(inside.ask("select 2;").await.as_deref(), Some("2"));
    drop(inside);
    gateway.stop().await;
}

#[tokio::test]
async fn what_an_authority_refuses_stands_in_the_row_and_the_old_certificate_goes_on() {
    let mut stage = Stage::new().await;
    let gateway = stage.gateway("a").await;
    let _pebble = stage.authority(Pebble { refuses: DOMAIN, ..GOOD }, &gateway).await;
    let ours = Authority::open(stage.folder.0.join("ours"), Utc::now()).expect("an authority");
    let pem = ours.issue(DOMAIN, Utc::now()).expect("a certificate").pem;
    stage.site.sql(&format!("insert into gateway.certificate (domain, pem) values ('{DOMAIN}', '{}')", pem.expose())).await;
    stage.site.check().await;
    let root = ours.certificate().to_str().expect("a text").to_owned();
    until("the written certificate", async || answer(&gateway, &root).await).await;
    stage.site.sql(&format!("update gateway.certificate set pem = null, issuer = '{}'", directory(stage.port))).await;
    stage.site.check().await;
    let said = stage.becomes("rejectedIdentifier").await;
    assert!(said.starts_with("the authority refused the order: "), "{said}");
    stage.site.check().await;
    assert_eq!(stage.site.ask("select state from gateway.certificate").await, [said]);
    stage.site.rests().await;
    let pause = "select failures || ' ' || (not_until > now() + interval '4 minutes') from control.served_order";
    assert_eq!(stage.site.registry(pause).await, ["1 true"]);
    assert_eq!(answer(&gateway, &root).await.as_deref(), Some("1"), "what was valid goes on being shown");
    // whoever goes back to what they have themselves orders nothing any more
    stage.site.sql(&format!("update gateway.certificate set issuer = null, pem = '{}'", pem.expose())).await;
    stage.site.check().await;
    assert_eq!(stage.site.registry("select state from control.served_order").await, [""; 0]);
    assert_eq!(
        stage.site.ask("select concat_ws(' ', state, issuer, names) from gateway.certificate").await,
        ["{*.db.example.com,db.example.com}"]
    );
    stage.site.rests().await;
    gateway.stop().await;
}

#[tokio::test]
async fn an_authority_that_does_not_find_the_challenge_is_quoted() {
    let mut stage = Stage::new().await;
    let gateway = stage.gateway("a").await;
    // it asks somewhere else: the domain is not delegated to the gateway
    let _pebble = GOOD.start(&stage.folder.0, stage.port, support::free_port().into(), &stage.pem, &stage.trusted).await;
    stage.order().await;
    let said = stage.becomes("the authority refused the challenge: ").await;
    assert!(said.contains("TXT records for DNS challenge"), "{said}");
    gateway.stop().await;
}

#[tokio::test]
async fn two_gateways_make_one_order_and_both_show_what_came_of_it() {
    let mut stage = Stage::new().await;
    let (one, other) = (stage.gateway("a").await, stage.gateway("b").await);
    let pebble = stage.authority(GOOD, &other).await;
    stage.order().await;
    stage.becomes("valid").await;
    for gateway in [&one, &other] {
        until("the certificate", async || answer(gateway, &pebble.root).await).await;
    }
    assert_eq!((pebble.said("Added order"), pebble.said("Issued certificate serial")), (1, 1));
    one.stop().await;
    other.stop().await;
}

#[tokio::test]
async fn an_authority_that_is_down_is_asked_again_and_one_that_has_forgotten_us_gets_another_account() {
    let mut stage = Stage::new().await;
    let gateway = stage.gateway("a").await;
    stage.order().await;
    let said = stage.becomes("could not").await;
    assert!(said.starts_with("could not open an account at the authority"), "{said}");
    let again = "update control.served_order set not_until = clock_timestamp()";
    for round in 0..2 {
        // each time it begins anew, and knows nobody
        let before = stage.fingerprint().await;
        let pebble = stage.authority(GOOD, &gateway).await;
        stage.site.registry(again).await;
        until("another certificate", async || stage.fingerprint().await.filter(|now| Some(now) != before.as_ref())).await;
        until("the certificate", async || answer(&gateway, &pebble.root).await).await;
        assert_eq!(pebble.said("There are now 1 accounts in memory"), 1, "round {round}");
    }
    gateway.stop().await;
}

#[tokio::test]
async fn an_order_that_a_killed_gateway_had_begun_is_followed_by_another_one() {
    let mut stage = Stage::new().await;
    let mut first = stage.gateway("a").await;
    let port = support::free_port();
    let pebble = GOOD.start(&stage.folder.0, stage.port, port.into(), &stage.pem, &stage.trusted).await;
    stage.order().await;
    let answers = "select 'there' from control.served_order where cardinality(answers) > 0";
    until("what DNS is to say", async || stage.site.registry(answers).await.pop()).await;
    first.child.kill().await.expect("it runs");
    let second = stage.gateway_with_dns("b", port).await;
    stage.becomes("valid").await;
    until("the certificate", async || answer(&second, &pebble.root).await).await;
    assert_eq!(pebble.said("Issued certificate serial"), 1);
    second.stop().await;
}

#[tokio::test]
async fn nobody_has_a_gateway_call_what_only_it_can_reach() {
    let mut stage = Stage::new().await;
    let gateway = Gateway::with(&stage.site, &stage.folder.0.join("a"), &["--dns", "127.0.0.1:0"]).await;
    stage.order().await;
    let said = stage.becomes("could not").await;
    assert!(said.contains("it leads to no public address"), "{said}");
    stage.site.sql("update gateway.certificate set issuer = 'https://169.254.169.254/latest'").await;
    stage.site.check().await;
    stage.becomes("the address is not public: a private authority's root is named with --acme-roots").await;
    gateway.stop().await;
}
