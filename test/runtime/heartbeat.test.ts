/** When a heartbeat has stopped, told beat by beat; times are of a monotone clock. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { type Beat, heartbeatPath, readBeat, startHeartbeat } from '../../src/runtime/heartbeat.ts'
import { initHeartbeatWatch, lookAtBeat } from '../../src/runtime/heartbeat-watch.ts'

const GRACE_MS = 3_000

function beat(count: number, of: Partial<Beat> = {}): Beat {
  return { epoch: 77, count, pid: 4_242, state: 'running', ...of }
}

/** @param looks time and what is there then */
function verdicts(looks: readonly (readonly [number, Beat | null])[]): string[] {
  const watch = initHeartbeatWatch()
  return looks.map(([atMs, seen]) => lookAtBeat(watch, seen, atMs, GRACE_MS))
}

describe('the heartbeat', () => {
  test('has stopped when nothing new came for the whole grace, not a moment before', () => {
    const looks = [0, 1_500, 2_999, 3_000].map((atMs) => [atMs + 70, beat(5)] as const)
    expect(verdicts(looks)).toEqual(['fresh', 'fresh', 'fresh', 'stopped'])
  })

  test('lives again with a new beat, also of another run that counts from one', () => {
    const looks = [
      [0, beat(5)],
      [2_000, beat(5)],
      [4_000, beat(5)],
      [4_200, beat(6)],
      [6_000, beat(6)],
      [7_300, beat(6)],
      [7_400, beat(1, { epoch: 78 })],
    ] as const
    expect(verdicts(looks)).toEqual(['fresh', 'fresh', 'stopped', 'fresh', 'fresh', 'stopped', 'fresh'])
  })

  test('that never was is waited for; one that vanishes has stopped; one that ended has not', () => {
    expect(verdicts([0, 2_000, 4_000, 6_000].map((atMs) => [atMs, null]))).toEqual(Array(4).fill('waiting'))
    expect(
      verdicts([
        [0, beat(5)],
        [2_000, null],
        [3_000, null],
      ]),
    ).toEqual(['fresh', 'fresh', 'stopped'])
    expect(
      verdicts([
        [0, beat(5)],
        [2_000, beat(6, { state: 'ended' })],
        [4_500, beat(6, { state: 'ended' })],
        [7_000, null],
      ]),
    ).toEqual(['fresh', 'ended', 'ended', 'ended'])
  })

  test('is never taken for stopped because we slept ourselves', () => {
    expect(
      verdicts([
        [0, beat(5)],
        [60_000, beat(5)],
        [61_000, beat(5)],
        [62_999, beat(5)],
        [63_000, beat(5)],
      ]),
    ).toEqual(['fresh', 'fresh', 'fresh', 'fresh', 'stopped'])
  })

  test('law: while beats come faster than the grace, whatever the pace of looking, it has not stopped', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: GRACE_MS - 1 }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(gaps, (steps) => {
        let atMs = 0
        const looks = steps.map((step, index) => [(atMs += step), beat(index)] as const)
        expect(verdicts(looks)).not.toContain('stopped')
      }),
    )
  })

  test('is written at the start, says when the run is over, and a damaged file is none', () => {
    const root = mkdtempSync(join(tmpdir(), 'beat-'))
    const path = heartbeatPath({ root, network: 'local', coin: 'hyna:BTC' })
    expect(readBeat(path)).toBeNull()
    const failures: unknown[] = []
    const heart = startHeartbeat({ path, epoch: 77, onFailure: (error) => failures.push(error) })
    expect(readBeat(path)).toEqual({ epoch: 77, count: 1, pid: process.pid, state: 'running' })
    heart.end()
    expect(readBeat(path)).toMatchObject({ count: 2, state: 'ended' })
    writeFileSync(path, '{"epoch":77')
    expect(readBeat(path)).toBeNull()
    rmSync(root, { recursive: true })
    heart.end()
    expect(failures).toHaveLength(1)
  })
})
