//! Doc comments: every public item has one, and none can become a doc test by accident.

use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Expr, ExprLit, Field, ImplItemFn, Item, Lit, Meta, Variant, parse_quote};

use super::shape;

/// Cleans the comments of all items and adds the missing ones.
pub(super) fn complete(items: &mut [Item]) {
    for item in items {
        Comments.visit_item_mut(item);
    }
}

struct Comments;

impl VisitMut for Comments {
    fn visit_attributes_mut(&mut self, attrs: &mut Vec<Attribute>) {
        let before = std::mem::take(attrs);
        for attr in before {
            match doc_text(&attr) {
                // One attribute a line, which comes out as `///`; a block comment would end at a `*/` in the text.
                Some(text) => attrs.extend(clean(&text).iter().map(|line| parse_quote!(#[doc = #line]))),
                None => attrs.push(attr),
            }
        }
    }

    fn visit_field_mut(&mut self, field: &mut Field) {
        visit_mut::visit_field_mut(self, field);
        let Some(name) = &field.ident else { return };
        if is_documented(&field.attrs) {
            return;
        }
        let text = if shape::has_serde_key(&field.attrs, "flatten") {
            " Members that the document does not describe, kept as they came.".to_owned()
        } else {
            format!(" `{name}`; the document says nothing more about it.")
        };
        field.attrs.insert(0, parse_quote!(#[doc = #text]));
    }

    fn visit_variant_mut(&mut self, variant: &mut Variant) {
        visit_mut::visit_variant_mut(self, variant);
        if !is_documented(&variant.attrs) {
            let text = format!(" The alternative `{}`.", variant.ident);
            variant.attrs.insert(0, parse_quote!(#[doc = #text]));
        }
    }

    fn visit_impl_item_fn_mut(&mut self, function: &mut ImplItemFn) {
        // Bodies hold no doc comments, and are the largest part of the tree.
        self.visit_attributes_mut(&mut function.attrs);
    }
}

/// The text of a `#[doc = ".."]` attribute.
pub(super) fn doc_text(attr: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attr.meta else { return None };
    if !meta.path.is_ident("doc") {
        return None;
    }
    match &meta.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

pub(super) fn is_documented(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| doc_text(attr).is_some())
}

/// The lines of a description: one space before each, no code blocks that Rustdoc would compile.
fn clean(text: &str) -> Vec<String> {
    let text = printable(text);
    let mut fence: Option<&str> = None;
    let mut lines: Vec<String> = Vec::new();
    for line in text.trim().lines() {
        let trimmed = line.trim();
        let marker = ["```", "~~~"].into_iter().find(|marker| trimmed.starts_with(marker));
        let line = match (fence, marker) {
            (None, Some(marker)) => {
                fence = Some(marker);
                format!("{marker}text")
            }
            (Some(open), Some(marker)) if open == marker => {
                fence = None;
                marker.to_owned()
            }
            // Outside of a block, four spaces would make it code.
            (None, None) if line.starts_with("    ") || line.starts_with('\t') => trimmed.to_owned(),
            _ => line.trim_end().to_owned(),
        };
        lines.push(if line.is_empty() { line } else { format!(" {line}") });
    }
    lines.extend(fence.map(|marker| format!(" {marker}")));
    lines
}

/// A text without what the compiler refuses in a comment: characters that turn the direction of reading round, and
/// control characters other than line ends and tabs.
fn printable(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let text = text.replace("\r\n", "\n");
    text.chars()
        .filter(|c| !turns(*c))
        .map(|c| if c.is_control() && c != '\n' && c != '\t' { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn no_text_holds_what_the_compiler_refuses_in_comments() {
        assert_eq!(clean("a\u{202e}b\rc\u{0}d\r\ne"), [" ab c d", " e"]);
    }

    #[test]
    fn no_text_becomes_code_that_rustdoc_compiles() {
        let text = "A list:\n\n    let x = broken\n\n```\nlet y = broken\n```\n~~~rust\nz";
        let expected = [
            " A list:",
            "",
            " let x = broken",
            "",
            " ```text",
            " let y = broken",
            " ```",
            " ~~~text",
            " z",
            " ~~~",
        ];
        assert_eq!(clean(text), expected);
    }

    #[test]
    fn an_empty_description_gives_no_line() {
        assert!(clean(" \n ").is_empty());
    }
}
