//! Four nodes agree under load while one of them is killed, cut off, wiped: no fork, no promise broken.

#![allow(clippy::unwrap_used, missing_docs)]

use std::time::Duration;

use chancery_tests::chaos::{Plan, Scene, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_goes_on_whatever_happens_to_one_of_its_nodes() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan {
        during: Duration::ZERO,
        scenes: vec![Scene::Killed, Scene::CutOff, Scene::Wiped],
        each_once: true,
        seed: 7,
        clerks: 4,
        rate_per_s: 60,
        in_namespaces: false,
    };
    let figures = run(&plan, folder.path()).await.unwrap();
    assert!(figures.faults.is_empty(), "{:#?}", figures.faults);
    assert!(figures.acknowledged > 100, "{figures:?}");
    assert_eq!(figures.audits, 4);
}
