/** A file system of 1 MiB for tests of a full disk, where this process may mount one. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { onTestFinished } from 'vitest'

/** Bit of the capability that mounting needs, in the mask of `/proc/self/status`. */
const CAP_SYS_ADMIN = 1n << 21n

/**
 * Mounts it at `dir` until the test ends.
 * @returns null, or why it cannot be done here: a reason to leave the test out
 * @throws Error when a process that may mount cannot: then a test that matters would be left out
 */
export function mountSmallDisk(dir: string): string | null {
  mkdirSync(dir)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir], { stdio: 'pipe' })
  } catch (error) {
    if (mayMount()) throw error
    return `this process may not mount a tmpfs (no CAP_SYS_ADMIN): ${error instanceof Error ? error.message : String(error)}`
  }
  onTestFinished(() => {
    // Lazily: a test that failed may still have a file open there, and no mount may be left behind.
    execFileSync('umount', ['--lazy', dir], { stdio: 'pipe' })
  })
  return null
}

function mayMount(): boolean {
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
  return (BigInt(`0x${mask}`) & CAP_SYS_ADMIN) !== 0n
}
