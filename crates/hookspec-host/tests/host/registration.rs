//! What a plugin has to satisfy: every refusal names the plugin and the field, all at once.

use std::sync::Arc;

use hookspec_host::testing::{Behaviour, Puppet};
use hookspec_host::{DispatchError, RegistrationError, Registry, StartError};
use hookspec_plugin::{Manifest, Plugin, RuntimeName};
use hookspec_spec::{Catalog, DispatchClass, Source};
use serde_json::Value;

use crate::support::{builder, kind, puppet};

fn refused(catalog: Catalog, puppet: Puppet) -> RegistrationError {
    let Err(StartError::Registration { mut errors }) = builder(catalog, [puppet]).build() else {
        panic!("it was not refused")
    };
    assert_eq!(errors.len(), 1);
    errors.remove(0)
}

fn any() -> Catalog {
    kind(DispatchClass::BroadcastNotify, "")
}

fn of(manifest: Manifest) -> Puppet {
    Puppet::new(manifest).on("h", Behaviour::answer(1))
}

#[test]
fn each_reason_has_its_code_and_names_the_plugin() {
    let base = || Manifest::new("p", "k");
    let versioned = |version: &str| Manifest { kind_api_version: version.into(), ..base() };
    let rows = [
        (of(Manifest { tryfirst: true, trylast: true, ..base() }), "HS-R001"),
        (of(Manifest { in_process_only: true, runtime: RuntimeName::Dylib, ..base() }), "HS-R001"),
        (of(Manifest { timeout_ms: Some(0), ..base() }), "HS-R001"),
        (of(Manifest::new("p", "unheard_of")), "HS-R002"),
        (of(versioned("2")), "HS-R003"),
        (of(versioned("1.1.0")), "HS-R003"),
        (of(Manifest { core_version: ">=99".into(), ..base() }), "HS-R003"),
        (of(base()).on("typing_error", Behaviour::answer(1)), "HS-R004"),
    ];
    for (puppet, code) in rows {
        let error = refused(any(), puppet);
        assert_eq!(error.code(), code, "{error}");
        assert_eq!(error.plugin(), &"p", "{error}");
        assert!(error.to_string().contains('p'));
    }
    let required = kind(DispatchClass::BroadcastNotify, "    required: true\n");
    assert_eq!(refused(required, Puppet::new(base())).code(), "HS-R005");
    for accepted in ["1", "1.0.0"] {
        builder(any(), [of(versioned(accepted))]).build().unwrap();
    }
}

#[test]
fn all_mistakes_at_once_and_nothing_half_applied() {
    let puppets = [
        of(Manifest::new("a", "nope")),
        of(Manifest::new("b", "k")),
        of(Manifest::new("c", "nope")),
        of(Manifest::new("b", "k")),
    ];
    let error = builder(any(), puppets).build().unwrap_err();
    let StartError::Registration { errors } = &error else { panic!("{error}") };
    let who: Vec<_> = errors.iter().map(|error| error.plugin().to_string()).collect();
    assert_eq!(who, ["a", "c", "b"], "the second `b` is refused too");
    assert!(error.to_string().lines().count() >= 4, "{error}");
}

struct Rude(Manifest);

impl Plugin for Rude {
    fn manifest(&self) -> &Manifest {
        &self.0
    }

    fn hooks(&self) -> &[hookspec_plugin::HookName] {
        panic!("asked for its hooks")
    }

    fn call<'a>(&'a self, _: hookspec_plugin::Call<'a>) -> hookspec_plugin::HookFuture<'a> {
        unreachable!("it was never registered")
    }
}

#[test]
fn a_plugin_that_panics_when_asked_is_refused() {
    let plugin: Arc<dyn Plugin> = Arc::new(Rude(Manifest::new("rude", "k")));
    let error = builder(any(), []).plugins([plugin]).build().unwrap_err();
    assert!(error.to_string().contains("asked for its hooks"), "{error}");
}

