//! The fields of a structure in DER, one after the other.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Reader, SliceReader, Tag, TagNumber};

use super::token::BadToken;

/// One field.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'a> {
    /// All of it, as it is signed and hashed.
    pub(super) whole: &'a [u8],
    /// What is behind its tag and its length.
    pub(super) value: &'a [u8],
}

/// The fields that are still to be read.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a>(SliceReader<'a>);

/// The tag `[number]` of a structure.
pub(super) fn context(number: u32) -> Tag {
    TagNumber(number).context_specific(true)
}

/// The tag `[number]` of a number or a text.
pub(super) fn context_value(number: u32) -> Tag {
    TagNumber(number).context_specific(false)
}

impl<'a> Fields<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Result<Self, BadToken> {
        Ok(Self(SliceReader::new(bytes)?))
    }

    /// The fields of the one structure that these bytes are.
    pub(super) fn of_sequence(bytes: &'a [u8]) -> Result<Self, BadToken> {
        let mut outer = Self::of(bytes)?;
        let fields = outer.inside(Tag::Sequence)?;
        outer.end()?;
        Ok(fields)
    }

    /// The next field, which has this tag.
    pub(super) fn take(&mut self, tag: Tag) -> Result<Field<'a>, BadToken> {
        self.take_if(tag)?.ok_or(BadToken::Field(tag))
    }

    /// The next field, if it has this tag.
    pub(super) fn take_if(&mut self, tag: Tag) -> Result<Option<Field<'a>>, BadToken> {
        self.is_next(tag).then(|| self.take_any()).transpose()
    }

    /// Whether a field with this tag is next.
    pub(super) fn is_next(&self, tag: Tag) -> bool {
        Tag::peek(&self.0).is_ok_and(|next| next == tag)
    }

    /// The next field, whatever it is.
    pub(super) fn take_any(&mut self) -> Result<Field<'a>, BadToken> {
        let whole = self.0.tlv_bytes()?;
        Ok(Field { whole, value: AnyRef::from_der(whole)?.value() })
    }

    /// The fields of the next one, which has this tag.
    pub(super) fn inside(&mut self, tag: Tag) -> Result<Self, BadToken> {
        Self::of(self.take(tag)?.value)
    }

    pub(super) fn oid(&mut self) -> Result<ObjectIdentifier, BadToken> {
        Ok(ObjectIdentifier::from_der(self.take(Tag::ObjectIdentifier)?.whole)?)
    }

    pub(super) fn number(&mut self) -> Result<u64, BadToken> {
        Ok(u64::from_der(self.take(Tag::Integer)?.whole)?)
    }

    /// Which algorithm; those that are read here have no parameters.
    pub(super) fn algorithm(&mut self) -> Result<ObjectIdentifier, BadToken> {
        let mut fields = self.inside(Tag::Sequence)?;
        let oid = fields.oid()?;
        fields.take_if(Tag::Null)?;
        fields.end()?;
        Ok(oid)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_finished()
    }

    /// There are no further ones.
    pub(super) fn end(self) -> Result<(), BadToken> {
        Ok(self.0.finish()?)
    }
}
