//! How large a document may be: every later step takes time and memory in proportion to these.

/// Longest text that is read, in bytes: about twenty times the largest document known to us (423 paths).
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

/// Deepest nesting that is read. OpenAPI documents stay far below it, and the recursion of every later step is
/// bounded by it.
pub const MAX_DEPTH: usize = 96;

/// Most elements that are read, aliases expanded. The largest document known to us has about 120,000.
pub const MAX_NODES: usize = 1_000_000;

/// Longest chain of schemas that stand for one another, by reference or through `allOf`, `oneOf` and `anyOf`. The
/// generator underneath follows such chains by recursion.
pub const MAX_CHAIN: usize = 32;

/// Most elements that compositions with `allOf` may copy: each record gets its own of all that it is made of.
pub const MAX_COMPOSED: usize = 200_000;

/// Most elements that are generated again to find out which of them the generator cannot do.
pub(crate) const MAX_BLAME: usize = 2_000_000;

/// Stack of the thread that generates, in bytes. Address space, not memory: only what is used is ever backed.
pub(crate) const STACK_BYTES: usize = 256 * 1024 * 1024;
