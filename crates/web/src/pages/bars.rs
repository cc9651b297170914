//! Bars for pages: each a label, a number in words, and a length in thousandths of the longest.

use minijinja::{Value, context};

/// The length of the longest bar.
const LONGEST: u64 = 1000;

/// Rows of a chart; `label` and `told` are words already. The table beside it says the same.
pub(super) fn bars(rows: &[(String, u64, String)]) -> Vec<Value> {
    let most = rows.iter().map(|(_, number, _)| *number).max().unwrap_or_default().max(1);
    let row = |(at, (label, number, told)): (usize, &(String, u64, String))| {
        // Whole thousandths are as fine as any screen shows.
        let length = u64::try_from(u128::from(*number) * u128::from(LONGEST) / u128::from(most)).unwrap_or(LONGEST);
        context! { label, told, length, top => at * 44 }
    };
    rows.iter().enumerate().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::bars;

    #[test]
    fn the_longest_bar_is_a_thousand_and_nothing_is_none() {
        let rows = [
            ("a".to_owned(), 50, String::new()),
            ("b".to_owned(), 200, String::new()),
            ("c".to_owned(), 0, String::new()),
        ];
        let lengths: Vec<String> = bars(&rows).iter().map(|row| row.get_attr("length").unwrap().to_string()).collect();
        assert_eq!(lengths, ["250", "1000", "0"]);
        assert!(bars(&[]).is_empty());
    }
}
