/// Holm's step-down adjustment (Holm 1979) over one family of comparisons, in the order given. A comparison without a
/// p-value was not made and does not enlarge the family.
pub fn holm(values: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut order: Vec<(usize, f64)> =
        values.iter().enumerate().filter_map(|(place, p)| p.map(|p| (place, p))).collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut adjusted = vec![None; values.len()];
    let mut highest = 0.0_f64;
    let mut left = order.len();
    for (place, p) in order {
        highest = highest.max(p * crate::real(left as u64)).min(1.0);
        left -= 1;
        if let Some(slot) = adjusted.get_mut(place) {
            *slot = Some(highest);
        }
    }
    adjusted
}
