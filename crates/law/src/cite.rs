//! Provisions as each language cites them. The wording is the one of `gongdao-pack`; in Chinese the numbers are written
//! out, as official citations do.

use crate::numerals::to_chinese;
use gongdao_model::ProvisionId;
use gongdao_pack::Instrument;

/// `《互联网信息服务算法推荐管理规定》第十七条第一款`.
pub(crate) fn zh(instrument: &Instrument, provision: &ProvisionId) -> String {
    let cited = instrument.cite_zh(provision);
    // The title may have numbers of its own: 《…白皮书（2019版）》.
    match cited.rsplit_once('》') {
        Some((title, numbers)) => format!("{title}》{}", written_out(numbers)),
        None => cited,
    }
}

/// `Personal Information Protection Law, art. 24(1)`.
pub(crate) fn en(instrument: &Instrument, provision: &ProvisionId) -> String {
    instrument.cite_en(provision)
}

/// The digits of a text as Chinese numerals.
fn written_out(text: &str) -> String {
    let (mut written, mut digits) = (String::new(), String::new());
    for character in text.chars().chain(['\n']) {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        if !digits.is_empty() {
            let number = digits.parse().ok().and_then(to_chinese);
            written.push_str(number.as_deref().unwrap_or(&digits));
            digits.clear();
        }
        if character != '\n' {
            written.push(character);
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::written_out;

    #[test]
    fn numbers_are_written_out() {
        for (digits, text) in [("第17条第1款", "第十七条第一款"), ("第44条第1款第2项", "第四十四条第一款第二项")]
        {
            assert_eq!(written_out(digits), text);
        }
        assert_eq!(written_out("第4项(1)"), "第四项(一)");
    }
}
