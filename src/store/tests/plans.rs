//! In which steps SQLite answers what is asked often.

use super::*;
use crate::store::{
    archived, articles, by_name, carried, carriers, crowd, deleted, edited, feeds, gone_voices,
    holdings, keys, late, ledger, limits, listed, listing, members, openly, origin, published,
    reports, retain, retired, shares, tellers, window, withdrawn,
};

#[test]
fn hot_queries_sort_nothing_and_scan_only_what_they_return() {
    let scene = Scene::new();
    let connection = open::reader(&scene.path()).unwrap();
    for sql in [
        reports::OTHERS,
        reports::OF_ARTICLES,
        reports::ARRIVED,
        articles::ALL,
        archived::LAST,
        shares::TAKING,
        carriers::OF_REPORTS,
        openly::OWN,
        tellers::MEMBERS,
        window::BEGUN,
        window::NEWEST,
        window::NEWEST_LABELLED,
        window::ARRIVED_LABELLED,
        window::JOINED,
        listing::ALL,
        listing::LABELLED,
        archived::NEW,
        archived::NEW_LABELLED,
        archived::WAITING,
        late::REPORTS,
        late::ROWS,
        ledger::ENDED,
        ledger::FORMER,
        retain::OLD,
        retain::FORGOTTEN,
        holdings::HELD,
        listed::LISTED,
        listed::SHARED,
        deleted::TOLD,
        deleted::RELISTED,
        deleted::FORGET,
        by_name::NAMED,
        withdrawn::OTHERS,
        deleted::TELL,
        holdings::CAME,
        holdings::LAST,
        holdings::ARRIVAL,
    ] {
        for step in plan(&connection, sql) {
            assert!(!step.contains("TEMP B-TREE"), "{sql}: {step}");
            // The numbers that are given are walked in their order.
            let returned = ["articles_by_age", "json_each"];
            let is_returned = returned.iter().any(|it| step.contains(it));
            let scan = step.starts_with("SCAN") && !is_returned;
            assert!(!scan, "{sql}: {step}");
        }
    }
}

/// Only the reports of stories that are taken are sorted.
#[test]
fn what_a_topic_takes_is_found_in_indexes() {
    let scans = scans(listing::TAKEN);
    assert!(scans.is_empty(), "{scans:?}");
}

#[test]
fn what_limits_ask_is_answered_from_indexes() {
    check(&[
        limits::OLD,
        limits::LED,
        limits::OLDEST,
        limits::CARRIERS,
        limits::KEPT,
    ]);
}

#[test]
fn entries_of_other_feeds_are_found_in_indexes() {
    for sql in [
        gone_voices::OF_ARTICLE,
        gone_voices::HOLDERS,
        carried::OF_ARTICLE,
        articles::ALL,
        openly::OF_FEED,
        origin::HAS_ANYBODY,
        origin::NAMED,
        origin::CALLED,
        origin::UNNAME,
        published::IS_KNOWN,
        published::IS_FOUNDER,
    ] {
        let scans = scans(sql);
        assert!(scans.is_empty(), "{sql}: {scans:?}");
    }
}

/// And not among all that its feed ever had.
#[test]
fn what_had_an_id_before_is_found_by_that() {
    let scene = Scene::new();
    let connection = open::reader(&scene.path()).unwrap();
    for sql in [
        retired::IS_WORN,
        retired::BEFORE,
        retired::WORE,
        retired::FORMER,
    ] {
        let steps = plan(&connection, sql);
        let by_id = |step: &String| step.contains("(entry_id>? AND entry_id<?)");
        assert!(steps.iter().any(by_id), "{sql}: {steps:?}");
        assert!(scans(sql).is_empty(), "{sql}: {steps:?}");
    }
}

#[test]
fn who_carries_a_key_is_found_in_its_index() {
    check(&[
        keys::HOLDERS,
        keys::HOLDER,
        members::BROUGHT,
        edited::DUE,
        retired::OTHERS,
    ]);
    let scans = scans(crowd::CROWD);
    assert!(scans.is_empty(), "{scans:?}");
}

/// One walk over the feeds, and none over the names for each.
#[test]
fn feeds_without_names_are_found_in_one_walk() {
    let [walk] = scans(origin::NAMELESS).try_into().unwrap();
    assert!(walk.starts_with("SCAN f "), "{walk}");
}

#[test]
fn entries_are_counted_from_an_index() {
    let scene = Scene::new();
    let connection = open::reader(&scene.path()).unwrap();
    let steps = plan(&connection, feeds::ROWS);
    let counted = "SCAN entries USING INDEX entries_by_feed";
    assert!(
        steps.iter().any(|step| step.starts_with(counted)),
        "{steps:?}"
    );
    assert!(
        !steps.iter().any(|step| step.contains("TEMP B-TREE")),
        "{steps:?}"
    );
}

/// Checks that statements neither scan nor sort.
#[track_caller]
fn check(statements: &[&str]) {
    let scene = Scene::new();
    let connection = open::reader(&scene.path()).unwrap();
    for sql in statements {
        for step in plan(&connection, sql) {
            let is_sorted = step.contains("TEMP B-TREE");
            assert!(!is_sorted && !step.starts_with("SCAN"), "{sql}: {step}");
        }
    }
}

/// Returns the steps of a query that walk over the whole of a table. `n` and subqueries hold what was found.
fn scans(sql: &str) -> Vec<String> {
    let scene = Scene::new();
    let connection = open::reader(&scene.path()).unwrap();
    let is_scan = |step: &String| {
        let of_few = step == "SCAN n"
            || step.starts_with("SCAN json_each")
            || step.contains("(subquery")
            || step.contains("CONSTANT");
        step.starts_with("SCAN") && !of_few
    };
    plan(&connection, sql).into_iter().filter(is_scan).collect()
}

/// Returns the steps in which SQLite answers a query.
fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap();
    let params = vec![1; statement.parameter_count()];
    let steps = statement.query_map(rusqlite::params_from_iter(params), |row| {
        row.get::<_, String>("detail")
    });
    steps.unwrap().map(Result::unwrap).collect()
}
