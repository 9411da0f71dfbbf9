//! ASERT (aserti3-2d): the target from the delay on a schedule, with whole numbers only.
//!
//! target = anchor * 2^(delay / half life), the power of two by a cubic that is off by less than
//! 0.013 %. Specification: <https://upgradespecs.bitcoincashnode.org/2020-11-15-asert/>, whose published
//! test vectors hold for this code.

use ruint::Uint;
use ruint::aliases::U256;

use super::Target;

/// Bits of the exponent behind the point.
const FRACTION_BITS: u32 = 16;
/// 2^16 times a 256-bit number, shifted left by less than 256.
type Wide = Uint<576, 9>;

/// The target that is `delay_ms` behind schedule (ahead of it when negative).
pub(super) fn adjusted(
    anchor: &Target,
    delay_ms: i128,
    half_life_ms: u64,
    easiest: &Target,
) -> Target {
    // Heights and times have at most 64 bits, so a product of two with 16 bits more stays below 2^145:
    // it is bounded before it is scaled. Beyond 2^16 half lives either end is reached by far.
    let half_life_ms = i128::from(half_life_ms.max(1));
    let most_ms = half_life_ms << FRACTION_BITS;
    // Rounded towards zero, as the specification and its vectors have it.
    let exponent = (delay_ms.clamp(-most_ms, most_ms) << FRACTION_BITS) / half_life_ms;
    let doublings = exponent >> FRACTION_BITS;
    let fraction = (exponent - (doublings << FRACTION_BITS)) as u64;
    let scaled = Wide::from(anchor.number()) * Wide::from(two_to_the(fraction));
    if doublings > 255 {
        return *easiest;
    }
    if doublings < -(256 + i128::from(FRACTION_BITS)) {
        return Target::MIN.min(*easiest);
    }
    let shifted = if doublings >= 0 {
        scaled << doublings.unsigned_abs() as usize
    } else {
        scaled >> doublings.unsigned_abs() as usize
    };
    let number = shifted >> FRACTION_BITS as usize;
    if number > Wide::from(easiest.number()) {
        return *easiest;
    }
    Target::from_number(U256::from(number)).unwrap_or(Target::MIN)
}

/// 65536 * 2^(fraction / 65536), for a fraction below 65536: the products stay below 2^64.
fn two_to_the(fraction: u64) -> u64 {
    let cubic = 195_766_423_245_049 * fraction
        + 971_821_376 * fraction * fraction
        + 5_127 * fraction * fraction * fraction
        + (1 << 47);
    65_536 + (cubic >> 48)
}
