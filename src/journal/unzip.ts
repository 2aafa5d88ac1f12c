/**
 * A gzipped segment, as much of it as can be had. Of a whole file that is everything. Of a damaged one it is what inflates before
 * the damage: deflate finds some changes at once and others later or never, so what comes out may end in wrong bytes. The checksums
 * and hashes of the journal decide where the right ones end, as in a segment that was never packed.
 */
import { constants, gunzipSync, inflateRawSync } from 'node:zlib'

/** The largest segment that a writer makes. */
const UNZIPPED_BYTES_MAX: number = 1024 * 1024 * 1024
/** Magic number, method, no flags: the header that our packer writes has this length and no optional parts. */
const GZIP_HEADER_BYTES = 10
/** Enough to halve any file down to a byte. */
const HALVINGS_MAX = 64

export interface Unzipped {
  readonly bytes: Buffer
  /** True when the file is not what was packed: something at or behind the end of `bytes` is lost or wrong. */
  readonly isDamaged: boolean
}

export function unzip(packed: Buffer): Unzipped {
  try {
    return { bytes: gunzipSync(packed, { maxOutputLength: UNZIPPED_BYTES_MAX }), isDamaged: false }
  } catch {
    return { bytes: salvage(packed.subarray(GZIP_HEADER_BYTES)), isDamaged: true }
  }
}

/** The output of the longest part of the stream that inflates without an error, by bisection: a longer part cannot undo one. */
function salvage(deflated: Buffer): Buffer {
  let bytes: Buffer = Buffer.alloc(0)
  let goodBytes = 0
  let badBytes = deflated.length + 1
  for (let halving = 0; halving < HALVINGS_MAX && badBytes - goodBytes > 1; halving += 1) {
    const triedBytes = goodBytes + Math.max((badBytes - goodBytes) >> 1, 1)
    const inflated = inflatedOf(deflated.subarray(0, triedBytes))
    if (inflated === null) badBytes = triedBytes
    else {
      goodBytes = triedBytes
      bytes = inflated
    }
  }
  return bytes
}

/** @returns what comes out of the beginning of a stream, or null when it holds an error */
function inflatedOf(deflated: Buffer): Buffer | null {
  try {
    return inflateRawSync(deflated, {
      // A stream that is not over yet is no error.
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: UNZIPPED_BYTES_MAX,
    })
  } catch {
    return null
  }
}
