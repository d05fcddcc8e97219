//! The laws of a hook's class, by their ids.

use hookspec_spec::{DispatchClass, ErrorPolicy, Hook};

/// What an author and a caller should know of a class, with the laws that say it in full.
pub(crate) fn sentence(hook: &Hook) -> String {
    let best_effort = hook.error_policy == ErrorPolicy::BestEffort;
    match (hook.dispatch, best_effort) {
        (DispatchClass::BroadcastNotify, _) => {
            "Class `broadcast_notify`: every plugin is told, concurrently (NOTIFY-1, NOTIFY-2); \
             a failure is recorded and nothing else (NOTIFY-4)."
        }
        (DispatchClass::BroadcastCollect, false) => {
            "Class `broadcast_collect`: every plugin is asked, concurrently (COLLECT-1, \
             COLLECT-2); the first failure ends it for all (COLLECT-5)."
        }
        (DispatchClass::BroadcastCollect, true) => {
            "Class `broadcast_collect`: every plugin is asked, concurrently (COLLECT-1, \
             COLLECT-2); the others' answers stand when one fails (COLLECT-6)."
        }
        (DispatchClass::Chain, false) => {
            "Class `chain`: one plugin after another, each on what the one before handed on \
             (CHAIN-2); a failure ends it (CHAIN-7)."
        }
        (DispatchClass::Chain, true) => {
            "Class `chain`: one plugin after another, each on what the one before handed on \
             (CHAIN-2); a link that fails is skipped (CHAIN-8)."
        }
        (DispatchClass::Singleton, _) => {
            "Class `singleton`: one plugin answers, settled beforehand (SINGLETON-1 to \
             SINGLETON-5); if it fails, nobody else is asked (SINGLETON-7)."
        }
        (DispatchClass::Capability, _) => {
            "Class `capability`: the one plugin that can take the input answers (CAPABILITY-1 to \
             CAPABILITY-5); if it fails, nobody else is asked (CAPABILITY-7)."
        }
    }
    .into()
}

/// The part of `docs/laws.md` that is about a class.
pub(crate) fn section(class: DispatchClass) -> &'static str {
    class.as_str()
}

/// The ids of a class's laws, first to last.
pub(crate) fn ids(class: DispatchClass) -> &'static str {
    match class {
        DispatchClass::BroadcastNotify => "NOTIFY-1 to NOTIFY-6",
        DispatchClass::BroadcastCollect => "COLLECT-1 to COLLECT-7",
        DispatchClass::Chain => "CHAIN-1 to CHAIN-10",
        DispatchClass::Singleton => "SINGLETON-1 to SINGLETON-8",
        DispatchClass::Capability => "CAPABILITY-1 to CAPABILITY-8",
    }
}
