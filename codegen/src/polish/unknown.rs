//! Members that the document does not describe are a map whose `Debug` shows their names only: one of them could be
//! a secret that the API has added since.

use syn::visit_mut::{self, VisitMut};
use syn::{Item, Type, parse_quote};

/// Puts the map of unknown members in the place of every map of arbitrary JSON.
pub(super) fn show_names_only(items: &mut [Item]) {
    for item in items {
        Maps.visit_item_mut(item);
    }
}

struct Maps;

impl VisitMut for Maps {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if is_map_of_json(ty) {
            *ty = parse_quote!(crate::UnknownMembers);
        } else {
            visit_mut::visit_type_mut(self, ty);
        }
    }
}

/// `::serde_json::Map<String, Value>`, which the generator writes for nothing else.
fn is_map_of_json(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let segments: Vec<_> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    segments == ["serde_json", "Map"]
}
