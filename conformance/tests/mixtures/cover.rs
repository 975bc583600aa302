//! Draws one value for each factor, again and again, such that pairs of values of two factors come up evenly: mistakes that
//! need two unusual values at once show in a small fraction of all combinations.

use descope_mcp_conformance::plans::Dice;

/// A factor and one of its values, each by position.
pub(crate) type Choice = (usize, usize);

/// How often each pair of values was drawn.
pub(crate) struct Pairs {
    choices: Vec<Choice>,
    /// A row and a column for each choice; nothing for pairs of one factor, and for pairs that no server can have.
    times: Vec<Vec<Option<u64>>>,
}

/// A pair, and how often it was drawn.
pub(crate) type Drawn = ([Choice; 2], u64);

impl Pairs {
    /// No pair drawn yet. `values` has the number of values of each factor.
    pub(crate) fn new(values: &[usize], forbidden: impl Fn(Choice, Choice) -> bool) -> Self {
        let of_factor = |(factor, count): (usize, &usize)| (0..*count).map(move |value| (factor, value));
        let choices: Vec<Choice> = values.iter().enumerate().flat_map(of_factor).collect();
        let goes = |one: Choice, two: Choice| one.0 != two.0 && !forbidden(one, two) && !forbidden(two, one);
        let row = |one: &Choice| choices.iter().map(|two| goes(*one, *two).then_some(0)).collect();
        let times = choices.iter().map(row).collect();
        Self { choices, times }
    }

    /// Draws a value for each factor. It begins with a pair that was drawn least often; every other factor, in any order,
    /// takes the value that makes most of such pairs. What is as good is left to the dice.
    pub(crate) fn draw(&mut self, dice: &mut Dice) -> Vec<usize> {
        let least = self.all().map(|(_, _, times)| times).min().unwrap_or_default();
        let rare: Vec<_> = self.all().filter(|(_, _, times)| *times == least).collect();
        let (one, two, _) = pick(dice, &rare);
        let mut row = vec![one, two];
        let last = self.choices.last().map_or(0, |(factor, _)| factor + 1);
        let is_open = |factor: &usize| row.iter().all(|index| self.choices[*index].0 != *factor);
        let mut open: Vec<usize> = (0..last).filter(is_open).collect();
        while !open.is_empty() {
            let factor = open.swap_remove(dice.draw(&(0..open.len())));
            let goes = |index: &usize| row.iter().all(|other| self.times[*index][*other].is_some());
            let of_factor = (0..self.choices.len()).filter(|index| self.choices[*index].0 == factor);
            let allowed: Vec<_> = of_factor.filter(goes).collect();
            let makes =
                |index: &usize| row.iter().filter(|other| self.times[*index][**other] == Some(least)).count();
            let most = allowed.iter().map(makes).max().unwrap_or_default();
            let best: Vec<_> = allowed.into_iter().filter(|index| makes(index) == most).collect();
            assert!(!best.is_empty(), "no value of factor {factor} goes with the others");
            row.push(pick(dice, &best));
        }
        row.sort_unstable();
        let row: Vec<_> = row.into_iter().map(|index| self.choices[index].1).collect();
        self.count(&row);
        row
    }

    /// Counts the pairs of a row.
    pub(crate) fn count(&mut self, row: &[usize]) {
        let is_in = |(factor, value): &Choice| row[*factor] == *value;
        let taken: Vec<_> = (0..self.choices.len()).filter(|index| is_in(&self.choices[*index])).collect();
        for one in &taken {
            for two in &taken {
                if let Some(times) = &mut self.times[*one][*two] {
                    *times += 1;
                }
            }
        }
    }

    /// Every pair that may be drawn, the rarest first.
    pub(crate) fn drawn(&self) -> Vec<Drawn> {
        let mut drawn: Vec<_> =
            self.all().map(|(one, two, times)| ([self.choices[one], self.choices[two]], times)).collect();
        drawn.sort_by_key(|(_, times)| *times);
        drawn
    }

    /// Every pair that may be drawn once, by the positions of its choices.
    fn all(&self) -> impl Iterator<Item = (usize, usize, u64)> {
        self.times.iter().enumerate().flat_map(|(one, row)| {
            let later = row.iter().enumerate().skip(one + 1);
            later.filter_map(move |(two, times)| times.map(|times| (one, two, times)))
        })
    }
}

fn pick<T: Copy>(dice: &mut Dice, items: &[T]) -> T {
    items[dice.draw(&(0..items.len()))]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(pairs: &mut Pairs, count: u64) -> Vec<Vec<usize>> {
        (0..count).map(|number| pairs.draw(&mut Dice::new(7, number))).collect()
    }

    #[test]
    fn every_pair_comes_up_within_few_draws_and_then_evenly() {
        let values = [2, 3, 2, 4, 2, 2, 3, 2, 2, 2, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2];
        let mut pairs = Pairs::new(&values, |_, _| false);
        let first = rows(&mut pairs, 30);
        assert!(
            first.iter().all(|row| row.len() == 20 && row.iter().zip(values).all(|(value, of)| *value < of))
        );
        assert!(pairs.drawn()[0].1 >= 1);
        rows(&mut pairs, 270);
        // The twelve pairs of a factor of three values and one of four share 300 draws.
        assert!((12..=25).contains(&pairs.drawn()[0].1), "{:?}", pairs.drawn()[0]);
    }

    #[test]
    fn a_forbidden_pair_never_comes_up_and_all_others_do() {
        let mut pairs = Pairs::new(&[2, 2, 3], |one, two| one == (0, 1) && two == (2, 2));
        assert!(rows(&mut pairs, 50).iter().all(|row| (row[0], row[2]) != (1, 2)));
        let drawn = pairs.drawn();
        assert!(drawn.len() == 4 + 6 + 6 - 1 && drawn[0].1 > 0, "{drawn:?}");
    }

    #[test]
    fn the_same_seed_draws_the_same_and_another_seed_does_not() {
        let drawn = |seed| {
            let mut pairs = Pairs::new(&[3; 12], |_, _| false);
            (0..5).map(|number| pairs.draw(&mut Dice::new(seed, number))).collect::<Vec<_>>()
        };
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
    }
}
