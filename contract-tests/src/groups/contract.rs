//! contract_serialization, contract_determinism, contract_lifecycle, contract_suite: what the
//! contract suite says of a plugin.

use hookspec_contract::report::{CheckReport, Report};
use hookspec_contract::{Level, Verdict};
use hookspec_host::{Registry, State};
use hookspec_plugin::CancellationToken;
use serde_json::Value;

use super::scratch;
use crate::again::Again;
use crate::observed::Observed;
use crate::seen::Seen;
use crate::suite::{FAMILIES, Scenario};
use crate::unserved::{Served, unserved};

pub(super) const OF_CHECKS: [&str; 1] = ["pass"];
pub(super) const OF_LIFECYCLES: [&str; 2] = ["pass", "requires_restart"];
pub(super) const OF_SUITES: [&str; 5] = ["passed", "order", "ran", "failed", "messages_contain"];

pub(super) async fn observe(group: &str, input: &Value, again: Option<&Again>) -> Served<Observed> {
    let scenario = Scenario::read(group, input)?;
    let Some(again) = again else {
        return unserved("this program does not know how to start itself once more");
    };
    let folder = scratch()?;
    let launcher = again.launcher(folder.path(), group, input)?;
    let suite = scenario.suite()?.launcher(launcher);
    let report = suite.run(&CancellationToken::new(), &|_| {});
    let mut observed = Observed::of(input);
    facts(&report, &mut observed)?;
    if group == "contract_lifecycle" {
        let restart = requires_restart(&scenario).await?;
        observed.fact("requires_restart", restart);
    }
    Ok(observed)
}

fn facts(report: &Report, observed: &mut Observed) -> Served<()> {
    let checks: Vec<&CheckReport> = report.checks().map(|(_, check)| check).collect();
    if checks.is_empty() {
        return unserved("the suite has no such check");
    }
    if let Some(check) = checks.iter().find(|check| check.verdict == Verdict::Error) {
        return unserved(format!("the suite could not do {}: {}", check.id, check.summary));
    }
    let broken: Vec<String> = checks.iter().filter(|check| is_broken(check)).map(told).collect();
    if !broken.is_empty() {
        observed.failed(Seen::new(&[], broken.join("\n")));
    }
    observed.fact("pass", broken.is_empty());
    observed.fact("passed", broken.is_empty());
    let mut order: Vec<&str> = checks.iter().map(|check| family(check)).collect();
    order.dedup();
    let failed = checks.iter().filter(|check| is_broken(check) && check.verdict == Verdict::Fail);
    let mut failed: Vec<&str> = failed.map(|check| family(check)).collect();
    failed.dedup();
    observed.fact("failed", failed);
    observed.fact("ran", order.clone());
    observed.fact("order", order);
    observed.fact("messages_contain", checks.iter().map(told).collect::<Vec<_>>());
    let families = FAMILIES.map(|(family, _)| family);
    for word in families.iter().chain(&["passed", "failed", "skipped"]) {
        observed.words.shared(word);
    }
    Ok(())
}

/// What nobody could verify has not passed.
fn is_broken(check: &CheckReport) -> bool {
    check.level == Level::Must && matches!(check.verdict, Verdict::Fail | Verdict::NotVerified)
}

/// A check in one line, in the words that the vectors have for verdicts.
fn told(check: &&CheckReport) -> String {
    let verdict = match check.verdict {
        Verdict::Pass | Verdict::Warn => "passed",
        Verdict::NotApplicable => "skipped",
        Verdict::NotVerified => "not verified",
        Verdict::Fail | Verdict::Error => "failed",
    };
    format!("{}: {} {verdict}: {}", family(check), check.id, check.summary)
}

/// The check of the specification family that looks at the same.
fn family(check: &CheckReport) -> &'static str {
    let of = |ids: &str| match ids.strip_suffix('*') {
        Some(prefix) => check.id.starts_with(prefix),
        None => check.id == ids,
    };
    FAMILIES.iter().find(|(_, ids)| of(ids)).map_or("case", |(family, _)| family)
}

/// Whether a host that tears the plugin down knows that a new instance needs a restart.
async fn requires_restart(scenario: &Scenario) -> Served<bool> {
    let (plugin, catalog) = scenario.instance()?;
    let name = plugin.manifest().name.to_string();
    let registry = match Registry::builder().catalog(catalog).plugins([plugin]).start().await {
        Ok(registry) => registry,
        Err(error) => return unserved(format!("no registry starts with it: {error}")),
    };
    // Whether it can be torn down is the suite's business.
    let _ = registry.stop().await;
    let plugins = registry.snapshot().plugins;
    Ok(plugins.iter().any(|own| own.name == name && own.state == State::RequiresRestart))
}
