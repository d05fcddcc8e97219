//! [`Routes`]: who is subscribed, and which types reach them.

use std::sync::Arc;

use super::live::Live;
use super::trie::Trie;

/// The subscriptions, and which types reach them. Immutable; replaced whole.
pub(crate) struct Routes {
    /// By priority descending, among equals by who came first: the order of a dispatch.
    pub(crate) lives: Vec<Arc<Live>>,
    /// Which of them nothing but the type counts for. Kept side by side: whoever publishes to a hundred
    /// looks here, and not into a hundred subscriptions.
    pub(crate) takes_all: Vec<bool>,
    trie: Trie,
}

impl Routes {
    pub(crate) fn new(mut lives: Vec<Arc<Live>>) -> Self {
        lives.sort_by_key(|live| (std::cmp::Reverse(live.wants.priority), live.id));
        let mut trie = Trie::new();
        for (number, live) in (0..).zip(&lives) {
            for pattern in &live.patterns {
                trie.insert(pattern, number);
            }
        }
        let takes_all = lives.iter().map(|live| live.takes_all()).collect();
        Self { lives, takes_all, trie }
    }

    /// Those whose patterns match a type, in the order of a dispatch; each once.
    pub(crate) fn matching(&self, event_type: &str) -> Vec<u32> {
        let mut found = Vec::new();
        self.trie.find(event_type, &mut found);
        if !found.is_sorted_by(|one, next| one < next) {
            put_in_order(&mut found, self.lives.len());
        }
        found
    }
}

/// Puts numbers below a bound in order, and leaves each once. By a bit for each number there may be:
/// to sort a hundred would take as long as a quarter of the whole publishing to them.
fn put_in_order(numbers: &mut Vec<u32>, bound: usize) {
    let mut words = vec![0_u64; bound.div_ceil(64)];
    for number in numbers.drain(..) {
        words[number as usize / 64] |= 1 << (number % 64);
    }
    for (first, mut word) in (0..).step_by(64).zip(words) {
        while word != 0 {
            numbers.push(first + word.trailing_zeros());
            word &= word - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        // EVENT-8: the order of a dispatch, and nobody twice.
        #[test]
        fn numbers_are_put_in_order_each_once(given in prop::collection::vec(0..200_u32, 0..80)) {
            let expected: Vec<u32> =
                given.iter().copied().collect::<std::collections::BTreeSet<_>>().into_iter().collect();
            let mut numbers = given;
            put_in_order(&mut numbers, 200);
            prop_assert_eq!(numbers, expected);
        }
    }
}
