//! Rows of `gateway.domain` and `gateway.certificate`: who has a domain, and what is shown who comes there.

use chrono::{DateTime, Days, Utc};
use iasql::{
    control::{Control, KeySource, Setup},
    gateway::Authority,
    resource::Secret,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::{
    crash::Site,
    support::{database_name, key_file},
};

const DOMAINS: &str = "select domain || ' ' || shared from control.served_domain order by domain";

/// A certificate for a domain, of an authority that nobody trusts.
pub(crate) fn pem(domain: &str, at: DateTime<Utc>) -> String {
    let folder = std::env::temp_dir().join(database_name());
    let authority = Authority::open(&folder, at).expect("an authority");
    let issued = authority.issue(domain, at).expect("a certificate");
    std::fs::remove_dir_all(folder).expect("the folder");
    issued.pem.expose().to_owned()
}

/// What shows a certificate.
fn shows(domain: &str, pem: &str) -> String {
    format!("insert into gateway.certificate (domain, pem) values ('{domain}', '{pem}')")
}

/// What a check says that does not go well.
pub(super) async fn complaint(site: &Site, database: &str) -> String {
    let output = site.iasql(&["check", database]).output().await.expect("the binary runs");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{said}");
    said.into_owned()
}

pub(super) async fn gateway(site: &Site) -> Control {
    let control = Control::connect(&site.own.url).await.expect("the metadata database");
    control.with_keys(KeySource::File(key_file().to_owned())).await.expect("the keys")
}

#[tokio::test]
async fn the_first_database_needs_no_other_row_and_a_domain_of_ones_own_needs_its_row() {
    let mut site = Site::with(&["gateway"]).await;
    site.sql("insert into gateway.database (name) values ('shop')").await;
    let refused =
        sqlx::raw_sql("insert into gateway.database (name, domain) values ('shop', 'db.example.com')").execute(&mut site.user).await;
    assert!(refused.is_err_and(|error| error.to_string().contains("foreign key")));
    site.sql("insert into gateway.domain (name) values ('db.example.com')").await;
    site.sql("insert into gateway.database (name, domain) values ('shop', 'db.example.com')").await;
    site.check().await;
    assert_eq!(site.registry(DOMAINS).await, ["db.example.com false", "db.localhost true"]);
    assert_eq!(site.ask("select host from gateway.database order by 1").await, ["shop.db.example.com", "shop.db.localhost"]);
    site.rests().await;
    site.sql("delete from gateway.database; delete from gateway.domain").await;
    site.check().await;
    assert_eq!(site.registry(DOMAINS).await, Vec::<String>::new());
    site.rests().await;
}

#[tokio::test]
async fn a_domain_is_one_users_alone_unless_all_who_have_it_share_it() {
    let mut site = Site::with(&["gateway"]).await;
    site.sql("insert into gateway.domain (name, shared) values ('alone.example.com', false), ('ours.example.com', true)").await;
    site.check().await;
    let other = database_name();
    let setup = Setup { modules: Some(vec!["gateway".into()]), ..Setup::default() };
    let made = site.own.control.setup(&other, setup).await.unwrap_or_else(|error| panic!("{error:?}"));
    let mut user = PgConnection::connect(made.url().expose()).await.expect("the other's login");
    for (sql, taken) in [
        ("insert into gateway.domain (name, shared) values ('alone.example.com', true)", "alone.example.com is somebody else's already"),
        ("insert into gateway.domain (name) values ('below.alone.example.com')", "below.alone.example.com is somebody else's already"),
        ("insert into gateway.domain (name) values ('ours.example.com')", "ours.example.com is somebody else's already"),
    ] {
        sqlx::raw_sql(sql).execute(&mut user).await.unwrap();
        let said = complaint(&site, &other).await;
        assert!(said.contains(taken), "{said}");
    }
    // nothing of theirs is below it, and nothing stands in the book
    sqlx::raw_sql("delete from gateway.domain where name like '%alone%'; update gateway.domain set shared = true")
        .execute(&mut user)
        .await
        .unwrap();
    let done = site.iasql(&["check", &other]).output().await.unwrap();
    assert!(done.status.success(), "{done:?}");
    let book = "select domain || ' ' || count(*) from control.served_domain group by domain order by domain";
    assert_eq!(site.registry(book).await, ["alone.example.com 1", "ours.example.com 2"]);
    // a shared one can't become one's own while others have it
    site.sql("update gateway.domain set shared = false where name like 'ours%'").await;
    assert!(complaint(&site, &site.name).await.contains("others have it too"));
}

#[tokio::test]
async fn a_certificate_is_sealed_for_the_gateway_and_nobody_reads_its_key_from_a_table() {
    let mut site = Site::with(&["gateway"]).await;
    let (first, second) = (pem("db.example.com", Utc::now()), pem("db.example.com", Utc::now()));
    site.sql("insert into gateway.domain (name) values ('db.example.com')").await;
    site.sql(&shows("db.example.com", &first)).await;
    site.check().await;
    assert_eq!(
        site.ask("select names::text || ' ' || length(fingerprint) from gateway.certificate").await,
        ["{*.db.example.com,db.example.com} 64"]
    );
    site.rests().await;
    let gateway = gateway(&site).await;
    let shown = gateway.shown_certificates().await.unwrap().remove(0);
    assert_eq!((shown.domain.as_str(), shown.pem.unwrap().expose()), ("db.example.com", first.as_str()));
    // another one is a change in place
    site.sql(&format!("update gateway.certificate set pem = '{second}'")).await;
    assert_eq!(site.ask("select action from iasql.plan").await, ["update"]);
    site.check().await;
    site.rests().await;
    let now = gateway.shown_certificates().await.unwrap().remove(0);
    assert_ne!(now.fingerprint, shown.fingerprint);
    assert_eq!(now.pem.unwrap().expose(), second);
    // who has not the engine's key reads nothing
    let keyless = Control::connect(&site.own.url).await.unwrap().shown_certificates().await.unwrap().remove(0);
    assert!(keyless.pem.is_err());
    for planted in [&first, &second].map(|pem| pem.lines().nth(1).expect("a line of the key").to_owned()) {
        let everywhere =
            format!("select count(*)::text from control.served_certificate c where position('{planted}' in to_jsonb(c)::text) > 0");
        assert_eq!(site.registry(&everywhere).await, ["0"]);
        for table in ["gateway.certificate", "observed.gateway_certificate", "iasql.history", "iasql.change", "iasql.plan", "iasql.run"] {
            let found =
                site.ask(&format!("select count(*)::text from {table} t where position('{planted}' in to_jsonb(t)::text) > 0")).await;
            assert_eq!(found, ["0"], "{table}");
        }
    }
    site.sql("delete from gateway.certificate").await;
    site.check().await;
    assert!(gateway.shown_certificates().await.unwrap().is_empty());
    site.rests().await;
    gateway.close().await;
}

#[tokio::test]
async fn only_the_gateways_role_reads_verifiers_and_certificates() {
    let mut site = Site::with(&["gateway"]).await;
    site.sql("insert into gateway.domain (name) values ('db.example.com')").await;
    site.sql(&shows("db.example.com", &pem("db.example.com", Utc::now()))).await;
    site.check().await;
    let logins = "select r.rolname::text from pg_roles r where r.rolcanlogin and not r.rolsuper
      and has_table_privilege(r.oid, 'control.served_certificate', 'select') order by 1";
    assert_eq!(site.registry(logins).await, Vec::<String>::new(), "tables are reached through procedures only");
    let called = "select p.proname::text || ' ' || r.rolname from pg_proc p, pg_roles r
      where p.pronamespace = 'control'::regnamespace and p.proname in ('served_find', 'served_certificates') and r.rolcanlogin and not r.rolsuper
        and has_function_privilege(r.oid, p.oid, 'execute') order by 1";
    assert_eq!(site.registry(called).await, ["served_certificates iasql_gateway", "served_find iasql_gateway"]);
}

#[tokio::test]
async fn what_all_are_shown_who_come_to_a_shared_domain_is_for_none_of_those_to_say_who_share_it() {
    let mut site = Site::with(&["gateway"]).await;
    site.sql("insert into gateway.domain (name, shared) values ('db.example.com', true)").await;
    site.sql(&shows("db.example.com", &pem("db.example.com", Utc::now()))).await;
    let said = complaint(&site, &site.name).await;
    assert!(said.contains("not yours alone (shared = false)"), "{said}");
    assert!(gateway(&site).await.shown_certificates().await.expect("an answer").is_empty());
    site.sql("update gateway.domain set shared = false").await;
    site.check().await;
    assert_eq!(gateway(&site).await.shown_certificates().await.expect("an answer").len(), 1);
    site.sql("update gateway.domain set shared = true").await;
    site.check().await;
    assert!(gateway(&site).await.shown_certificates().await.expect("an answer").is_empty(), "it is shown to nobody from then on");
}

#[tokio::test]
async fn a_certificate_that_clients_would_not_take_is_refused_at_the_check_and_the_old_one_stays() {
    let mut site = Site::with(&["gateway"]).await;
    let good = pem("db.example.com", Utc::now());
    site.sql("insert into gateway.domain (name) values ('db.example.com')").await;
    site.sql(&shows("db.example.com", &good)).await;
    site.check().await;
    let long_ago = Utc::now() - Days::new(1000);
    let (key, _) = good.split_at(good.find("-----BEGIN CERTIFICATE").expect("a chain"));
    let other = pem("db.example.com", Utc::now());
    let foreign = format!("{key}{}", &other[other.find("-----BEGIN CERTIFICATE").expect("a chain")..]);
    for (pem, why) in [
        (pem("example.com", Utc::now()), "and not for *.db.example.com"),
        (pem("db.example.com", long_ago), "it is over since"),
        (foreign, "the key does not belong to the first certificate"),
    ] {
        site.sql(&format!("update gateway.certificate set pem = '{pem}'")).await;
        let said = complaint(&site, &site.name).await;
        assert!(said.contains(why), "{said}");
        assert!(!said.contains("BEGIN"), "{said}");
    }
    let garbage = sqlx::raw_sql(AssertSqlSafe("update gateway.certificate set pem = 'no PEM'")).execute(&mut site.user).await;
    assert!(garbage.is_err_and(|error| error.to_string().contains("a_pem_holds_a_key")));
    let gateway = gateway(&site).await;
    let shown = gateway.shown_certificates().await.unwrap().remove(0);
    assert_eq!(shown.pem.as_ref().map(Secret::expose).ok(), Some(good.as_str()));
    gateway.close().await;
}
