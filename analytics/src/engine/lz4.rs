//! ClickHouse's compressed frames: 16 bytes of CityHash128 1.0.2, then method, sizes and block.

use crate::exception::{Exception, code};

const CHECKSUM: usize = 16;
const HEADER: usize = 9;
const LZ4: u8 = 0x82;
const PLAIN: u8 = 0x02;
/// ClickHouse's own limit of a frame, compressed and not.
const MAX_FRAME: usize = 1 << 30;

/// Removes every complete frame from the front of `input` and returns their content.
///
/// # Errors
/// The exception that ClickHouse itself gives.
pub fn decode(input: &mut Vec<u8>) -> Result<Vec<u8>, Exception> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(frame) = input.get(at..).filter(|rest| rest.len() >= CHECKSUM + HEADER) {
        let size = |from: usize| {
            frame[from..].first_chunk::<4>().map_or(0, |bytes| u32::from_le_bytes(*bytes)) as usize
        };
        let (compressed, plain) = (size(CHECKSUM + 1), size(CHECKSUM + 5));
        if !(HEADER..=MAX_FRAME).contains(&compressed) || plain > MAX_FRAME {
            return Err(Exception::new(
                code::CHECKSUM_DOESNT_MATCH,
                "Too large size_compressed. Most likely corrupted data.",
            ));
        }
        let Some(body) = frame.get(CHECKSUM..CHECKSUM + compressed) else { break };
        let checksum = cityhash_rs::cityhash_102_128(body).rotate_right(64).to_le_bytes();
        if checksum != frame[..CHECKSUM] {
            let detail = "Checksum doesn't match: corrupted data.";
            return Err(Exception::new(code::CHECKSUM_DOESNT_MATCH, detail));
        }
        match body[0] {
            LZ4 => {
                let start = out.len();
                out.resize(start + plain, 0);
                lz4_flex::block::decompress_into(&body[HEADER..], &mut out[start..]).map_err(|e| {
                    Exception::new(code::CANNOT_DECOMPRESS, format_args!("Cannot decompress: {e}"))
                })?;
            }
            PLAIN => out.extend_from_slice(&body[HEADER..]),
            method => {
                return Err(Exception::new(
                    code::UNKNOWN_COMPRESSION_METHOD,
                    format_args!("Unknown compression method {method:#x}"),
                ));
            }
        }
        at += CHECKSUM + compressed;
    }
    input.drain(..at);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(data: &[u8]) -> Vec<u8> {
        let block = lz4_flex::block::compress(data);
        let mut body = vec![LZ4];
        body.extend(u32::try_from(block.len() + HEADER).unwrap().to_le_bytes());
        body.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        body.extend(block);
        let mut frame = cityhash_rs::cityhash_102_128(&body).rotate_right(64).to_le_bytes().to_vec();
        frame.extend(body);
        frame
    }

    #[test]
    fn complete_frames_are_decoded_and_the_rest_waits() {
        let mut input = frame(b"bir");
        input.extend(frame(b"iki"));
        let cut = input.split_off(input.len() - 1);
        assert_eq!(decode(&mut input).unwrap(), b"bir");
        input.extend(cut);
        assert_eq!(decode(&mut input).unwrap(), b"iki");
        assert!(input.is_empty());
    }

    #[test]
    fn a_flipped_bit_is_refused() {
        let good = frame(b"basvuru");
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            // A flipped size may make the frame look incomplete, but never yields data.
            assert!(
                decode(&mut bad).is_ok_and(|out| out.is_empty() && !bad.is_empty())
                    || decode(&mut bad).is_err()
            );
        }
    }
}
