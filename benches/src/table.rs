//! A Markdown table, aligned so that it also reads in a terminal.

use std::fmt;

/// Rows of text under a header.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new<const N: usize>(header: [&str; N]) -> Self {
        Self {
            rows: vec![header.map(str::to_owned).to_vec()],
        }
    }

    /// Adds a row of as many cells as the header has.
    pub(crate) fn push<const N: usize>(&mut self, row: [String; N]) {
        debug_assert_eq!(N, self.rows[0].len());
        self.rows.push(row.to_vec());
    }

    /// Rows under the header.
    pub(crate) fn len(&self) -> usize {
        self.rows.len() - 1
    }

    fn width(&self, column: usize) -> usize {
        self.rows
            .iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or_default()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths: Vec<usize> = (0..self.rows[0].len()).map(|nth| self.width(nth)).collect();
        for (nth, row) in self.rows.iter().enumerate() {
            if nth == 1 {
                for &width in &widths {
                    write!(f, "|{:-<1$}", "", width + 2)?;
                }
                writeln!(f, "|")?;
            }
            for (cell, &width) in row.iter().zip(&widths) {
                write!(f, "| {cell:<width$} ")?;
            }
            writeln!(f, "|")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_are_as_wide_as_their_longest_cell() {
        let mut table = Table::new(["who", "×"]);
        table.push(["us".to_owned(), "1.00".to_owned()]);
        assert_eq!(
            table.to_string(),
            "| who | ×    |\n|-----|------|\n| us  | 1.00 |\n"
        );
    }
}
