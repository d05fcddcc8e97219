//! `#[on]` where no `#[plugin]` stands above the `impl`.

use hookspec_macros::on;
use hookspec_plugin::{CallContext, Event, Fault};

struct Own;

impl Own {
    #[on("deploy.*")]
    async fn told(&self, _: &CallContext<'_>, _: &Event) -> Result<(), Fault> {
        Ok(())
    }
}

fn main() {
    let _ = Own::told;
}
