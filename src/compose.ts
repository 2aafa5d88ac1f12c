/**
 * The composition root: the only place where concrete parts meet. What each command needs is put together in `compose/`;
 * this is the door that the command line comes through.
 */
export { backtest } from './compose/backtest.ts'
export { bias } from './compose/bias.ts'
export { compareStrategies } from './compose/compare.ts'
export { dataExport, dataGenerate, dataImport, dataVerify } from './compose/data.ts'
export { explain } from './compose/explain.ts'
export { kill } from './compose/kill.ts'
export { journalEvents, journalState } from './compose/journal-questions.ts'
export { knobs } from './compose/knobs.ts'
export { listDexs } from './compose/list-dexs.ts'
export { queues } from './compose/queues.ts'
export { replay } from './compose/replay.ts'
export { runExchange } from './compose/run-exchange.ts'
export { runMaker } from './compose/run-maker.ts'
export { verify } from './compose/verify.ts'
export { watchdog } from './compose/watchdog.ts'
