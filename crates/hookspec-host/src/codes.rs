//! Every error code of this crate: what the error reference is checked against.

/// Code, meaning, remedy.
pub const ALL: &[(&str, &str, &str)] = &[
    (
        "HS-D001",
        "No hookspec declares the kind, or that major of it.",
        "Mend the name, or load the hookspec folder that declares it.",
    ),
    (
        "HS-D002",
        "The kind has no such hook.",
        "Mend the name; the message lists the hooks there are.",
    ),
    (
        "HS-D003",
        "The hook has another dispatch class than the dispatcher.",
        "Obtain the dispatcher of the declared class.",
    ),
    (
        "HS-D004",
        "The input does not satisfy the hook's input schema, or is too large.",
        "Mend the input at the JSON pointers given. Nobody was called.",
    ),
    (
        "HS-D005",
        "Several plugins qualify and nothing settles which one.",
        "Set the variable named, raise one priority, or name one in the call.",
    ),
    (
        "HS-D006",
        "Nobody can take the call.",
        "Register a plugin that declares it or a fallback; `hookspec explain` shows who was considered.",
    ),
    ("HS-D007", "A middleware plugin refused the call.", "The fault says why."),
    (
        "HS-D008",
        "`dispatch_sync` met a plugin that cannot answer at once.",
        "Use `dispatch`, or keep that plugin `inline` and ready.",
    ),
    (
        "HS-D009",
        "A plugin failed, and the class or the hook's policy ends the dispatch there.",
        "The failure names plugin, hook and cause; what there was before it is in `partial`.",
    ),
    (
        "HS-D010",
        "The application's own filter or routing policy panicked.",
        "Mend it. Nobody was called.",
    ),
    (
        "HS-D011",
        "Too many detached notifications are outstanding.",
        "Await `dispatch`, notify less, or raise `Limits::detached`.",
    ),
    ("HS-D012", "The registry is stopping or has stopped.", "Dispatch before `stop`."),
    (
        "HS-R001",
        "ManifestInvalid: a plugin's manifest contradicts itself, its kind or the registry.",
        "Mend the field named.",
    ),
    (
        "HS-R002",
        "No hookspec declares the plugin's kind.",
        "Mend `kind`, or load the hookspec folder that declares it.",
    ),
    (
        "HS-R003",
        "VersionIncompatible: the plugin was built for another kind version or host.",
        "Update the plugin or the host.",
    ),
    (
        "HS-R004",
        "The plugin implements a hook that its kind does not have.",
        "Mend the name; the message lists the hooks there are.",
    ),
    ("HS-R005", "The plugin lacks a hook that its kind requires.", "Implement it."),
    (
        "HS-R006",
        "With the plugin, a choice among the plugins of its kind would be open.",
        "Leave one fallback; settle a tie by priority, policy or variable.",
    ),
    ("HS-R007", "The plugin came after `stop`.", "Add it to a registry that runs."),
    (
        "HS-R008",
        "No linked crate registers the entry point that a manifest names.",
        "Mend `entry_point` or `kind`, or name the crate: `use the_crate as _;`.",
    ),
    (
        "HS-R009",
        "A linked plugin could not be made.",
        "Implement `Component` or `Default` for its type, or add a value of it to the builder.",
    ),
    ("HS-R010", "The hookspecs have mistakes.", "All are listed with file, line and column."),
    ("HS-R011", "Plugins were refused.", "All are listed with their reasons (HS-R001 to HS-R009)."),
    (
        "HS-R012",
        "The core version given to the builder is invalid.",
        "Give a version such as `1.4.0`.",
    ),
    (
        "HS-R013",
        "DependencyCycle: plugins depend on each other in a circle.",
        "Cut the circle shown.",
    ),
    (
        "HS-R014",
        "AmbiguousPlugin: several plugins qualify for one place.",
        "As HS-R006. Nothing was set up.",
    ),
    (
        "HS-R015",
        "There is no async runtime (`start`), or there is one already (`start_blocking`).",
        "Use the other of the two.",
    ),
    ("HS-R016", "The registry was started before.", "Build a new one."),
    (
        "HS-R017",
        "A builder with a plugin folder was built without being started.",
        "Call `RegistryBuilder::start` instead of `build`.",
    ),
    (
        "HS-R018",
        "RuntimeNotSupported: the manifest names a runtime that the host does not have.",
        "Add it with `RegistryBuilder::runtime`, or mend `runtime`.",
    ),
    (
        "HS-R019",
        "A plugin could not be opened by its runtime.",
        "The reason says what it was built for, what this host has, and what to do.",
    ),
    ("HS-R020", "No plugin of that name is registered.", "`hookspec list` shows the names."),
    ("HS-R021", "Other plugins depend on it.", "Remove them first."),
    (
        "HS-R022",
        "A plugin folder cannot be searched, or holds a name twice or a dependency cycle.",
        "The mistakes are listed (HS-M030 to HS-M032). Nothing of the folder was registered.",
    ),
    (
        "HS-R023",
        "The configuration has mistakes.",
        "All are listed with file, line and column, or with the variable (HS-C001 to HS-C012). Nothing was set up.",
    ),
    (
        "HS-R024",
        "A plugin that came later is configured wrongly.",
        "All mistakes are listed (HS-C001 to HS-C012). The registry is as it was.",
    ),
    (
        "HS-R025",
        "With a plugin that came later, plugins would depend on each other in a circle.",
        "Cut the circle shown. The registry is as it was.",
    ),
    (
        "HS-R026",
        "The registry was asked to stop while it started.",
        "What was set up was torn down; start anew.",
    ),
    (
        "HS-R030",
        "TeardownErrors: plugins could not be torn down.",
        "Each is listed with its reason; all others were.",
    ),
    ("HS-R040", "No plugin of that name is registered.", "`hookspec list` shows the names."),
    (
        "HS-R041",
        "A plugin that was given as a value cannot be reloaded.",
        "Register it by `#[plugin]` or from a plugin folder, or remove it and add a new one.",
    ),
    ("HS-R042", "The registry does not run.", "Reload between `start` and `stop`."),
    (
        "HS-R043",
        "The new instance could not be made or registered; the old one runs on.",
        "The reason is one of HS-R001 to HS-R009, HS-R018 and HS-R019.",
    ),
    (
        "HS-R044",
        "With the new manifest plugins would depend on each other in a circle; the old one runs on.",
        "Cut the circle shown.",
    ),
    (
        "HS-R045",
        "The new instance did not get ready; the old one runs on.",
        "The reason says what it lacks, or why its setup failed.",
    ),
    (
        "HS-R046",
        "The plugin left something behind, or said that it needs a restart: it cannot start again in this process.",
        "Restart the host.",
    ),
    ("HS-R047", "The plugin is disabled.", "Enable it; a reload is for plugins that run."),
    (
        "HS-R060",
        "A resource was given twice under one name.",
        "Give it once, or use `RegistryBuilder::replace_resource`.",
    ),
    (
        "HS-R061",
        "A resource is decorated as another type than it was registered as.",
        "Name the type it was registered as; the message names both.",
    ),
    (
        "HS-E001",
        "The type of an event is no type.",
        "Write segments of letters, digits, `_` and `-`, joined by dots.",
    ),
    (
        "HS-E002",
        "No file declares the type of an event.",
        "Declare it in the file of its namespace below `events/`, or open the namespace.",
    ),
    (
        "HS-E003",
        "The data of an event is not what the catalogue declares, or is too large.",
        "Mend the data at the JSON pointers given. Nobody received it.",
    ),
    ("HS-E004", "An id or metadata that no event has.", "Mend the attribute named."),
    (
        "HS-E005",
        "A plugin may not publish the event.",
        "The reason names the rule: list the type under `events.emit`, and leave `source` and `tenant` out.",
    ),
    (
        "HS-E006",
        "Too many events led to this one.",
        "End the loop that the message shows, or raise `BusOptions::max_depth`.",
    ),
    (
        "HS-E007",
        "A plugin publishes too often.",
        "Publish later or less, as with a batch; or raise `BusOptions::rate`.",
    ),
    ("HS-E008", "The bus takes no events any more.", "Publish before `stop`."),
    ("HS-E020", "A subscription has no pattern.", "Name at least one."),
    (
        "HS-E021",
        "A subscription's pattern is none.",
        "`*` is one whole segment, `**` at the end one or more.",
    ),
    (
        "HS-E022",
        "No declared event matches a subscription's pattern.",
        "Mend the pattern, declare the event, or open its namespace.",
    ),
    (
        "HS-E023",
        "How a subscription's events are to be delivered cannot be.",
        "Mend what stands at the JSON pointers given; the bounds are those of a manifest.",
    ),
    ("HS-E024", "The bus takes no subscriptions any more.", "Subscribe before `stop`."),
    ("HS-E030", "Nobody is subscribed to a request.", "`Bus::explain` says why."),
    (
        "HS-E031",
        "Everybody who received a request has handled it, and nobody replied.",
        "A subscriber replies with `Handled::reply`; the message says why the last one failed.",
    ),
    (
        "HS-E032",
        "No reply, or no event, came in time.",
        "Wait longer, or find out who is slow: `Bus::snapshot`.",
    ),
    ("HS-E033", "The one who replied refused the request.", "The fault says why."),
];
