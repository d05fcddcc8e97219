//! Every diagnostic code: what it means and what to do about it.
//!
//! Codes never change their meaning. `HS-S` codes are about texts, hookspecs and schemas, `HS-M`
//! codes about manifests, `HS-V` codes about files of events, `HS-C` codes about what the host
//! configures.

mod names;

pub(crate) use names::*;

/// Every code, its meaning, and what to do.
pub const ALL: &[(&str, &str, &str)] = &[
    (
        UNREADABLE,
        "a file or folder cannot be read",
        "check that it exists and that you may read it",
    ),
    (NOT_UTF8, "a file is not UTF-8", "save it as UTF-8"),
    (EMPTY, "a file is empty", "write the document, or remove the file"),
    (SYNTAX, "a text is not YAML, JSON or TOML", "correct the text at the place given"),
    (DUPLICATE_KEY, "an object has a key twice", "remove one of the two, or rename it"),
    (
        AMBIGUOUS,
        "a plain YAML scalar is read differently by different YAML versions",
        "put it in quotes, or write `true`, `false` or a plain decimal number",
    ),
    (
        TOO_LARGE,
        "a document is too large, too deep, or its aliases expand to too much",
        "split it, or write fewer aliases",
    ),
    (
        NOTATION,
        "a document uses notation that JSON has no counterpart for, or holds several documents",
        "write plain objects, lists, texts, numbers, booleans and nulls",
    ),
    (NOT_OBJECT, "a hookspec is not an object", "write fields: kind, kind_api_version, hooks"),
    (UNKNOWN_KEY, "a hookspec has a key that nothing reads", "correct the spelling or remove it"),
    (MISSING_KEY, "a required field of a hookspec is missing", "add it"),
    (WRONG_TYPE, "a field of a hookspec has the wrong type", "write a value of the type named"),
    (
        UNKNOWN_VALUE,
        "a field of a hookspec takes one of a few values, and this is none of them",
        "choose one of those listed",
    ),
    (
        BAD_NAME,
        "a kind or hook name is not snake_case",
        "use lower-case letters, digits and `_`, starting with a letter",
    ),
    (DUPLICATE_HOOK, "two hooks of a kind have one name", "rename one of them"),
    (BAD_VERSION, "kind_api_version is not a SemVer version", "write three numbers, such as 1.0.0"),
    (
        MAJOR_MISMATCH,
        "the major version in the file name is not that of kind_api_version",
        "rename the file or correct kind_api_version",
    ),
    (DUPLICATE_KIND, "two files declare the same major version of a kind", "remove one of the two"),
    (
        NOT_FOR_CLASS,
        "a field means nothing in the hook's dispatch class",
        "remove it, or choose another class",
    ),
    (
        CHAIN_EXPOSED,
        "a chain hook says `mcp_exposed: false`",
        "remove the line; every link of a chain must be reachable",
    ),
    (
        BAD_WRITABLE,
        "an entry of `writable` is no JSON pointer",
        "write pointers such as /query/text",
    ),
    (OUT_OF_RANGE, "a number of a hookspec is out of range", "write a number in the range named"),
    (
        BAD_TEMPLATE,
        "mcp_tool_name_template has an unknown placeholder",
        "use {kind}, {plugin}, {hook} and {function}",
    ),
    (
        BAD_EXAMPLE,
        "an example does not satisfy the hook's schemas",
        "correct the example or the schema",
    ),
    (
        CHAIN_SCHEMAS,
        "the two schemas of a chain are not one",
        "remove output_schema, or name the same document twice",
    ),
    (
        BAD_EVENT,
        "`event` of a hook is no pattern of events",
        "write segments with dots between them, `*` for one, `**` at the end for the rest",
    ),
    (
        UNKNOWN_EVENT,
        "a hook is bound to events that nobody declares",
        "mend the pattern, declare the event below events/, or open its namespace",
    ),
    (
        SCHEMA_MISSING,
        "a schema file does not exist",
        "create it in one of the places that were tried",
    ),
    (
        SCHEMA_OUTSIDE,
        "a schema path is absolute or leaves the root",
        "move the file below the root and write a relative path",
    ),
    (SCHEMA_FOLDER, "a schema path names a folder", "name a file"),
    (
        BAD_SCHEMA,
        "a schema is not a JSON Schema of draft 2020-12",
        "correct the keyword at the place given",
    ),
    (REMOTE_REF, "a `$ref` leaves the local files", "copy what it refers to into a local file"),
    (BAD_REF, "a `$ref` refers to nothing", "correct the path or the pointer"),
    (
        REF_CYCLE,
        "a schema refers to itself without consuming any of the value, so that no value can ever be checked",
        "break the cycle, or put a property or items between",
    ),
    (
        BAD_PATTERN,
        "a pattern cannot be matched without backtracking, or is no pattern",
        "write it without look-around and back-references",
    ),
    (
        FOLDER_NAME,
        "warning: a hookspec's folder is not named as its kind",
        "rename the folder to hookspecs/<kind>/v<major>.yaml",
    ),
    (NO_HOOKSPEC, "warning: a folder holds no hookspec", "name hookspecs v<major>.yaml"),
    (MANIFEST_NOT_FOUND, "a manifest is not found or cannot be read", "check the path"),
    (
        MANIFEST_SECTION,
        "a manifest file has no table that holds the manifest",
        "write [tool.dagstack.plugin] in pyproject.toml, [plugin] or a flat file elsewhere",
    ),
    (
        MANIFEST_NOT_OBJECT,
        "a manifest is not an object",
        "write fields: schema_version, name, kind, ...",
    ),
    (
        MANIFEST_UNKNOWN_KEY,
        "a manifest has a key that nothing reads",
        "correct the spelling or remove it; fields of this project go into plugin.toml",
    ),
    (MANIFEST_MISSING_KEY, "a required field of a manifest is missing", "add it"),
    (
        MANIFEST_WRONG_TYPE,
        "a field of a manifest has the wrong type",
        "write a value of the type named",
    ),
    (
        MANIFEST_UNKNOWN_VALUE,
        "a field of a manifest takes one of a few values, and this is none of them",
        "choose one of those listed",
    ),
    (
        MANIFEST_BAD_NAME,
        "a name in a manifest is empty or has forbidden characters",
        "use letters, digits, `.`, `_` and `-`",
    ),
    (
        MANIFEST_OUT_OF_RANGE,
        "a number in a manifest is out of range",
        "write a number in the range named",
    ),
    (MANIFEST_BANDS, "tryfirst and trylast exclude each other", "keep one of them"),
    (MANIFEST_SCHEMA_VERSION, "schema_version is not one this host reads", "write \"1\""),
    (
        MANIFEST_KIND_VERSION,
        "kind_api_version is neither a major nor a SemVer version",
        "write the major version of the kind, such as \"1\"",
    ),
    (
        MANIFEST_CORE_VERSION,
        "core_version is in neither grammar",
        "write a set such as >=0.2,<0.3 or a range such as ^0.2",
    ),
    (MANIFEST_ENTRY_POINT, "the entry point is missing or empty", "write entry_point"),
    (
        MANIFEST_ADDRESS,
        "the address of an mcp_http plugin is missing, empty, doubled, or given for another runtime",
        "write `url`, for runtime mcp_http only",
    ),
    (
        MANIFEST_CHAIN_WRAP,
        "chain_wrap needs a priority of 1000 or more",
        "raise the priority or remove chain_wrap",
    ),
    (
        MANIFEST_PREDICATE,
        "a predicate in `when` tests a value but does not say which, or its pointer is none",
        "add `pointer`, such as /input/path",
    ),
    (
        MANIFEST_COMMAND,
        "a process or mcp_stdio plugin has no command",
        "write command = [\"program\", \"argument\"]",
    ),
    (
        MANIFEST_IN_PROCESS_ONLY,
        "in_process_only excludes the runtime that the manifest names",
        "remove it or change the runtime",
    ),
    (
        MANIFEST_EXECUTOR,
        "warning: execution_model or isolation means something else in this runtime",
        "read what it runs as, and say that",
    ),
    (
        MANIFEST_RESERVED_PRIORITY,
        "warning: a priority of 1000 or more is reserved for middleware",
        "lower the priority, or declare chain_wrap",
    ),
    (MANIFEST_IGNORED, "warning: a field has no effect in this runtime", "remove it"),
    (
        MANIFEST_SHA256,
        "sha256 is no SHA-256, or is given for another runtime than dylib",
        "write its 64 hexadecimal digits, for runtime dylib only",
    ),
    (
        MANIFEST_PATTERN,
        "a pattern in `events` of a manifest is malformed",
        "write segments with dots between them, `*` for one, `**` at the end for the rest",
    ),
    (
        MANIFEST_SUBSCRIPTION,
        "a subscription lacks its pattern or its key, or its key is no JSON pointer",
        "write `pattern`, and `key` such as /data/id",
    ),
    (
        PLUGIN_FOLDER,
        "the folder that is searched for plugins does not exist, or is no folder",
        "check the path",
    ),
    (
        PLUGIN_TWICE,
        "ManifestInvalid: two plugins below a folder have one name; none of them is registered",
        "rename one of the two, or remove it",
    ),
    (
        PLUGIN_CYCLE,
        "DependencyCycle: plugins below a folder depend on each other in a circle; none of them is registered",
        "cut the circle shown",
    ),
    (
        EVENTS_NOT_OBJECT,
        "a file of events is not an object",
        "write fields: namespace, version, events",
    ),
    (
        EVENTS_UNKNOWN_KEY,
        "a file of events has a key that nothing reads",
        "correct the spelling or remove it",
    ),
    (EVENTS_MISSING_KEY, "a required field of a file of events is missing", "add it"),
    (
        EVENTS_WRONG_TYPE,
        "a field of a file of events has the wrong type",
        "write a value of the type named",
    ),
    (
        EVENTS_UNKNOWN_VALUE,
        "a field of a file of events takes one of a few values, and this is none of them",
        "choose one of those listed",
    ),
    (
        EVENTS_BAD_NAMESPACE,
        "a namespace is not made of segments",
        "write segments of letters, digits, `_` and `-`, with dots between them",
    ),
    (
        EVENTS_FILE_NAME,
        "a file of events is not named as its namespace",
        "rename the file to events/<namespace>.yaml, or correct `namespace`",
    ),
    (
        EVENTS_BAD_VERSION,
        "the version of a namespace is not a SemVer version",
        "write three numbers, such as 1.0.0",
    ),
    (
        EVENTS_BAD_TYPE,
        "an event type is not made of segments",
        "write segments of letters, digits, `_` and `-`, with dots between them",
    ),
    (
        EVENTS_STRAY_TYPE,
        "an event type does not lie below the namespace of its file",
        "write the whole type, or move it into the file of its namespace",
    ),
    (EVENTS_DUPLICATE_TYPE, "an event type is declared twice", "remove one of the two"),
    (EVENTS_DUPLICATE_NAMESPACE, "two files declare one namespace", "join the two files"),
    (
        CONFIG_UNREADABLE,
        "a configuration file is not found or cannot be read",
        "check the path, or write the file",
    ),
    (
        CONFIG_UNKNOWN_KEY,
        "the configuration has a key that nothing reads",
        "correct the spelling or remove it; what a plugin reads goes into [plugins.NAME.config]",
    ),
    (
        CONFIG_WRONG_TYPE,
        "a field of the configuration has the wrong type",
        "write a value of the type named",
    ),
    (
        CONFIG_UNKNOWN_VALUE,
        "a field of the configuration takes one of a few values, and this is none of them",
        "choose one of those listed",
    ),
    (
        CONFIG_OUT_OF_RANGE,
        "a number in the configuration is out of range",
        "write a number in the range named",
    ),
    (
        CONFIG_STRANGER,
        "the configuration has a section for a plugin that is not registered",
        "correct the name, register the plugin, or remove the section",
    ),
    (
        CONFIG_INVALID,
        "a plugin's configuration does not satisfy its config_schema",
        "write a value that it accepts; `hookspec config show` says where each value comes from",
    ),
    (
        CONFIG_LACKS,
        "a plugin's configuration lacks a key that its config_schema requires",
        "write it in the section named, or set the variable named",
    ),
    (
        CONFIG_VARIABLE,
        "an environment variable holds no value of its property's type",
        "set it to a value of the type named, or unset it",
    ),
    (
        CONFIG_SHARED_VARIABLE,
        "one environment variable stands for two properties",
        "rename one of the two plugins or properties",
    ),
    (
        CONFIG_IDLE_VARIABLE,
        "warning: an environment variable is named as if it configured a plugin, and no property has that name",
        "correct the name, or unset it",
    ),
    (CONFIG_SHADOW, "shadow is for plugins of chains, and the plugin's kind has none", "remove it"),
];

/// The meaning of a code and what to do.
pub fn explain(code: &str) -> Option<(&'static str, &'static str)> {
    ALL.iter().find(|entry| entry.0 == code).map(|entry| (entry.1, entry.2))
}
