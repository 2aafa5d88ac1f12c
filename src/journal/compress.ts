/** Gzips segments that are complete, for recordings: market data packs to a fifth. A crash at any point leaves a readable journal. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { GZIP_SUFFIX, segmentName } from './format.ts'
import { toJournalError } from './segment-file.ts'
import { segmentsOf } from './walk.ts'

/**
 * @param isClosed the writer has ended, so that the last segment is complete too
 * @param done segments below this number were gzipped before
 * @returns the number of the last gzipped segment
 * @throws JournalError DISK_FULL or WRITE_FAILED; what is not gzipped is there as it was
 */
export function gzipSegments(dir: string, of: { readonly isClosed: boolean; readonly done: number }): number {
  const segments = segmentsOf(dir)
  const last = (segments.at(-1) ?? 0) - (of.isClosed ? 0 : 1)
  for (const index of segments) {
    if (index > of.done && index <= last) gzipSegment(join(dir, segmentName(index)))
  }
  return Math.max(last, of.done)
}

/** The packed file is whole and on disk before it gets its name, and has it before the other one goes. */
function gzipSegment(path: string): void {
  const target = path + GZIP_SUFFIX
  const draft = `${target}.new`
  try {
    const packed = gzipSync(readFileSync(path))
    const fd = openSync(draft, 'w', 0o600)
    try {
      for (let done = 0; done < packed.length;) done += writeSync(fd, packed, done)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(draft, target)
    rmSync(path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw toJournalError(error, `cannot gzip ${path}`)
  }
}
