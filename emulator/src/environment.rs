//! Names of the environment variables that the program prints, for the client of the management API to read. The client has
//! the same names; a test of the client compares them, since neither imports the other.

/// Where the emulator is reached.
pub const BASE_URL: &str = "DESCOPE_BASE_URL";
/// Id of the project.
pub const PROJECT_ID: &str = "DESCOPE_PROJECT_ID";
/// Management key of the project. The program reads it, too.
pub const MANAGEMENT_KEY: &str = "DESCOPE_MANAGEMENT_KEY";
