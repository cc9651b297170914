//! What the Chinese authority publishes: the columns of its lists, and the public text of one filing.

use super::{Record, table};
use crate::RegisterError;
use std::borrow::Cow;

/// Columns of the general list, as it is published.
const COLUMNS: [&str; 8] = ["序号", "算法名称", "算法类别", "主体名称", "应用产品", "主要用途", "备案编号", "备注"];

/// The filed algorithms as the general list has them (CSV with a header). What is not filed has no number and is not in a list.
pub fn cac_list(records: &[Record<'_>]) -> Result<String, RegisterError> {
    let filed = records.iter().filter_map(|record| Some((record, record.algorithm.filing.filed.as_ref()?)));
    let rows = filed.enumerate().map(|(index, (record, filed))| {
        let description = &record.algorithm.description;
        // The list's own word for what was cancelled.
        let remark = if record.algorithm.filing.ended_on.is_some() { "已注销" } else { "" };
        vec![
            Cow::Owned((index + 1).to_string()),
            Cow::Borrowed(description.name.as_str()),
            Cow::Borrowed(description.class.zh().unwrap_or_default()),
            Cow::Borrowed(description.provider.as_str()),
            Cow::Borrowed(description.product.as_str()),
            Cow::Borrowed(description.texts.purpose.as_str()),
            Cow::Borrowed(filed.number.as_str()),
            Cow::Borrowed(remark),
        ]
    });
    let header = COLUMNS.into_iter().map(Cow::Borrowed).collect();
    table(std::iter::once(header).chain(rows))
}

/// The public text of a filing: its items, a line each, and the four texts.
pub fn cac_notice(record: &Record<'_>) -> String {
    let description = &record.algorithm.description;
    let number = record.algorithm.filing.filed.as_ref().filter(|_| record.algorithm.filing.is_filed());
    let rows = [
        ("算法名称", description.name.as_str()),
        ("算法类别", description.class.zh().unwrap_or_default()),
        ("备案编号", number.map(|filed| filed.number.as_str()).unwrap_or_default()),
        ("主体名称", description.provider.as_str()),
        ("服务形式", description.service_form.as_str()),
        ("应用领域", description.field.as_str()),
        ("应用产品", description.product.as_str()),
        ("算法基本原理", description.texts.principle.as_str()),
        ("算法运行机制", description.texts.mechanism.as_str()),
        ("算法应用场景", description.texts.scenario.as_str()),
        ("算法目的意图", description.texts.purpose.as_str()),
    ];
    let lines: Vec<String> = rows.into_iter().map(|(name, value)| format!("{name}：{value}")).collect();
    lines.join("\n") + "\n"
}
