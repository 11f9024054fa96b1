//! Counts what the current thread asks of the allocator.

use alloc_counter::{AllocCounterSystem, count_alloc};

// Costs about one nanosecond per allocation and its release: less than the noise of what is
// measured, and the same for everyone.
#[global_allocator]
static ALLOCATOR: AllocCounterSystem = AllocCounterSystem;

/// How often `operation` allocates or grows an allocation.
pub(crate) fn count<R>(operation: impl FnOnce() -> R) -> usize {
    let ((allocated, grown, _released), _result) = count_alloc(operation);
    allocated + grown
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::count;

    #[test]
    fn allocations_and_growth_are_counted() {
        assert_eq!(count(|| black_box(1)), 0);
        assert_eq!(count(|| black_box(Box::new(1))), 1);
        let grown = count(|| {
            let mut bytes: Vec<u8> = Vec::with_capacity(black_box(1));
            bytes.extend_from_slice(black_box(b"more than one"));
            bytes
        });
        assert_eq!(grown, 2);
    }
}
