//! Combinations in which every value of one factor meets every value of every other: a covering array of strength two.
//! Mistakes that need two unusual answers at once show in some combination, in a small fraction of all of them.

use std::collections::BTreeSet;

/// A factor and one of its values, each by position.
pub(crate) type Choice = (usize, usize);

/// Rows with one value for each factor, such that every allowed pair of values of two factors is in some row and no
/// forbidden pair is in any. `values` has the number of values of each factor. The same input gives the same rows.
///
/// Greedy: a row begins with a pair that is not covered yet; every other factor takes the value that covers most.
pub(crate) fn covering_rows(values: &[usize], forbidden: impl Fn(Choice, Choice) -> bool) -> Vec<Vec<usize>> {
    let goes = |one: Choice, two: Choice| !forbidden(one, two) && !forbidden(two, one);
    let choices = |factor: usize| (0..values[factor]).map(move |value| (factor, value));
    let mut uncovered: BTreeSet<(Choice, Choice)> = BTreeSet::new();
    for one in (0..values.len()).flat_map(choices) {
        for two in (one.0 + 1..values.len()).flat_map(choices) {
            if goes(one, two) {
                uncovered.insert((one, two));
            }
        }
    }
    let mut rows = Vec::new();
    while let Some((one, two)) = uncovered.first().copied() {
        let mut row = vec![one, two];
        for factor in (0..values.len()).filter(|factor| *factor != one.0 && *factor != two.0) {
            let covers =
                |new: Choice| row.iter().filter(|old| uncovered.contains(&ordered(new, **old))).count();
            let allowed = choices(factor).filter(|new| row.iter().all(|old| goes(*new, *old)));
            // Of equals the first: `max_by_key` would take the last.
            let best = allowed.rev().max_by_key(|new| covers(*new));
            row.push(best.unwrap_or_else(|| panic!("no value of factor {factor} goes with {row:?}")));
        }
        row.sort_unstable();
        for (index, one) in row.iter().enumerate() {
            for two in &row[index + 1..] {
                uncovered.remove(&(*one, *two));
            }
        }
        rows.push(row.into_iter().map(|(_, value)| value).collect());
    }
    rows
}

fn ordered(one: Choice, two: Choice) -> (Choice, Choice) {
    if one < two { (one, two) } else { (two, one) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs_in(rows: &[Vec<usize>]) -> BTreeSet<(Choice, Choice)> {
        let in_row = |row: &Vec<usize>| {
            let choices: Vec<_> = row.iter().copied().enumerate().collect();
            let pairs = choices.iter().enumerate().flat_map(|(index, one)| {
                choices[index + 1..].iter().map(|two| (*one, *two)).collect::<Vec<_>>()
            });
            pairs.collect::<Vec<_>>()
        };
        rows.iter().flat_map(in_row).collect()
    }

    #[test]
    fn every_pair_is_in_some_row_and_there_are_few_rows() {
        let values = [2, 3, 2, 4, 2, 2, 3, 2, 2, 2, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2];
        let rows = covering_rows(&values, |_, _| false);
        let all: usize = (0..values.len())
            .flat_map(|one| (one + 1..values.len()).map(move |two| values[one] * values[two]))
            .sum();
        assert_eq!(pairs_in(&rows).len(), all);
        assert!(rows.iter().all(|row| row.iter().zip(values).all(|(value, of)| *value < of)));
        assert!((12..=30).contains(&rows.len()), "{} rows", rows.len());
    }

    #[test]
    fn a_forbidden_pair_is_in_no_row_and_all_others_are() {
        let rows = covering_rows(&[2, 2, 3], |one, two| one == (0, 1) && two == (2, 2));
        let pairs = pairs_in(&rows);
        assert!(!pairs.contains(&((0, 1), (2, 2))));
        assert_eq!(pairs.len(), 4 + 6 + 6 - 1);
    }

    #[test]
    fn one_factor_and_none_have_no_pairs() {
        assert!(covering_rows(&[3], |_, _| false).is_empty());
        assert!(covering_rows(&[], |_, _| false).is_empty());
    }
}
