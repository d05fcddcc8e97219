// @generated from file_processor/v1.yaml
//   schemas/file.json 4b043cd25a514857861f51b6290bea32
//   schemas/file_report.json 949dc23d6a7196056a1950285b0253de
// by `hookspec generate`. Do not edit: change the hookspec.

//! The kind `file_processor`, version 1.0.0: its payloads, its trait and its adapter.

#![allow(
    clippy::all, clippy::pedantic, unreachable_pub, non_camel_case_types, non_snake_case,
    reason = "generated"
)]

use ::std::collections::BTreeMap;
use ::hookspec_plugin::__private;
use ::hookspec_plugin::{CallContext, Fault};

/// Plugins that read a file and say what is in it. The one that fits the file is chosen.
///
/// The kind `file_processor`, version 1.0.0. Implement the hooks you want and leave out the
/// others: `#[plugin(...)]` above the `impl` lists those that are there.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no `file_processor` plugin",
    note = "implement `FileProcessor` for it, with `#[plugin(...)]` above the `impl`"
)]
#[__private::async_trait]
pub trait FileProcessor: Sized + Send + Sync + 'static {
    /// The hooks that are implemented: written by the macro on the `impl`.
    #[doc(hidden)]
    const HOOKS: &'static [::hookspec_plugin::HookName];
    /// The manifest of the plugin: written by the macro likewise.
    #[doc(hidden)]
    const MANIFEST: fn() -> ::hookspec_plugin::Manifest;
    /// The methods with `#[on]`: written by the macro likewise.
    #[doc(hidden)]
    const ON: &'static [__private::On<Self>] = &[];
    /// What the macro goes by.
    #[doc(hidden)]
    const KIND: &'static __private::Kind = &__private::Kind {
        name: "file_processor",
        version: "1.0.0",
        mismatch: "the manifest is of another kind: `FileProcessor` wants kind = \"file_processor\"",
        methods: &[("process", "process")],
        digests: &[
            (
                "process",
                "640a31b525962761b021207a2e607f299970865e039fdad3f91857f8d6f117a4",
            ),
        ],
    };
    /// The plugin around an instance.
    #[doc(hidden)]
    const PLUGIN: fn(
        ::hookspec_plugin::Instance<Self>,
    ) -> ::std::sync::Arc<dyn ::hookspec_plugin::Plugin> = |instance| ::std::sync::Arc::new(
        FileProcessorPlugin(instance),
    );
    /// Reads one file. The plugin is chosen by extension, language, mime_type and the required
    /// capabilities; the fallback gets what nobody else supports.
    ///
    /// Class `capability`: the one plugin that can take the input answers (CAPABILITY-1 to
    /// CAPABILITY-5); if it fails, nobody else is asked (CAPABILITY-7). The whole dispatch ends
    /// after 10000 ms (DEADLINE-1). Calling it twice is the same as calling it once.
    ///
    /// # Errors
    /// Whatever keeps the plugin from answering; the caller is told.
    async fn process(
        &self,
        ctx: &CallContext<'_>,
        input: &File,
    ) -> Result<FileReport, Fault> {
        let _ = (ctx, input);
        Err(__private::not_implemented("process"))
    }
    /// Whether this plugin takes an input of `process` that its manifest does not rule out; it only
    /// narrows (CAPABILITY-3).
    fn matches(&self, ctx: &CallContext<'_>, input: &File) -> bool {
        let _ = (ctx, input);
        true
    }
}

/// A file to be read, and what is known about it.
#[derive(
    Clone,
    Debug,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", remote = "Self", deny_unknown_fields)]
pub struct File {
    /// Where the file is; a name when the content is given.
    pub path: String,
    /// The file's extension without the dot.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub extension: Option<String>,
    /// The language the content is written in, such as rust.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub language: Option<String>,
    /// The file's media type, such as text/markdown.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub mime_type: Option<String>,
    /// The text of the file. When it is absent the plugin reads the path; binary files are always
    /// read so.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub content: Option<String>,
    /// What the plugin must be able to do.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub capabilities: Option<FileCapabilities>,
}
__private::object!(File);

