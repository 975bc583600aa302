//! Names of the environment variables that the program prints and that clients of the management API read. The typed client
//! has the same names. Neither imports the other, so a test of the typed client compares them.

/// URL of the emulator.
pub const BASE_URL: &str = "DESCOPE_BASE_URL";
/// Id of the project.
pub const PROJECT_ID: &str = "DESCOPE_PROJECT_ID";
/// Management key of the project. The program also reads this variable.
pub const MANAGEMENT_KEY: &str = "DESCOPE_MANAGEMENT_KEY";
