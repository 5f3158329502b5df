//! Names: of apps, of machines, and of what stands below an app.

use reqwest::Method;
use serde_json::{Value, json};

use super::Site;

#[tokio::test]
async fn of_two_creates_at_once_with_one_name_one_is_refused() {
    let site = Site::new().await;
    let new = |name: &str| json!({ "name": name, "config": { "image": "probe", "init": { "cmd": ["rest"] } } });
    for round in 0..5 {
        let name = format!("web-{round}");
        let (one, two) = tokio::join!(
            site.call(Method::POST, "/apps/shop/machines", new(&name)),
            site.call(Method::POST, "/apps/shop/machines", new(&name))
        );
        let mut statuses = [one.0, two.0];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{} {}", one.1, two.1);
        let (made, said) = if one.0 == 200 { (one.1, two.1) } else { (two.1, one.1) };
        let said = said["error"].as_str().unwrap();
        assert!(said.starts_with("already_exists: unique machine name violation") && said.contains(made["id"].as_str().unwrap()), "{said}");
        site.found(made["id"].as_str().unwrap()).destroy().await;
    }
    let app = json!({ "app_name": "twice", "org_slug": "personal" });
    let (one, two) = tokio::join!(site.call(Method::POST, "/apps", app.clone()), site.call(Method::POST, "/apps", app));
    assert_eq!(one.0 + two.0, 201 + 422);
}

#[tokio::test]
async fn an_app_is_listed_in_its_organization_and_goes_with_all_it_has() {
    let site = Site::new().await;
    site.machine(&["rest"], json!({})).await.is("started").await;
    let volume = site.volume("data").await;
    assert_eq!(site.get("/apps/shop").await["status"], "deployed");
    assert_eq!(site.get("/apps?org_slug=personal").await["total_apps"], 1);
    assert_eq!(site.get("/apps?org_slug=others").await["total_apps"], 0);
    let (status, said) = site.refused(Method::DELETE, "/apps/shop", Value::Null).await;
    assert!(status == 412 && said.contains("1 machines"), "{said}");
    site.good(Method::DELETE, "/apps/shop?force=true", Value::Null).await;
    assert_eq!(site.refused(Method::GET, "/apps/shop", Value::Null).await.0, 404);
    assert!(!site.home.join("volumes").join(volume).exists());
    site.app("shop").await;
    assert_eq!(site.get("/apps/shop/machines?include_deleted=true").await, json!([]));
}

#[tokio::test]
async fn addresses_and_certificates_are_kept() {
    let mut site = Site::new().await;
    let given = site.post("/apps/shop/ip_assignments", json!({ "type": "v4" })).await;
    assert!(given["ip"].as_str().is_some_and(|ip| ip.starts_with("203.0.113.")), "{given}");
    site.post("/apps/shop/ip_assignments", json!({ "type": "shared_v4" })).await;
    assert_eq!(site.refused(Method::POST, "/apps/shop/ip_assignments", json!({ "type": "shared_v4" })).await.0, 422);
    assert_eq!(site.refused(Method::POST, "/apps/shop/ip_assignments", json!({ "type": "v5" })).await.0, 400);
    site.post("/apps/shop/certificates/acme", json!({ "hostname": "Shop.example.com" })).await;
    assert_eq!(site.refused(Method::POST, "/apps/shop/certificates/acme", json!({ "hostname": "shop" })).await.0, 422);
    site.kill_and_start();
    assert_eq!(site.get("/apps/shop/ip_assignments").await["ips"].as_array().map(Vec::len), Some(2));
    site.good(Method::DELETE, &format!("/apps/shop/ip_assignments/{}", given["ip"].as_str().unwrap()), Value::Null).await;
    assert_eq!(site.get("/apps/shop/ip_assignments").await["ips"].as_array().map(Vec::len), Some(1));
    assert_eq!(site.get("/apps/shop/certificates").await["certificates"][0]["hostname"], "shop.example.com");
    assert_eq!(site.post("/apps/shop/certificates/shop.example.com/check", Value::Null).await["configured"], false);
    site.good(Method::DELETE, "/apps/shop/certificates/shop.example.com", Value::Null).await;
    assert_eq!(site.refused(Method::GET, "/apps/shop/certificates/shop.example.com", Value::Null).await.0, 404);
}
