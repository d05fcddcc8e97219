//! [`EventType`]: the checked name of what happened.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The name of what happened: segments of `[A-Za-z0-9_-]`, joined by dots. Cheap to clone.
///
/// ```
/// # use hookspec_plugin::EventType;
/// let deployed = EventType::parse("deploy.eu.completed")?;
/// assert_eq!(deployed.segments().next(), Some("deploy"));
/// assert!(EventType::parse("deploy..completed").is_err());
/// # Ok::<(), hookspec_plugin::InvalidEventType>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventType(Arc<str>);

impl EventType {
    /// Checks a text.
    ///
    /// # Errors
    /// [`InvalidEventType`] says which part is wrong and what is allowed.
    pub fn parse(text: &str) -> Result<Self, InvalidEventType> {
        match mistake(text) {
            None => Ok(Self(text.into())),
            Some(mistake) => Err(InvalidEventType { text: text.into(), mistake }),
        }
    }

    /// Takes any text: for compatibility modes, in which types are not checked.
    pub fn unchecked(text: &str) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its segments.
    pub fn segments(&self) -> std::str::Split<'_, char> {
        self.0.split('.')
    }

    /// Whether it lies in a namespace: it is that, or starts with it and a dot.
    pub fn is_below(&self, namespace: &str) -> bool {
        self.0.strip_prefix(namespace).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

/// A text that is no type of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidEventType {
    text: String,
    mistake: &'static str,
}

/// What is wrong with a type, if anything is.
fn mistake(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return Some("it is empty");
    }
    text.split('.').find_map(segment_mistake)
}

/// What is wrong with one segment that stands for itself.
pub(super) fn segment_mistake(segment: &str) -> Option<&'static str> {
    if segment.is_empty() {
        return Some("a segment is empty");
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (!segment.bytes().all(allowed)).then_some("a segment holds something else")
}

impl fmt::Display for InvalidEventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, mistake } = self;
        write!(
            f,
            "`{}` is no type of an event: {mistake}; write segments of letters, digits, `_` and `-`, \
             joined by dots",
            text.escape_debug()
        )
    }
}

impl std::error::Error for InvalidEventType {}

impl FromStr for EventType {
    type Err = InvalidEventType;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for EventType {
    type Error = InvalidEventType;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<EventType> for String {
    fn from(event_type: EventType) -> Self {
        event_type.0.as_ref().into()
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_segments_of_word_characters_are_types() {
        for text in ["", ".", "a.", ".a", "a..b", "a b", "a.b\n", "*", "**", "é", "a.[b]"] {
            let error = EventType::parse(text).unwrap_err().to_string();
            assert!(error.contains(&*text.escape_debug().to_string()), "{text:?}: {error}");
        }
        for text in ["a", "a.b", "A-1._x"] {
            assert_eq!(EventType::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn a_namespace_ends_at_a_dot() {
        let started = EventType::parse("core.plugin.ready").unwrap();
        assert!(started.is_below("core") && started.is_below("core.plugin"));
        assert!(!started.is_below("cor") && !started.is_below("core.plug"));
    }
}
