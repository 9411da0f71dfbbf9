use crate::cases::Case;
pub(crate) const CASES: &[Case] = &[];
