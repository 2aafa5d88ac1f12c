/**
 * Settings that no recorded inputs can show at work, each with the reason: a tape of `knobs` and a journal that is replayed
 * share them.
 */

/** Single keys: what was listened to, and how, before the first input. */
export const FIXED_KEYS: Readonly<Record<string, string>> = {
  'market.asset': 'the inputs are of one market',
  'market.dex': 'the inputs are of one market',
  'market.reference': 'the inputs hold the reference market that was listened to, or none',
  'market.force_isolated': 'the margin mode was set at the venue before the first input',
}

/** Whole sections. */
export const FIXED_SECTIONS: Readonly<Record<string, string>> = {
  journal: 'it is about what is kept, not about what is decided',
  metrics: 'it is about what is shown, not about what is decided',
  log: 'it is about what is shown, not about what is decided',
}
