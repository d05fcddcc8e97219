//! Flaws in what a plugin says of itself, and in which hooks it serves (MAN).

use hookspec_plugin::HookName;
use hookspec_spec::DispatchClass;

use crate::support::{catalog, fresh, input, ready};

fn lists(name: &str, hook: &'static str) -> bool {
    fresh(name).plugin.hooks().contains(&HookName::from_static(hook))
}

#[test]
fn manifests_say_what_is_wrong() {
    let of = |name: &str| (zoo::specimen(name).unwrap().manifest)();
    assert!(of("man-001").tryfirst && of("man-001").trylast);
    assert_eq!(of("man-002").kind_api_version, "9.0.0");
    assert!(of("man-008").priority >= 1000 && of("man-008").chain_wrap.is_none());
    assert!(of("man-009").declares_capabilities());
    let kind = catalog().kind(of("man-009").kind.as_str(), 1).unwrap().clone();
    assert!(kind.hooks.iter().all(|hook| hook.dispatch != DispatchClass::Capability));
    assert!(of("honest").declares_capabilities() && !of("honest-plain").declares_capabilities());
    assert_eq!(of("honest").priority, 0);
}

#[test]
fn hooks_are_listed_and_served_otherwise() {
    assert!(lists("man-003", "no_such_hook") && !lists("honest", "no_such_hook"));
    assert!(!lists("man-004", "ask") && lists("honest", "ask"));
    let code = |name: &str| ready(name).code("gather", input("ordinary"));
    assert_eq!(code("honest"), None);
    assert!(lists("man-005", "gather"));
    assert_eq!(code("man-005").as_deref(), Some("hook_not_implemented"));
    assert!(!lists("man-006", "gather"));
    assert_eq!(code("man-006"), None);
    assert_eq!(
        ready("honest").code("other", input("ordinary")).as_deref(),
        Some("hook_not_implemented")
    );
}

#[test]
fn instances_differ() {
    let of = |name: &str| [fresh(name), fresh(name)].map(|one| one.plugin.manifest().clone());
    let [one, other] = of("man-007");
    assert_ne!(one, other);
    let [one, other] = of("honest");
    assert_eq!(one, other);
}
