//! The group comparison that is planted, and how pay is spread: measures for the audit, and what is true of the groups.

use crate::city::Made;
use crate::declared;
use crate::market::GROUP_DIFFERENCE_FEN;
use crate::settings::SimError;
use std::path::Path;

/// Measure files, relative to the city's folder; the adapter names them.
pub(crate) const FILES: [&str; 4] = [
    "measures/delivery-fee-by-tenure.toml",
    "measures/dear-delivery-by-tenure.toml",
    "measures/median-fee-by-tenure.toml",
    "measures/courier-pay.toml",
];

const MEAN: &str = "\
format = 1
id = \"delivery-fee-by-tenure\"
provision = \"cn.iisarmp/21\"
kind = \"mean\"
zh = \"配送费：老顾客与新顾客\"
en = \"Delivery fee: returning against new consumers\"
note_zh = \"只看平均数，不控制距离；合成城市中距离与顾客类型无关。每一笔的差额都在容差之内，单看一笔看不出来。\"
note_en = \"Means alone, distance not held equal; in the synthetic city it does not depend on the group. Each single difference is inside the tolerance, so no single decision shows it.\"
sql = \"fees.sql\"

[comparison]
outcome = \"fee_fen\"
outcome_zh = \"配送费\"
outcome_en = \"delivery fee\"
unit = \"fen\"
group = \"person_group\"
a = { values = [\"returning\"], zh = \"老顾客\", en = \"returning consumers\" }
b = { values = [\"new\"], zh = \"新顾客\", en = \"new consumers\" }
least_difference = 5
";

const SHARE: &str = "\
format = 1
id = \"dear-delivery-by-tenure\"
provision = \"cn.iisarmp/21\"
kind = \"share\"
zh = \"配送费高于五元：老顾客与新顾客\"
en = \"Delivery fee above 5 yuan: returning against new consumers\"
note_zh = \"控制骑行距离（每公里一层）。\"
note_en = \"Riding distance is held equal, one stratum a kilometre.\"
sql = \"fees.sql\"

[comparison]
outcome = \"is_dear\"
outcome_zh = \"配送费高于五元\"
outcome_en = \"the fee is above 5 yuan\"
group = \"person_group\"
a = { values = [\"returning\"], zh = \"老顾客\", en = \"returning consumers\" }
b = { values = [\"new\"], zh = \"新顾客\", en = \"new consumers\" }
least_difference = 0.01

[[confounder]]
column = \"whole_km\"
zh = \"骑行距离（整公里）\"
en = \"riding distance (whole kilometres)\"
";

const MEDIAN: &str = "\
format = 1
id = \"median-fee-by-tenure\"
provision = \"cn.iisarmp/21\"
kind = \"quantile\"
zh = \"配送费中位数：老顾客与新顾客\"
en = \"Median delivery fee: returning against new consumers\"
note_zh = \"中位数不受少数很高的配送费影响；不控制距离。\"
note_en = \"A few very high fees do not move the median; distance is not held equal.\"
sql = \"fees.sql\"

[comparison]
outcome = \"fee_fen\"
outcome_zh = \"配送费\"
outcome_en = \"delivery fee\"
unit = \"fen\"
quantile = 0.5
group = \"person_group\"
a = { values = [\"returning\"], zh = \"老顾客\", en = \"returning consumers\" }
b = { values = [\"new\"], zh = \"新顾客\", en = \"new consumers\" }
least_difference = 5
";

const PAY: &str = "\
format = 1
id = \"courier-pay\"
provision = \"cn.doc-56/5\"
kind = \"gini\"
zh = \"骑手报酬的集中程度\"
en = \"How concentrated couriers' pay is\"
note_zh = \"每名骑手一行，全部日结报酬之和；工时不同，报酬也不同，不等于不公。\"
note_en = \"One row a courier, all daily pay together; hours differ and so does pay, which is not unfair by itself.\"
sql = \"pay.sql\"

[concentration]
column = \"pay_fen\"
zh = \"骑手报酬\"
en = \"couriers' pay\"
";

const PAY_SQL: &str = "\
-- All pay of each of the city's own couriers in the period; planted ones are numbered from C900000.
SELECT person, SUM(\"payFen\") AS pay_fen
FROM decisions
WHERE action = 'pay' AND person NOT LIKE 'C9%' AND \"payFen\" IS NOT NULL
GROUP BY person
";

const FEES: &str = "\
-- Quoted fees of the city's own consumers; planted decisions belong to no group.
SELECT person_group, \"priceFen\" AS fee_fen, \"priceFen\" > 500 AS is_dear,
  CAST(\"distanceMetres\" / 1000 AS VARCHAR) AS whole_km
FROM decisions
WHERE action = 'price' AND person_group IS NOT NULL
";

/// Write the measures into the folder `measures`, and beside it what is true of the groups: no single decision shows it.
pub(crate) fn write(made: &Made, folder: &Path) -> Result<(), SimError> {
    let measures = folder.join("measures");
    std::fs::create_dir(&measures).map_err(|cause| SimError::Write(measures.clone(), cause))?;
    let [mean, share, median, pay] = FILES.map(|name| folder.join(name));
    let files = [
        (mean, MEAN.to_owned()),
        (share, SHARE.to_owned()),
        (median, MEDIAN.to_owned()),
        (pay, PAY.to_owned()),
        (measures.join("pay.sql"), PAY_SQL.to_owned()),
        (measures.join("fees.sql"), FEES.to_owned()),
        (folder.join("truth-measures.toml"), truth(made)),
    ];
    for (path, text) in files {
        std::fs::write(&path, text).map_err(|cause| SimError::Write(path, cause))?;
    }
    Ok(())
}

fn truth(made: &Made) -> String {
    let served = made.orders - made.unserved;
    let late_per_mille = if served > 0 { made.late * 1_000 / served } else { 0 };
    format!(
        "# What was planted or holds of groups, to hold measures against. No single decision shows it.\n\
         format = 1\n\n\
         # Every returning consumer is quoted this much more for the same delivery.\n\
         [[planted]]\n\
         measures = [\"delivery-fee-by-tenure\", \"dear-delivery-by-tenure\", \"median-fee-by-tenure\"]\n\
         provision = \"cn.iisarmp/21\"\n\
         action = \"price\"\n\
         outcome = \"priceFen\"\n\
         group_column = \"person_group\"\n\
         group = \"returning\"\n\
         reference = \"new\"\n\
         difference_fen = {GROUP_DIFFERENCE_FEN}\n\n\
         {}[base]\n\
         orders = {}\n\
         unserved_orders = {}\n\
         late_orders = {}\n\
         late_per_mille = {late_per_mille}\n\
         share_returning_per_mille = 600\n",
        declared::truth(),
        made.orders,
        made.unserved,
        made.late
    )
}