impl ::hookspec_plugin::check::Examine for File {
    fn examine(
        &self,
        at: &::hookspec_plugin::check::Place<'_>,
        report: &mut ::hookspec_plugin::check::Report,
    ) {
        use ::hookspec_plugin::check;
        {
            let (at, value) = (&at.field("path"), &self.path);
            check::min_length(report, at, "/properties/path/minLength", value, 1);
        }
    }
}

/// What the plugin must be able to do.
#[derive(
    Clone,
    Debug,
    Default,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", remote = "Self", deny_unknown_fields)]
pub struct FileCapabilities {
    /// Tags that the plugin must declare, all of them.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub required: Option<Vec<String>>,
}
__private::object!(FileCapabilities);

/// What is in a file.
#[derive(
    Clone,
    Debug,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", remote = "Self", deny_unknown_fields)]
pub struct FileReport {
    /// What the file was read as, such as rust, markdown, json, text or binary.
    pub kind: String,
    /// The size of the file.
    pub bytes: u64,
    /// How many lines it has; absent when it is not text.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub lines: Option<u64>,
    /// How many of what was found.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub counts: Option<BTreeMap<String, u64>>,
    /// What was found, in the order of the file.
    pub items: Vec<Item>,
    /// The report in one line, for people.
    pub summary: String,
}
__private::object!(FileReport);

impl ::hookspec_plugin::check::Examine for FileReport {
    fn examine(
        &self,
        at: &::hookspec_plugin::check::Place<'_>,
        report: &mut ::hookspec_plugin::check::Report,
    ) {
        use ::hookspec_plugin::check;
        {
            let (at, value) = (&at.field("kind"), &self.kind);
            check::min_length(report, at, "/properties/kind/minLength", value, 1);
        }
        {
            let (at, value) = (&at.field("items"), &self.items);
            for (index, value) in value.iter().enumerate() {
                let at = &at.item(index);
                value.examine(at, report);
            }
        }
    }
}

/// One thing that was found in the file.
#[derive(
    Clone,
    Debug,
    PartialEq,
    __private::serde::Serialize,
    __private::serde::Deserialize,
)]
#[serde(crate = "__private::serde", remote = "Self", deny_unknown_fields)]
pub struct Item {
    /// What it is, such as fn or heading.
    pub kind: String,
    /// How it is called in the file.
    pub name: String,
    /// The line it starts on; the first is 1.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub line: Option<u64>,
    /// What else there is to say: the level of a heading, the target of a link.
    #[serde(
        default,
        deserialize_with = "__private::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub detail: Option<String>,
}
__private::object!(Item);

impl ::hookspec_plugin::check::Examine for Item {
    fn examine(
        &self,
        at: &::hookspec_plugin::check::Place<'_>,
        report: &mut ::hookspec_plugin::check::Report,
    ) {
        use ::hookspec_plugin::check;
        {
            let (at, value) = (&at.field("kind"), &self.kind);
            check::min_length(
                report,
                at,
                "/$defs/Item/properties/kind/minLength",
                value,
                1,
            );
        }
        if let Some(value) = &self.line {
            let at = &at.field("line");
            check::minimum(
                report,
                at,
                "/$defs/Item/properties/line/minimum",
                *value,
                check::Number::Unsigned(1),
            );
        }
    }
}

