//! Every diagnostic code: what it means and what to do about it.
//!
//! Codes never change their meaning. `HS-S` codes are about texts, hookspecs and schemas, `HS-M`
//! codes about manifests, `HS-C` codes about what the host configures.

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

pub(crate) const UNREADABLE: &str = "HS-S001";
pub(crate) const NOT_UTF8: &str = "HS-S002";
pub(crate) const EMPTY: &str = "HS-S003";
pub(crate) const SYNTAX: &str = "HS-S004";
pub(crate) const DUPLICATE_KEY: &str = "HS-S005";
pub(crate) const AMBIGUOUS: &str = "HS-S006";
pub(crate) const TOO_LARGE: &str = "HS-S007";
pub(crate) const NOTATION: &str = "HS-S008";
pub(crate) const NOT_OBJECT: &str = "HS-S010";
pub(crate) const UNKNOWN_KEY: &str = "HS-S011";
pub(crate) const MISSING_KEY: &str = "HS-S012";
pub(crate) const WRONG_TYPE: &str = "HS-S013";
pub(crate) const UNKNOWN_VALUE: &str = "HS-S014";
pub(crate) const BAD_NAME: &str = "HS-S015";
pub(crate) const DUPLICATE_HOOK: &str = "HS-S016";
pub(crate) const BAD_VERSION: &str = "HS-S017";
pub(crate) const MAJOR_MISMATCH: &str = "HS-S018";
pub(crate) const DUPLICATE_KIND: &str = "HS-S019";
pub(crate) const NOT_FOR_CLASS: &str = "HS-S020";
pub(crate) const CHAIN_EXPOSED: &str = "HS-S021";
pub(crate) const BAD_WRITABLE: &str = "HS-S022";
pub(crate) const OUT_OF_RANGE: &str = "HS-S023";
pub(crate) const BAD_TEMPLATE: &str = "HS-S024";
pub(crate) const BAD_EXAMPLE: &str = "HS-S025";
pub(crate) const CHAIN_SCHEMAS: &str = "HS-S026";
pub(crate) const SCHEMA_MISSING: &str = "HS-S030";
pub(crate) const SCHEMA_OUTSIDE: &str = "HS-S031";
pub(crate) const SCHEMA_FOLDER: &str = "HS-S032";
pub(crate) const BAD_SCHEMA: &str = "HS-S033";
pub(crate) const REMOTE_REF: &str = "HS-S034";
pub(crate) const BAD_REF: &str = "HS-S035";
pub(crate) const REF_CYCLE: &str = "HS-S036";
pub(crate) const BAD_PATTERN: &str = "HS-S037";
pub(crate) const FOLDER_NAME: &str = "HS-S040";
pub(crate) const NO_HOOKSPEC: &str = "HS-S041";
pub(crate) const MANIFEST_NOT_FOUND: &str = "HS-M001";
pub(crate) const MANIFEST_SECTION: &str = "HS-M002";
pub(crate) const MANIFEST_NOT_OBJECT: &str = "HS-M003";
pub(crate) const MANIFEST_UNKNOWN_KEY: &str = "HS-M004";
pub(crate) const MANIFEST_MISSING_KEY: &str = "HS-M005";
pub(crate) const MANIFEST_WRONG_TYPE: &str = "HS-M006";
pub(crate) const MANIFEST_UNKNOWN_VALUE: &str = "HS-M007";
pub(crate) const MANIFEST_BAD_NAME: &str = "HS-M008";
pub(crate) const MANIFEST_OUT_OF_RANGE: &str = "HS-M009";
pub(crate) const MANIFEST_BANDS: &str = "HS-M010";
pub(crate) const MANIFEST_SCHEMA_VERSION: &str = "HS-M011";
pub(crate) const MANIFEST_KIND_VERSION: &str = "HS-M012";
pub(crate) const MANIFEST_CORE_VERSION: &str = "HS-M013";
pub(crate) const MANIFEST_ENTRY_POINT: &str = "HS-M014";
pub(crate) const MANIFEST_ADDRESS: &str = "HS-M015";
pub(crate) const MANIFEST_CHAIN_WRAP: &str = "HS-M016";
pub(crate) const MANIFEST_PREDICATE: &str = "HS-M017";
pub(crate) const MANIFEST_COMMAND: &str = "HS-M018";
pub(crate) const MANIFEST_IN_PROCESS_ONLY: &str = "HS-M019";
pub(crate) const MANIFEST_EXECUTOR: &str = "HS-M020";
pub(crate) const MANIFEST_RESERVED_PRIORITY: &str = "HS-M021";
pub(crate) const MANIFEST_IGNORED: &str = "HS-M022";
pub(crate) const MANIFEST_SHA256: &str = "HS-M023";
pub(crate) const PLUGIN_FOLDER: &str = "HS-M030";
pub(crate) const PLUGIN_TWICE: &str = "HS-M031";
pub(crate) const PLUGIN_CYCLE: &str = "HS-M032";
pub(crate) const CONFIG_UNREADABLE: &str = "HS-C001";
pub(crate) const CONFIG_UNKNOWN_KEY: &str = "HS-C002";
pub(crate) const CONFIG_WRONG_TYPE: &str = "HS-C003";
pub(crate) const CONFIG_UNKNOWN_VALUE: &str = "HS-C004";
pub(crate) const CONFIG_OUT_OF_RANGE: &str = "HS-C005";
pub(crate) const CONFIG_STRANGER: &str = "HS-C006";
pub(crate) const CONFIG_INVALID: &str = "HS-C007";
pub(crate) const CONFIG_LACKS: &str = "HS-C008";
pub(crate) const CONFIG_VARIABLE: &str = "HS-C009";
pub(crate) const CONFIG_SHARED_VARIABLE: &str = "HS-C010";
pub(crate) const CONFIG_IDLE_VARIABLE: &str = "HS-C011";
pub(crate) const CONFIG_SHADOW: &str = "HS-C012";
