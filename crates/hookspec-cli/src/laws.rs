//! The laws of the five classes in a few words, for people who ask why a hook does what it does.
//!
//! The law itself stands in the class's file in `hookspec-host` and, with its proof, in
//! `docs/laws.md`; a law whose policy a hook does not have is left out.

use hookspec_spec::{DispatchClass, ErrorPolicy};

/// The laws that hold for a hook of this class: id and wording.
pub(crate) fn of(
    class: DispatchClass,
    policy: ErrorPolicy,
) -> impl Iterator<Item = (&'static str, &'static str)> {
    let fail_fast = policy == ErrorPolicy::FailFast;
    let dropped = match class {
        DispatchClass::BroadcastCollect if fail_fast => Some("COLLECT-6"),
        DispatchClass::BroadcastCollect => Some("COLLECT-5"),
        DispatchClass::Chain if fail_fast => Some("CHAIN-8"),
        DispatchClass::Chain => Some("CHAIN-7"),
        _ => None,
    };
    all(class).iter().copied().filter(move |(id, _)| Some(*id) != dropped)
}

fn all(class: DispatchClass) -> &'static [(&'static str, &'static str)] {
    match class {
        DispatchClass::BroadcastNotify => &[
            ("NOTIFY-1", "Every plugin with the hook is told."),
            ("NOTIFY-2", "They are told concurrently."),
            ("NOTIFY-3", "The caller learns how many took it and who failed, when all have ended."),
            ("NOTIFY-4", "A failure is recorded and logged; it is never the caller's error."),
            ("NOTIFY-6", "Nobody there is fine."),
        ],
        DispatchClass::BroadcastCollect => &[
            ("COLLECT-1", "Every plugin with the hook is asked."),
            ("COLLECT-2", "They are asked concurrently."),
            (
                "COLLECT-3",
                "The caller gets every reply with its plugin's name, in the order below.",
            ),
            ("COLLECT-4", "Every reply is validated."),
            ("COLLECT-5", "The first failure ends the dispatch; the replies so far come with it."),
            ("COLLECT-6", "A failure is recorded; the others' replies stand."),
            ("COLLECT-7", "Nobody there: no replies."),
        ],
        DispatchClass::Chain => &[
            ("CHAIN-1", "Every plugin with the hook is a link."),
            ("CHAIN-2", "They run one after another, in the order below."),
            ("CHAIN-3", "The caller gets the last value, who changed it and who stopped it."),
            ("CHAIN-4", "What a link hands on is validated."),
            ("CHAIN-5", "A link changes only what is writable."),
            ("CHAIN-6", "A link that stops the chain makes the value it received the result."),
            ("CHAIN-7", "A failure ends the chain; the value before it comes with it."),
            ("CHAIN-8", "A link that fails is skipped and recorded."),
            ("CHAIN-9", "After the deadline the chain ends, whatever its policy."),
            ("CHAIN-10", "Nobody there: the value that came in."),
        ],
        DispatchClass::Singleton => &[
            ("SINGLETON-1", "A name given to the call decides who answers;"),
            ("SINGLETON-2", "else the application's routing policy;"),
            ("SINGLETON-3", "else the environment variable;"),
            ("SINGLETON-4", "else the highest priority."),
            ("SINGLETON-5", "A tie that none of them settles is an error naming the variable."),
            ("SINGLETON-6", "The caller gets the reply, validated, with its plugin."),
            ("SINGLETON-7", "If it fails, that is the caller's error: nobody else is asked."),
            ("SINGLETON-8", "Nobody there is an error."),
        ],
        DispatchClass::Capability => &[
            ("CAPABILITY-1", "The caller's filter, if there is one, decides first."),
            (
                "CAPABILITY-2",
                "Then the input's extension, language or mime_type, any of which suffices, and \
                 its capabilities.required, all of them, against what plugins declare.",
            ),
            ("CAPABILITY-3", "Then the plugin's own `matches`, which only narrows."),
            ("CAPABILITY-4", "Of several, the first in order; who declares nothing comes last."),
            ("CAPABILITY-5", "If nobody matches, the fallback."),
            ("CAPABILITY-6", "The caller gets the reply, validated, with its plugin."),
            ("CAPABILITY-7", "If it fails, that is the caller's error: nobody else is asked."),
            ("CAPABILITY-8", "Nobody there is an error."),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_has_the_law_of_its_own_policy_only() {
        let ids = |class, policy| of(class, policy).map(|(id, _)| id).collect::<Vec<_>>();
        let collect = ids(DispatchClass::BroadcastCollect, ErrorPolicy::BestEffort);
        assert!(collect.contains(&"COLLECT-6") && !collect.contains(&"COLLECT-5"));
        let chain = ids(DispatchClass::Chain, ErrorPolicy::FailFast);
        assert!(chain.contains(&"CHAIN-7") && !chain.contains(&"CHAIN-8"));
        for class in DispatchClass::ALL {
            assert!(of(*class, ErrorPolicy::FailFast).count() >= 5, "{class}");
        }
    }
}
