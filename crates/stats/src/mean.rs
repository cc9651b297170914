use crate::{Interval, real, student_t_quantile_975, student_t_two_sided};

/// Count, mean and sum of squared deviations of a number; parts can be merged without loss.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Moments {
    /// How many values.
    pub count: u64,
    /// Their mean, in the unit of the values.
    pub mean: f64,
    /// Sum of squared deviations from the mean, in the unit squared.
    pub squares: f64,
}

impl Moments {
    /// Of values given one by one.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        values.into_iter().fold(Self::default(), |sum, value| sum.merge(Self { count: 1, mean: value, squares: 0.0 }))
    }

    /// Both parts together (Chan, Golub and `LeVeque` 1979).
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        let count = self.count + other.count;
        if count == 0 {
            return Self::default();
        }
        let gap = other.mean - self.mean;
        let weight = real(other.count) / real(count);
        Self {
            count,
            mean: self.mean + gap * weight,
            squares: self.squares + other.squares + gap * gap * real(self.count) * weight,
        }
    }

    /// Sample variance (divisor count − 1); none below two values.
    pub fn variance(self) -> Option<f64> {
        (self.count > 1).then(|| self.squares / (real(self.count) - 1.0))
    }
}

/// Difference of two means with what Welch's test says of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WelchDifference {
    /// Mean of the group less mean of the reference.
    pub difference: f64,
    /// 95 % interval from Student's t.
    pub interval: Interval,
    /// Standard error of the difference.
    pub error: f64,
    /// Two-sided p-value.
    pub p: f64,
    /// Welch–Satterthwaite degrees of freedom.
    pub freedom: f64,
}

/// Welch's difference of two means, `group - reference`, variances not taken as equal (Welch 1947). None below two
/// values in a group, or where nothing varies.
pub fn welch(group: Moments, reference: Moments) -> Option<WelchDifference> {
    let own = group.variance()? / real(group.count);
    let other = reference.variance()? / real(reference.count);
    let square = own + other;
    if square <= 0.0 {
        return None;
    }
    let freedom =
        square * square / (own * own / (real(group.count) - 1.0) + other * other / (real(reference.count) - 1.0));
    let difference = group.mean - reference.mean;
    let error = square.sqrt();
    Some(WelchDifference {
        difference,
        interval: Interval::around(difference, student_t_quantile_975(freedom) * error),
        error,
        p: student_t_two_sided(difference / error, freedom),
        freedom,
    })
}
