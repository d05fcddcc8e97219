//! [`Options`]: what generated source refers to, and what it consists of.

/// What generated source refers to, and what it consists of.
///
/// ```
/// # use hookspec_codegen::Options;
/// let options = Options::default().calls("::hookspec_host").calls_feature("calls");
/// assert_eq!(options.root, "::hookspec_plugin");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The path of the crate that says what a plugin is: `::hookspec_plugin`, or `::hookspec`,
    /// which has the same names at its root.
    pub root: String,
    /// The path of the crate with the dispatchers, where typed callers are wanted.
    pub host: Option<String>,
    /// A feature of the crate that holds the source, without which there are no typed callers.
    pub calls_feature: Option<String>,
    /// How the source is generated again, for its header.
    pub command: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            root: "::hookspec_plugin".into(),
            host: None,
            calls_feature: None,
            command: "hookspec generate".into(),
        }
    }
}

impl Options {
    /// Names the crate that says what a plugin is.
    #[must_use]
    pub fn root(mut self, path: impl Into<String>) -> Self {
        self.root = path.into();
        self
    }

    /// Adds typed callers, which go through the dispatchers of this crate.
    #[must_use]
    pub fn calls(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// Puts typed callers behind a feature.
    #[must_use]
    pub fn calls_feature(mut self, feature: impl Into<String>) -> Self {
        self.calls_feature = Some(feature.into());
        self
    }

    /// Says how the source is generated again.
    #[must_use]
    pub fn command(mut self, command: impl Into<String>) -> Self {
        self.command = command.into();
        self
    }
}
