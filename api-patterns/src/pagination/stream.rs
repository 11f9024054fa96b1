//! All rows of a scan, page after page.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec::IntoIter;

use futures_core::Stream;
use pin_project_lite::pin_project;

use super::Pagination;
use super::extract::PageRequest;
use super::keyset::Keyset;
use super::page::CursorPage;
use super::scan::Scan;
use crate::problem::Problem;

impl<T: Keyset> PageRequest<T> {
    /// The first page of a scan that no client asked for: a job, an export.
    ///
    /// # Errors
    /// A 400 problem when `sort` is not allowed.
    ///
    /// # Panics
    /// When `limit` is 0.
    pub fn start(
        pagination: &Pagination,
        sort: Option<&str>,
        limit: usize,
    ) -> Result<Self, Problem> {
        assert!(limit > 0, "a page has at least one row");
        let mut scan = Scan::new(pagination, sort, [])?;
        scan.uncap();
        Ok(Self::at_start(scan, limit))
    }

    /// All rows from this page on, one page at a time in memory.
    ///
    /// `fetch` reads a page. Rows that are inserted or deleted meanwhile are seen or not; those
    /// that live throughout are seen once.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "sqlite")]
    /// # mod example {
    /// use api_patterns::pagination::{Keyset, PageRequest, Pagination};
    /// use api_patterns::problem::Problem;
    /// use futures_core::Stream;
    /// use sqlx::{FromRow, SqlitePool};
    ///
    /// #[derive(FromRow, Keyset)]
    /// #[keyset(unique = id, default = "id")]
    /// struct Order { id: i64 }
    ///
    /// fn all(db: SqlitePool) -> Result<impl Stream<Item = Result<Order, Problem>>, Problem> {
    ///     let first = PageRequest::start(&Pagination::plain(), None, 500)?;
    ///     Ok(first.stream(move |page| {
    ///         let db = db.clone();
    ///         async move { page.fetch(&db, |q| { q.push("SELECT id FROM orders"); }).await }
    ///     }))
    /// }
    /// # }
    /// ```
    ///
    /// The stream ends after the first error.
    pub fn stream<F, R>(mut self, fetch: F) -> PageStream<T, F, R>
    where
        F: FnMut(Self) -> R,
        R: Future<Output = Result<CursorPage<T>, Problem>>,
    {
        self.scan.uncap();
        PageStream {
            fetch,
            again: self.clone(),
            rows: Vec::new().into_iter(),
            next: Some(self),
            page: None,
        }
    }
}

pin_project! {
    /// The stream of [`PageRequest::stream`].
    #[must_use = "streams do nothing unless they are polled"]
    pub struct PageStream<T, F, R> {
        fetch: F,
        again: PageRequest<T>,
        rows: IntoIter<T>,
        next: Option<PageRequest<T>>,
        #[pin]
        page: Option<R>,
    }
}

impl<T, F, R> std::fmt::Debug for PageStream<T, F, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PageStream").finish_non_exhaustive()
    }
}

impl<T, F, R> Stream for PageStream<T, F, R>
where
    T: Keyset,
    F: FnMut(PageRequest<T>) -> R,
    R: Future<Output = Result<CursorPage<T>, Problem>>,
{
    type Item = Result<T, Problem>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        loop {
            if let Some(row) = this.rows.next() {
                return Poll::Ready(Some(Ok(row)));
            }
            if let Some(page) = this.next.take() {
                this.page.set(Some((this.fetch)(page)));
            }
            let Some(page) = this.page.as_mut().as_pin_mut() else {
                return Poll::Ready(None);
            };
            let page = ready!(page.poll(context));
            this.page.set(None);
            match page.and_then(|page| following(this.again, page)) {
                Ok((rows, next)) => (*this.rows, *this.next) = (rows, next),
                Err(problem) => return Poll::Ready(Some(Err(problem))),
            }
        }
    }
}

type Following<T> = (IntoIter<T>, Option<PageRequest<T>>);

fn following<T: Keyset>(
    again: &PageRequest<T>,
    page: CursorPage<T>,
) -> Result<Following<T>, Problem> {
    let next = match &page.next_cursor {
        None => None,
        Some(cursor) => {
            let position = again.scan.open(cursor).map_err(Problem::internal)?;
            Some(again.clone().at(position).map_err(Problem::internal)?)
        }
    };
    Ok((page.items.into_iter(), next))
}
