//! Rules between the fields of a manifest, and what registration asks beyond reading.

use hookspec_plugin::{ExecutionModel, Isolation, Manifest, RuntimeName};
use semver::Version;

use crate::codes;
use crate::reader::Report;
use crate::version::CoreRequirement;

/// The priority from which on plugins are middleware.
const RESERVED: u32 = 1000;

/// Rules that hold for every manifest, wherever it comes from. `base` is where its fields are.
pub(super) fn rules(manifest: &Manifest, base: &str, report: &mut Report<'_>) {
    let at = |key: &str| format!("{base}/{key}");
    if !matches!(manifest.schema_version.as_str(), "1" | "1.0.0") {
        let message =
            format!("schema_version `{}` is not read here", short(&manifest.schema_version));
        let at = at("schema_version");
        report.error_with(codes::MANIFEST_SCHEMA_VERSION, &at, message, "write \"1\"");
    }
    let kind_version = &manifest.kind_api_version;
    if !(is_major(kind_version) || Version::parse(kind_version).is_ok()) {
        let message = format!("kind_api_version `{}` is no version", short(kind_version));
        let hint = "write the major version of the kind, such as \"1\", or a full one";
        report.error_with(codes::MANIFEST_KIND_VERSION, &at("kind_api_version"), message, hint);
    }
    if let Err(message) = CoreRequirement::parse(&manifest.core_version) {
        let at = at("core_version");
        report.error(codes::MANIFEST_CORE_VERSION, &at, format!("core_version {message}"));
    }
    if manifest.tryfirst && manifest.trylast {
        let message = "tryfirst and trylast exclude each other";
        report.error_with(codes::MANIFEST_BANDS, &at("trylast"), message, "keep one of them");
    }
    if manifest.chain_wrap.is_some() && manifest.priority < RESERVED {
        let message = format!(
            "chain_wrap needs a priority of {RESERVED} or more, and it is {}",
            manifest.priority
        );
        let hint = "raise `priority`, or remove `chain_wrap`";
        report.error_with(codes::MANIFEST_CHAIN_WRAP, &at("chain_wrap"), message, hint);
    }
    if manifest.sha256.is_some() && manifest.runtime != RuntimeName::Dylib {
        let message = format!(
            "sha256 pins the file of a dylib plugin, and the runtime is {}",
            manifest.runtime
        );
        let hint = "remove it, or correct `runtime`";
        report.error_with(codes::MANIFEST_SHA256, &at("sha256"), message, hint);
    }
    address(manifest, &at, report);
}

fn address(manifest: &Manifest, at: &dyn Fn(&str) -> String, report: &mut Report<'_>) {
    let filled =
        |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
    let (url, endpoint) = (&manifest.url, &manifest.endpoint);
    let mut wrong = |key: &str, message: &str, hint: &str| {
        report.error_with(codes::MANIFEST_ADDRESS, &at(key), message, hint);
    };
    if manifest.runtime == RuntimeName::McpHttp {
        if !filled(url) && !filled(endpoint) {
            wrong("url", "an mcp_http plugin needs its address in `url`", "add url = \"http://…\"");
        } else if url.is_some() && !filled(url) {
            wrong("url", "`url` is empty", "remove it, or write the address");
        } else if url.is_some() && endpoint.is_some() && url != endpoint {
            wrong("endpoint", "`url` and `endpoint` name two addresses", "keep `url`");
        }
    } else if endpoint.is_some() {
        wrong("endpoint", "`endpoint` is for runtime mcp_http", "remove it, or correct `runtime`");
    }
}

/// What can be used, and probably does not do what its author thinks.
pub(super) fn warnings(manifest: &Manifest, base: &str, report: &mut Report<'_>) {
    let at = |key: &str| format!("{base}/{key}");
    let runtime = manifest.runtime;
    let cpu_bound = manifest.execution_model == ExecutionModel::ProcessCpuBound;
    if cpu_bound && runtime != RuntimeName::Process {
        let message = format!(
            "plugin `{}`: execution_model process_cpu_bound runs as a thread in runtime {runtime}",
            manifest.name
        );
        let hint = "say thread_cpu_bound, or choose runtime process";
        report.warning(codes::MANIFEST_EXECUTOR, &at("execution_model"), message, hint);
    }
    let outside =
        matches!(runtime, RuntimeName::Process | RuntimeName::McpStdio | RuntimeName::McpHttp);
    if outside && manifest.isolation == Some(Isolation::Thread) {
        let message = format!(
            "plugin `{}`: in runtime {runtime} a thread does nothing but wait for the answer",
            manifest.name
        );
        report.warning(codes::MANIFEST_EXECUTOR, &at("isolation"), message, "remove `isolation`");
    }
    if manifest.priority >= RESERVED && manifest.chain_wrap.is_none() {
        let message = format!(
            "plugin `{}`: priority {} is in the range reserved for middleware, {RESERVED} and up",
            manifest.name, manifest.priority
        );
        let hint = "lower it, or declare what is wrapped in `chain_wrap`";
        report.warning(codes::MANIFEST_RESERVED_PRIORITY, &at("priority"), message, hint);
    }
    let mut ignored = |key: &str, there: bool, reads: bool| {
        if there && !reads {
            let message =
                format!("plugin `{}`: `{key}` has no effect in runtime {runtime}", manifest.name);
            report.warning(codes::MANIFEST_IGNORED, &at(key), message, "remove it");
        }
    };
    let starts = matches!(runtime, RuntimeName::Process | RuntimeName::McpStdio);
    ignored("url", manifest.url.is_some(), runtime == RuntimeName::McpHttp);
    ignored("command", manifest.command.is_some(), starts);
    ignored("env", manifest.env.is_some(), starts);
}

/// What registration asks of a manifest beyond what reading one does.
pub(super) fn loadable(manifest: &Manifest, report: &mut Report<'_>) {
    let runtime = manifest.runtime;
    if manifest.in_process_only && runtime != RuntimeName::InProcess {
        let message =
            format!("plugin `{}` says in_process_only, and runtime {runtime}", manifest.name);
        let hint = "remove `in_process_only`, or choose runtime in_process";
        report.error_with(codes::MANIFEST_IN_PROCESS_ONLY, "/in_process_only", message, hint);
    }
    let starts = matches!(runtime, RuntimeName::Process | RuntimeName::McpStdio);
    let command = manifest.command.as_deref().and_then(<[String]>::first);
    if starts && command.is_none_or(|program| program.trim().is_empty()) {
        let message = format!("plugin `{}` has runtime {runtime} and no command", manifest.name);
        let hint = "add command = [\"program\", \"argument\"]";
        report.error_with(codes::MANIFEST_COMMAND, "/command", message, hint);
    }
}

fn is_major(text: &str) -> bool {
    text.parse::<u64>().is_ok() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn short(text: &str) -> String {
    crate::document::shorten(text)
}
