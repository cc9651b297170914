//! The delivery fee's published rule, which the city's own fees do not follow for returning consumers.

use crate::market::GROUP_DIFFERENCE_FEN;
use crate::profile::ROAD_PERCENT;
use crate::settings::SimError;
use std::path::Path;

/// The algorithm version's file, relative to the city's folder; the adapter names it.
pub(crate) const FILE: &str = "algorithms/delivery-fee@2024-01-01.toml";
/// The view of quoted fees that it reads.
pub(crate) const VIEW: &str = "delivery_fees";
/// The view's SQL, relative to the city's folder.
pub(crate) const SQL_FILE: &str = "sql/delivery-fees.sql";

const SQL: &str = "\
-- One row a quoted delivery fee: what the published rule weighs, and what else is on record.
SELECT d.decision_id, d.at, d.\"priceFen\" AS fee_fen, d.\"distanceMetres\" AS road_metres,
  p.\"severeWeather\" AS severe_weather, p.\"nightWork\" AS night, d.person_group, d._file, d._row
FROM practices AS p
RIGHT JOIN decisions AS d ON d.practice = p.practice
WHERE d.action = 'price'
";

fn version() -> String {
    format!(
        "\
format = 1
id = \"delivery-fee\"
version = \"1\"
from = \"2024-01-01\"
zh = \"配送费：公布的规则与实际报价\"
en = \"Delivery fee: published rule and actual quotes\"
note_zh = \"合成城市公布的规则：三元起，每公里（直线）一元，恶劣天气加一元。记录的是路程，直线距离按路程的 100/{ROAD_PERCENT} 折算；报价取整，所以容许差一分。\"
note_en = \"The synthetic city's published rule: 3 yuan, 1 yuan a kilometre as the crow flies, 1 yuan more in severe weather. The road is on record; it is {ROAD_PERCENT}/100 of the straight line. Quotes are whole fen, so one fen is tolerated.\"
provisions = [\"cn.pipl/24/1\", \"cn.iisarmp/16\", \"cn.iisarmp/21\"]

[declared]
query = \"{VIEW}\"
outcome = \"fee_fen\"
unit = \"fen\"
factors = [\"road_metres\", \"severe_weather\"]
tolerance = {{ absolute = 1 }}
expression = \"300 + road_metres * 10 / {ROAD_PERCENT} + CASE WHEN severe_weather THEN 100 ELSE 0 END\"
"
    )
}

/// Write the version and its view; the folder `sql` is there.
pub(crate) fn write(folder: &Path) -> Result<(), SimError> {
    let algorithms = folder.join("algorithms");
    std::fs::create_dir(&algorithms).map_err(|cause| SimError::Write(algorithms.clone(), cause))?;
    for (path, text) in [(folder.join(FILE), version()), (folder.join(SQL_FILE), SQL.to_owned())] {
        std::fs::write(&path, text).map_err(|cause| SimError::Write(path, cause))?;
    }
    Ok(())
}

/// What is true of it, for the truth of groups.
pub(crate) fn truth() -> String {
    format!(
        "# The published rule is kept to the fen for new consumers; it says nothing of this column.\n\
         [[declared]]\n\
         algorithm = \"delivery-fee@2024-01-01\"\n\
         hidden_column = \"person_group\"\n\
         reproduced_group = \"new\"\n\
         difference_fen = {GROUP_DIFFERENCE_FEN}\n\n"
    )
}
