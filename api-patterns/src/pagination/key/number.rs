//! Integers, truth values, floats and decimals as keys.

use std::cmp::Ordering;

use super::{Key, KeyError, KeyReader, KeyValue, KeyWriter};
use crate::sql::Stored;

macro_rules! integers {
    ($($type:ty: $write:ident as $wide:ty => $variant:ident),* $(,)?) => {$(
        impl Key for $type {
            #[inline]
            fn write(&self, out: &mut KeyWriter) {
                out.$write(<$wide>::from(*self));
            }

            #[inline]
            fn read(input: &mut KeyReader<'_>) -> Result<Self, KeyError> {
                <$type>::try_from(input.$write()?).map_err(|_| KeyError::new())
            }

            fn compare(&self, other: &Self) -> Ordering {
                self.cmp(other)
            }

            fn to_value(&self) -> KeyValue {
                KeyValue::$variant(<$wide>::from(*self))
            }
        }
    )*};
}

integers! {
    i8: signed as i64 => I64,
    i16: signed as i64 => I64,
    i32: signed as i64 => I64,
    i64: signed as i64 => I64,
    u8: unsigned as u64 => U64,
    u16: unsigned as u64 => U64,
    u32: unsigned as u64 => U64,
    u64: unsigned as u64 => U64,
}

impl Key for bool {
    fn write(&self, out: &mut KeyWriter) {
        out.byte(u8::from(*self));
    }

    fn read(input: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        match input.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(KeyError::new()),
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }

    fn to_value(&self) -> KeyValue {
        KeyValue::Bool(*self)
    }

    fn stored(&self) -> Stored {
        Stored::Integer(i64::from(*self))
    }
}

// PostgreSQL's total order of floats: the two zeros are equal, NaN is equal to itself and above
// all else. SQLite stores NaN as NULL, MySQL refuses it.
macro_rules! floats {
    ($($type:ty),*) => {$(
        impl Key for $type {
            #[inline]
            fn write(&self, out: &mut KeyWriter) {
                out.fixed(&self.to_le_bytes());
            }

            #[inline]
            fn read(input: &mut KeyReader<'_>) -> Result<Self, KeyError> {
                input.fixed().map(<$type>::from_le_bytes)
            }

            fn compare(&self, other: &Self) -> Ordering {
                self.partial_cmp(other)
                    .unwrap_or_else(|| self.is_nan().cmp(&other.is_nan()))
            }

            fn to_value(&self) -> KeyValue {
                KeyValue::F64(f64::from(*self))
            }

            fn stored(&self) -> Stored {
                Stored::Real(f64::from(*self))
            }
        }
    )*};
}

floats!(f32, f64);

/// The scale and a mantissa of one machine word, or a mark and the four words as they are.
#[cfg(feature = "decimal")]
impl Key for rust_decimal::Decimal {
    fn write(&self, out: &mut KeyWriter) {
        match i64::try_from(self.mantissa()) {
            // A negative zero has no mantissa that tells it apart.
            Ok(mantissa) if mantissa != 0 || self.is_sign_positive() => {
                out.byte(self.scale() as u8);
                out.signed(mantissa);
            }
            _ => {
                out.byte(WIDE);
                out.fixed(&self.serialize());
            }
        }
    }

    fn read(input: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        match input.byte()? {
            WIDE => {
                // The flags word: only a scale up to 28 and the sign may be set, else
                // `deserialize` builds a number that later arithmetic does not expect.
                let bytes: [u8; 16] = input.fixed()?;
                let sound =
                    bytes[0] == 0 && bytes[1] == 0 && bytes[2] <= 28 && bytes[3] & 0x7f == 0;
                let number = Self::deserialize(bytes);
                let narrow = i64::try_from(number.mantissa())
                    .is_ok_and(|mantissa| mantissa != 0 || number.is_sign_positive());
                if sound && !narrow {
                    Ok(number)
                } else {
                    Err(KeyError::new())
                }
            }
            scale => Self::try_new(input.signed()?, scale.into()).map_err(|_| KeyError::new()),
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }

    fn to_value(&self) -> KeyValue {
        KeyValue::Decimal(self.to_string())
    }
}

#[cfg(feature = "decimal")]
const WIDE: u8 = 0xff;

#[cfg(test)]
mod tests {
    use super::{Key, KeyReader, KeyWriter, Ordering};

    fn round_trip<K: Key>(key: &K) -> K {
        let mut out = KeyWriter::new();
        key.write(&mut out);
        let mut input = KeyReader::new(out.buffer.as_slice());
        assert!(K::skip(&mut input.clone()).is_ok());
        let back = K::read(&mut input).expect("what was written can be read");
        assert!(input.is_empty());
        back
    }

    #[test]
    fn floats_keep_every_bit() {
        for float in [
            0.0,
            -0.0,
            0.1,
            f64::MIN_POSITIVE,
            f64::MAX,
            f64::NEG_INFINITY,
            f64::NAN,
        ] {
            assert_eq!(round_trip(&float).to_bits(), float.to_bits());
        }
    }

    #[test]
    fn floats_have_a_total_order() {
        assert_eq!(0.0.compare(&-0.0), Ordering::Equal);
        assert_eq!(f64::NAN.compare(&f64::INFINITY), Ordering::Greater);
        assert_eq!(f64::INFINITY.compare(&f64::NAN), Ordering::Less);
        assert_eq!(f64::NAN.compare(&-f64::NAN), Ordering::Equal);
    }

    #[test]
    fn a_value_out_of_range_is_refused() {
        let mut out = KeyWriter::new();
        out.signed(i64::from(i32::MAX) + 1);
        assert!(i32::read(&mut KeyReader::new(out.buffer.as_slice())).is_err());
    }

    #[cfg(feature = "decimal")]
    #[test]
    fn decimals_keep_their_scale_and_sign() {
        use rust_decimal::Decimal;
        let table = [
            "0",
            "-0.00",
            "1.10",
            "-1.1",
            "79228162514264337593543950335",
            "0.0000000000000000000000000001",
            "-9223372036854775808",
        ];
        for text in table {
            let decimal: Decimal = text.parse().expect("a decimal");
            assert_eq!(
                round_trip(&decimal).serialize(),
                decimal.serialize(),
                "{text}"
            );
        }
        let mut negative_zero = Decimal::ZERO;
        negative_zero.set_sign_negative(true);
        assert_eq!(
            round_trip(&negative_zero).serialize(),
            negative_zero.serialize()
        );
    }
}
