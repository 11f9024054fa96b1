//! UUIDs.

use uuid::Uuid;

use super::FilterValue;

impl FilterValue for Uuid {
    const TYPE_NAME: &'static str = "UUID";

    fn parse(text: &str) -> Option<Self> {
        Self::try_parse(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{FilterValue, Uuid};

    #[test]
    fn uuids_are_read_in_either_case() {
        let id = Uuid::from_u128(0x67e5_5044_10b1_426f_9247_bb68_0e5f_e0c8);
        for text in [
            "67e55044-10b1-426f-9247-bb680e5fe0c8",
            "67E55044-10B1-426F-9247-BB680E5FE0C8",
        ] {
            assert_eq!(Uuid::parse(text), Some(id));
        }
        assert_eq!(Uuid::parse("67e55044"), None);
    }
}
