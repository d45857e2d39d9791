//! The numbers of ClickHouse's exceptions that we tell apart, with ClickHouse's own names
//! (`src/Common/ErrorCodes.cpp` there, and the table `system.errors`).

pub const CANNOT_PARSE_TEXT: u32 = 6;
pub const NOT_FOUND_COLUMN_IN_BLOCK: u32 = 10;
pub const NO_SUCH_COLUMN_IN_TABLE: u32 = 16;
pub const NUMBER_OF_COLUMNS_DOESNT_MATCH: u32 = 20;
pub const CANNOT_PARSE_INPUT_ASSERTION_FAILED: u32 = 27;
pub const CANNOT_READ_ALL_DATA: u32 = 33;
pub const BAD_ARGUMENTS: u32 = 36;
pub const CHECKSUM_DOESNT_MATCH: u32 = 40;
pub const ILLEGAL_TYPE_OF_ARGUMENT: u32 = 43;
pub const ILLEGAL_COLUMN: u32 = 44;
pub const UNKNOWN_FUNCTION: u32 = 46;
pub const UNKNOWN_IDENTIFIER: u32 = 47;
pub const UNKNOWN_TYPE: u32 = 50;
pub const TYPE_MISMATCH: u32 = 53;
pub const UNKNOWN_TABLE: u32 = 60;
pub const SYNTAX_ERROR: u32 = 62;
pub const CANNOT_CONVERT_TYPE: u32 = 70;
pub const UNKNOWN_DATABASE: u32 = 81;
pub const UNKNOWN_COMPRESSION_METHOD: u32 = 89;
pub const UNKNOWN_SETTING: u32 = 115;
pub const INCORRECT_DATA: u32 = 117;
pub const READONLY: u32 = 164;
pub const UNKNOWN_USER: u32 = 192;
pub const WRONG_PASSWORD: u32 = 193;
pub const REQUIRED_PASSWORD: u32 = 194;
pub const IP_ADDRESS_NOT_ALLOWED: u32 = 195;
pub const NETWORK_ERROR: u32 = 210;
pub const NOT_ENOUGH_SPACE: u32 = 243;
pub const CANNOT_DECOMPRESS: u32 = 271;
pub const DATABASE_ACCESS_DENIED: u32 = 291;
pub const CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN: u32 = 349;
pub const TABLE_SIZE_EXCEEDS_MAX_DROP_SIZE_LIMIT: u32 = 359;
pub const UNKNOWN_QUERY_PARAMETER: u32 = 456;
pub const VIOLATED_CONSTRAINT: u32 = 469;
pub const ACCESS_DENIED: u32 = 497;
pub const AUTHENTICATION_FAILED: u32 = 516;
/// What has no number of its own, from a library that the engine uses.
pub const POCO_EXCEPTION: u32 = 1000;
/// What has no number of its own.
pub const UNKNOWN_EXCEPTION: u32 = 1002;
