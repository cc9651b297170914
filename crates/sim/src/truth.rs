use crate::city::Made;
use crate::market::GROUP_DIFFERENCE_FEN;
use crate::settings::SimError;
use std::path::Path;

/// What is true of the groups, for measures: no single decision shows it.
pub(crate) fn write_measures(made: &Made, folder: &Path) -> Result<(), SimError> {
    let late_per_mille = if made.orders > 0 { made.late * 1_000 / made.orders } else { 0 };
    let text = format!(
        "# What was planted or holds of groups, to hold measures against. No single decision shows it.\n\
         format = 1\n\n\
         [[planted]]\n\
         measure = \"delivery-fee-by-tenure\"\n\
         provision = \"cn.iisarmp/21\"\n\
         action = \"price\"\n\
         outcome = \"priceFen\"\n\
         group_column = \"person_group\"\n\
         group = \"returning\"\n\
         reference = \"new\"\n\
         difference_fen = {GROUP_DIFFERENCE_FEN}\n\n\
         [base]\n\
         orders = {}\n\
         late_orders = {}\n\
         late_per_mille = {late_per_mille}\n\
         share_returning_per_mille = 600\n",
        made.orders, made.late
    );
    let path = folder.join("truth-measures.toml");
    std::fs::write(&path, text).map_err(|cause| SimError::Write(path, cause))
}
