/** What components load: the data, the error, and whether it is on its way. What was loaded stays until the next answer. */
import { useCallback, useLayoutEffect, useRef, useState } from '../vendor/htm-preact.js';

/**
 * Loads something, and again when `deps` change or `reload` is called.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} load
 * @param {unknown[]} deps
 * @returns {{ data?: T, error?: Error, isLoading: boolean, reload: () => void, change: (next: T) => void }}
 */
export function useLoad(load, deps) {
  const [state, setState] = useState(/** @type {{ data?: T, error?: Error, isLoading: boolean, of?: unknown }} */ ({ isLoading: true }));
  const [round, setRound] = useState(0);
  const identity = JSON.stringify(deps);
  // Before the browser paints: a call that waits for the paint is a frame late.
  useLayoutEffect(() => {
    const aborter = new AbortController();
    setState((before) => ({ data: before.of === identity ? before.data : undefined, isLoading: true, of: identity }));
    load(aborter.signal).then(
      (data) => aborter.signal.aborted || setState({ data, isLoading: false, of: identity }),
      (error) => aborter.signal.aborted || setState((before) => ({ data: before.data, error, isLoading: false, of: identity })),
    );
    return () => aborter.abort();
  }, [identity, round]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  const change = useCallback((/** @type {T} */ data) => setState({ data, isLoading: false, of: identity }), [identity]);
  const isCurrent = state.of === identity;
  return { data: isCurrent ? state.data : undefined, error: isCurrent ? state.error : undefined, isLoading: !isCurrent || state.isLoading, reload, change };
}

/**
 * Loads a list page by page.
 * @template T
 * @param {(cursor: string | undefined, signal: AbortSignal) => Promise<import('./types.js').Page<T>>} loadPage
 * @param {unknown[]} deps
 */
export function usePages(loadPage, deps) {
  const [more, setMore] = useState({ isLoading: false, error: /** @type {Error | undefined} */ (undefined) });
  const first = useLoad((signal) => loadPage(undefined, signal), deps);
  const latest = useRef(first);
  latest.current = first;
  const loadMore = useCallback(async () => {
    const page = latest.current.data;
    if (!page?.pagination.hasMore) return;
    setMore({ isLoading: true, error: undefined });
    try {
      const next = await loadPage(page.pagination.nextCursor ?? undefined, new AbortController().signal);
      if (latest.current.data === page) latest.current.change({ data: [...page.data, ...next.data], pagination: next.pagination });
      setMore({ isLoading: false, error: undefined });
    } catch (error) {
      setMore({ isLoading: false, error: /** @type {Error} */ (error) });
    }
  }, [JSON.stringify(deps)]);
  return { ...first, rows: first.data?.data ?? [], hasMore: first.data?.pagination.hasMore ?? false, loadMore, isLoadingMore: more.isLoading, moreError: more.error };
}

/**
 * Does something when asked: a form's submission, a button.
 * @template {unknown[]} A
 * @param {(...values: A) => Promise<void>} act
 */
export function useAction(act) {
  const [state, setState] = useState(/** @type {{ isBusy: boolean, error?: Error }} */ ({ isBusy: false }));
  const isBusy = useRef(false);
  const latest = useRef(act);
  latest.current = act;
  const run = useCallback(async (/** @type {A} */ ...values) => {
    if (isBusy.current) return;
    isBusy.current = true;
    setState({ isBusy: true });
    try {
      await latest.current(...values);
      setState({ isBusy: false });
    } catch (error) {
      setState({ isBusy: false, error: /** @type {Error} */ (error) });
    } finally {
      isBusy.current = false;
    }
  }, []);
  return { ...state, run };
}
