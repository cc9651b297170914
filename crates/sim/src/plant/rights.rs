use super::Plant;
/// x
pub(crate) const PLANTS: &[Plant] = &[];