impl ::hookspec_plugin::TypedPayload for File {
    const SCHEMA: &'static str = "4b043cd25a514857861f51b6290bea32";
    const COMPLETE: bool = true;
    fn routing(&self) -> ::hookspec_plugin::Routing<'_> {
        let value = self;
        ::hookspec_plugin::Routing {
            extension: value.extension.as_ref().and_then(|value| Some(value.as_str())),
            language: value.language.as_ref().and_then(|value| Some(value.as_str())),
            mime_type: value.mime_type.as_ref().and_then(|value| Some(value.as_str())),
            capabilities_required: value
                .capabilities
                .as_ref()
                .and_then(|value| {
                    value
                        .required
                        .as_ref()
                        .and_then(|value| Some(
                            value
                                .iter()
                                .filter_map(|value| Some(value.as_str()))
                                .collect(),
                        ))
                })
                .unwrap_or_default(),
        }
    }
}

impl ::hookspec_plugin::TypedPayload for FileReport {
    const SCHEMA: &'static str = "949dc23d6a7196056a1950285b0253de";
    const COMPLETE: bool = true;
}

/// A plugin of the kind `file_processor`, made of a [`FileProcessor`].
pub struct FileProcessorPlugin<T>(::hookspec_plugin::Instance<T>);

impl<T> FileProcessorPlugin<T> {
    /// The kind.
    pub const KIND: ::hookspec_plugin::KindName = ::hookspec_plugin::KindName::from_static(
        "file_processor",
    );
    /// The version of the kind that this was generated from.
    pub const KIND_API_VERSION: &'static str = "1.0.0";
}

impl<T: FileProcessor> FileProcessorPlugin<T> {
    /// A plugin with the manifest that `#[plugin]` declares, whose state is built by
    /// its setup. Of a value that is ready already it is made by `from`.
    pub fn new() -> Self
    where
        T: ::hookspec_plugin::Component,
    {
        Self::component((T::MANIFEST)())
    }
    /// A plugin of a value that is ready already. It cannot be made anew, so this
    /// plugin cannot be reloaded; [`component`](Self::component) can.
    pub fn value(
        manifest: ::hookspec_plugin::Manifest,
        value: ::std::sync::Arc<T>,
    ) -> Self {
        Self(::hookspec_plugin::Instance::value(manifest, value))
    }
    /// A plugin whose state is built by its setup.
    pub fn component(manifest: ::hookspec_plugin::Manifest) -> Self
    where
        T: ::hookspec_plugin::Component,
    {
        Self(::hookspec_plugin::Instance::component(manifest))
    }
}

/// A plugin of a value that is ready already, with the manifest that `#[plugin]`
/// declares.
impl<T: FileProcessor> ::core::convert::From<T> for FileProcessorPlugin<T> {
    fn from(value: T) -> Self {
        Self::value((T::MANIFEST)(), ::std::sync::Arc::new(value))
    }
}

impl<T> ::core::fmt::Debug for FileProcessorPlugin<T> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::core::fmt::Debug::fmt(&self.0, f)
    }
}

