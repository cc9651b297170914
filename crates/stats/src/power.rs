use crate::{Share, Z_95, Z_POWER_80, real, student_t_quantile_975};

/// The smallest difference of two rates that samples of this size would find with 80 % power at 5 % two-sided, by the
/// normal approximation around the pooled rate. None where it has no meaning: an empty group, or a pooled rate of 0 or 1.
pub fn minimal_detectable_difference(group: Share, reference: Share) -> Option<f64> {
    if group.total == 0 || reference.total == 0 {
        return None;
    }
    let pooled = Share::new(group.events + reference.events, group.total + reference.total).rate()?;
    let error = (pooled * (1.0 - pooled) * (1.0 / real(group.total) + 1.0 / real(reference.total))).sqrt();
    minimal_detectable_from_error(error, None)
}

/// The same from a standard error of the difference; where the test is by Student's t, with its quantile for the level.
pub fn minimal_detectable_from_error(error: f64, freedom: Option<f64>) -> Option<f64> {
    let level = freedom.map_or(Z_95, student_t_quantile_975);
    (error > 0.0).then_some((level + Z_POWER_80) * error)
}
