/**
 * Does something again and again, each time so many milliseconds after it was done, until `stop`. It keeps no process
 * alive. Work that fails is done again; its promise is lost, as those who listen to lost promises are told.
 */
export function repeat(work: () => Promise<void>, every: number): { stop(): void } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  function schedule(): void {
    if (!stopped) timer = setTimeout(run, every).unref();
  }
  function run(): void {
    void work().finally(schedule);
  }
  schedule();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
