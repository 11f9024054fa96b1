//! Times as stores count them.

use std::time::Duration;

/// Whole milliseconds, rounded up: nothing ends earlier than it was told to. At most a century, so
/// that a store can add it to its clock.
pub(crate) fn millis(time: Duration) -> i64 {
    const CENTURY: u128 = 100 * 366 * 24 * 3_600_000;
    let millis = time.as_nanos().div_ceil(1_000_000).min(CENTURY);
    i64::try_from(millis).expect("a century fits")
}

#[cfg(test)]
mod tests {
    use super::millis;
    use std::time::Duration;

    #[test]
    fn times_are_rounded_up_and_bounded() {
        assert_eq!(millis(Duration::ZERO), 0);
        assert_eq!(millis(Duration::from_nanos(1)), 1);
        assert_eq!(millis(Duration::from_millis(7)), 7);
        assert_eq!(millis(Duration::MAX), 3_162_240_000_000);
    }
}