impl<T: FileProcessor> ::hookspec_plugin::Plugin for FileProcessorPlugin<T> {
    fn manifest(&self) -> &::hookspec_plugin::Manifest {
        self.0.manifest()
    }
    fn hooks(&self) -> &[::hookspec_plugin::HookName] {
        T::HOOKS
    }
    fn setup<'a>(
        &'a self,
        context: &'a ::hookspec_plugin::Context,
    ) -> ::hookspec_plugin::BoxFuture<'a, Result<(), ::hookspec_plugin::Fault>> {
        self.0.setup(context)
    }
    fn call<'a>(
        &'a self,
        call: ::hookspec_plugin::Call<'a>,
    ) -> ::hookspec_plugin::HookFuture<'a> {
        let plugin = match self.0.ready() {
            Ok(plugin) => plugin,
            Err(fault) => return ::hookspec_plugin::HookFuture::Ready(Err(fault)),
        };
        match call.hook().as_str() {
            "process" => {
                ::hookspec_plugin::HookFuture::boxed(async move {
                    let input = call.input.typed::<File>()?;
                    FileProcessor::process(plugin, &call.context, &input)
                        .await
                        .map(__private::reply)
                })
            }
            _ => __private::other(plugin, T::ON, call),
        }
    }
    fn subscriptions(&self) -> __private::Subscriptions {
        __private::subscriptions(T::ON)
    }
    fn matches(&self, call: &::hookspec_plugin::Call<'_>) -> bool {
        let Ok(plugin) = self.0.ready() else { return true };
        match call.hook().as_str() {
            "process" => {
                call.input
                    .typed::<File>()
                    .map_or(
                        true,
                        |input| { FileProcessor::matches(plugin, &call.context, &input) },
                    )
            }
            _ => true,
        }
    }
    fn health(&self) -> ::hookspec_plugin::BoxFuture<'_, ::hookspec_plugin::Health> {
        self.0.health()
    }
    fn on_config_change<'a>(
        &'a self,
        config: &'a __private::Config,
    ) -> ::hookspec_plugin::BoxFuture<
        'a,
        Result<::hookspec_plugin::Reconfigured, ::hookspec_plugin::Fault>,
    > {
        self.0.on_config_change(config)
    }
    fn quiesce(
        &self,
    ) -> ::hookspec_plugin::BoxFuture<'_, Result<(), ::hookspec_plugin::Fault>> {
        self.0.quiesce()
    }
    fn resume(
        &self,
    ) -> ::hookspec_plugin::BoxFuture<'_, Result<(), ::hookspec_plugin::Fault>> {
        self.0.resume()
    }
    fn teardown(
        &self,
    ) -> ::hookspec_plugin::BoxFuture<
        '_,
        Result<::hookspec_plugin::Teardown, ::hookspec_plugin::Fault>,
    > {
        self.0.teardown()
    }
}

#[cfg(feature = "calls")]
/// The hooks of the kind `file_processor`, for an application to call.
#[derive(Clone, Debug)]
pub struct FileProcessorCalls {
    process: ::hookspec_host::dispatch::Capability<File, FileReport>,
}

#[cfg(feature = "calls")]
impl FileProcessorCalls {
    /// Looks every hook up, once.
    ///
    /// # Errors
    /// The registry does not know the kind, or knows it otherwise than this was
    /// generated: give it the hookspec that belongs to this source.
    pub fn new(
        registry: &::hookspec_host::Registry,
    ) -> Result<Self, ::hookspec_host::DispatchError> {
        Ok(Self {
            process: registry.capability("file_processor@1", "process")?,
        })
    }
    /// Reads one file. The plugin is chosen by extension, language, mime_type and the required
    /// capabilities; the fallback gets what nobody else supports.
    ///
    /// Class `capability`: the one plugin that can take the input answers (CAPABILITY-1 to
    /// CAPABILITY-5); if it fails, nobody else is asked (CAPABILITY-7).
    ///
    /// # Errors
    /// `NoCapableHandler`, `AmbiguousPlugin`: nobody was asked; register a plugin, or settle which.
    /// `InvalidInput`: nobody was asked; mend the input. `PluginFailed`: it was asked and failed.
    /// `ShuttingDown`: the registry stops.
    pub async fn process(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<File>,
    ) -> Result<::hookspec_host::Answer<FileReport>, ::hookspec_host::DispatchError> {
        self.process.dispatch_payload(caller, input).await
    }
    /// Whether anybody would be called by `process`.
    pub fn has_process(&self) -> bool {
        self.process.has_plugins()
    }
    /// As `process`, with a choice made for this call.
    ///
    /// # Errors
    /// As `process`.
    pub async fn process_with(
        &self,
        caller: &::hookspec_plugin::Caller,
        input: impl ::hookspec_plugin::IntoPayload<File>,
        choice: ::hookspec_host::Choice,
    ) -> Result<::hookspec_host::Answer<FileReport>, ::hookspec_host::DispatchError> {
        self.process.dispatch_payload_with(caller, input, choice).await
    }
}
