//! Zip files (APPNOTE.TXT 6.3), as the run's artifact service wants them:
//! written so that the same content has the same headers everywhere, and read
//! with no trust in what they say. Sizes beyond 4 GiB are written and read as
//! zip64.

mod read;
mod write;

pub use read::{Directory, Member, TAIL, Torn, data_start, end_of_directory, members};
pub use write::{Packed, directory, header};

/// The signature of a local file header.
const LOCAL: u32 = 0x0403_4b50;
/// The signature of a central directory's header.
const CENTRAL: u32 = 0x0201_4b50;
/// The signature of the end of the central directory.
const END: u32 = 0x0605_4b50;
/// The signature of zip64's end of the central directory.
const END_64: u32 = 0x0606_4b50;
/// The signature of what points to zip64's end.
const LOCATOR_64: u32 = 0x0706_4b50;
/// What a 32-bit field holds when the value is in zip64's extra field.
const IN_EXTRA: u32 = u32::MAX;
/// The extra field of zip64.
const EXTRA_64: u16 = 1;
/// Method: as it is.
const STORED: u16 = 0;
/// Method: deflate.
const DEFLATED: u16 = 8;

#[cfg(test)]
mod tests;
