//! JSON pointers (RFC 6901): building them, and showing them to people.

/// `base` with one more segment, escaped as the RFC asks.
pub(crate) fn join(base: &str, segment: &str) -> String {
    format!("{base}/{}", segment.replace('~', "~0").replace('/', "~1"))
}

/// A pointer as people write a path: `/server/tags/0` becomes `server.tags[0]`, the empty pointer `the body`.
pub(crate) fn label(pointer: &str) -> String {
    let mut label = String::new();
    for segment in pointer.split('/').skip(1) {
        let segment = segment.replace("~1", "/").replace("~0", "~");
        if !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit()) {
            label.push_str(&format!("[{segment}]"));
        } else {
            if !label.is_empty() {
                label.push('.');
            }
            label.push_str(&segment);
        }
    }
    if label.is_empty() { "the body".to_owned() } else { label }
}

#[cfg(test)]
mod tests {
    use super::{join, label};

    #[test]
    fn escapes_slash_and_tilde() {
        assert_eq!(join("/paths", "/v1/~x"), "/paths/~1v1~1~0x");
    }

    #[test]
    fn labels_read_like_paths() {
        assert_eq!(label(""), "the body");
        assert_eq!(
            label("/server/approvedScopes/permissionsScopes/0/name"),
            "server.approvedScopes.permissionsScopes[0].name"
        );
        assert_eq!(label("/a~1b"), "a/b");
    }
}
