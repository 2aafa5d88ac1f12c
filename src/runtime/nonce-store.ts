/**
 * Nonces that rise over restarts, whatever the clock does: a mark on disk lies above every nonce that a process of this key may
 * have used, and a new process begins above it. The mark is moved on ahead of its use, in blocks, so that sending rarely waits
 * for the disk. Two processes of one key (a maker and `hypermake kill`) take blocks of their own.
 *
 * state   the last nonce given out, the end of the block it came from; on disk the largest end that anybody took
 * source  the venue takes a nonce between two days behind and one day ahead of its clock, unused and above the least of the last 100
 */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { assert, isWhole } from '../core/assert.ts'

/**
 * Nonces are milliseconds, so one block is as much time: after a crash at most so far ahead of the clock. Short, so that a maker
 * that crashes again and again does not run a day ahead, where the venue refuses.
 */
export const NONCE_BLOCK = 10_000

export interface NonceStore {
  /** @returns a nonce above every one that this key has used here; on disk before it returns */
  next(nowMs: number): number
  /** Ends with the last write. */
  settled(): Promise<void>
}

export function nonceStorePath(of: { readonly root: string; readonly signer: string }): string {
  return join(of.root, `nonce-${of.signer}.json`)
}

/**
 * @param onFailure hears of a block that could not be taken ahead; the next nonce then tries again and throws
 * @throws at `next`, the error of the file system: without a mark there is no sending
 */
export function openNonceStore(path: string, onFailure: (error: unknown) => void): NonceStore {
  let last = 0
  let blockEnd = 0
  let writing: Promise<void> | null = null

  const takeBlock = (from: number): void => {
    const first = Math.max(from, last + 1, readMark(path) + 1)
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeMark(path, first + NONCE_BLOCK)
    last = first - 1
    blockEnd = first + NONCE_BLOCK
  }
  const takeAhead = (): void => {
    // Somebody else took a block: the next one of ours begins above it, when this one is used up.
    if (writing !== null || readMark(path) !== blockEnd) return
    const [from, to] = [blockEnd, last + NONCE_BLOCK]
    writing = writeMarkAhead(path, { from, to })
      .then((isOurs) => {
        if (isOurs && blockEnd === from) blockEnd = to
      }, onFailure)
      .finally(() => {
        writing = null
      })
  }
  return {
    next(nowMs) {
      assert(isWhole(nowMs) && nowMs >= 0, 'the clock is a whole number of milliseconds')
      const wanted = Math.max(nowMs, last + 1)
      if (wanted > blockEnd) takeBlock(wanted)
      last = Math.max(wanted, last + 1)
      if (blockEnd - last < NONCE_BLOCK / 2) takeAhead()
      return last
    },
    settled: () => writing ?? Promise.resolve(),
  }
}

/** @returns the mark, 0 without one. A file that cannot be understood is as good as none: the clock then decides. */
function readMark(path: string): number {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    const mark = typeof value === 'object' && value !== null && 'mark' in value ? value.mark : 0
    return typeof mark === 'number' && isWhole(mark) && mark > 0 ? mark : 0
  } catch {
    return 0
  }
}

function writeMark(path: string, mark: number): void {
  const asidePath = asideOf(path)
  const file = openSync(asidePath, 'w', 0o600)
  try {
    writeSync(file, textOf(mark))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(asidePath, path)
}

/** @returns whether the mark was moved; not when somebody else has moved it meanwhile */
async function writeMarkAhead(
  path: string,
  mark: { readonly from: number; readonly to: number },
): Promise<boolean> {
  const asidePath = `${asideOf(path)}.ahead`
  const file = await open(asidePath, 'w', 0o600)
  try {
    await file.writeFile(textOf(mark.to))
    await file.sync()
  } finally {
    await file.close()
  }
  // Look and rename without a pause between them.
  if (readMark(path) !== mark.from) return false
  renameSync(asidePath, path)
  return true
}

function textOf(mark: number): string {
  return `${JSON.stringify({ mark })}\n`
}

function asideOf(path: string): string {
  return `${path}.${process.pid}.new`
}
