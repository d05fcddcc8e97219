//! A gateway whose plugins tell of their setup and teardown, as a process of its own: this very
//! program, started again by the tests of signals.

use std::io::{Write, stdin, stdout};
use std::process::Command;
use std::time::Duration;

use gateway::{Settings, run};
use hookspec::kinds::lifecycle_listener::{
    LifecycleListener, LifecycleListenerPlugin, RequestEvent,
};
use hookspec::{CallContext, Component, Context, Fault, Registry, Teardown};

use crate::process::Running;
use crate::served::HOOKSPECS;

const CHILD: &str = "GATEWAY_TEST_CHILD";

/// Starts it; `slowly`, its setup waits for a line on standard input.
pub(crate) fn start(slowly: bool) -> Running {
    let own = std::env::current_exe().unwrap();
    let arguments = ["--exact", "child::a_gateway_as_a_child", "--nocapture"];
    Running::of(Command::new(own).args(arguments).env(CHILD, if slowly { "slow" } else { "fast" }))
}

/// Does nothing unless it was started by [`start`].
#[test]
fn a_gateway_as_a_child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let builder = Registry::builder()
        .hookspecs(HOOKSPECS)
        .plugins(query_rewriters::plugins())
        .plugins(tool_providers::plugins())
        .plugin(LifecycleListenerPlugin::<Slow>::new());
    let settings = Settings {
        listen: ([127, 0, 0, 1], 0).into(),
        patience: Duration::from_secs(1),
        ..Settings::default()
    };
    let code = run(builder, &settings);
    // The harness has an exit code of its own.
    std::process::exit(i32::from(code != std::process::ExitCode::SUCCESS));
}

/// Sets up slowly where it is asked to, and says what happens to it.
struct Slow;

#[hookspec::async_trait]
impl Component for Slow {
    async fn setup(_: &Context) -> Result<Self, Fault> {
        say("setup began");
        if std::env::var_os(CHILD).is_some_and(|how| how == "slow") {
            let waited = tokio::task::spawn_blocking(|| stdin().read_line(&mut String::new()));
            waited.await??;
        }
        say("setup ended");
        Ok(Self)
    }

    async fn teardown(&self) -> Result<Teardown, Fault> {
        say("torn down");
        Ok(Teardown::Clean)
    }
}

#[hookspec::plugin(name = "slow", version = "0.1.0")]
impl LifecycleListener for Slow {
    async fn on_request_started(&self, _: &CallContext<'_>, _: &RequestEvent) -> Result<(), Fault> {
        Ok(())
    }
}

fn say(text: &str) {
    let mut out = stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).unwrap();
}
