//! [`Rng`]: random numbers.

use std::fmt;

/// Random numbers: not for secrets. A plugin that takes them from the generator it is lent answers
/// the same in a test that seeds it.
///
/// Only [`next_u64`](Rng::next_u64) is the generator's own; the others are made of it here, so that
/// every generator makes the same of the same numbers.
pub trait Rng: Send + Sync + 'static {
    /// Any number, each as likely as the other.
    fn next_u64(&self) -> u64;

    /// A number from 0 up to, and never, 1.
    fn random(&self) -> f64 {
        // The 53 bits that a float can hold without rounding; a rounded one could become 1.
        const STEPS: f64 = (1_u64 << 53) as f64;
        (self.next_u64() >> 11) as f64 / STEPS
    }

    /// A whole number from one bound to the other, both included; they may come in either order.
    fn randint(&self, a: i64, b: i64) -> i64 {
        let (low, high) = (a.min(b), a.max(b));
        // How many numbers there are, less one: always fits.
        let last = high.abs_diff(low);
        let Some(count) = last.checked_add(1) else { return self.next_u64().cast_signed() };
        // Numbers above the last whole multiple would make the lower ones likelier.
        let fair = u64::MAX - (u64::MAX % count + 1) % count;
        let drawn = loop {
            let drawn = self.next_u64();
            if drawn <= fair {
                break drawn % count;
            }
        };
        low.wrapping_add_unsigned(drawn)
    }

    /// Fills a buffer with random bytes.
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next_u64().to_le_bytes()[..chunk.len()]);
        }
    }
}

impl fmt::Debug for dyn Rng {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rng")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Draws what it was given, from the end.
    struct Given(Mutex<Vec<u64>>);

    fn given(numbers: &[u64]) -> Given {
        Given(Mutex::new(numbers.iter().rev().copied().collect()))
    }

    impl Rng for Given {
        fn next_u64(&self) -> u64 {
            self.0.lock().unwrap().pop().expect("nothing more is drawn")
        }
    }

    #[test]
    fn the_largest_draw_is_still_below_one() {
        assert_eq!(given(&[0]).random(), 0.0);
        assert!(given(&[u64::MAX]).random() < 1.0);
    }

    #[test]
    fn both_bounds_are_drawn_and_what_would_be_unfair_is_drawn_again() {
        assert_eq!(given(&[0]).randint(3, 5), 3);
        assert_eq!(given(&[2]).randint(5, 3), 5);
        assert_eq!(given(&[u64::MAX - 1]).randint(7, 7), 7);
        // 2^64 is one more than a multiple of three: the last number is one too many.
        assert_eq!(given(&[u64::MAX, 1]).randint(-1, 1), 0);
        assert_eq!(given(&[u64::MAX]).randint(i64::MIN, i64::MAX), -1);
        assert_eq!(given(&[0]).randint(i64::MIN, i64::MAX - 1), i64::MIN);
    }

    #[test]
    fn a_buffer_is_filled_to_its_end() {
        let mut bytes = [0; 11];
        given(&[u64::MAX, u64::MAX]).fill(&mut bytes);
        assert_eq!(bytes, [0xff; 11]);
    }
}
