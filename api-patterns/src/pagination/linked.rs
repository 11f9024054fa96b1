//! Pages of linked items, in the renderings of [`links`](crate::links).

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use super::offset::OffsetPage;
use super::page::CursorPage;
use crate::link::Link;
use crate::links::{Document, Links, Page, Represent, represent};

macro_rules! pages {
    ($($page:ident)*) => {$(
        impl<T: Links + Serialize> Represent<T::Context> for $page<T> {
            fn represent(
                &self,
                context: &T::Context,
                document: &mut Document<'_>,
            ) -> serde_json::Result<()> {
                represent(self, context, document)
            }
        }

        impl<T> Page for $page<T> {
            type Item = T;

            fn items(&self) -> &[T] {
                &self.items
            }

            fn members(&self) -> impl Serialize {
                Members(self)
            }

            fn links(&self) -> &[Link] {
                &self.links
            }
        }

        impl<T> Serialize for Members<'_, $page<T>> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut members = serializer.serialize_struct("Members", 5)?;
                self.0.members(&mut members)?;
                members.end()
            }
        }
    )*};
}

/// A page without its items.
struct Members<'a, P>(&'a P);

pages!(CursorPage OffsetPage);
