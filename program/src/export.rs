//! Lines such as `export DESCOPE_PROJECT_ID=P2abc`, which a program prints for `eval` or for a file that a shell reads.

/// The line that sets a variable, without a line end. The value must need no quoting: no blank and no character that is
/// special to a shell.
pub fn line(name: &str, value: &str) -> String {
    format!("export {name}={value}")
}

/// The name and the value in such a line.
pub fn parse(line: &str) -> Option<(&str, &str)> {
    line.trim_end().strip_prefix("export ")?.split_once('=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_gives_the_name_and_the_value_that_it_was_made_from() {
        let pair = ("DESCOPE_BASE_URL", "http://127.0.0.1:1?a=b");
        assert_eq!(parse(&line(pair.0, pair.1)), Some(pair));
        assert_eq!(parse("listening"), None);
        assert_eq!(parse("export DESCOPE_BASE_URL"), None);
    }
}
