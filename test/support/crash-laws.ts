/** What must hold after any number of crashes: nothing lost, nothing doubled, nothing unknown, nothing left. */
import { expect } from 'vitest'
import type { CrashReport } from './crash-story.ts'

const SIZE_DECIMALS = 5

export function expectNothingLost(report: CrashReport): void {
  expect(report.exitCode, report.stderr).toBe(0)
  expect(report.summary).toMatchObject({ kind: 'summary', agrees: true })
  expect(report.venueOpenOrders).toBe(0)
  expect(report.areJournalsValid).toBe(true)
  // Every order that traded was in a journal before it was sent.
  for (const { cloid } of report.venueFills.values())
    expect(report.journalledCloids.has(cloid ?? '')).toBe(true)
  // What any run has journalled did happen, once.
  for (const fills of report.journalledFills) {
    for (const fill of fills) expect(report.venueFills.has(`${fill.tid}:${fill.oid}`)).toBe(true)
  }
  const lots = 10 ** SIZE_DECIMALS
  let sumLots = 0
  for (const { signedSize } of report.venueFills.values()) sumLots += Math.round(signedSize * lots)
  expect(Math.round(report.venuePosition * lots)).toBe(sumLots)
  expect(report.summary['positionLots']).toBe(sumLots)
}