#[test]
fn a_dispatcher_is_refused_where_it_is_obtained() {
    let registry = builder(any(), [puppet("a", Behaviour::answer(1))]).build().unwrap();
    let unknown = registry.broadcast_notify::<Value>("nope", "h").unwrap_err();
    assert!(matches!(&unknown, DispatchError::UnknownKind { known, .. } if known == &["k@1"]));
    let unknown = registry.broadcast_notify::<Value>("k", "nope").unwrap_err();
    assert!(matches!(&unknown, DispatchError::UnknownHook { known, .. } if known == &["h"]));
    let mismatch = registry.chain::<Value>("k", "h").unwrap_err();
    assert!(mismatch.to_string().contains("declared as dispatch=broadcast_notify"), "{mismatch}");
    for error in [unknown, mismatch] {
        assert!(error.to_string().starts_with(&format!("[{}]", error.code())), "{error}");
    }
}

#[tokio::test]
async fn two_majors_of_a_kind_live_side_by_side() {
    let of_major = |major: u32| {
        let yaml = format!(
            "kind: k\nkind_api_version: {major}.0.0\nhooks:\n  - name: h\n    dispatch: broadcast_collect\n"
        );
        Source::new(format!("kinds/k/v{major}.yaml"), yaml)
    };
    let catalog = Catalog::from_sources([of_major(1), of_major(2)]).unwrap();
    let plugin = |name: &str, major: &str| {
        of(Manifest { kind_api_version: major.into(), ..Manifest::new(name, "k") })
    };
    let registry =
        builder(catalog, [plugin("old", "1"), plugin("new", "2")]).start().await.unwrap();
    let who = async |kind: &str| {
        let collect = registry.broadcast_collect::<Value, Value>(kind, "h").unwrap();
        let collected =
            collect.dispatch(&hookspec_plugin::Caller::new(), Value::Null).await.unwrap();
        collected.replies.iter().map(|reply| reply.plugin.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(who("k").await, ["new"], "the newest major, where none is named");
    assert_eq!(who("k@1").await, ["old"]);
    assert_eq!(who("k@2").await, ["new"]);
}

#[test]
fn a_core_version_that_is_none_is_refused() {
    let error = Registry::builder().core_version("garbage").build().unwrap_err();
    assert!(matches!(error, StartError::CoreVersion { .. }), "{error}");
}

/// All that is wrong with its hooks is said at once, and what is refused may panic while dropped.
#[test]
fn all_hooks_that_do_not_fit_are_named() {
    let yaml = "kind: k\nkind_api_version: 1.0.0\nhooks:\n  - name: h\n    dispatch: chain\n    \
                required: true\n  - name: i\n    dispatch: chain\n    required: true\n";
    let catalog = || Catalog::from_sources([Source::new("kinds/k/v1.yaml", yaml)]).unwrap();
    let missing = Puppet::new(Manifest::new("a", "k"));
    let error = builder(catalog(), [missing]).build().unwrap_err().to_string();
    assert!(error.contains("does not implement h, i,"), "{error}");
    let unknown = Puppet::new(Manifest::new("a", "k"))
        .on("x", Behaviour::Unchanged)
        .on("y", Behaviour::Unchanged);
    let error = builder(catalog(), [unknown]).build().unwrap_err().to_string();
    assert!(error.contains("implements x, y,"), "{error}");

    let bomb: Arc<dyn Plugin> = Arc::new(Bomb(Manifest::new("bomb", "nope")));
    let error = builder(catalog(), []).plugins([bomb]).build().unwrap_err();
    assert!(error.to_string().contains("nope"), "{error}");
}

struct Bomb(Manifest);

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("refused and not pleased");
    }
}

impl Plugin for Bomb {
    fn manifest(&self) -> &Manifest {
        &self.0
    }

    fn hooks(&self) -> &[hookspec_plugin::HookName] {
        &[]
    }

    fn call<'a>(&'a self, _: hookspec_plugin::Call<'a>) -> hookspec_plugin::HookFuture<'a> {
        unreachable!("it was never registered")
    }
}
