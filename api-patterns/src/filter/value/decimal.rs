//! Decimals.

use rust_decimal::Decimal;

use super::FilterValue;

impl FilterValue for Decimal {
    const TYPE_NAME: &'static str = "decimal number of at most 28 digits";

    fn parse(text: &str) -> Option<Self> {
        // Exact: more digits than fit are refused and not rounded.
        Self::from_str_exact(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{Decimal, FilterValue};

    #[test]
    fn decimals_are_exact_or_refused() {
        assert_eq!(Decimal::parse("-12.50"), Some(Decimal::new(-1250, 2)));
        for text in ["", "1e3", "nan", "0.12345678901234567890123456789", "1,5"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }
}
