// The stream of whose phone has changed. It stops while nobody looks: a browser has six connections for all its tabs.

const RETRY = 2000; // milliseconds

/**
 * Listens; returns a function that listens to other people instead.
 * @param {{person: (person: import("./types.d.ts").ChangedPerson) => void, connected: (is: boolean) => void}} listeners
 */
export function listen({ person, connected }) {
  /** @type {string[]} */
  let people = [];
  /** @type {EventSource | undefined} */
  let source;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let retry;

  function stop() {
    clearTimeout(retry);
    source?.close();
    source = undefined;
  }

  function start() {
    stop();
    if (people.length === 0 || document.visibilityState === "hidden") return;
    source = new EventSource(`/phone/events?people=${people.map(encodeURIComponent).join(",")}`);
    source.addEventListener("phone", (event) => person(JSON.parse(event.data)));
    source.onopen = () => connected(true);
    source.onerror = () => {
      connected(false);
      if (source?.readyState === EventSource.CLOSED) retry = setTimeout(start, RETRY);
    };
  }

  document.addEventListener("visibilitychange", start);
  addEventListener("pagehide", stop);
  addEventListener("pageshow", (event) => event.persisted && start());

  return (/** @type {string[]} */ others) => {
    if (source && others.join() === people.join()) return;
    people = others;
    start();
  };
}
