// The end of a process, which SIGTERM asks for.

const GRACE = 10_000;
const controller = new AbortController();

// Aborted when the process is to finish its work.
export const ending = controller.signal;

process.once('SIGTERM', () => {
  controller.abort();
  setTimeout(() => process.exit(1), GRACE).unref(); // Redis may be away, and its client waits for it
});
