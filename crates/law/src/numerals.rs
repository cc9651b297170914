//! Chinese numerals as articles, paragraphs and items use them.

const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
/// Articles go no further; the Civil Code has 1,260.
const LARGEST: u32 = 9_999;

/// A number from 1 to 9999 in Chinese numerals: 17 is 十七, 110 is 一百一十, 1032 is 一千零三十二.
pub(crate) fn to_chinese(number: u32) -> Option<String> {
    if number == 0 || number > LARGEST {
        return None;
    }
    let mut text = String::new();
    let mut gap = false;
    for (unit, name) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let digit = number / unit % 10;
        if digit == 0 {
            gap = !text.is_empty();
            continue;
        }
        if gap {
            text.push('零');
            gap = false;
        }
        // 十七, not 一十七; but 一百一十七.
        if !(unit == 10 && digit == 1 && text.is_empty()) {
            text.extend(DIGITS.get(digit as usize));
        }
        text.push_str(name);
    }
    Some(text)
}

/// A number from 1 to 9999 in Chinese numerals or in digits, and in no other form.
pub(crate) fn from_chinese(text: &str) -> Option<u32> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().filter(|number| (1..=LARGEST).contains(number));
    }
    let (mut total, mut digit) = (0_u32, None);
    for character in text.chars() {
        let unit = match character {
            '千' => 1000,
            '百' => 100,
            '十' => 10,
            '〇' => 0,
            _ => {
                digit = Some(u32::try_from(DIGITS.iter().position(|known| *known == character)?).ok()?);
                continue;
            }
        };
        total = total.checked_add(unit * digit.unwrap_or(1))?;
        digit = None;
    }
    Some(total + digit.unwrap_or(0)).filter(|number| (1..=LARGEST).contains(number))
}

#[cfg(test)]
mod tests {
    use super::{from_chinese, to_chinese};

    #[test]
    fn numerals_are_written_as_statutes_do() {
        let rows = [
            (1, "一"),
            (10, "十"),
            (17, "十七"),
            (20, "二十"),
            (101, "一百零一"),
            (110, "一百一十"),
            (117, "一百一十七"),
        ];
        for (number, text) in rows.into_iter().chain([(200, "二百"), (1032, "一千零三十二"), (1200, "一千二百")])
        {
            assert_eq!(to_chinese(number).as_deref(), Some(text));
        }
        assert_eq!((to_chinese(0), to_chinese(10_000)), (None, None));
    }

    #[test]
    fn every_number_comes_back() {
        for number in 1..=9_999 {
            assert_eq!(from_chinese(&to_chinese(number).unwrap()), Some(number));
            assert_eq!(from_chinese(&number.to_string()), Some(number));
        }
        for text in ["", "零", "x", "0", "第一", "10000"] {
            assert_eq!(from_chinese(text), None, "{text}");
        }
    }
}
