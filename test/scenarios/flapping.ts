/** A script made in code: the same short trouble again and again, each time of another kind. */
const TROUBLES: readonly object[] = [
  { kind: 'drop', channels: ['l2Book', 'bbo'] },
  { kind: 'duplicate' },
  { kind: 'garble', channels: ['activeAssetCtx', 'trades'], count: 2, for_sec: 4 },
  // Not every half second has an order or a fill: these wait for theirs.
  { kind: 'delay', channels: ['orderUpdates', 'userFills'], ms: [50, 250], for_sec: 4.5 },
  { kind: 'refuse', requests: ['order', 'batchModify'], text: 'Try again later.', count: 1, for_sec: 5 },
]
const EVERY_SEC = 0.9
const EACH_SEC = 0.5

export const script: object = {
  about: 'Half a second of trouble, each time of another kind, with less than a second of peace in between.',
  seed: 11,
  fault: TROUBLES.map((trouble, index) => ({
    at_sec: 0.6 + index * EVERY_SEC,
    for_sec: EACH_SEC,
    ...trouble,
  })),
  rehearsal: { seconds: 8, expect: { states: ['quoting', 'oneSided'], reconnects: 0 } },
}
