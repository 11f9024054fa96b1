//! Numbers, booleans and text.

use super::{FilterText, FilterValue};

macro_rules! integer {
    ($($type:ty: $name:literal),* $(,)?) => {$(
        impl FilterValue for $type {
            const TYPE_NAME: &'static str = $name;

            fn parse(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )*};
}

integer! {
    i8: "integer from -128 to 127",
    i16: "integer from -32768 to 32767",
    i32: "integer from -2147483648 to 2147483647",
    i64: "integer from -9223372036854775808 to 9223372036854775807",
    u8: "integer from 0 to 255",
    u16: "integer from 0 to 65535",
    u32: "integer from 0 to 4294967295",
    u64: "integer from 0 to 18446744073709551615",
}

macro_rules! float {
    ($($type:ty),*) => {$(
        impl FilterValue for $type {
            const TYPE_NAME: &'static str = "finite number";

            fn parse(text: &str) -> Option<Self> {
                // `parse` also reads `nan` and `inf`, and turns `1e999` into infinity.
                text.parse().ok().filter(|number: &Self| number.is_finite())
            }
        }
    )*};
}

float!(f32, f64);

impl FilterValue for bool {
    const TYPE_NAME: &'static str = "`true` or `false`";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl FilterValue for String {
    const TYPE_NAME: &'static str = "text";

    fn parse(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl FilterText for String {
    fn as_text(&self) -> &str {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::FilterValue;

    #[test]
    fn integers_stay_within_their_type() {
        assert_eq!(i8::parse("-128"), Some(i8::MIN));
        assert_eq!(u64::parse("18446744073709551615"), Some(u64::MAX));
        for text in ["", "128", "1.0", " 1", "1 ", "0x1", "1_000", "१"] {
            assert_eq!(i8::parse(text), None, "{text}");
        }
        assert_eq!(u8::parse("-1"), None);
    }

    #[test]
    fn the_names_of_integers_tell_their_bounds() {
        macro_rules! check {
            ($($type:ty),*) => {$(
                assert_eq!(
                    <$type>::TYPE_NAME,
                    format!("integer from {} to {}", <$type>::MIN, <$type>::MAX)
                );
            )*};
        }
        check!(i8, i16, i32, i64, u8, u16, u32, u64);
    }

    #[test]
    fn floats_are_finite() {
        assert_eq!(f64::parse("-1.5e3"), Some(-1500.0));
        for text in ["nan", "inf", "-infinity", "1e999", "", "1,5"] {
            assert_eq!(f64::parse(text), None, "{text}");
        }
        assert_eq!(f32::parse("1e39"), None);
    }

    #[test]
    fn booleans_have_one_spelling() {
        assert_eq!(bool::parse("true"), Some(true));
        for text in ["1", "TRUE", "yes", ""] {
            assert_eq!(bool::parse(text), None, "{text}");
        }
    }
}
