//! The closed sets a hook chooses from: [`DispatchClass`], [`ErrorPolicy`], [`Mode`].

use std::fmt;
use std::str::FromStr;

macro_rules! closed_set {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// Every member, in the order the documentation lists them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in YAML.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        /// Reads the name in YAML.
        ///
        /// The error lists the names there are.
        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|member| member.as_str() == text).ok_or_else(|| {
                    let known: Vec<_> = Self::ALL.iter().map(|member| member.as_str()).collect();
                    format!("`{text}` is none of {}", known.join(", "))
                })
            }
        }
    };
}

closed_set!(
    /// Who is called for a hook, and what comes back.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    DispatchClass {
        /// One plugin answers (SINGLETON-1).
        Singleton = "singleton",
        /// Every plugin answers; the caller gets all answers (COLLECT-1).
        BroadcastCollect = "broadcast_collect",
        /// Every plugin is told; no answers (NOTIFY-1).
        BroadcastNotify = "broadcast_notify",
        /// One plugin after another changes a value (CHAIN-1).
        Chain = "chain",
        /// The plugin that says it can, answers (CAPABILITY-1).
        Capability = "capability",
    }
);

closed_set!(
    /// What one plugin's failure means for the dispatch.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
    ErrorPolicy {
        /// It ends the dispatch.
        #[default]
        FailFast = "fail_fast",
        /// It is recorded; the dispatch goes on.
        BestEffort = "best_effort",
    }
);

closed_set!(
    /// Whether a hook's methods are `async fn` or `fn`.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
    Mode {
        /// The method may await.
        #[default]
        Async = "async",
        /// The method answers at once; `dispatch_sync` can call it.
        Sync = "sync",
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_and_an_unknown_one_lists_what_there_is() {
        for class in DispatchClass::ALL {
            assert_eq!(class.as_str().parse(), Ok(*class));
        }
        let error = "broadcast".parse::<DispatchClass>().unwrap_err();
        assert!(error.contains("`broadcast`") && error.contains("broadcast_collect"), "{error}");
        assert_eq!(ErrorPolicy::default().to_string(), "fail_fast");
        assert_eq!(Mode::default().to_string(), "async");
    }
}
