#!/usr/bin/env node
// Nothing is imported at the top: loading can fail too, for want of open files, and Ctrl-C can come while it lasts.
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const interrupted = (): void => {
  process.stderr.write('\netude: interrupted at the start; nothing was done.\n');
  process.exit(130);
};
for (const signal of SIGNALS) process.on(signal, interrupted);

try {
  const { start } = await import('./start.ts');
  await start(() => {
    for (const signal of SIGNALS) process.removeListener(signal, interrupted);
  });
} catch (thrown) {
  process.stderr.write(`etude: cannot start: ${thrown instanceof Error ? thrown.message : String(thrown)}.\n`);
  process.exitCode = 1;
}
