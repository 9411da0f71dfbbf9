//! Check digits: the algorithms that carriers and standards put behind their numbers.

use chancery_ledger::party::check_character_mod_37_36;

/// How the check character follows from the characters before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
    /// There is none: the shape is all that can be judged.
    None,
    /// Weights by turns, first character first; ten minus the last digit of the sum.
    /// A letter counts as (its ASCII code minus 3) modulo 10, so A is 2.
    Mod10 {
        /// The weight of the first, third, fifth character.
        first: u32,
        /// The weight of the second, fourth, sixth character.
        second: u32,
    },
    /// Luhn's: every second digit from the right doubled and its digits added (ISO/IEC 7812-1 B).
    Luhn,
    /// The number modulo 7.
    Mod7,
    /// ISO/IEC 7064, MOD 37,36.
    Mod3736,
    /// The weighted sum modulo 11, of that the last digit: the weights repeat.
    SumProduct(&'static [u32]),
    /// UPU S10: eleven minus the weighted sum modulo 11, where 10 becomes 0 and 11 becomes 5.
    S10,
}

/// UPU S10, 5.3: the weights of the eight digits.
const S10_WEIGHTS: [u32; 8] = [8, 6, 4, 2, 3, 5, 9, 7];

impl Check {
    /// The check character that is right behind this text; `None` where the text holds a character
    /// that the algorithm cannot count, and for [`Check::None`].
    pub(crate) fn right_for(self, text: &str) -> Option<char> {
        let digit = match self {
            Self::None => return None,
            Self::Mod3736 => return check_character_mod_37_36(text),
            Self::Mod10 { first, second } => mod10(text, first, second)?,
            Self::Luhn => luhn(text)?,
            Self::Mod7 => mod7(text)?,
            Self::SumProduct(weights) => weighted_sum(text, weights)? % 11 % 10,
            Self::S10 => s10(text)?,
        };
        char::from_digit(digit, 10)
    }
}

fn mod10(text: &str, first: u32, second: u32) -> Option<u32> {
    let mut sum = 0;
    for (index, character) in text.chars().enumerate() {
        let value = match character {
            '0'..='9' => character.to_digit(10)?,
            'A'..='Z' => (u32::from(character) - 3) % 10,
            _ => return None,
        };
        sum += value * if index % 2 == 0 { first } else { second };
    }
    Some((10 - sum % 10) % 10)
}

fn luhn(text: &str) -> Option<u32> {
    let mut sum = 0;
    for (index, character) in text.chars().rev().enumerate() {
        let digit = character.to_digit(10)?;
        let doubled = if index % 2 == 0 { digit * 2 } else { digit };
        sum += doubled / 10 + doubled % 10;
    }
    Some((10 - sum % 10) % 10)
}

fn mod7(text: &str) -> Option<u32> {
    text.chars().try_fold(0, |rest, character| Some((rest * 10 + character.to_digit(10)?) % 7))
}

fn weighted_sum(text: &str, weights: &[u32]) -> Option<u32> {
    text.chars()
        .zip(weights.iter().cycle())
        .try_fold(0, |sum, (character, weight)| Some(sum + character.to_digit(10)? * weight))
}

fn s10(text: &str) -> Option<u32> {
    match 11 - weighted_sum(text, &S10_WEIGHTS)? % 11 {
        10 => Some(0),
        11 => Some(5),
        digit => Some(digit),
    }
}
