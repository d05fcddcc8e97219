//! Flaws of setup, health and teardown (LIF), as far as they stay within the process.

use std::sync::Arc;
use std::task::{Context as Task, Poll, Waker};

use hookspec_plugin::guard::catch;
use serde_json::json;

use crate::support::{One, configured, fresh, input, ready};

fn is_answered(one: &One) -> bool {
    one.reply("ask", input("ordinary")).is_ok()
}

fn hangs<T>(future: impl Future<Output = T>) -> bool {
    matches!(Box::pin(future).as_mut().poll(&mut Task::from_waker(Waker::noop())), Poll::Pending)
}

#[test]
fn setup_and_teardown_go_wrong() {
    assert_eq!(fresh("lif-001").setup().unwrap_err().code(), "setup_fails");
    assert!(hangs(ready("lif-002").plugin.teardown()) && !hangs(ready("honest").plugin.teardown()));
    assert!(hangs(ready("lif-015").plugin.health()) && !hangs(ready("honest").plugin.health()));
    let twice = ready("lif-010");
    twice.setup().unwrap();
    assert!(is_answered(&twice));
    assert!(catch(|| fresh("lif-011").teardown()).is_err());
    ready("lif-011").teardown().unwrap();
    let twice = ready("lif-012");
    twice.teardown().unwrap();
    assert!(catch(|| twice.teardown()).is_err());
}

#[test]
fn calls_are_answered_out_of_turn() {
    assert!(is_answered(&fresh("lif-009")));
    let gone = |name: &str| {
        let one = ready(name);
        assert!(is_answered(&one));
        one.teardown().unwrap();
        one
    };
    assert!(!is_answered(&gone("lif-009")));
    assert!(is_answered(&gone("lif-013")));
    assert!(!is_answered(&fresh("lif-013")));
}

#[test]
fn instances_hold_on_to_each_other() {
    let (one, other) = (ready("lif-014"), ready("lif-014"));
    assert!(is_answered(&one) && is_answered(&other));
    other.teardown().unwrap();
    assert!(!is_answered(&one));
    let dropped = |name: &str| {
        let weak = Arc::downgrade(&ready(name).plugin);
        weak.upgrade().is_none()
    };
    assert!(dropped("honest") && !dropped("lif-008"));
}

#[test]
fn a_wrong_configuration_panics() {
    for config in [json!([]), json!("a"), json!({ "volume": "3" }), json!({ "token": 1 })] {
        assert!(catch(|| configured("lif-016", config.clone()).setup()).is_err(), "{config}");
        let fault = configured("honest", config.clone()).setup().unwrap_err();
        assert_eq!(fault.code(), "bad_config", "{config}");
    }
    for config in [json!(null), json!({}), json!({ "volume": 1, "more": [] })] {
        configured("lif-016", config.clone()).setup().unwrap();
        configured("honest", config).setup().unwrap();
    }
}

#[cfg(feature = "tasks")]
#[tokio::test]
async fn a_task_is_left() {
    let alive = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = alive();
    let one = fresh("lif-003");
    one.plugin.setup(&one.context).await.unwrap();
    assert_eq!(alive(), before + 1);
}
