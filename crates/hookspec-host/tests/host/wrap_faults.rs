//! Class x fault of middleware, whole: WRAP-4, WRAP-5, WRAP-6.

use hookspec_host::testing::{Behaviour, Journal, Puppet};
use hookspec_host::{CauseClass, DispatchError, Limits, Partial};
use hookspec_plugin::{AFTER, BEFORE, Caller, Isolation};
use hookspec_spec::DispatchClass;
use serde_json::json;

use crate::support::{builder, impatient, plugin, puppet, strict};
use crate::wrap::{calls, middleware, run, told, wrapping};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Misdeed {
    Refuses,
    Panics,
    Hangs,
    Stops,
    AnswersAgainstTheSchema,
    AnswersTooMuch,
    AnswersTooDeep,
    AnswersNoJson,
}

impl Misdeed {
    const ALL: [Self; 8] = [
        Self::Refuses,
        Self::Panics,
        Self::Hangs,
        Self::Stops,
        Self::AnswersAgainstTheSchema,
        Self::AnswersTooMuch,
        Self::AnswersTooDeep,
        Self::AnswersNoJson,
    ];

    fn behaviour(self) -> Behaviour {
        match self {
            Self::Refuses => Behaviour::fault("not you"),
            Self::Panics => Behaviour::panic("oh"),
            Self::Hangs => Behaviour::Hang,
            Self::Stops => Behaviour::Stop,
            Self::AnswersAgainstTheSchema => Behaviour::answer(json!({ "text": 1 })),
            Self::AnswersTooMuch => Behaviour::Huge(2_000_000),
            Self::AnswersTooDeep => Behaviour::Deep(100_000),
            Self::AnswersNoJson => Behaviour::NotJson { panics: true },
        }
    }

    /// `None`: it refuses.
    fn cause(self) -> Option<CauseClass> {
        match self {
            Self::Refuses => None,
            Self::Panics => Some(CauseClass::Panicked),
            Self::Hangs => Some(CauseClass::TimedOut),
            Self::Stops
            | Self::AnswersAgainstTheSchema
            | Self::AnswersTooMuch
            | Self::AnswersTooDeep
            | Self::AnswersNoJson => Some(CauseClass::InvalidOutput),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn wrap_4_and_5_whatever_a_before_does_wrong_nobody_is_called() {
    for class in DispatchClass::ALL {
        for misdeed in Misdeed::ALL {
            for isolation in [Isolation::Inline, Isolation::Task] {
                let journal = Journal::new();
                let outer = Puppet::new(wrapping("outer", 2000))
                    .on(BEFORE, Behaviour::Unchanged)
                    .on(AFTER, Behaviour::answer(0))
                    .journal(&journal);
                let puppets = [
                    outer,
                    middleware("bad", misdeed.behaviour(), &journal),
                    puppet("good", Behaviour::answer(json!({ "text": "x" }))).journal(&journal),
                ];
                let limits = Limits { input_bytes: 1 << 20, ..impatient() };
                let registry = builder(strict(*class, ""), puppets)
                    .limits(limits)
                    .isolation("bad", isolation)
                    .start()
                    .await
                    .unwrap();
                let at = format!("{class} x {misdeed:?} x {isolation}");
                let error = run(&registry, *class, &Caller::new()).await.unwrap_err();
                let code = error.code();
                match (error, misdeed.cause()) {
                    (DispatchError::Refused { plugin, fault }, None) => {
                        assert_eq!((plugin.as_str(), fault.message()), ("bad", "not you"), "{at}");
                    }
                    (
                        DispatchError::PluginFailed { failure, partial: Partial::None },
                        Some(cause),
                    ) => {
                        assert_eq!(
                            (failure.plugin.as_str(), failure.cause.class()),
                            ("bad", cause),
                            "{at}"
                        );
                        assert_eq!(failure.hook, BEFORE, "{at}");
                    }
                    (error, _) => panic!("{at}: {error}"),
                }
                assert_eq!(
                    calls(&journal),
                    ["outer.$before", "bad.$before", "outer.$after"],
                    "{at}"
                );
                assert_eq!(told(&journal)[0]["outcome"]["error"]["code"], code, "{at}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn wrap_6_whatever_an_after_does_wrong_changes_nothing() {
    for class in DispatchClass::ALL {
        for misdeed in Misdeed::ALL {
            let journal = Journal::new();
            let bad = Puppet::new(wrapping("bad", 1000)).on(AFTER, misdeed.behaviour());
            let audit = Puppet::new(wrapping("audit", 2000))
                .on(AFTER, Behaviour::answer(0))
                .journal(&journal);
            let good = puppet("good", Behaviour::answer(json!({ "text": "x" })));
            let registry = builder(strict(*class, ""), [bad, audit, good])
                .limits(impatient())
                .start()
                .await
                .unwrap();
            let at = format!("{class} x {misdeed:?}");
            let got = run(&registry, *class, &Caller::new()).await.unwrap();
            let expected = match class {
                DispatchClass::BroadcastNotify => "1",
                _ => r#"{"text":"x"}"#,
            };
            assert_eq!(got, expected, "{at}");
            assert_eq!(calls(&journal), ["audit.$after"], "{at}");
            // What a notification answers is dropped unread; only what ends without one fails.
            let failed: u64 = plugin(&registry, "bad").failures.values().sum();
            let fails = [Misdeed::Refuses, Misdeed::Panics, Misdeed::Hangs].contains(&misdeed);
            assert_eq!(failed, u64::from(fails), "{at}");
        }
    }
}
