//! The content of a file as it was last read. A list that is being written cannot be read, but the others
//! must be usable without it.

use std::io::{Read, Write};
use std::sync::Arc;

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

/// A file's content, which is read again only when another file changes: compressed, because a list can be
/// as large as the policies that are made of it.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    compressed: Vec<u8>,
    length: usize,
}

impl Kept {
    /// `None` if the memory for it is not to be had.
    pub(crate) fn of(content: &[u8]) -> Option<Self> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).ok()?;
        let mut compressed = encoder.finish().ok()?;
        compressed.shrink_to_fit();
        Some(Self { compressed, length: content.len() })
    }

    pub(crate) fn content(&self) -> Option<Arc<Vec<u8>>> {
        let mut content = Vec::with_capacity(self.length);
        DeflateDecoder::new(self.compressed.as_slice()).read_to_end(&mut content).ok()?;
        Some(Arc::new(content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_comes_back() {
        let list: String = (0..10_000).map(|number| format!("https://t{number}.example.com\n")).collect();
        for content in [list.as_bytes(), b"", &[0xff, 0, b'\n']] {
            let kept = Kept::of(content).unwrap();
            assert_eq!(*kept.content().unwrap(), content);
        }
        let kept = Kept::of(list.as_bytes()).unwrap();
        assert!(kept.compressed.len() < list.len() / 3, "{} of {}", kept.compressed.len(), list.len());
    }
}
