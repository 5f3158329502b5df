//! What is wanted of a cluster changes while clients write.

use iasql::{
    cluster::Shown,
    failover::{Member, Step},
};
use sqlx::{Connection, PgConnection};
use tokio::time::{interval, timeout};

use super::{
    TURN, begun, nothing_is_lost_of,
    site::{LOOK, PATIENCE, Site},
    writer::{Writer, Written},
};

/// So many members, and all are well.
async fn members(site: &Site, count: usize) -> Shown {
    let shown = site.until("that many members", |shown| shown.state.record.members.len() == count && super::site::is_well(shown)).await;
    println!("{count} members follow {}", shown.state.record.primary.0);
    shown
}

async fn setting(site: &Site, number: u16, name: &str) -> String {
    let (mut looks, way) = (interval(LOOK), site.door(number));
    let opens = async {
        loop {
            looks.tick().await;
            // one that has just begun to follow lets nobody in yet
            if let Ok(session) = PgConnection::connect_with(&way).await {
                return session;
            }
        }
    };
    let mut session = timeout(PATIENCE, opens).await.expect("a session");
    sqlx::query_scalar("select pg_catalog.current_setting($1)").bind(name).fetch_one(&mut session).await.expect("a setting")
}

#[tokio::test(flavor = "multi_thread")]
async fn members_come_and_go_and_commits_wait_or_do_not_while_no_row_is_lost() {
    let _turn = TURN.lock().await;
    let (mut site, _) = begun(false).await;
    let writes = Writer::start(&site, 0);
    writes.more(50).await;
    site.returns(3);
    site.want(|wanted| wanted.members.extend([Member(3)]));
    members(&site, 4).await;

    site.want(|wanted| wanted.synchronous = true);
    let waits = |shown: &Shown| {
        let primary = shown.state.record.primary;
        shown.members.get(&primary).is_some_and(|seen| seen.names.as_ref().is_some_and(|names| names.len() == 3))
    };
    let shown = site.until("that commits wait", waits).await;
    writes.more(50).await;

    // whoever leads goes too: it hands over first
    let stays =
        shown.state.record.members.keys().copied().filter(|member| *member != shown.state.record.primary).take(2).collect::<Vec<_>>();
    site.want(|wanted| wanted.members = stays.iter().copied().collect());
    let shown = members(&site, 2).await;
    assert!(stays.contains(&shown.state.record.primary));
    site.want(|wanted| wanted.synchronous = false);
    let free = |shown: &Shown| {
        shown.members.get(&shown.state.record.primary).is_some_and(|seen| seen.names.is_none()) && shown.state.record.holders.is_empty()
    };
    site.until("that commits do not wait", free).await;
    writes.more(50).await;
    let Written { rows, gap, .. } = writes.end().await;
    println!("members 3, 4, 2; commits that wait and do not: {} rows, gap {gap:?}", rows.len());
    let left: Vec<_> = stays.iter().map(|member| member.0).collect();
    nothing_is_lost_of(&site, &left, "postgres", &rows).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_a_member_that_left_is_given_again_to_one_with_an_empty_disk_or_with_the_old_one() {
    let _turn = TURN.lock().await;
    let (mut site, first) = begun(false).await;
    let [empty, old] = [(first + 1) % 3, (first + 2) % 3];
    let writes = Writer::start(&site, 0);
    writes.more(50).await;
    for (number, keeps) in [(empty, false), (old, true)] {
        site.want(|wanted| wanted.members.retain(|member| member.0 != number));
        members(&site, 2).await;
        site.lose(number);
        if !keeps {
            site.empty(number);
        }
        // what it lacks when it comes again
        writes.more(50).await;
        site.returns(number);
        site.want(|wanted| wanted.members.extend([Member(number)]));
        members(&site, 3).await;
        writes.more(50).await;
    }
    let Written { rows, gap, .. } = writes.end().await;
    println!("members 3, 2, 3, 2, 3: {} rows, gap {gap:?}", rows.len());
    nothing_is_lost_of(&site, &super::ALL, "postgres", &rows).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_needs_a_restart_comes_by_a_change_of_the_primary_and_one_that_no_server_takes_does_not() {
    let _turn = TURN.lock().await;
    let (site, first) = begun(false).await;
    let writes = Writer::start(&site, 0);
    writes.more(50).await;
    site.want(|wanted| wanted.settings.extend([("work_mem".to_owned(), "not a size".to_owned())]));
    let shown = site.until("a complaint", |shown| shown.complaints.len() == 3).await;
    assert!(shown.complaints.values().all(|why| why.contains("work_mem")), "{:?}", shown.complaints);
    site.want(|wanted| {
        wanted.settings.insert("work_mem".to_owned(), "5MB".to_owned());
        wanted.settings.insert("max_connections".to_owned(), "120".to_owned());
    });
    let renewed = |shown: &Shown| {
        let others = shown.state.record.step == Step::Steady && shown.state.record.primary.0 != first;
        others && super::site::is_well(shown) && shown.members.values().all(|seen| !seen.outdated)
    };
    site.until("that all have it", renewed).await;
    for number in super::ALL {
        assert_eq!(setting(&site, number, "max_connections").await, "120");
        assert_eq!(setting(&site, number, "work_mem").await, "5MB");
    }
    writes.more(50).await;
    let Written { rows, gap, .. } = writes.end().await;
    println!("a setting that needs a restart: {} rows, gap {gap:?}", rows.len());
    nothing_is_lost_of(&site, &super::ALL, "postgres", &rows).await;
}
