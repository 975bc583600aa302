//! What reading and answering a record depends on, beside the record.

use super::Forms;
use crate::public_url::PublicUrl;
use crate::variants::Variants;

/// The members that the document knows, the answers to open questions, and where the emulator is reached.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) forms: &'a Forms,
    pub(crate) variants: &'a Variants,
    pub(crate) public_url: &'a PublicUrl,
}
