/** Who may import whom: the table of ARCHITECTURE.md as rules. Each is seen to fail in test/guards.test.ts. */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { pathNot: allowed },
})

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'not-to-test',
      severity: 'error',
      from: { path: '^(src|estimators|strategies)' },
      to: { path: '^test' },
    },
    only('core-imports-itself', '^src/core', ['^src/core/']),
    only('exchange-imports', '^src/exchange', [
      '^src/exchange/',
      '^src/core/(units|assert|math/|mmp|risk/mmp)',
    ]),
    only('estimators-import-core', '^estimators', [
      '^estimators/',
      '^src/core/',
      '^node_modules/simple-statistics',
    ]),
    only('strategies-import-core', '^strategies', [
      '^strategies/',
      '^src/core/',
      '^node_modules/simple-statistics',
    ]),
    only('simulation-imports', '^src/simulation', [
      '^src/(simulation|exchange|core)/',
      '^(node:)?(fs|zlib|readline|path|stream)',
    ]),
    only('signing-imports', '^src/signing', [
      '^src/(signing|core)/',
      '^node_modules/',
      '^(node:)?(crypto|fs|path|buffer|module)',
    ]),
    only('journal-imports', '^src/journal', [
      '^src/(journal|core|signing)/',
      // The exchange's commands are records too, as the maker's are.
      '^src/exchange/(command|event)[.]ts',
      '^node_modules/',
      '^(node:)?(fs|crypto|path|os|zlib|buffer|perf_hooks|child_process)',
    ]),
    only('venues-hyperliquid-imports', '^src/venues/(?!local)', [
      '^src/(venues|core|signing)/',
      '^node_modules/',
      '^(node:)?(timers|events|buffer)',
    ]),
    only('venues-local-imports', '^src/venues/local', [
      '^src/(venues|core|signing|exchange|simulation)/',
      '^node_modules/',
    ]),
    only('runtime-imports', '^src/runtime', [
      '^src/(runtime|core|journal)/',
      '^src/venues/(port|errors)',
      '^(node:)?(fs|path|os|perf_hooks|events|crypto)',
    ]),
    only('server-imports', '^src/server', [
      '^src/(server|exchange|simulation|journal|signing|core)/',
      '^node_modules/',
      '^(node:)?(http|crypto|zlib|fs|path|net|buffer|stream|events|perf_hooks)',
    ]),
    only('backtest-imports', '^src/backtest', [
      '^src/(backtest|core|exchange|simulation|journal|runtime|ops)/',
      '^src/venues/(local|port|errors|paper)',
      '^node_modules/',
      '^(node:)?(fs|path|os|zlib|stream|events|crypto|perf_hooks|worker_threads)',
    ]),
    {
      name: 'ops-config-see-only-types-of-core',
      severity: 'error',
      from: { path: '^src/(ops|config|store|settlement)' },
      to: { path: '^src/(runtime|server|simulation|venues|journal|backtest|cli|compose)' },
    },
    {
      name: 'nobody-imports-cli',
      severity: 'error',
      from: { pathNot: '^src/cli' },
      to: { path: '^src/cli' },
    },
    {
      name: 'only-cli-imports-compose',
      severity: 'error',
      from: { pathNot: '^src/(cli|compose)' },
      to: { path: '^src/compose' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types'] },
  },
}
