/** The first Ctrl-C ends the CLI and cleans up; a second one ends this process as if nothing listened. */
export function onInterrupt() {
  const controller = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const clear = () => {
    for (const signal of signals) process.off(signal, end);
  };
  const end = () => {
    clear();
    controller.abort();
  };
  for (const signal of signals) process.on(signal, end);
  return { signal: controller.signal, clear };
}
