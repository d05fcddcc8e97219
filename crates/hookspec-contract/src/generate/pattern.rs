//! Texts that a pattern matches.
//!
//! The pattern is taken apart by `regex-syntax`, which is not quite the dialect of schemas: what
//! is made is a guess, and the interpreter is asked about each.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind};

use super::builder::Builder;
use super::random::Random;

/// How long a text becomes, in bytes, before it is given up.
const LONGEST: usize = 400_000;
/// How many parts are gone through for one text.
const MOST_STEPS: usize = 500_000;
/// How long a pattern may be, in bytes.
const LONGEST_PATTERN: usize = 10_000;

/// How deep the groups of a pattern may nest.
const NESTED: u32 = 60;

/// How often something is repeated that may be repeated.
#[derive(Clone, Copy, Debug)]
pub(super) enum Repeat {
    Least,
    /// As often as may be, but no more than this unless it has to be.
    Most(u32),
    Randomly,
}

impl Builder<'_> {
    /// Some texts that may match a pattern: the shortest, a longer one, and random ones.
    pub(super) fn matching(&mut self, pattern: &str, random: usize) -> Vec<String> {
        let ways = [Repeat::Least, Repeat::Most(4)].into_iter();
        let ways: Vec<_> = ways.chain(std::iter::repeat_n(Repeat::Randomly, random)).collect();
        self.matching_in(pattern, &ways)
    }

    pub(super) fn matching_in(&mut self, pattern: &str, ways: &[Repeat]) -> Vec<String> {
        if pattern.len() > LONGEST_PATTERN || self.spend(pattern.len() / 8).is_err() {
            return Vec::new();
        }
        let Ok(parsed) = ParserBuilder::new().nest_limit(NESTED).build().parse(pattern) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for way in ways {
            let random = &mut self.random;
            let mut writer = Writer { way: *way, text: String::new(), steps: 0, random };
            let written = writer.write(&parsed).is_some();
            let Writer { text, steps, .. } = writer;
            let spent = self.spend(steps / 64);
            if written && spent.is_ok() && !found.contains(&text) {
                found.push(text);
            }
        }
        found
    }
}

/// How many states the automaton of a pattern has, nearly; 1 for what is not understood.
pub(super) fn states(pattern: &str) -> usize {
    fn count(part: &Hir) -> usize {
        match part.kind() {
            HirKind::Repetition(repetition) => {
                let times = repetition.max.unwrap_or(repetition.min).max(1);
                count(&repetition.sub).saturating_mul(usize::try_from(times).unwrap_or(usize::MAX))
            }
            HirKind::Literal(literal) => literal.0.len(),
            kind => kind.subs().iter().map(count).fold(1, usize::saturating_add),
        }
    }
    match ParserBuilder::new().nest_limit(NESTED).build().parse(pattern) {
        Ok(parsed) => count(&parsed),
        Err(_) => 1,
    }
}

struct Writer<'r> {
    way: Repeat,
    text: String,
    steps: usize,
    random: &'r mut Random,
}

impl Writer<'_> {
    /// `None`: it became too long, or nothing matches.
    fn write(&mut self, part: &Hir) -> Option<()> {
        self.steps += 1;
        if self.steps > MOST_STEPS || self.text.len() > LONGEST {
            return None;
        }
        match part.kind() {
            HirKind::Empty | HirKind::Look(_) => Some(()),
            HirKind::Literal(literal) => {
                self.text.push_str(std::str::from_utf8(&literal.0).ok()?);
                Some(())
            }
            HirKind::Class(Class::Unicode(class)) => {
                let one = self.one_of(class)?;
                self.text.push(one);
                Some(())
            }
            HirKind::Class(Class::Bytes(class)) => {
                let range = class.ranges().first()?;
                self.text.push(char::from(range.start()));
                Some(())
            }
            HirKind::Repetition(repetition) => {
                let least = repetition.min;
                let most = repetition.max.unwrap_or(u32::MAX);
                let times = match self.way {
                    Repeat::Least => least,
                    Repeat::Most(times) => times.clamp(least, most.max(least)),
                    Repeat::Randomly => {
                        let more = u32::try_from(self.random.below(4)).unwrap_or(0);
                        least.saturating_add(more).min(most.max(least))
                    }
                };
                (0..times).try_for_each(|_| self.write(&repetition.sub))
            }
            HirKind::Capture(capture) => self.write(&capture.sub),
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.write(part)),
            HirKind::Alternation(parts) => {
                let chosen = match self.way {
                    Repeat::Least => 0,
                    _ => self.random.below(parts.len()),
                };
                self.write(parts.get(chosen)?)
            }
        }
    }

    /// A letter or digit where the class has one; where it is chosen at random, any of them.
    fn one_of(&mut self, class: &ClassUnicode) -> Option<char> {
        let ranges = class.ranges();
        let inside = |letter: char| {
            ranges.iter().any(|range| (range.start()..=range.end()).contains(&letter))
        };
        if matches!(self.way, Repeat::Randomly) {
            let range = ranges.get(self.random.below(ranges.len().min(8)))?;
            let (start, end) = (u32::from(range.start()), u32::from(range.end()));
            let width = usize::try_from((end - start).min(0x60)).unwrap_or(0) + 1;
            let offset = u32::try_from(self.random.below(width)).unwrap_or(0);
            return char::from_u32(start + offset).or(Some(range.start()));
        }
        let common = ['a', '0', 'A', '1', '-', '_', '.', ' '];
        let found = common.into_iter().find(|letter| inside(*letter));
        found.or_else(|| ranges.first().map(|range| range.start()))
    }
}
